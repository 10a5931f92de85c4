"""Addresses of the visits."""

from django.urls import path

from visits.evening_urls import evening_urlpatterns
from visits.house_urls import house_urlpatterns
from visits.views import (
    bookings,
    briefing,
    calendar,
    check_sheet,
    complaints,
    confidential,
    day,
    log,
    photos,
    promises,
    visit,
)

app_name = "visits"
urlpatterns = [
    path("", day.today, name="today"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("kitchen/", day.kitchen, name="kitchen"),
    path("briefing/", briefing.briefing, name="briefing"),
    path("briefing/print/", briefing.print_briefing, name="briefing_print"),
    path("<int:pk>/briefing/noted/", briefing.noted, name="briefing_noted"),
    path("<int:pk>/seating/", briefing.seating, name="seating"),
    path("log/", log.log, name="log"),
    path("log/draft/", log.draft, name="draft"),
    path("log/discard/", log.discard, name="discard"),
    path("log/guests/", log.pick_guest, name="pick_guest"),
    path("bookings/", bookings.bookings, name="bookings"),
    path("bookings/new/", bookings.book, name="book"),
    path("bookings/live/", bookings.book_live, name="book_live"),
    path("bookings/guests/", bookings.book_guests, name="book_guests"),
    path("bookings/<int:pk>/", bookings.book_change, name="book_change"),
    path("categories/", check_sheet.categories, name="categories"),
    path("categories/new/", check_sheet.create_category, name="category_create"),
    path("categories/<int:pk>/", check_sheet.category, name="category"),
    path("to-complete/", check_sheet.to_complete, name="to_complete"),
    path("notes/<int:pk>/standing/", check_sheet.standing, name="standing"),
    path("trouble/", complaints.report, name="report"),
    path("complaints/", complaints.complaints, name="complaints"),
    path("complaints/<int:pk>/", complaints.complaint, name="complaint"),
    path("<int:pk>/asked-again/", complaints.asked_again, name="asked_again"),
    path("<int:pk>/photos/", photos.add, name="photo_add"),
    path("photos/<int:pk>/", photos.photo, name="photo"),
    path("photos/<int:pk>/remove/", photos.remove, name="photo_remove"),
    *house_urlpatterns,
    *evening_urlpatterns,
    path("<int:pk>/", visit.detail, name="detail"),
    path("promises/<int:customer_pk>/new/", promises.make, name="make_promise"),
    path("promises/<int:pk>/close/", promises.close, name="close_promise"),
    path("<int:pk>/confidential/", confidential.confidential, name="confidential"),
    path("<int:pk>/advance/", visit.advance, name="advance"),
    path("<int:pk>/confirm/", bookings.confirm, name="confirm"),
    path("<int:pk>/duties/", visit.duties, name="duties"),
    path("<int:pk>/cancel/", visit.cancel, name="cancel"),
    path("people/<int:pk>/check/", visit.check, name="check"),
]

"""Addresses of the evening: the kitchen, the gate of a table, the emergency card."""

from django.urls import path

from visits.views import emergency, evening, house, kitchen

evening_urlpatterns = [
    path("kitchen/", kitchen.kitchen, name="kitchen"),
    path("kitchen/sheet/", kitchen.sheet, name="kitchen_sheet"),
    path("kitchen/read/", kitchen.read, name="kitchen_read"),
    path("kitchen/tonight/<int:pk>/", kitchen.tonight, name="tonight"),
    path("kitchen/tonight/<int:pk>/back/", kitchen.tonight_back, name="tonight_back"),
    path("notices/seen/", kitchen.notices_seen, name="notices_seen"),
    path("<int:pk>/evening/", evening.evening, name="evening"),
    path("<int:pk>/evening/group/", evening.group_answer, name="group_answer"),
    path("<int:pk>/evening/decide/", evening.decide, name="decide"),
    path("<int:pk>/evening/ready/", evening.ready, name="ready"),
    path("<int:pk>/evening/same/", evening.same_on_purpose, name="same_on_purpose"),
    path("<int:pk>/evening/course/", evening.newer_course, name="newer_course"),
    path("<int:pk>/evening/offer/", evening.offer, name="offer"),
    path("<int:pk>/emergency/", emergency.emergency, name="emergency"),
    path("people/<int:pk>/answer/", evening.guest_answer, name="guest_answer"),
    path("exceptions/<int:pk>/undo/", evening.undo, name="undo_exception"),
    path("settings/evening/", house.evening_terms, name="evening_terms"),
]

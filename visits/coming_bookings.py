"""The list of bookings that come (ご予約): by day, narrowed to what still has to be decided, found by guest."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User, Venue
from customers.search import find_customers
from visits.choices import EXPECTED, VisitStatus
from visits.models import Attendance, BookingSource, Briefing, Visit

TENTATIVE, TO_ASK, NO_ROOM = "tentative", "to_ask", "no_room"
NARROWED = (
    ("", _("All")),
    (TENTATIVE, _("Tentative (仮)")),
    (TO_ASK, _("To be asked back")),
    (NO_ROOM, _("No room yet")),
)
# Of a search that finds half the town, the first ones are enough to know that one must write more.
GUESTS_FOUND = 200


def coming_bookings(user: User, venue: Venue, today: date) -> QuerySet[Visit]:
    """The bookings of a venue from a business day on that are still expected and visible to the person, by time."""
    people = Attendance.objects.select_related("customer__company").order_by("position", "pk")
    return (
        Visit.objects.visible_to(user)
        .filter(venue=venue, business_date__gte=today, status__in=EXPECTED)
        .select_related("venue", "room", "source", "briefing", "staff", "course")
        .prefetch_related(Prefetch("attendances", people))
        .order_by("business_date", "starts_at", "pk")
    )


def to_be_asked_back() -> Q:
    """Bookings whose guests' side has not answered about allergies although somebody said by when."""
    asked = Briefing.objects.filter(visit=OuterRef("pk"), allergies_guests="", allergies_guests_by__isnull=False)
    return Q(Exists(asked))


class ComingBookingsForm(forms.Form):
    """What the list is narrowed to."""

    q = forms.CharField(label=_("Guest"), required=False, max_length=80)
    state = forms.ChoiceField(label=_("State"), choices=NARROWED, required=False)
    source = forms.ModelChoiceField(
        label=_("source"), queryset=BookingSource.objects.all(), required=False, empty_label=_("All")
    )
    day = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def filter(self, bookings: QuerySet[Visit], user: User) -> QuerySet[Visit]:
        """The bookings that are left (the form is valid)."""
        wanted: dict[str, Any] = self.cleaned_data
        if wanted["state"] == TENTATIVE:
            bookings = bookings.filter(status=VisitStatus.TENTATIVE)
        elif wanted["state"] == TO_ASK:
            bookings = bookings.filter(to_be_asked_back())
        elif wanted["state"] == NO_ROOM:
            bookings = bookings.filter(room=None)
        if wanted["source"]:
            bookings = bookings.filter(source=wanted["source"])
        if wanted["day"]:
            bookings = bookings.filter(business_date__gte=wanted["day"])
        if query := wanted["q"].strip():
            guests = list(find_customers(user, query).values_list("pk", flat=True)[:GUESTS_FOUND])
            sits = Attendance.objects.filter(visit=OuterRef("pk")).filter(
                Q(customer__in=guests) | Q(label__contains=query)
            )
            bookings = bookings.filter(Q(Exists(sits)) | Q(contact__in=guests))
        return bookings


@dataclass(frozen=True, slots=True)
class DayOfBookings:
    """The bookings of one business day on a page of the list."""

    day: date
    bookings: list[Visit]

    @property
    def guests(self) -> int:
        """How many people they bring."""
        return sum(visit.party_size for visit in self.bookings)


def by_day(bookings: list[Visit]) -> list[DayOfBookings]:
    """The bookings of a page under their days."""
    days: list[DayOfBookings] = []
    for visit in bookings:
        if not days or days[-1].day != visit.business_date:
            days.append(DayOfBookings(visit.business_date, []))
        days[-1].bookings.append(visit)
    return days

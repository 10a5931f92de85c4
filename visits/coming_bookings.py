"""The list of bookings that come (ご予約): by day, narrowed to what still has to be decided, found by guest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value, prefetch_related_objects
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User, Venue
from crm_project.core.allergens.choices import AllergyState
from crm_project.core.ui.display_dates import format_date
from customers.search import find_customers
from visits.choices import EXPECTED, SeatedCheck, VisitStatus
from visits.models import AdvanceAnswer, Attendance, BookingSource, Briefing, EveningTerms, Visit

TENTATIVE, TO_ASK, OVERDUE, NO_ROOM = "tentative", "to_ask", "overdue", "no_room"
NARROWED = (
    ("", _("All")),
    (TENTATIVE, _("Tentative (仮)")),
    (TO_ASK, _("To be asked back")),
    (OVERDUE, _("Allergies not asked in time")),
    (NO_ROOM, _("No room yet")),
)
# The others are a tap away.
OVERDUE_SHOWN = 10
# Of a search that finds half the town, the first ones are enough to know that one must write more.
GUESTS_FOUND = 200


def coming_bookings(user: User, venue: Venue, today: date) -> QuerySet[Visit]:
    """The bookings of a venue from a business day on that are still expected and visible to the person, by time.

    Who sits there is fetched for all lists of a page at once: `fetch_people`.
    """
    return (
        Visit.objects.visible_to(user)
        .filter(venue=venue, business_date__gte=today, status__in=EXPECTED)
        .select_related("venue__evening_terms", "room", "source", "briefing", "staff", "course")
        .order_by("business_date", "starts_at", "pk")
    )


def fetch_people(*lists: Sequence[Visit]) -> None:
    """Who sits at the bookings of these lists. One query."""
    people = Attendance.objects.select_related("customer__company").order_by("position", "pk")
    prefetch_related_objects([visit for rows in lists for visit in rows], Prefetch("attendances", people))


def to_be_asked_back() -> Q:
    """Bookings whose guests' side has not answered about allergies although somebody said by when."""
    asked = Briefing.objects.filter(visit=OuterRef("pk"), allergies_guests="", allergies_guests_by__isnull=False)
    return Q(Exists(asked))


def not_asked_in_time(bookings: QuerySet[Visit], venue: Venue, now: datetime) -> QuerySet[Visit]:
    """Those of a venue's coming bookings where somebody has not been asked about allergies although it was due.

    With `unasked`, how many people that is, counted as the table's evening counts them (`evening.seats_of`). A query for the
    venue's terms where they were not read with it.
    """
    terms: EveningTerms = getattr(venue, "evening_terms", None) or EveningTerms()
    nobody_asked = Q(seated_check=SeatedCheck.NOT_YET) & (
        Q(customer=None) | Q(customer__allergy_state=AllergyState.NOT_ASKED)
    )
    others_none = AdvanceAnswer.objects.filter(visit=OuterRef("pk"), others_none=True)
    return (
        bookings.filter(~Exists(others_none), starts_at__lte=now + timedelta(hours=terms.advance_hours))
        .annotate(
            unasked=_people(nobody_asked) + Greatest(F("party_size") - _people(Q()), Value(0)),
        )
        .filter(unasked__gt=0)
    )


def _people(wanted: Q) -> Coalesce:
    """How many people of a visit's table are as wanted."""
    seats = Attendance.objects.filter(wanted, visit=OuterRef("pk")).order_by().values("visit")
    return Coalesce(Subquery(seats.annotate(people=Sum("headcount")).values("people")), 0)


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

    @property
    def chosen(self) -> list[str]:
        """What the list is narrowed to, in words; the fields may be folded."""
        wanted: dict[str, Any] = self.cleaned_data if self.is_valid() else {}
        words = [
            wanted.get("q", "").strip(),
            str(dict(NARROWED)[wanted["state"]]) if wanted.get("state") else "",
            str(wanted.get("source") or ""),
            _("from %(day)s") % {"day": format_date(wanted["day"])} if wanted.get("day") else "",
        ]
        return [word for word in words if word]

    def filter(self, bookings: QuerySet[Visit], user: User, venue: Venue) -> QuerySet[Visit]:
        """The venue's bookings that are left (the form is valid)."""
        wanted: dict[str, Any] = self.cleaned_data
        if wanted["state"] == TENTATIVE:
            bookings = bookings.filter(status=VisitStatus.TENTATIVE)
        elif wanted["state"] == TO_ASK:
            bookings = bookings.filter(to_be_asked_back())
        elif wanted["state"] == OVERDUE:
            bookings = not_asked_in_time(bookings, venue, timezone.now())
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

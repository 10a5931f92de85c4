"""Reads of visits shared by the form, the pages and the services."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Value, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from crm_project.core.accounts.models import Loan, User, Venue
from crm_project.core.rights import Right
from crm_project.core.ui.display_dates import format_date
from customers.models import Allergy, Customer, CustomerQuerySet
from menus.models import Course, Dish
from visits.allergy_check import Diner, DishFacts
from visits.choices import NOT_EATEN, AttendanceRole, ExceptionKind, VisitStatus
from visits.models import (
    Attendance,
    Note,
    Promise,
    Room,
    SeatException,
    ServedDish,
    TonightChange,
    Visit,
    VisitDraft,
    sealed_visit,
)
from visits.served import NEVER_THE_SAME, VISITS_BACK, Serving
from visits.tonight import Change, lay_over

LAST_SERVED_SHOWN = 5
# A room is somebody's usual one from the second time on within so long.
HABIT = timedelta(days=3 * 365)
USUAL_FROM = 2
# A habit is read from the last visits; one or two gaps are none yet.
HABIT_VISITS = 12
FEWEST_GAPS = 3
DRAFTS_SHOWN = 5
LONGEST_REF = 16


def guests_with_allergies(user: User | None = None) -> QuerySet[Customer]:
    """Guests (those the person may open, when one is given) with their allergies in the list's order: two queries."""
    guests = Customer.objects.visible_to(user) if user else Customer.objects.all()
    return guests.select_related("company").prefetch_related(Prefetch("allergies", _allergies_in_order()))


def guests_to_book(user: User) -> CustomerQuerySet:
    """Guests the person may open, with their companies; their allergies are read with what is known of a booking."""
    return Customer.objects.visible_to(user).select_related("company").defer("search_key", "grams")


def _allergies_in_order() -> QuerySet[Allergy]:
    return Allergy.objects.select_related("allergen").order_by("allergen__position")


def diner(customer: Customer) -> Diner:
    """A guest (allergies prefetched) as the allergy check sees one."""
    return Diner(customer.pk, {allergy.allergen.code: allergy.severity for allergy in customer.allergies.all()})


def dish_facts(dish: Dish) -> DishFacts:
    """A dish (allergens and bases prefetched) as the allergy check sees one: base preparations count."""
    return DishFacts(dish.pk, dish.presences)


def past_servings(
    customer_ids: Iterable[int],
    *,
    user: User,
    before: datetime,
    except_visit: int | None = None,
    visits_back: int = VISITS_BACK,
) -> list[Serving]:
    """What each guest had at the last so many visits, at any venue of the house, as far as the person may know of it.

    What a seat had replaced or left out was not had, what it had instead was. The month alone is told. Two queries.
    """
    ids = list(customer_ids)
    if not ids:
        return []
    sat = seats_sat_in(ids, user=user, before=before, except_visit=except_visit, visits_back=visits_back)
    seats = [
        SatThere(pk, visit_id, customer_id or 0, on, visits_ago)
        for pk, visit_id, customer_id, on, visits_ago in sat.values_list(
            "pk", "visit_id", "customer_id", "visit__business_date", "visits_ago"
        )
    ]
    served, without, instead = dishes_at({seat.visit_id for seat in seats})
    columns = ("visit_id", "dish_id", "attendance_id", "is_without")
    rows = (
        served.annotate(is_without=Value(0))
        .values_list(*columns)
        .union(
            without.annotate(is_without=Value(1)).values_list(*columns),
            instead.annotate(is_without=Value(0)).values_list(
                "visit_id", "replacement_id", "attendance_id", "is_without"
            ),
            all=True,
        )
    )
    return servings_of(seats, [Eaten(*row) for row in rows])


class SatThere(NamedTuple):
    """A guest's seat at one of the last visits; `visits_ago` is 1 for the newest."""

    pk: int
    visit_id: int
    customer_id: int
    on: date
    visits_ago: int


class Eaten(NamedTuple):
    """A dish of a visit: of one seat, or (None) of all; or what that seat did not have of them."""

    visit_id: int
    dish_id: int
    attendance_id: int | None
    is_without: int


def seats_sat_in(
    customer_ids: Collection[int],
    *,
    user: User,
    before: datetime,
    except_visit: int | None = None,
    visits_back: int = VISITS_BACK,
) -> QuerySet[Any, Any]:
    """The seats of guests at their last visits, with `visits_ago`; not of visits that are sealed from the person."""
    return (
        Attendance.objects.filter(
            customer__in=customer_ids, visit__status=VisitStatus.COMPLETED, visit__starts_at__lt=before
        )
        .exclude(visit=except_visit)
        .exclude(Exists(Visit.objects.filter(sealed_visit(user), pk=OuterRef("visit"))))
        .annotate(
            visits_ago=Window(
                RowNumber(),
                partition_by=[F("customer_id")],
                order_by=[F("visit__starts_at").desc(), F("visit_id").desc()],
            )
        )
        .filter(visits_ago__lte=visits_back)
    )


def dishes_at(
    visits: Collection[int] | QuerySet[Any, Any],
) -> tuple[QuerySet[ServedDish], QuerySet[SeatException], QuerySet[SeatException]]:
    """What was served at visits, what single seats went without, and what they had instead (its `replacement`).

    Without what is never the same dish twice: rice, the season's fruit, what the house is known for.
    """
    seats = SeatException.objects.filter(visit__in=visits, attendance__isnull=False).order_by()
    return (
        ServedDish.objects.filter(visit__in=visits, was_replaced=False).exclude(
            Q(dish__position__in=NEVER_THE_SAME) | Q(dish__is_signature=True)
        ),
        seats.filter(kind__in=NOT_EATEN),
        seats.filter(kind=ExceptionKind.REPLACED, replacement__isnull=False).exclude(
            Q(replacement__position__in=NEVER_THE_SAME) | Q(replacement__is_signature=True)
        ),
    )


def servings_of(seats: Iterable[SatThere], dishes: Collection[Eaten]) -> list[Serving]:
    """What each guest had at the seats. Pure."""
    at_table: dict[int, list[SatThere]] = defaultdict(list)
    for seat in seats:
        at_table[seat.visit_id].append(seat)
    not_had = {(row.attendance_id, row.dish_id) for row in dishes if row.is_without}
    return [
        Serving(seat.customer_id, row.dish_id, seat.on.replace(day=1), seat.visits_ago)
        for row in dishes
        if not row.is_without
        for seat in at_table[row.visit_id]
        if row.attendance_id in (None, seat.pk) and (seat.pk, row.dish_id) not in not_had
    ]


@dataclass(frozen=True, slots=True)
class AnsweredBefore:
    """Who at a table was asked about allergies before the evening, alone or with the group (他なし)."""

    everybody: bool = False
    customer_ids: frozenset[int] = frozenset()

    def covers(self, customer_id: int | None) -> bool:
        """Whether there is an answer that "no change" can be said of, also where the guest's card has none."""
        return self.everybody or customer_id in self.customer_ids


def answered_before(visit: Visit) -> AnsweredBefore:
    """The answers a table gave before the evening. One query."""
    rows = list(visit.advance_answers.values_list("attendance__customer_id", "others_none"))
    return AnsweredBefore(
        any(others_none for _customer, others_none in rows), frozenset(pk for pk, _others in rows if pk is not None)
    )


def visits_with_people() -> QuerySet[Visit]:
    """Visits with the people and their allergies: three queries."""
    allergies = Prefetch("customer__allergies", _allergies_in_order())
    people = Attendance.objects.select_related("checked_by", "customer__company").prefetch_related(allergies)
    rows = Visit.objects.select_related("venue", "room", "course", "staff", "recorded_by")
    return rows.prefetch_related(Prefetch("attendances", people))


def visits_with_everything() -> QuerySet[Visit]:
    """Visits with the people, their allergies and the dishes that were served: four queries."""
    return visits_with_people().prefetch_related(
        Prefetch("served_dishes", ServedDish.objects.select_related("dish").order_by("pk"))
    )


def dishes_of_course(course: Course) -> list[int]:
    """Ids of a course's dishes in their order."""
    return list(course.course_dishes.values_list("dish_id", flat=True))


def tonight_of(*, venue: int, day: date, course: int | None, dish_ids: Sequence[int]) -> list[int]:
    """Ids of a table's dishes with what the kitchen changed for a venue's business day. One query."""
    changes = TonightChange.objects.in_force().filter(venue=venue, business_date=day)
    rules = [Change(*row) for row in changes.order_by("pk").values_list("dish_id", "replacement_id", "course_id")]
    return list(lay_over(dish_ids, course, rules).dishes)


def standing_notes(customer_ids: Iterable[int], user: User) -> dict[int, list[Note]]:
    """いつも: notes that hold for every visit, newest first, by guest; of venues where the person may read them."""
    found: dict[int, list[Note]] = defaultdict(list)
    notes = (
        Note.objects.visible_to(user)
        .filter(customer__in=list(customer_ids))
        .standing()
        .select_related("category", "author", "confirmed_by")
        .order_by("-created_at", "-pk")
    )
    for note in notes:
        if note.customer_id:
            found[note.customer_id].append(note)
    return dict(found)


def last_gifts(customer_ids: Iterable[int], user: User, before: datetime) -> dict[int, tuple[date, str]]:
    """お土産: what a guest's own last evening with a gift had, by guest: (business day, words). One query."""
    rows = gifts_given(customer_ids, user, before).values_list(
        "customer_id", "visit__business_date", "visit__briefing__gifts"
    )
    return {pk: (day, gifts) for pk, day, gifts in rows if pk is not None}


def gifts_given(customer_ids: Iterable[int], user: User, before: datetime) -> QuerySet[Attendance]:
    """The seat of each guest's own last evening with a gift, as far as the person may read it.

    Of evenings the guest was the host of: what was given at another host's table is that host's.
    """
    return (
        Attendance.objects.filter(
            customer__in=list(customer_ids),
            role=AttendanceRole.HOST,
            visit__status=VisitStatus.COMPLETED,
            visit__starts_at__lt=before,
            visit__venue__in=user.venues_with(Right.VIEW_NOTES),
        )
        .exclude(visit__briefing=None)
        .exclude(visit__briefing__gifts="")
        .exclude(visit__in=Visit.objects.sealed_from(user).values("pk"))
        .annotate(
            place=Window(
                RowNumber(),
                partition_by=[F("customer_id")],
                order_by=[F("visit__starts_at").desc(), F("visit_id").desc()],
            )
        )
        .filter(place=1)
    )


def rooms_sat_in(customer_id: int, venue: Venue, user: User) -> QuerySet[Visit, Any]:
    """The rooms of a venue where a guest sat more than once lately: rows with room_id, room__name and times."""
    return (
        Visit.objects.took_place()
        .filter(
            attendances__customer=customer_id,
            venue=venue,
            room__is_active=True,
            starts_at__gte=timezone.now() - HABIT,
        )
        .exclude(pk__in=Visit.objects.sealed_from(user).values("pk"))
        .values("room_id", "room__name")
        .annotate(times=Count("pk"))
        .filter(times__gte=USUAL_FROM)
    )


def open_promises(customer_ids: Iterable[int], user: User) -> dict[int, list[Promise]]:
    """Promises neither kept nor released, newest first, by guest; of venues where the person reads check sheets."""
    found: dict[int, list[Promise]] = defaultdict(list)
    promises = Promise.objects.still_open().visible_to(user).filter(customer__in=list(customer_ids))
    for promise in promises.select_related("made_by"):
        found[promise.customer_id].append(promise)
    return dict(found)


def usual_interval(user: User, customer: Customer) -> int | None:
    """The median of the days between a guest's last visits, as far as the person may know of them. One query."""
    days = list(
        Visit.objects.took_place()
        .filter(attendances__customer=customer)
        .exclude(pk__in=Visit.objects.sealed_from(user).values("pk"))
        .order_by("-business_date")
        .values_list("business_date", flat=True)
        .distinct()[:HABIT_VISITS]
    )
    gaps = [(later - earlier).days for later, earlier in pairwise(days)]
    return round(median(gaps)) if len(gaps) >= FEWEST_GAPS else None


def recently_served(customer: Customer, *, user: User, before: datetime) -> list[tuple[date, list[str]]]:
    """The dishes of a guest's last visits: (first day of the month, names), newest first. Everybody may see them, but those
    of confidential visits. What the guest's seat had instead is among them, what was replaced or left out is not.
    """
    without = SeatException.objects.filter(
        visit=OuterRef("visit"), dish=OuterRef("dish"), attendance__customer=customer, kind__in=NOT_EATEN
    )
    columns = ("visit_id", "visit__business_date", "visit__starts_at")
    there = (
        Visit.objects.took_place()
        .filter(attendances__customer=customer, starts_at__lt=before)
        .exclude(pk__in=Visit.objects.sealed_from(user).values("pk"))
        .order_by("-starts_at")
        .values("pk")[: LAST_SERVED_SHOWN * 4]
    )
    served = (
        ServedDish.objects.filter(
            ~Exists(without),
            Q(attendance=None) | Q(attendance__customer=customer),
            visit__in=there,
            was_replaced=False,
        )
        .order_by()
        .values_list(*columns, Value(0), "pk", "dish__name")
    )
    instead = (
        SeatException.objects.filter(visit__in=there, attendance__customer=customer, kind=ExceptionKind.REPLACED)
        .order_by()
        .values_list(*columns, Value(1), "pk", "replacement__name")
    )
    rows = sorted(served.union(instead, all=True), key=lambda row: (-row[2].timestamp(), row[3], row[4]))
    by_visit: dict[int, tuple[date, list[str]]] = {}
    for visit_id, on, _starts_at, _instead, _pk, name in rows:
        if visit_id not in by_visit:
            if len(by_visit) == LAST_SERVED_SHOWN:
                break
            by_visit[visit_id] = (on.replace(day=1), [])
        by_visit[visit_id][1].append(name)
    return list(by_visit.values())


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A visit somebody began to write down: the draft, and whom and which room it is about where that is known."""

    draft: VisitDraft
    about: Customer | None
    room: str = ""

    @property
    def called(self) -> str:
        """What the first one without a card is called; "" where nobody is."""
        refs = [ref for ref in self.draft.values.get("person", []) if ref[:1] == "x"]
        return next((label for ref in refs if (label := self._typed(f"label_{ref}"))), "")

    @property
    def when(self) -> str:
        """Day and time, on the booking screen as they were typed."""
        if self.is_booking:
            return f"{self._typed('day')} {self._typed('time')}".strip()
        try:
            at = datetime.fromisoformat(self._typed("starts_at"))
        except ValueError:
            return ""
        return f"{format_date(at.date(), 'short')} {at:%H:%M}"

    def _typed(self, name: str) -> str:
        return next(iter(self.draft.values.get(name, [])), "").strip()

    @property
    def is_booking(self) -> bool:
        """Whether it was begun on the booking screen, not on the log form."""
        return is_booking_draft(self.draft)


def drafts_of(user: User) -> list[VisitDraft]:
    """All of one's own drafts, at whatever venue, the newest first. One query."""
    return list(VisitDraft.objects.filter(user=user))


def open_drafts(user: User, venue: Venue, *, but: str = "", own: Sequence[VisitDraft] | None = None) -> list[OpenDraft]:
    """One's own drafts at a venue that are not yet recorded, the newest first. At most three queries.

    `own` are all of them, where they were read already.
    """
    found = newest_drafts(drafts_of(user) if own is None else own, venue, but=but)
    ids = guests_of_drafts(found)
    guests = Customer.objects.visible_to(user).in_bulk(ids) if ids else {}
    wanted = {pk for draft in found if (pk := draft_room_id(draft.values))}
    rooms = Room.objects.in_bulk(wanted) if wanted else {}
    return told_drafts(found, guests, {pk: room.name for pk, room in rooms.items()})


def newest_drafts(own: Iterable[VisitDraft], venue: Venue, *, but: str = "") -> list[VisitDraft]:
    """The drafts of a venue that are shown, of one's own."""
    return [draft for draft in own if draft.venue_id == venue.pk and str(draft.pk) != but][:DRAFTS_SHOWN]


def guests_of_drafts(drafts: Iterable[VisitDraft]) -> set[int]:
    """Ids of the first known guest of each draft."""
    return {pk for draft in drafts if (pk := next(iter(draft_guest_ids(draft.values)), None))}


def told_drafts(
    drafts: Iterable[VisitDraft], guests: Mapping[int, Customer], rooms: Mapping[int, str]
) -> list[OpenDraft]:
    """Drafts with whom they are about and which room, as far as guests and rooms (by their names) are given. Pure."""
    return [
        OpenDraft(
            draft,
            guests.get(next(iter(draft_guest_ids(draft.values)), 0)),
            rooms.get(draft_room_id(draft.values) or 0, ""),
        )
        for draft in drafts
    ]


def draft_room_id(values: Mapping[str, list[str]]) -> int | None:
    """The id of a draft's room; None where none is chosen."""
    return next(iter(guest_ids_of(f"c{pk}" for pk in values.get("room", []))), None)


def is_booking_draft(draft: VisitDraft) -> bool:
    """Whether a draft was begun on the booking screen."""
    return bool(draft.values.get("form"))


def draft_among(own: Iterable[VisitDraft], visit: Visit, *, booking: bool = False) -> VisitDraft | None:
    """What the person has begun to write on a visit, on the log form or (`booking`) on the booking screen.

    Among all of the person's drafts; None once somebody else changed the visit meanwhile. No query.
    """
    wanted = [str(visit.pk)], [str(visit.version)]
    of_visit = (draft for draft in own if (draft.values.get("visit"), draft.values.get("version")) == wanted)
    return next((draft for draft in of_visit if is_booking_draft(draft) == booking), None)


def draft_guest_ids(values: Mapping[str, list[str]]) -> list[int]:
    """Ids of the known guests of a draft, the host first."""
    return guest_ids_of(values.get("person", []))


def guest_ids_of(refs: Iterable[str]) -> list[int]:
    """Ids of the known guests among references of people; a number that no table holds is nobody."""
    return [
        int(ref[1:])
        for ref in refs
        if ref[:1] == "c" and ref.isascii() and ref[1:].isdecimal() and len(ref) <= LONGEST_REF
    ]


def people_on(venue: Venue, day: date) -> QuerySet[User]:
    """Everybody who works at the venue, and who is lent to it on that business day; each once, by reading."""
    lent = Loan.objects.filter(venue=venue, business_date=day)
    works_there = Q(memberships__venue=venue) | Q(pk__in=lent.values("user"))
    return User.objects.filter(works_there, is_active=True).distinct().order_by("kana", "display_name", "pk")


def choices_of_staff(venue: Venue, day: date, *named: int | None) -> QuerySet[User]:
    """Who may attend a table of that business day, each once, by reading.

    Whoever is `named` there already can be kept, also after leaving the house.
    """
    there = Q(pk__in=people_on(venue, day).order_by().values("pk"))
    return User.objects.filter(there | Q(pk__in=[pk for pk in named if pk is not None])).order_by(
        "kana", "display_name", "pk"
    )

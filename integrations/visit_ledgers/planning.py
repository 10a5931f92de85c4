"""What an import of visits would do: every row as created, updated, unchanged or set aside, without writing anything.

A visit is recognised by its number in the former system; else by its guest and day, and by time and room where both sides say
them. The same words again change nothing; a blank says nothing; what people noted at a visit stays.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from crm_project.core.text import compare_key
from integrations.choices import LedgerTarget, RowOutcome
from integrations.ledgers import many_values  # noqa: F401 - registers the lookup any_of
from integrations.ledgers.entries import ERROR, WARNING, LedgerEntry
from integrations.ledgers.guests_of_file import GuestOfRow, GuestsOfFile, WrittenRow, say_who_is_not_known
from integrations.ledgers.planning import PlannedRow
from integrations.models import LedgerRow
from integrations.visit_ledgers.fields import VISITS
from integrations.visit_ledgers.reading import VisitEntry, VisitRow, default_status, words_of_ledger
from integrations.visit_ledgers.words import HouseWords, dish_key
from visits.choices import EXPECTED, VisitStatus
from visits.models import Attendance, Note, ServedDish, Visit
from visits.terms import meal_of

CREATED, UPDATED, UNCHANGED, FAILED = RowOutcome.CREATED, RowOutcome.UPDATED, RowOutcome.UNCHANGED, RowOutcome.ERROR
VISIT_COLUMNS: Final = (
    "id", "venue_id", "business_date", "starts_at", "ends_at", "room_id", "party_size", "purpose", "status", "course_id",
    "staff_id", "source_id", "amount", "outside_system", "outside_id", "version",
)  # fmt: skip
# The line of the check sheet that keeps the words of the ledger, before it has an id.
LEDGER_LINE_ID: Final = 0
LEDGER_LINE_NAME: Final = "台帳の記載"


@dataclass(slots=True)
class KnownVisit:
    """A visit as it stands in the house, with everything a ledger may speak of."""

    id: int
    venue_id: int
    business_date: datetime.date
    starts_at: datetime.datetime
    ends_at: datetime.datetime | None
    room_id: int | None
    party_size: int
    purpose: str
    status: str
    course_id: int | None
    staff_id: int | None
    source_id: int | None
    amount: Decimal | None
    outside_system: str
    outside_id: str
    version: int
    guests: set[int] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    dishes: set[int] = field(default_factory=set)
    # Line of the check sheet -> (id, words) of the note.
    notes: dict[int, tuple[int, str]] = field(default_factory=dict)

    @property
    def time_known(self) -> bool:
        """Whether somebody said the time: a visit that came without one has no end either."""
        return self.ends_at is not None


@dataclass(slots=True)
class PlannedVisit:
    """A visit of a row and what becomes of it."""

    entry: VisitEntry
    outcome: RowOutcome
    guest: GuestOfRow
    row: VisitRow
    known: KnownVisit | None = None
    # Attribute of Visit -> new value.
    attributes: dict[str, Any] = field(default_factory=dict)
    # What changes, as the trail tells it: attribute -> [before, after].
    changes: dict[str, list[Any]] = field(default_factory=dict)
    status: str = ""
    new_dishes: tuple[str, ...] = ()
    new_labels: tuple[str, ...] = ()
    # Line of the check sheet (LEDGER_LINE_ID: that of the ledger) -> all of its words.
    notes: dict[int, str] = field(default_factory=dict)
    # Once written.
    pk: int | None = None


@dataclass(slots=True)
class PlannedVisitRow:
    """A row of the file and what it does."""

    row: VisitRow
    outcome: RowOutcome
    guest: GuestOfRow
    visits: list[PlannedVisit] = field(default_factory=list)

    @property
    def entry(self) -> LedgerEntry:
        """What it says of its guest, with the sentences about all of its cells."""
        return self.row.guest


class _Seen(NamedTuple):
    """A visit that stands further up in the file."""

    number: int
    place: int
    entry_start: datetime.datetime
    time_known: bool
    meal_known: bool
    room_id: int | None
    said: int


class VisitPlanner:
    """Plans the batches of one file in their order."""

    def __init__(
        self,
        *,
        guests: GuestsOfFile,
        words: HouseWords,
        ledger_line: int | None,
        now: datetime.datetime | None = None,
    ) -> None:
        self.guests = guests
        self.words = words
        self.ledger_line = ledger_line
        self._now = now or timezone.now()
        self._seen: dict[tuple[Any, ...], list[_Seen]] = {}
        self._steps: list[tuple[Any, ...]] = []
        # Visits of the house that a row of the file is about: no other row is.
        self._taken: set[int] = set()
        self._taking: set[int] = set()

    def plan(self, rows: Sequence[VisitRow], *, lock: bool = False) -> tuple[list[PlannedVisitRow], list[PlannedRow]]:
        """What each row does, and the guests that are to be written first. With `lock` guests and visits stay locked.

        The caller settles the planner when the batch counts, or takes it back to plan it again.
        """
        guests, plans = self.guests.plan(rows, lock=lock)
        planned = [self._row(row, guest) for row, guest in zip(rows, guests, strict=True)]
        open_visits = [visit for one in planned for visit in one.visits]
        known = self._known(open_visits, lock=lock)
        for visit in open_visits:
            self._decide(visit, known)
        self._leave_what_people_changed([visit for visit in open_visits if visit.changes])
        for one in planned:
            self._finish(one)
        return planned, plans

    def settle(self) -> None:
        """The batch is written."""
        self.guests.settle()
        self._steps.clear()
        self._taken |= self._taking
        self._taking.clear()

    def take_back(self) -> None:
        """Forget a batch that was not written."""
        self.guests.take_back()
        for key in self._steps:
            self._seen[key].pop()
        self._steps.clear()
        self._taking.clear()

    def remember(self, rows: Sequence[VisitRow], written: Sequence[WrittenRow]) -> None:
        """Take note of rows that an earlier worker has written."""
        guests = {one.number: one.guest for one in written if one.guest is not None}
        self._taking |= {visit["id"] for one in written for visit in one.changes.get(VISITS, ())}
        self.guests.remember(rows, written)
        for row in rows:
            pk = guests.get(row.number)
            if row.is_error or pk is None:
                continue
            for entry in row.visits:
                if self._earlier(entry, ("id", pk)) is None:
                    self._remember(entry, ("id", pk), row.number)

    def written(self, planned: Sequence[PlannedVisitRow], ids: Mapping[int, int]) -> None:
        """The batch is in the transaction; first row of a guest in the file -> the guest's id."""
        self._file_under_ids(ids)
        for first_row, pk in ids.items():
            self.guests.learn(first_row, pk)
        self._taking |= {visit.pk for one in planned for visit in one.visits if visit.pk is not None}

    def _file_under_ids(self, ids: Mapping[int, int]) -> None:
        """Guests that were made have ids now (first row -> id): what the file said of their visits is filed under these."""
        steps = []
        for key in self._steps:
            if key[0][0] == "row":
                moved = (("id", ids[key[0][1]]), *key[1:])
                self._seen.setdefault(moved, []).append(self._seen[key].pop(0))
                if not self._seen[key]:
                    del self._seen[key]
                key = moved
            steps.append(key)
        self._steps = steps

    # --- rows ---

    def _row(self, row: VisitRow, guest: GuestOfRow) -> PlannedVisitRow:
        say_who_is_not_known(row.guest, guest)
        if row.is_error:
            return PlannedVisitRow(row, FAILED, guest)
        visits = []
        for entry in row.visits:
            earlier = self._earlier(entry, guest.key)
            if earlier is not None and earlier.said != entry.said:
                if not row.is_error:
                    row.guest.say(ERROR, "date", self._contradiction(row, entry, earlier))
                return PlannedVisitRow(row, FAILED, guest)
            if earlier is None:
                self._remember(entry, guest.key, row.number)
                visits.append(PlannedVisit(entry, CREATED, guest, row))
        return PlannedVisitRow(row, UNCHANGED, guest, visits)

    @staticmethod
    def _contradiction(row: VisitRow, entry: VisitEntry, earlier: _Seen) -> str:
        if earlier.number == row.number:
            return _("visits %(first)s and %(second)s of the row are the same but differ: write the time of each") % {
                "first": earlier.place,
                "second": entry.place,
            }
        return _("rows %(first)s and %(second)s are the same visit but differ: write the time or the room of each") % {
            "first": earlier.number,
            "second": row.number,
        }

    def _keys(self, entry: VisitEntry, guest: tuple[str, int]) -> tuple[Any, ...]:
        if entry.outside_id:
            return ("outside", 0), entry.outside_system, entry.outside_id
        return guest, entry.venue.pk, entry.day

    def _earlier(self, entry: VisitEntry, guest: tuple[str, int]) -> _Seen | None:
        seen = self._seen.get(self._keys(entry, guest), ())
        if entry.outside_id:
            return seen[0] if seen else None
        return next((one for one in seen if _is_same_seen(one, entry)), None)

    def _remember(self, entry: VisitEntry, guest: tuple[str, int], number: int) -> None:
        key = self._keys(entry, guest)
        self._seen.setdefault(key, []).append(
            _Seen(number, entry.place, entry.starts_at, entry.time_known, entry.meal_known, entry.room_id, entry.said)
        )
        self._steps.append(key)

    @staticmethod
    def _finish(one: PlannedVisitRow) -> None:
        outcomes = {visit.outcome for visit in one.visits} | {one.guest.outcome}
        if one.outcome is FAILED:
            one.visits.clear()
        elif FAILED in outcomes:
            one.outcome = FAILED
        elif CREATED in outcomes:
            one.outcome = CREATED
        elif UPDATED in outcomes:
            one.outcome = UPDATED

    # --- visits of the house ---

    def _known(self, visits: Sequence[PlannedVisit], *, lock: bool) -> "_VisitsKnown":
        guests = {visit.guest.pk for visit in visits if visit.guest.pk is not None}
        days = {visit.entry.day for visit in visits if visit.guest.pk is not None}
        numbers = {visit.entry.outside_id for visit in visits if visit.entry.outside_id}
        ids: set[int] = set()
        if guests and days:
            sat = Attendance.objects.filter(
                customer__id__any_of=guests, visit__business_date__range=(min(days), max(days))
            ).order_by()
            ids |= {pk for pk, day in sat.values_list("visit_id", "visit__business_date") if day in days}
        if numbers:
            ids |= set(Visit.objects.filter(outside_id__any_of=numbers).values_list("pk", flat=True))
        return _VisitsKnown(ids, lock=lock)

    def _decide(self, visit: PlannedVisit, known: "_VisitsKnown") -> None:
        entry = visit.entry
        found = known.of(entry, visit.guest.pk, without=self._taken | self._taking)
        if len(found) > 1:
            visit.outcome = FAILED
            visit.row.guest.say(
                ERROR,
                "date",
                _("the guest has %(count)s visits on that day: write the time or the room") % {"count": len(found)},
            )
            return
        visit.status = default_status(entry, self._now)
        if not found:
            visit.outcome = CREATED
            visit.new_dishes, visit.new_labels = entry.dishes, entry.companions
            visit.notes = self._notes(entry, {})
            return
        visit.known = found[0]
        self._taking.add(found[0].id)
        if visit.guest.pk not in found[0].guests and not visit.row.guest.has_warnings:
            visit.row.guest.say(
                WARNING, "outside_id", _("that visit is of another guest: the guest of the visit stays")
            )
        self._compare(visit, found[0])
        visit.outcome = UPDATED if visit.changes else UNCHANGED

    def _leave_what_people_changed(self, visits: Sequence[PlannedVisit]) -> None:
        """Where a ledger says what it said before, what people made of it since stays."""
        ids = {visit.known.id for visit in visits if visit.known}
        if not ids:
            return
        said = said_before(ids, {visit.guest.pk for visit in visits if visit.guest.pk is not None})
        for visit in visits:
            assert visit.known is not None
            before, now = said.get(visit.known.id, {}), said_of(visit.entry)
            for name in [name for name in visit.attributes if name in now and now[name] == before.get(name)]:
                del visit.attributes[name]
                visit.changes.pop(name, None)
            if visit.new_dishes:
                once = set(map(dish_key, before.get("dishes", ())))
                visit.new_dishes = tuple(dish for dish in visit.new_dishes if dish_key(dish) not in once)
                self._tell_list(visit, "dishes", visit.new_dishes)
            if visit.new_labels:
                visit.new_labels = tuple(
                    label for label in visit.new_labels if label not in before.get("companions", ())
                )
                self._tell_list(visit, "companions", visit.new_labels)
            noted = before.get("notes", {})
            for category in [key for key in visit.notes if now["notes"].get(str(key)) == noted.get(str(key))]:
                del visit.notes[category]
                visit.changes.pop(self._line_name(category), None)
            if not visit.changes:
                visit.outcome = UNCHANGED

    @staticmethod
    def _tell_list(visit: PlannedVisit, name: str, new: Sequence[str]) -> None:
        visit.changes.pop(name, None)
        if new:
            visit.changes[name] = [None, "、".join(new)]

    def _line_name(self, category: int) -> str:
        return self.words.categories[category].name if category else LEDGER_LINE_NAME

    def _compare(self, visit: PlannedVisit, known: KnownVisit) -> None:
        entry = visit.entry
        wanted: dict[str, Any] = {
            "room_id": entry.room_id,
            "party_size": entry.people,
            "purpose": entry.purpose or None,
            "course_id": entry.course_id,
            "staff_id": entry.staff_id,
            "source_id": entry.source_id,
            "amount": entry.amount,
            "outside_system": entry.outside_system or None,
            "outside_id": entry.outside_id or None,
        }
        if entry.time_known:
            wanted["starts_at"] = entry.starts_at
        if entry.outside_id and entry.day != known.business_date:
            wanted |= {"starts_at": entry.starts_at, "business_date": entry.day}
        if entry.ends_at is not None:
            wanted["ends_at"] = entry.ends_at
        for name, value in wanted.items():
            if value is not None and value != getattr(known, name):
                visit.attributes[name] = value
                visit.changes[name] = [_plain(getattr(known, name)), _plain(value)]
        self._compare_status(visit, known)
        there = {dish_key(self.words.dish_names[pk]) for pk in known.dishes if pk in self.words.dish_names}
        visit.new_dishes = tuple(dish for dish in entry.dishes if dish_key(dish) not in there)
        if visit.new_dishes:
            visit.changes["dishes"] = [None, "、".join(visit.new_dishes)]
        visit.new_labels = tuple(label for label in entry.companions if label not in known.labels)
        if visit.new_labels:
            visit.changes["companions"] = [None, "、".join(visit.new_labels)]
        visit.notes = self._notes(entry, known.notes)
        for category, words in visit.notes.items():
            visit.changes[self._line_name(category)] = [
                known.notes.get(category or self.ledger_line or 0, (0, None))[1],
                words,
            ]

    def _compare_status(self, visit: PlannedVisit, known: KnownVisit) -> None:
        """A booking whose day is past took place; a state that the ledger names counts. What people recorded stays."""
        if known.status == visit.status or (not visit.entry.status and known.status not in EXPECTED):
            return
        if known.status not in EXPECTED and known.status != VisitStatus.COMPLETED:
            return
        if known.status == VisitStatus.COMPLETED and visit.status in EXPECTED:
            return
        if known.status == VisitStatus.TENTATIVE and visit.status == VisitStatus.RESERVED and not visit.entry.status:
            return
        visit.attributes["status"] = visit.status
        visit.changes["status"] = [known.status, visit.status]

    def _notes(self, entry: VisitEntry, held: Mapping[int, tuple[int, str]]) -> dict[int, str]:
        """What is to be written under each line of the check sheet: what stands there stays, new words go below it."""
        wanted = dict(entry.notes)
        words = words_of_ledger(entry)
        if words:
            wanted[LEDGER_LINE_ID] = words
        found = {}
        for category, new in wanted.items():
            _pk, before = held.get(category or self.ledger_line or 0, (0, ""))
            have = compare_key(before)
            lines = [line for line in new.split("\n") if line.strip() and compare_key(line) not in have]
            if lines:
                found[category] = "\n".join([*([before] if before else []), *lines])
        return found


class _VisitsKnown:
    """The visits of the house that the rows of a batch may be about."""

    def __init__(self, ids: Iterable[int], *, lock: bool) -> None:
        self.by_id: dict[int, KnownVisit] = {}
        wanted = set(ids)
        self._of_guest: dict[tuple[int, int, datetime.date], list[KnownVisit]] = {}
        self._outside: dict[tuple[str, str], KnownVisit] = {}
        if not wanted:
            return
        visits = Visit.objects.filter(id__any_of=wanted).order_by("pk")
        if lock:
            visits = visits.select_for_update(of=("self",), no_key=True)
        for columns in visits.values_list(*VISIT_COLUMNS):
            self.by_id[columns[0]] = KnownVisit(*columns)
        attendances = Attendance.objects.filter(visit__id__any_of=wanted).order_by()
        for visit_id, customer_id, label in attendances.values_list("visit_id", "customer_id", "label"):
            if customer_id is None:
                self.by_id[visit_id].labels.add(label)
            else:
                self.by_id[visit_id].guests.add(customer_id)
        served = ServedDish.objects.filter(visit__id__any_of=wanted, attendance=None).order_by()
        for visit_id, dish_id in served.values_list("visit_id", "dish_id"):
            self.by_id[visit_id].dishes.add(dish_id)
        notes = Note.objects.filter(visit__id__any_of=wanted).order_by("-pk")
        for pk, visit_id, category_id, words in notes.values_list("pk", "visit_id", "category_id", "text"):
            self.by_id[visit_id].notes[category_id] = (pk, words)
        for visit in self.by_id.values():
            for guest in visit.guests:
                self._of_guest.setdefault((guest, visit.venue_id, visit.business_date), []).append(visit)
            if visit.outside_id:
                self._outside[visit.outside_system, visit.outside_id] = visit

    def of(self, entry: VisitEntry, guest: int | None, *, without: Collection[int]) -> list[KnownVisit]:
        """The visits that may be meant: none, one, or several that nothing tells apart. `without`: those of other rows."""
        if entry.outside_id and (known := self._outside.get((entry.outside_system, entry.outside_id))) is not None:
            return [known]
        if guest is None:
            return []
        there = self._of_guest.get((guest, entry.venue.pk, entry.day), [])
        if entry.outside_id:  # one that has another number is another visit
            there = [one for one in there if not one.outside_id]
        fitting = [one for one in there if one.id not in without and _is_same(one, entry)]
        if entry.time_known or entry.meal_known:
            exact = [one for one in fitting if one.starts_at == entry.starts_at]
        else:
            exact = [one for one in fitting if not one.time_known]
        for closer in (exact, [one for one in exact or fitting if one.room_id == entry.room_id]):
            if len(fitting) > 1 and closer:
                fitting = closer
        if len(fitting) > 1 and entry.room_id is not None and all(one.room_id for one in fitting):
            return []  # each of them sat elsewhere
        return fitting


def _is_same(known: KnownVisit, entry: VisitEntry) -> bool:
    if known.time_known and entry.time_known:
        return known.starts_at == entry.starts_at
    if entry.meal_known:
        return meal_of(known.starts_at, entry.venue) == meal_of(entry.starts_at, entry.venue)
    return True


def _is_same_seen(seen: _Seen, entry: VisitEntry) -> bool:
    if seen.time_known and entry.time_known:
        return seen.entry_start == entry.starts_at and (
            None in (seen.room_id, entry.room_id) or seen.room_id == entry.room_id
        )
    if (seen.time_known or seen.meal_known) and (entry.time_known or entry.meal_known):
        return meal_of(seen.entry_start, entry.venue) == meal_of(entry.starts_at, entry.venue)
    return None in (seen.room_id, entry.room_id) or seen.room_id == entry.room_id


def said_of(entry: VisitEntry) -> dict[str, Any]:
    """What a row said of a visit, as JSON: by it a later copy tells its own news from what people changed."""
    words = words_of_ledger(entry)
    told: dict[str, Any] = {
        "starts_at": entry.starts_at if entry.time_known else None,
        "business_date": entry.day,
        "ends_at": entry.ends_at,
        "room_id": entry.room_id,
        "party_size": entry.people,
        "purpose": entry.purpose,
        "status": entry.status,
        "course_id": entry.course_id,
        "staff_id": entry.staff_id,
        "source_id": entry.source_id,
        "amount": entry.amount,
    }
    found = {name: _plain(value) for name, value in told.items() if value not in (None, "")}
    if entry.dishes:
        found["dishes"] = list(entry.dishes)
    if entry.companions:
        found["companions"] = list(entry.companions)
    notes = {str(category): text for category, text in entry.notes.items()} | ({"0": words} if words else {})
    return found | {"notes": notes}


def in_words(entry: VisitEntry, words: HouseWords) -> str:
    """What the row says of a visit, on one line for people; without its amount, which not everybody may see."""
    clock = entry.starts_at.astimezone(entry.venue.zone).strftime("%H:%M") if entry.time_known else ""
    told = [
        clock,
        f"{entry.people}名" if entry.people else "",
        words.room_names.get(entry.room_id or 0, ""),
        words.course_names.get(entry.course_id or 0, ""),
        "、".join(entry.dishes),
        *(text.replace("\n", " ") for text in entry.notes.values()),
        *entry.remains.values(),
    ]
    return "・".join(filter(None, told))


def said_before(visit_ids: Collection[int], guest_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Visit -> what the latest row of a ledger said of it."""
    rows = LedgerRow.objects.filter(
        customer__id__any_of=set(guest_ids),
        ledger_import__target=LedgerTarget.VISITS,
        ledger_import__applied_to_row__isnull=False,
    ).order_by("pk")
    found = {}
    for changes in rows.values_list("changes", flat=True):
        for visit in changes.get(VISITS, ()):
            if visit.get("id") in visit_ids:
                found[visit["id"]] = visit.get("said", {})
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value

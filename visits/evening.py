"""One table's evening between floor and kitchen: seats, tonight's dishes, what is open, how far its sheet is."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import Venue
from crm_project.core.allergens.choices import AllergyState, DietRule, Severity
from crm_project.core.allergens.models import Allergen
from customers.choices import AskedHow
from customers.models import Customer
from menus.models import Dish
from visits import day_lines, evening_lines
from visits.choices import FOR_THE_GROUP, NOT_EATEN, AnsweredBy, AttendanceRole, ExceptionKind, SeatedCheck, VisitStatus
from visits.day_lines import Line
from visits.evening_lines import packed
from visits.gate import Decision, Gate, Seat, SeatConflict, SheetState, digest, judge, state_of
from visits.models import Attendance, EveningTerms, SeatException, Visit
from visits.queries import dish_facts
from visits.tonight import Change, Overlaid, lay_over

REST = "rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer given before the evening."""

    pk: int
    source: AnsweredBy
    said_by: str
    how: str
    said_on: date | None
    asked_by: str
    text: str
    others_none: bool
    version: int

    @property
    def how_label(self) -> str:
        """How it was asked, in the reader's language."""
        return str(AskedHow(self.how).label) if self.how else ""

    @property
    def speaks_for_the_group(self) -> bool:
        """Whether the one who answered did so for everybody: the guest of honour is not asked again."""
        return self.source in FOR_THE_GROUP


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCount:
    """So many of a group who do not eat something."""

    pk: int
    allergen: Allergen
    severity: Severity
    count: int
    seats: str
    # Said of this seat alone, not of the group.
    attendance_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatRemark:
    """What a seat has differently."""

    pk: int
    ref: str
    dish_id: int
    dish_name: str
    kind: ExceptionKind
    replacement_id: int | None
    replacement_name: str
    note: str
    made_by: str
    covers: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A version of the sheet that was kept."""

    number: int
    digest: str
    override_reason: str
    made_by: str
    made_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TonightLine:
    """A dish the kitchen replaced or left out for the evening."""

    pk: int
    course_id: int | None
    course_name: str
    dish_id: int
    dish_name: str
    replacement_id: int | None
    replacement_name: str
    reason: str
    made_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatLine:
    """A seat, a counted group, or the people nobody has placed, as the kitchen sheet has them."""

    ref: str
    label: str
    people: int
    attendance: Attendance | None = None
    group: GroupCount | None = None
    allergies: tuple[tuple[Allergen, Severity], ...] = ()
    is_asked: bool = True
    is_checked: bool = True
    # Not asked at the table: the arranger has answered for the guest of honour.
    is_excused: bool = False
    # Something has changed, and nobody has written down what: not asked, as far as anybody knows.
    has_unwritten_change: bool = False
    answer: Answer | None = None
    # What faith, conviction or health lets the guest eat, and what the house noted about it.
    diets: tuple[tuple[DietRule, str], ...] = ()

    @property
    def customer(self) -> Customer | None:
        """The known guest of the seat."""
        return self.attendance.customer if self.attendance else None


@dataclass(kw_only=True)
class Evening:
    """What stands between one table and the kitchen."""

    visit: Visit
    seats: list[SeatLine]
    # Tonight's dishes in their order, those tonight's changes laid over them.
    dishes: list[Dish]
    overlaid: Overlaid
    gate: Gate
    exceptions: list[SeatRemark]
    group_answer: Answer | None
    revision: Revision | None
    ready: Revision | None
    advance_hours: int
    same_dish_months: int
    # The number of a newer version of the table's course, where the kitchen has made one since.
    newer_course: int | None = None
    all_dishes: Mapping[int, Dish] = field(default_factory=dict)

    @cached_property
    def content(self) -> dict[str, Any]:
        """The sheet as plain values; two sheets with the same are the same."""
        visit = self.visit
        return {
            "when": visit.starts_at.astimezone(UTC).isoformat(),
            "room": visit.room.name if visit.room else "",
            "course": visit.course_id,
            "party": visit.party_size,
            "unasked": self.gate.unasked,
            "dishes": [dish.pk for dish in self.dishes],
            "seats": {
                seat.ref: [
                    seat.people,
                    seat.is_asked,
                    sorted([allergen.code, severity.value] for allergen, severity in seat.allergies),
                ]
                for seat in self.seats
            },
            "conflicts": sorted(
                f"{conflict.ref} {conflict.dish_id} {words}"
                for conflict in self.gate.conflicts
                for words in conflict.covers
            ),
            "exceptions": {
                f"{one.ref} {one.dish_id} {one.kind.value}": [one.replacement_id, one.note, sorted(one.covers)]
                for one in self.exceptions
                if one.kind not in (ExceptionKind.SECONDS, ExceptionKind.LEFT_OVER)
            },
            "names": self.names,
        }

    @cached_property
    def names(self) -> dict[str, str]:
        """What the references of the sheet are called."""
        found = {f"d{pk}": dish.name for pk, dish in self.all_dishes.items()}
        found |= {f"d{one.dish_id}": one.dish_name for one in self.exceptions}
        found |= {
            f"d{one.replacement_id}": one.replacement_name for one in self.exceptions if one.replacement_id is not None
        }
        found |= {allergen.code: allergen.name_ja for seat in self.seats for allergen, _severity in seat.allergies}
        if self.visit.course is not None:
            found["course"] = self.visit.course.name
        return found | {seat.ref: seat.label for seat in self.seats}

    @cached_property
    def digest(self) -> str:
        """The fingerprint of the sheet as it is now."""
        return digest(self.content)

    @property
    def state(self) -> SheetState:
        """How far the sheet is."""
        return state_of(self.ready.digest if self.ready else None, self.digest)

    @property
    def is_ready(self) -> bool:
        """Whether it is as it was ready."""
        return self.state == SheetState.READY

    @property
    def is_changed(self) -> bool:
        """Whether something changed since it was ready."""
        return self.state == SheetState.CHANGED

    @property
    def is_overridden(self) -> bool:
        """Whether it is ready although something is open."""
        return self.is_ready and self.ready is not None and bool(self.ready.override_reason)

    @property
    def has_unread_change(self) -> bool:
        """Whether something changed since the kitchen last had the sheet in hand."""
        return self.revision is not None and self.revision.digest != self.digest

    @property
    def asked_by_time(self) -> datetime:
        """Until when everybody must have been asked."""
        return self.visit.starts_at - timedelta(hours=self.advance_hours)

    def is_overdue(self, now: datetime | None = None) -> bool:
        """Whether somebody has not been asked although the time for it is over."""
        return bool(self.gate.unasked) and self.visit.holds_its_room and (now or timezone.now()) >= self.asked_by_time

    @property
    def overdue(self) -> bool:
        """The same at this moment, for templates."""
        return self.is_overdue()

    @property
    def group_counts(self) -> list[GroupCount]:
        """Who of the group does not eat what."""
        return [seat.group for seat in self.seats if seat.group is not None]

    def seat(self, ref: str) -> SeatLine | None:
        """The seat of a reference."""
        return next((seat for seat in self.seats if seat.ref == ref), None)

    def is_decided(self, customer_id: int, dish_id: int) -> bool:
        """Whether what a dish means for a guest is decided already."""
        refs = {seat.ref for seat in self.seats if seat.customer is not None and seat.customer.pk == customer_id}
        touched = [one for one in self.gate.conflicts if one.ref in refs and one.dish_id == dish_id]
        return bool(touched) and not any(one.is_open for one in touched)

    def exceptions_of(self, ref: str, dish_id: int | None = None) -> list[SeatRemark]:
        """What a seat has differently."""
        return [one for one in self.exceptions if one.ref == ref and dish_id in (None, one.dish_id)]

    @property
    def open_lines(self) -> list["ConflictLine"]:
        """What still has to be decided, with the words of it."""
        return self._lines(self.gate.open)

    @property
    def harmed(self) -> list[tuple[SeatLine, list["ConflictLine"]]]:
        """Seat by seat, what must not reach it as it is, counted groups and what comes instead included."""
        found: dict[str, tuple[SeatLine, list[ConflictLine]]] = {}
        for line in self.open_lines:
            if line.must_not_reach:
                found.setdefault(line.seat.ref, (line.seat, []))[1].append(line)
        return list(found.values())

    @cached_property
    def plates(self) -> list[tuple[Dish, int]]:
        """Tonight's dishes with how many of each leave the kitchen: seats that go without, or have another, taken off."""
        gone: Counter[int] = Counter()
        for one in self.exceptions:
            if one.kind in NOT_EATEN and (seat := self.seat(one.ref)) is not None:
                gone[one.dish_id] += seat.people
        return [(dish, max(self.visit.party_size - gone[dish.pk], 0)) for dish in self.dishes]

    @property
    def unwritten_changes(self) -> list[SeatLine]:
        """Seats where something has changed and nobody has written down what."""
        return [seat for seat in self.seats if seat.has_unwritten_change]

    @property
    def companions_unasked(self) -> int:
        """How many without a card nobody has asked."""
        return sum(seat.people for seat in self.seats if seat.customer is None and not seat.is_asked)

    @property
    def decided_lines(self) -> list["ConflictLine"]:
        """What was decided, with the words of it."""
        return self._lines(self.gate.decided)

    @property
    def seat_remarks(self) -> list[tuple[SeatLine, SeatRemark]]:
        """What seats have differently, but for what is still open."""
        still_open = {(one.ref, one.dish_id) for one in self.gate.open}
        asked = {(one.ref, one.dish_id) for one in self.gate.conflicts}
        found = []
        for one in self.exceptions:
            key, seat = (one.ref, one.dish_id), self.seat(one.ref)
            answers = one.kind in (ExceptionKind.ACCEPTED, ExceptionKind.REFUSED)
            if seat is None or one.kind not in _DECIDED or key in still_open or (answers and key not in asked):
                continue
            found.append((seat, one))
        return found

    def _lines(self, conflicts: Iterable[SeatConflict]) -> list["ConflictLine"]:
        found = []
        for conflict in conflicts:
            seat = self.seat(conflict.ref)
            if seat is None:
                continue
            made = next((one for one in self.exceptions_of(seat.ref, conflict.dish_id) if one.kind in _DECIDED), None)
            found.append(
                ConflictLine(
                    conflict=conflict,
                    seat=seat,
                    dish=self.all_dishes.get(conflict.dish_id) or Dish(pk=conflict.dish_id, name="?"),
                    decision=made,
                    instead_of=self.all_dishes.get(conflict.instead_of or 0),
                )
            )
        return found


_DECIDED = (ExceptionKind.REPLACED, ExceptionKind.LEFT_OUT, ExceptionKind.ACCEPTED, ExceptionKind.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictLine:
    """A conflict as a page tells it."""

    conflict: SeatConflict
    seat: SeatLine
    dish: Dish
    decision: SeatRemark | None
    instead_of: Dish | None

    @property
    def key(self) -> str:
        """Names it in a form."""
        return f"{self.seat.ref}-{self.dish.pk}"

    @property
    def must_not_reach(self) -> bool:
        """Contained, or possibly contained where traces harm; what nobody checked is to be asked."""
        return any(one.must_be_confirmed for one in self.conflict.touched)

    @property
    def detail(self) -> str:
        """What it is: えび 含む（重い）."""
        by_code = {allergen.code: allergen for allergen, _severity in self.seat.allergies}
        return "、".join(
            _("%(allergen)s %(presence)s (%(severity)s)")
            % {
                "allergen": by_code[one.allergen].name,
                "presence": one.presence.label,
                "severity": one.severity.label,
            }
            for one in self.conflict.touched
        )


def parts(visit_ids: Sequence[int], course_ids: Iterable[int], venue: Venue, day: date) -> list[Any]:
    """The lines that tables of a day need, for who asks of them alone and not of the whole day."""
    return [
        *day_lines.lines_of_tables(list(visit_ids), set(course_ids)),
        *evening_lines.lines_of_evening(visit_ids, venue, day),
    ]


def evenings_of(visits: Sequence[Visit], venue: Venue, day: date) -> dict[int, Evening]:
    """The evenings of visits of one day (people fetched with their guests) by id. Two queries, however many."""
    lines = day_lines.read(
        parts([visit.pk for visit in visits], {v.course_id for v in visits if v.course_id}, venue, day)
    )
    reader = EveningReader(lines)
    guests = [row.customer for visit in visits for row in visit.attendances.all() if row.customer is not None]
    day_lines.give_allergens(guests, list(reader.dishes.values()))
    return {visit.pk: reader.of(visit) for visit in visits}


def evening_of(visit: Visit) -> Evening:
    """The evening of one visit as it is in the database now, whatever was fetched before. Four queries."""
    fresh = (
        Visit.objects.select_related("venue", "room", "course")
        .prefetch_related("attendances__customer__company")
        .get(pk=visit.pk)
    )
    return evenings_of([fresh], fresh.venue, fresh.business_date)[fresh.pk]


class EveningReader:
    """What the lines say, handed out to the tables."""

    def __init__(self, lines: Mapping[int, list[Line]]) -> None:
        self.lines = lines
        self.tonight = [tonight_line(line) for line in lines[evening_lines.TONIGHT]]
        self.dishes: dict[int, Dish] = {
            line.item: Dish(pk=line.item, name=line.words)
            for line in (*lines[day_lines.SERVED], *lines[day_lines.COURSE])
        }
        for change in self.tonight:
            self._know(change.dish_id, change.dish_name)
            self._know(change.replacement_id, change.replacement_name)
        self.exceptions: dict[int, list[SeatRemark]] = {}
        for line in lines[evening_lines.EXCEPTION]:
            one = _exception(line)
            self._know(one.dish_id, one.dish_name)
            self._know(one.replacement_id, one.replacement_name)
            self.exceptions.setdefault(line.of, []).append(one)
        self.diets: dict[int, tuple[tuple[DietRule, str], ...]] = {}
        for line in lines[evening_lines.DIET]:
            self.diets[line.of] = (*self.diets.get(line.of, ()), (DietRule(line.words), line.extra))
        self.newer = {line.of: line.item for line in lines[evening_lines.RENEWED]}
        terms = lines[evening_lines.TERMS]
        self.advance_hours = terms[0].of if terms else EveningTerms().advance_hours
        self.same_dish_months = terms[0].item if terms else EveningTerms().same_dish_months

    def _know(self, pk: int | None, name: str) -> None:
        if pk is not None:
            self.dishes.setdefault(pk, Dish(pk=pk, name=name))

    def planned(self, visit: Visit) -> list[Dish]:
        """The dishes written down one by one, else those of the course; before tonight's changes."""
        served = [self.dishes[line.item] for line in self._of(day_lines.SERVED, visit.pk) if not line.more]
        if served or visit.course_id is None or visit.status == VisitStatus.COMPLETED:
            return served
        return [self.dishes[line.item] for line in self._of(day_lines.COURSE, visit.course_id)]

    def overlaid(self, visit: Visit) -> Overlaid:
        """The same with tonight's changes; what was served already stays as it was."""
        planned = [dish.pk for dish in self.planned(visit)]
        if visit.status == VisitStatus.COMPLETED:
            return Overlaid(tuple(planned), {})
        changes = [Change(one.dish_id, one.replacement_id, one.course_id) for one in self.tonight]
        return lay_over(planned, visit.course_id, changes)

    def of(self, visit: Visit, written: Sequence[Dish] | None = None) -> Evening:
        """One table's evening; what guests and dishes say of allergens is at hand.

        `written` are the dishes of a form that is being filled: they count instead of what is planned.
        """
        if written is None:
            overlaid = self.overlaid(visit)
            dishes = [self.dishes[pk] for pk in overlaid.dishes]
        else:
            overlaid, dishes = Overlaid(tuple(dish.pk for dish in written), {}), list(written)
        answers = {line.item: _answer(line) for line in self._of(evening_lines.ANSWER, visit.pk)}
        group = answers.get(0)
        counts = [_group_count(line) for line in self._of(evening_lines.GROUP, visit.pk)]
        if visit.is_sealed:
            # What was said of the group names people; who eats what stays.
            answers = {key: replace(one, text="", said_by="") for key, one in answers.items()}
            group, counts = answers.get(0), [replace(one, seats="") for one in counts]
        seats = [
            replace(
                seat,
                diets=tuple((rule, "" if visit.is_sealed else note) for rule, note in self.diets[seat.attendance.pk]),
            )
            if seat.attendance is not None and seat.attendance.pk in self.diets
            else seat
            for seat in seats_of(visit, group, counts, answers)
        ]
        exceptions = self.exceptions.get(visit.pk, [])
        gate = judge(
            [
                Seat(
                    ref=seat.ref,
                    allergies={allergen.code: severity for allergen, severity in seat.allergies},
                    people=seat.people,
                    is_asked=seat.is_asked,
                    is_checked=seat.is_checked,
                )
                for seat in seats
            ],
            [dish_facts(dish) for dish in dishes],
            [Decision(one.ref, one.dish_id, one.kind, one.replacement_id, one.covers) for one in exceptions],
            [dish_facts(self.dishes[one.replacement_id]) for one in exceptions if one.replacement_id is not None],
        )
        return Evening(
            visit=visit,
            seats=seats,
            dishes=dishes,
            overlaid=overlaid,
            gate=gate,
            exceptions=exceptions,
            group_answer=group,
            revision=_revision(self._of(evening_lines.REVISION, visit.pk)),
            ready=_revision(self._of(evening_lines.READY, visit.pk)),
            advance_hours=self.advance_hours,
            same_dish_months=self.same_dish_months,
            newer_course=self.newer.get(visit.course_id or 0) if visit.holds_its_room else None,
            all_dishes={**self.dishes, **{dish.pk: dish for dish in dishes}},
        )

    @cached_property
    def _by_owner(self) -> dict[tuple[int, int], list[Line]]:
        found: dict[tuple[int, int], list[Line]] = {}
        for kind, lines in self.lines.items():
            for line in lines:
                found.setdefault((kind, line.of), []).append(line)
        return found

    def _of(self, kind: int, pk: int) -> list[Line]:
        return self._by_owner.get((kind, pk), [])


def seats_of(
    visit: Visit, group: Answer | None, counts: Sequence[GroupCount], answers: Mapping[int, Answer]
) -> list[SeatLine]:
    """The seats of a visit (people fetched, allergies at hand): each person, each counted group, and whoever is left.

    他なし said for the group counts for everybody who was not asked alone.
    """
    all_answered = group is not None and group.others_none
    found = []
    seated = 0
    for row in visit.attendances.all():
        guest, answer = row.customer, answers.get(row.pk)
        seated += row.headcount
        is_written = not row.has_unwritten_change
        was_checked = row.seated_check != SeatedCheck.NOT_YET and is_written
        excused = is_written and (
            (row.role == AttendanceRole.GUEST_OF_HONOUR and group is not None and group.speaks_for_the_group)
            or (guest is None and all_answered)
        )
        allergies: tuple[tuple[Allergen, Severity], ...]
        if guest is not None:
            allergies = tuple((one.allergen, Severity(one.severity)) for one in guest.allergies.all())
            knows = guest.allergy_state != AllergyState.NOT_ASKED
        else:
            # Of several people counted together some eat it and some do not: those are lines of their own.
            told = [one for one in counts if one.attendance_id == row.pk] if row.headcount == 1 else []
            allergies = tuple((one.allergen, one.severity) for one in told)
            knows = answer is not None
        found.append(
            SeatLine(
                ref=f"a{row.pk}",
                label=str(row),
                people=row.headcount,
                attendance=row,
                allergies=allergies,
                is_asked=is_written and (knows or was_checked or all_answered),
                is_checked=was_checked or excused,
                is_excused=excused and not was_checked,
                has_unwritten_change=row.has_unwritten_change,
                answer=answer,
            )
        )
    left = visit.party_size - seated
    if left > 0:
        found.append(SeatLine(ref=REST, label=_("Others"), people=left, is_asked=all_answered, is_checked=all_answered))
    alone = {row.pk: str(row) for row in visit.attendances.all() if row.customer is None and row.headcount > 1}
    found += [
        SeatLine(
            ref=f"g{one.pk}",
            label=one.seats or alone.get(one.attendance_id) or _("Of the group"),
            people=one.count,
            group=one,
            allergies=((one.allergen, one.severity),),
        )
        for one in counts
        if not one.attendance_id or one.attendance_id in alone
    ]
    return found


def tonight_line(line: Line) -> TonightLine:
    """A change of tonight's menu from its line."""
    dish, replacement, course, made_by = packed(line)
    return TonightLine(
        pk=line.place,
        course_id=line.of or None,
        course_name=course,
        dish_id=line.item,
        dish_name=dish,
        replacement_id=line.more or None,
        replacement_name=replacement,
        reason=line.words,
        made_by=made_by,
    )


def _answer(line: Line) -> Answer:
    source, said_by, how, said_on, asked_by, version = packed(line)
    return Answer(
        pk=line.place,
        source=AnsweredBy(source),
        said_by=said_by,
        how=how,
        said_on=parse_date(said_on),
        asked_by=asked_by,
        text=line.words,
        others_none=bool(line.more),
        version=int(version),
    )


def _group_count(line: Line) -> GroupCount:
    severity, code, name_ja, name_en, position, seat = packed(line)
    return GroupCount(
        pk=line.place,
        allergen=Allergen(pk=line.item, code=code, name_ja=name_ja, name_en=name_en, position=int(position)),
        severity=Severity(severity),
        count=line.more,
        seats=line.words,
        attendance_id=int(seat or 0),
    )


def _exception(line: Line) -> SeatRemark:
    kind, attendance, group, dish, replacement, made_by, covers = packed(line)
    return SeatRemark(
        pk=line.place,
        ref=f"a{attendance}" if attendance else f"g{group}",
        dish_id=line.item,
        dish_name=dish,
        kind=ExceptionKind(kind),
        replacement_id=line.more or None,
        replacement_name=replacement,
        note=line.words,
        made_by=made_by,
        covers=frozenset(json.loads(covers)),
    )


def remark_of(row: SeatException) -> SeatRemark:
    """A decision as it stands in the database (dish, replacement and who made it fetched)."""
    return SeatRemark(
        pk=row.pk,
        ref=f"a{row.attendance_id}" if row.attendance_id else f"g{row.group_allergy_id}",
        dish_id=row.dish_id,
        dish_name=row.dish.name,
        kind=ExceptionKind(row.kind),
        replacement_id=row.replacement_id,
        replacement_name=row.replacement.name if row.replacement is not None else "",
        note=row.note,
        made_by=str(row.made_by),
        covers=frozenset(row.covers),
    )


def _revision(lines: Sequence[Line]) -> Revision | None:
    if not lines:
        return None
    reason, made_by, made_at = packed(lines[0])
    at = parse_datetime(made_at)
    return Revision(
        number=lines[0].item,
        digest=lines[0].words,
        override_reason=reason,
        made_by=made_by,
        made_at=at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at,
    )

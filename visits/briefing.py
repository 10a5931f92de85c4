"""本日の心得: what one has to know of an evening before the guests arrive, room by room.

Sealed evenings (お忍び) are absent for all but the named staff. What was said at a host's table is never part of it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, IntegerField, Value, Window, prefetch_related_objects
from django.db.models.functions import RowNumber
from django.utils import timezone, translation
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import build, record_many
from crm_project.core.rights import Right
from crm_project.core.ui.display_dates import format_date
from customers.celebrations import UpcomingDay, upcoming_days
from customers.choices import AttributeUse
from customers.models import AttributeValue, Customer, Gift
from customers.wording import answer_in_words
from visits.briefing_content import Difference, differences, digest
from visits.choices import DECIDES, SeatedCheck, SheetKind
from visits.day import Table, day_of
from visits.evening import Answer, ConflictLine, SeatLine, SeatRemark
from visits.models import Attendance, Note, Promise, SeatingPlan, SheetRevision, Visit
from visits.queries import open_promises, standing_notes
from visits.seating import Plan, plan_of
from visits.table_warnings import TableWarning

# An anniversary within so many days is worth a word at the table; one that was a few days ago too.
DAYS_AHEAD, DAYS_AGO = 21, 7

HEADINGS: dict[str, str | Lazy] = {
    "when": gettext_lazy("Time and room"),
    "party": gettext_lazy("Party"),
    "staff": gettext_lazy("Who attends"),
    "guests": gettext_lazy("Guests"),
    "seats": gettext_lazy("Seats (席次)"),
    "allergies": gettext_lazy("Allergies"),
    "answers": gettext_lazy("Confirmed"),
    "menu": gettext_lazy("Menu"),
    "avoid": gettext_lazy("To be avoided"),
    "asked": gettext_lazy("Asked in advance"),
    "care": gettext_lazy("To be minded"),
    "standing": gettext_lazy("Always"),
    "promises": gettext_lazy("Promises"),
}


@dataclass(kw_only=True)
class GuestBriefing:
    """A known guest at the table, and all that is to be minded."""

    row: Attendance
    conflicts: list[TableWarning] = field(default_factory=list)
    unchecked: list[TableWarning] = field(default_factory=list)
    same_dishes: list[TableWarning] = field(default_factory=list)
    # What the kitchen has decided for this seat.
    decisions: list[SeatRemark] = field(default_factory=list)
    advance: Answer | None = None
    cautions: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    diets: list[str] = field(default_factory=list)
    standing: list[Note] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    days: list[str] = field(default_factory=list)
    given: Gift | None = None
    received: Gift | None = None
    mourning_until: date | None = None

    @property
    def guest(self) -> Customer:
        """The guest."""
        assert self.row.customer is not None
        return self.row.customer

    @property
    def has_dishes_to_avoid(self) -> bool:
        """Whether anything of the menu is to be avoided, asked for or was decided."""
        return bool(self.conflicts or self.unchecked or self.same_dishes or self.decisions)


@dataclass(kw_only=True)
class RoomBriefing:
    """One table of the evening."""

    table: Table
    guests: list[GuestBriefing]
    plan: Plan | None
    content: dict[str, list[str]]
    revisions: list[SheetRevision] = field(default_factory=list)
    changes: list[Difference] = field(default_factory=list)

    @property
    def visit(self) -> Visit:
        """The visit."""
        return self.table.visit

    @property
    def others(self) -> list[Attendance]:
        """People at the table who have no card."""
        return [row for row in self.table.people if row.customer is None]

    @property
    def others_open(self) -> list[ConflictLine]:
        """What is still to be decided for whoever has no card, and for what comes instead of a dish."""
        return [line for line in self.table.evening.open_lines if line.seat.customer is None or line.instead_of]

    @property
    def asked(self) -> Any:
        """What the arranger answered; None when nobody asked."""
        return getattr(self.visit, "briefing", None)

    @property
    def digest(self) -> str:
        """The fingerprint of the sheet as it is now."""
        return digest(self.content)

    @property
    def printed(self) -> SheetRevision | None:
        """The version that was kept last."""
        return self.revisions[-1] if self.revisions else None

    @property
    def has_changed(self) -> bool:
        """Whether the paper somebody holds says something else, and nobody has confirmed that yet."""
        return self.printed is not None and self.printed.digest != self.digest

    @property
    def changed_lines(self) -> list[tuple[str | Lazy, Difference]]:
        """What changed, with the heading."""
        return [(HEADINGS.get(change.key, change.key), change) for change in self.changes]


def briefings_of(venue: Venue, day: date, user: User, visit_ids: Collection[int] | None = None) -> list[RoomBriefing]:
    """The tables of a day that one may know of, in the order of their times. A fixed number of queries."""
    tables = [
        table
        for table in day_of(venue, day, user).tables
        if not table.visit.is_sealed and (visit_ids is None or table.visit.pk in visit_ids)
    ]
    visits = [table.visit for table in tables]
    gather = _Gather(visits, venue, day, user)
    return [gather.briefing(table) for table in tables]


def note_reads(rooms: Iterable[RoomBriefing], user: User, action: Action = Action.VIEWED) -> None:
    """Every guest's file on the sheet was looked at, or taken along on paper. One statement."""
    record_many(build(by=user, action=action, subject=guest.guest) for room in rooms for guest in room.guests)


class _Gather:
    """What was read for all tables, handed out to each."""

    def __init__(self, visits: Sequence[Visit], venue: Venue, day: date, user: User) -> None:
        self.day, self.user, self.venue = day, user, venue
        self.sees_notes = user.has_right(Right.VIEW_NOTES, venue)
        pks = [visit.pk for visit in visits]
        guests = [row.customer for visit in visits for row in visit.attendances.all() if row.customer is not None]
        ids = [guest.pk for guest in guests]
        self._prefetch(visits, guests)
        self.standing = standing_notes(ids, user)
        self.promises = open_promises(ids, user)
        self.values: dict[int, list[AttributeValue]] = {}
        values = AttributeValue.objects.filter(customer__in=ids, attribute__is_active=True)
        for value in values.exclude(attribute__use=AttributeUse.CARD).select_related("attribute"):
            self.values.setdefault(value.customer_id, []).append(value)
        self.gifts = _last_gifts(ids, user)
        self.plans = {
            plan.visit_id: plan for plan in SeatingPlan.objects.filter(visit__in=pks).select_related("decided_by")
        }
        self.revisions: dict[int, list[SheetRevision]] = {}
        kept = SheetRevision.objects.filter(visit__in=pks, sheet=SheetKind.BRIEFING).select_related("made_by")
        for revision in kept.order_by("visit", "number"):
            self.revisions.setdefault(revision.visit_id, []).append(revision)
        self.of_house = _notes_of_the_house(ids, venue)

    def _prefetch(self, visits: Sequence[Visit], guests: Sequence[Customer]) -> None:
        if visits:
            prefetch_related_objects(list(visits), "briefing")
        if guests:
            prefetch_related_objects(list(guests), "special_days")

    def briefing(self, table: Table) -> RoomBriefing:
        """One table."""
        visit = table.visit
        room = RoomBriefing(
            table=table,
            guests=[self._guest(row, table) for row in table.people if row.customer is not None],
            plan=plan_of(visit, self.plans.get(visit.pk)),
            content={},
            revisions=self.revisions.get(visit.pk, []),
        )
        with translation.override(settings.LANGUAGE_CODE):
            room.content = self._content(room)
        if room.has_changed and room.printed is not None:
            room.changes = differences(room.printed.content, room.content, sees_notes=self.sees_notes)
        return room

    def _guest(self, row: Attendance, table: Table) -> GuestBriefing:
        guest = row.customer
        assert guest is not None
        values = self.values.get(guest.pk, [])
        seat = table.evening.seat(f"a{row.pk}")
        given, received = self.gifts.get(guest.pk, (None, None))
        mourning = guest.mourning_until if guest.mourning_until and guest.mourning_until >= self.day else None
        return GuestBriefing(
            row=row,
            conflicts=[warning for warning in table.conflicts if warning.customer.pk == guest.pk],
            unchecked=[warning for warning in table.unchecked if warning.customer.pk == guest.pk],
            same_dishes=[warning for warning in table.same_dishes if warning.customer.pk == guest.pk],
            decisions=_decisions(table, row),
            advance=seat.answer if seat is not None else None,
            cautions=[_known(value) for value in values if value.attribute.use == AttributeUse.CAUTION],
            items=[_known(value) for value in values if value.attribute.use == AttributeUse.BRIEFING],
            diets=[" ".join(filter(None, (str(rule.label), note))) for rule, note in (seat.diets if seat else ())],
            standing=self.standing.get(guest.pk, []),
            promises=self.promises.get(guest.pk, []),
            days=self._days(guest),
            given=given,
            received=received,
            mourning_until=mourning,
        )

    def _days(self, guest: Customer) -> list[str]:
        """Days that come, and those that were in the last week; contacts, so absent without that right."""
        if not self.user.has_right(Right.VIEW_CONTACTS):
            return []
        found = upcoming_days(guest, self.day - timedelta(days=DAYS_AGO), DAYS_AGO + DAYS_AHEAD)
        return [day_words(day) for day in found]

    def _content(self, room: RoomBriefing) -> dict[str, list[str]]:
        """The sheet as plain lines, the same whoever reads it."""
        visit, table = room.visit, room.table
        guests = [(one, _name(one.guest)) for one in room.guests]
        # Made anew: whoever has no name is called in the language of the moment, and a sheet is one in every language.
        plan = plan_of(visit, self.plans.get(visit.pk))
        standing, promises = self.of_house
        unwritten = table.evening.unwritten_changes
        found = {
            "when": [
                " ".join(
                    filter(
                        None,
                        (
                            timezone.localtime(visit.starts_at, self.venue.zone).strftime("%H:%M"),
                            visit.room.name if visit.room else "",
                        ),
                    )
                )
            ],
            "party": [f"{visit.party_size} {visit.get_purpose_display()}"],
            "staff": [*([str(visit.staff)] if visit.staff else []), *table.assistants, *filter(None, [table.recorder])],
            "guests": [
                *(f"{name} {one.row.get_role_display()}" for one, name in guests),
                *(f"{row.label} {row.headcount}" for row in room.others),
            ],
            "seats": _seats(plan),
            "allergies": [
                *(
                    f"{name} {allergy.allergen.name} {allergy.get_severity_display()}"
                    for one, name in guests
                    for allergy in one.guest.allergies.all()
                ),
                *(f"{one.allergen.name} {one.severity.label} {one.count}" for one in table.evening.group_counts),
                *(
                    f"{seat.label} {allergen.name} {severity.label}"
                    for seat in table.evening.seats
                    if seat.attendance is not None and seat.customer is None
                    for allergen, severity in seat.allergies
                ),
                *(f"{_seat_name(seat)} {_('changed at the table: write down what')}" for seat in unwritten),
            ],
            "answers": [
                *(f"{name} {one.guest.get_allergy_state_display()}" for one, name in guests),
                *(
                    f"{_row_name(row)} {row.get_seated_check_display()}"
                    for row in table.people
                    if row.seated_check != SeatedCheck.NOT_YET
                ),
                *(
                    f"{answer.source.label} {answer.text}".strip()
                    for answer in (table.evening.group_answer, *(one.advance for one in room.guests))
                    if answer is not None
                ),
            ],
            "menu": [*([visit.course.name] if visit.course else []), *(dish.name for dish in table.dishes)],
            "avoid": [
                *(
                    f"{_name(warning.customer)} {warning.dish.name} {warning.detail}"
                    for warning in (*table.conflicts, *table.unchecked)
                ),
                *(f"{name} {_decision(made)}" for one, name in guests for made in one.decisions),
                *(f"{_seat_name(line.seat)} {line.dish.name} {line.detail}" for line in room.others_open),
                *(
                    f"{one.label} {_decision(made)}"
                    for one in table.evening.seats
                    if one.customer is None
                    for made in table.evening.exceptions_of(one.ref)
                    if made.kind in DECIDES
                ),
            ],
            "asked": _asked(room.asked),
            "care": [f"{name} {words}" for one, name in guests for words in (*one.cautions, *one.items, *one.diets)],
            "standing": [f"{name} {text}" for one, name in guests for text in standing.get(one.guest.pk, [])],
            "promises": [f"{name} {text}" for one, name in guests for text in promises.get(one.guest.pk, [])],
        }
        return {key: lines for key, lines in found.items() if lines}


def _notes_of_the_house(ids: Sequence[int], venue: Venue) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """いつも and open promises of one venue, without confidential evenings: the same for every reader. One query."""
    found: tuple[dict[int, list[str]], dict[int, list[str]]] = ({}, {})
    confidential = Visit.objects.confidential().values("pk")
    notes = Note.objects.filter(customer__in=ids, visit__venue=venue).exclude(visit__in=confidential).standing()
    promises = Promise.objects.still_open().filter(customer__in=ids, venue=venue).exclude(visit__in=confidential)
    lines = [
        rows.order_by().values_list(Value(kind, IntegerField()), "customer_id", "pk", "text")
        for kind, rows in enumerate((notes, promises))
    ]
    for kind, customer_id, _pk, text in sorted(lines[0].union(lines[1], all=True), key=lambda line: (line[0], line[2])):
        found[kind].setdefault(customer_id or 0, []).append(text)
    return found


def _last_gifts(ids: Sequence[int], user: User) -> dict[int, tuple[Gift | None, Gift | None]]:
    """The last gift given and the last one received, by guest. One query."""
    place = Window(
        RowNumber(),
        partition_by=[F("customer_id"), F("direction")],
        order_by=[F("given_on").desc(), F("pk").desc()],
    )
    found: dict[int, dict[str, Gift]] = {}
    for gift in Gift.objects.visible_to(user).filter(customer__in=ids).annotate(place=place).filter(place=1):
        found.setdefault(gift.customer_id, {})[gift.direction] = gift
    return {pk: (gifts.get("given"), gifts.get("received")) for pk, gifts in found.items()}


def _decisions(table: Table, row: Attendance) -> list[SeatRemark]:
    """What was decided about dishes for a seat; how much was eaten is told afterwards."""
    return [one for one in table.evening.exceptions_of(f"a{row.pk}") if one.kind in DECIDES]


def _decision(made: SeatRemark) -> str:
    return " ".join(filter(None, (made.dish_name, str(made.kind.label), made.replacement_name, made.note)))


def _known(value: AttributeValue) -> str:
    words = answer_in_words(value.attribute, value.text)
    return f"{value.attribute.name}: {words}"


def _name(guest: Customer) -> str:
    return f"{guest.name} {guest.honorific}"


def _seat_name(seat: SeatLine) -> str:
    return _name(seat.customer) if seat.customer is not None else seat.label


def _row_name(row: Attendance) -> str:
    return _name(row.customer) if row.customer is not None else row.label


def _seats(plan: Plan | None) -> list[str]:
    if plan is None:
        return []
    state = _("confirmed (確定)") if plan.is_confirmed else _("proposal (案)")
    rows = [[one.name if one else "—" for one in row] for row in (plan.upper, plan.lower) if row]
    return [state, *("・".join(row) for row in rows)]


def _asked(asked: Any) -> list[str]:
    """What the arranger said that the room has to know: no money."""
    if asked is None:
        return []
    fields = ("guests_of_honour", "allergies_hosts", "allergies_guests", "gifts", "cars", "board_name", "wishes")
    told = [str(getattr(asked, name)) for name in fields if getattr(asked, name)]
    if asked.closing_time:
        told.append(f"{asked.closing_time:%H:%M}")
    if asked.no_board:
        told.append(_("No name on the board"))
    return told


def day_words(found: UpcomingDay) -> str:
    """A special day in words: 11月28日（土） 誕生日 喜寿."""
    named = str(found.celebration.name) if found.celebration else ""
    if found.memorial:
        named = _("(memorial year %(years)s)") % {"years": found.memorial}
    elif not named and found.years is not None:
        named = _("(%(years)s)") % {"years": found.years}
    return " ".join(filter(None, (format_date(found.day, "short"), str(found.label), named, found.note)))

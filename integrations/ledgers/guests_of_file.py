"""Whose row it is: the guests of a file of visits or inquiries by the rules of the ledger of guests, each planned once.

A guest stands in as many rows as there were visits. The first row of a guest speaks for the card; what later rows of the same
guest add (a number, a blank that is filled) is added, and where they say something else the card keeps the first word.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

from django.utils.translation import gettext as _

from crm_project.core.text import compare_key
from customers.models import Customer
from integrations.choices import RowOutcome
from integrations.ledgers import many_values  # noqa: F401 - registers the lookup any_of
from integrations.ledgers.decided_before import DecidedBefore
from integrations.ledgers.entries import ERROR, WARNING, WRITTEN_FREELY, EntryReader, LedgerEntry
from integrations.ledgers.fields import FIELD_LABELS
from integrations.ledgers.match_rules import USUAL, Rule
from integrations.ledgers.planning import PlannedRow, Planner
from integrations.ledgers.rows_of_file import RowsOfFile
from integrations.ledgers.vocabulary import AllergyAnswer, Vocabulary
from integrations.ledgers.writing import BatchWriter


class RowOfGuest(Protocol):
    """A row that is about a guest, among other things."""

    guest: LedgerEntry

    @property
    def number(self) -> int:
        """The row as a spreadsheet shows it."""

    @property
    def is_error(self) -> bool:
        """Whether the row is set aside."""


@dataclass(slots=True)
class GuestOfRow:
    """The guest of one row: known by id, or made by the plan of its first row (`plan`)."""

    plan: PlannedRow | None = None
    pk: int | None = None
    # The rows of the file in which the guest first stands; unique, also before there is an id.
    first_row: int = 0
    # Whether this row itself makes or changes the card.
    outcome: RowOutcome = RowOutcome.UNCHANGED
    changes: dict[str, Any] = field(default_factory=dict)
    problem: str = ""
    problem_guests: str = ""
    # Whether a person is asked who it is, and whom it may be.
    waits: bool = False
    candidates: Sequence[Mapping[str, Any]] = ()

    @property
    def key(self) -> tuple[str, int]:
        """The same for two rows of one guest."""
        return ("id", self.pk) if self.pk is not None else ("row", self.first_row)


class WrittenRow(NamedTuple):
    """What an earlier worker has written of a row."""

    number: int
    outcome: str
    guest: int | None
    changes: Mapping[str, Any]
    same_as: int | None
    candidates: Sequence[Mapping[str, Any]] | None
    messages: Sequence[Mapping[str, str]]


class Answer(NamedTuple):
    """What a person said of rows that wait: this guest, or somebody new (None); whether the guest takes their code."""

    guest: int | None
    takes_code: bool


class GuestsOfFile:
    """Finds the guest of each row, batch by batch. A row that names nobody has no guest.

    `decided`: whom people said rows of the ledger's former copies are about. With `answer` all rows are about one guest.
    """

    def __init__(
        self,
        *,
        reader: EntryReader,
        vocabulary: Vocabulary,
        last_guest_id: int,
        rule: Rule = USUAL,
        decided: DecidedBefore | None = None,
        answer: Answer | None = None,
    ) -> None:
        self._reader, self._decided, self._answer = reader, decided, answer
        self.planner = Planner(fields=reader.fields, vocabulary=vocabulary, last_guest_id=last_guest_id, rule=rule)
        self._rows = RowsOfFile()
        self._only_row = 0
        # First row of a guest in the file -> the guest's id, once written; 0 of a row that was set aside.
        self._ids: dict[int, int] = {}
        self._waiting: dict[int, int] = {}
        # First row of a guest who is not known yet -> why; the second ones are of the batch that is planned.
        self._aside: dict[int, GuestOfRow] = {}
        self._new_aside: dict[int, GuestOfRow] = {}

    def plan(self, rows: Sequence[RowOfGuest], *, lock: bool = False) -> tuple[list[GuestOfRow], list[PlannedRow]]:
        """The guest of each row, and what is to be written of guests. Rows that are set aside have an empty answer."""
        first: dict[int, LedgerEntry] = {}
        further: dict[int, LedgerEntry] = {}
        found: list[tuple[RowOfGuest, int]] = []
        for row in rows:
            if row.is_error or not row.guest.name:
                found.append((row, 0))
                continue
            number = self._first_row(row.guest)
            if number == row.number:
                first[number] = row.guest
            elif number in first:
                _join(first[number], row.guest)
            elif number in further:
                _join(further[number], row.guest)
            else:
                further[number] = row.guest
            found.append((row, number))
        plans = self._plans(list(first.values()), lock=lock)
        by_row = {plan.entry.number: plan for plan in plans}
        for plan in plans:
            self._one_guest(plan)
        known = [(entry, pk) for number, entry in further.items() if (pk := self._ids.get(number, 0)) > 0]
        additions = {plan.entry.number: plan for plan in self.planner.add_to(known, lock=lock)} if known else {}
        answers = [self._guest_of(row, number, by_row, additions) for row, number in found]
        self._new_aside = {answer.first_row: answer for answer in answers if answer.waits}
        written = [plan for plan in plans if plan.outcome is not RowOutcome.ERROR]
        return answers, [*written, *(plan for plan in additions.values() if plan.outcome is RowOutcome.UPDATED)]

    def _plans(self, entries: Sequence[LedgerEntry], *, lock: bool) -> list[PlannedRow]:
        if self._answer is not None:
            guest, takes_code = self._answer
            return [self.planner.decided(entry, guest, takes_code=takes_code) for entry in entries]
        plans = self.planner.plan(entries, lock=lock)
        if self._decided is None or not any(plan.waits for plan in plans):
            return plans
        spoken_for = {plan.guest.id for plan in plans if plan.guest}
        return [self._as_decided(plan, spoken_for) if plan.waits else plan for plan in plans]

    def _as_decided(self, plan: PlannedRow, spoken_for: set[int]) -> PlannedRow:
        """A row that waits, but a person has said of the same words in a former copy of the ledger who it is."""
        assert self._decided is not None
        entry = plan.entry
        guest = self._decided.guest_of(self._reader.written(entry))
        if guest is None:
            return plan
        messages, entry.messages = entry.messages, [one for one in entry.messages if one["level"] != ERROR]
        found = self.planner.decided(entry, guest, takes_code=False)
        if found.guest is None:
            entry.messages = messages
            return plan
        if guest in spoken_for:  # another row of the batch speaks for the card
            return PlannedRow(entry, RowOutcome.UNCHANGED, guest=found.guest)
        spoken_for.add(guest)
        return found

    def _first_row(self, entry: LedgerEntry) -> int:
        if self._answer is not None:
            self._only_row = self._only_row or entry.number
            return self._only_row
        seen = self._rows.earlier(entry)
        if seen is not None:
            return seen.number
        self._rows.add(entry)
        return entry.number

    @staticmethod
    def _one_guest(plan: PlannedRow) -> None:
        """Two spellings in a file of visits may be one guest of the house: the ledger of guests would set the second aside."""
        if plan.outcome is RowOutcome.ERROR and plan.guest is not None:
            plan.entry.messages = [one for one in plan.entry.messages if one["level"] != ERROR]
            plan.outcome = RowOutcome.UNCHANGED
            plan.changes.clear()

    def _guest_of(
        self, row: RowOfGuest, number: int, by_row: Mapping[int, PlannedRow], additions: Mapping[int, PlannedRow]
    ) -> GuestOfRow:
        if not number:
            return GuestOfRow()
        if number in by_row:
            plan = by_row[number]
            own = plan.entry.number == row.number
            guest = GuestOfRow(plan=plan, pk=plan.guest.id if plan.guest else None, first_row=number)
            if plan.outcome is RowOutcome.ERROR:
                worst = next((one for one in plan.entry.messages if one["level"] == ERROR), {})
                guest.problem, guest.problem_guests = worst.get("message", ""), worst.get("guests", "")
                guest.waits, guest.candidates = plan.waits, [one.as_json() for one in plan.candidates]
            elif own:
                guest.outcome, guest.changes = plan.outcome, plan.changes
            return guest
        pk = self._ids.get(number, 0)
        if not pk and (waiting := self.waiting(number)) is not None:
            return waiting
        if not pk:
            return GuestOfRow(problem=_("row %(row)s is about the same guest and was set aside") % {"row": number})
        guest = GuestOfRow(pk=pk, first_row=number)
        addition = additions.get(row.number)
        if addition is not None:
            guest.outcome, guest.changes = addition.outcome, addition.changes
        return guest

    def waiting(self, first_row: int) -> GuestOfRow | None:
        """The guest who first stands in that row, while a person is asked who it is."""
        found = self._aside.get(first_row)
        return replace(found) if found is not None else None

    def learn(self, first_row: int, pk: int) -> None:
        """The guest that stands first in that row has this id; counts once the batch is settled."""
        self._waiting[first_row] = pk

    def settle(self) -> None:
        """The batch is written."""
        self._rows.settle()
        self.planner.rows_of_file.settle()
        self._ids.update(self._waiting)
        self._waiting.clear()
        self._aside.update(self._new_aside)
        self._new_aside = {}

    def take_back(self) -> None:
        """Forget a batch that was not written."""
        self._rows.take_back()
        self.planner.rows_of_file.take_back()
        self._waiting.clear()
        self._new_aside = {}

    def remember(self, rows: Iterable[RowOfGuest], written: Iterable[WrittenRow]) -> None:
        """Take note of rows that an earlier worker has written."""
        known = {one.number: one for one in written}
        for row in rows:
            if row.is_error or not row.guest.name:
                continue
            number = self._first_row(row.guest)
            one = known.get(row.number)
            if number != row.number or one is None:
                continue
            self._ids[number] = one.guest or 0
            if one.same_as is not None:
                worst = next((message for message in one.messages if message["level"] == ERROR), {})
                self._aside[number] = GuestOfRow(
                    first_row=number,
                    problem=worst.get("message", ""),
                    problem_guests=worst.get("guests", ""),
                    waits=True,
                    candidates=one.candidates or (),
                )
        self._rows.settle()


class GuestWriter(BatchWriter):
    """Writes the guests of a batch as the ledger of guests does; the rows of the import are written with their visits."""

    def ids_of(self, plans: Sequence[PlannedRow]) -> dict[int, int]:
        """Write the cards; first row of a guest in the file -> the guest's id."""
        guests = self.write_cards(plans)
        return {plan.entry.number: pk for plan, pk in zip(plans, guests, strict=True) if pk is not None}


def say_who_is_not_known(entry: LedgerEntry, guest: GuestOfRow) -> None:
    """Set a row aside whose guest is not known: say why, and who it may be."""
    if guest.problem and not entry.is_error:
        entry.say(ERROR, "name", guest.problem)
        if guest.problem_guests:
            entry.messages[-1]["guests"] = guest.problem_guests


def _join(first: LedgerEntry, later: LedgerEntry) -> None:
    """What a later row of the batch adds to the first row of its guest; what it says otherwise is named and not taken."""
    for name, value in later.values.items():
        held = first.values.get(name)
        if held is None or held == "":
            first.values[name] = value
        elif not _same(name, held, value):
            _said_otherwise(later, name, first.number)
    known = {phone.digits for phone in first.phones}
    first.phones += tuple(phone for phone in later.phones if phone.digits not in known)
    if later.allergies is not None:
        first.allergies = together(first.allergies, later.allergies)
    for name, said in (later.extras or {}).items():
        first.extras = {name: said, **(first.extras or {})}
    for name, words in later.unread.items():
        first.unread.setdefault(name, words)


def name_by_code(entries: Sequence[LedgerEntry]) -> None:
    """A guest whom the house (or another row) knows by the code needs no name in the row; one whom nobody knows is an error."""
    nameless = [entry for entry in entries if entry.code and not entry.name]
    if not nameless:
        return
    guests = Customer.objects.filter(code__any_of={entry.code for entry in nameless})
    names = {
        code: into_name or name for code, name, into_name in guests.values_list("code", "name", "merged_into__name")
    }
    named_here = {entry.code: entry.name for entry in entries if entry.code and entry.name}
    for entry in nameless:
        entry.name = names.get(entry.code) or named_here.get(entry.code, "")
        entry.messages = [one for one in entry.messages if one["field"] != "name"]
        if not entry.name:
            sentence = _("no guest has the code “%(code)s”, and the row gives no name") % {"code": entry.code}
            entry.say(ERROR, "code", sentence)


def together(one: AllergyAnswer | None, other: AllergyAnswer) -> AllergyAnswer:
    """Both answers; something that was named stands before "none"."""
    if one is None:
        return other
    return AllergyAnswer(
        tuple(dict.fromkeys([*one.allergen_ids, *other.allergen_ids])),
        tuple(dict.fromkeys([*one.others, *other.others])),
    )


def _same(name: str, one: Any, other: Any) -> bool:
    return bool(one == other or (name in WRITTEN_FREELY and compare_key(one) == compare_key(other)))


def _said_otherwise(entry: LedgerEntry, name: str, row: int) -> None:
    if any(one["field"] == name for one in entry.messages):  # the batch may be planned twice
        return
    sentence = _("%(field)s: row %(row)s of the same guest says something else, and stands on the card") % {
        "field": FIELD_LABELS.get(name, name),
        "row": row,
    }
    entry.say(WARNING, name, sentence)

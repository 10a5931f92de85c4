"""A typed row in the words of the house, and what it does once somebody has said whom it is about.

It is read and written by the ledger's own reader, planner and writer. A notebook is older than the card: what the card says
stays, blanks are filled, numbers and allergies are added, and a note stands behind the card's note.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import User
from crm_project.core.dates import DateError, business_date
from crm_project.core.text import compare_key, tidy
from customers.duplicates import LikelyGuest, likely_guests
from customers.models import Customer
from integrations.choices import RowOutcome
from integrations.ledgers.entries import ERROR, WARNING, EntryReader, LedgerEntry
from integrations.ledgers.fields import FIELD_LABELS
from integrations.ledgers.guests_of_file import GuestOfRow, GuestsOfFile, RowOfGuest
from integrations.ledgers.known_guests import last_guest_id
from integrations.ledgers.planning import PlannedRow, Planner
from integrations.ledgers.vocabulary import Vocabulary
from integrations.models import Notebook
from integrations.notebooks.columns import HEADINGS, cells_of, the_map
from integrations.visit_ledgers.importing import VISIT_LEDGERS
from integrations.visit_ledgers.reading import EARLIEST, VisitReader, VisitRow, day_in

CANDIDATES: Final = 5
# What stands on the card and is said otherwise in the row is told; these are added to instead.
ADDED_TO: Final = ("note", "phone", "allergies", "unread")


@dataclass(frozen=True)
class Look:
    """A row as it is typed: what it says, the day of its visit, what is wrong with it by field, and whom it may be about."""

    entry: LedgerEntry
    shown: dict[str, Any]
    day: datetime.date | None
    wrong: dict[str, str]
    candidates: list[LikelyGuest] = field(default_factory=list)

    @property
    def remarks(self) -> list[tuple[str, str]]:
        """(level, sentence) of what is not refused."""
        return [(one["level"], one["message"]) for one in self.entry.messages if one["level"] != ERROR]


def look_at(typed: Mapping[str, str], *, notebook: Notebook, user: User) -> Look:
    """Read a row without writing anything, and look for its guest among those the person may open."""
    reader = EntryReader(the_map().resolve(list(HEADINGS.values())), Vocabulary())
    [entry] = reader.read([(1, cells_of(typed, notebook.venue.code))])
    wrong = {one["field"] or "name": one["message"] for one in entry.messages if one["level"] == ERROR}
    day = None
    try:
        day = day_of_visit(typed, notebook)
    except DateError as error:
        wrong["date"] = str(error)
    found = []
    if entry.name:
        found = likely_guests(
            user,
            name=entry.name,
            kana=entry.values.get("kana", ""),
            phones=[phone.digits for phone in entry.phones],
            company_name=entry.values.get("company", ""),
            limit=CANDIDATES,
        )
    return Look(entry, reader.shown(entry), day, wrong, found)


def day_of_visit(typed: Mapping[str, str], notebook: Notebook) -> datetime.date | None:
    """The day a row speaks of; None without one. Raises DateError for what is no day that is past."""
    written = tidy(typed.get("date", ""))
    if not written:
        return None
    day = day_in(written, tidy(typed.get("year", "")))
    if day is None:
        return None
    venue = notebook.venue
    if day > business_date(timezone.now(), venue.closing_hour, venue.zone):
        raise DateError(_("That day lies ahead: a notebook tells of visits. Enter a booking on the page of bookings."))
    if day < EARLIEST:
        raise DateError(_("“%(value)s” is no day of a visit: it is before 1900") % {"value": written})
    return day


def read_row(typed: Mapping[str, str], *, number: int, notebook: Notebook) -> tuple[VisitRow, VisitReader]:
    """The row as the writer takes it, with the visit when it names a day."""
    column_map = the_map()
    reader = VISIT_LEDGERS.reader(column_map, column_map.resolve(list(HEADINGS.values())))
    cells = cells_of(typed, notebook.venue.code)
    if tidy(typed.get("date", "")):
        return reader.read([(number, cells)])[0], reader
    return VisitRow(reader.guests.read([(number, cells)])[0]), reader


class DecidedGuest(GuestsOfFile):
    """The guest of a row of whom somebody has said who it is: `guest_id`, or None for somebody new."""

    def __init__(self, *, reader: EntryReader, vocabulary: Vocabulary, guest_id: int | None) -> None:
        super().__init__(reader=reader, vocabulary=vocabulary, last_guest_id=0)
        self.planner = Planner(fields=reader.fields, vocabulary=vocabulary, last_guest_id=last_guest_id())
        self._guest_id = guest_id

    def plan(self, rows: Sequence[RowOfGuest], *, lock: bool = False) -> tuple[list[GuestOfRow], list[PlannedRow]]:
        """The one row. Who is not there any more is a problem of the row."""
        [row] = rows
        plan = self.planner.decided(row.guest, self._guest_id, takes_code=False)
        if self._guest_id is None:
            new = GuestOfRow(plan=plan, first_row=row.number, outcome=RowOutcome.CREATED)
            return [new], [plan]
        if plan.guest is None:
            return [GuestOfRow(problem=_("This guest is not there any more."))], []
        keep_the_card(plan)
        known = GuestOfRow(pk=plan.guest.id, first_row=row.number, outcome=plan.outcome, changes=plan.changes)
        return [known], [plan] if plan.outcome is RowOutcome.UPDATED else []


def keep_the_card(plan: PlannedRow) -> None:
    """Take from a row what the card does not say yet, and name what it says otherwise."""
    guest = plan.guest
    assert guest is not None
    told = {name: change for name, change in plan.changes.items() if name in ("note", "unread")}
    kept = {name: plan.attributes[name] for name in told}
    for name, (before, after) in plan.changes.items():
        if before and name not in ADDED_TO:
            sentence = _("%(field)s: the card says “%(card)s”, and it stays; the notebook says “%(notebook)s”") % {
                "field": FIELD_LABELS.get(name, name),
                "card": before,
                "notebook": after,
            }
            plan.entry.say(WARNING, name, sentence)
    plan.only_add()
    plan.attributes |= kept
    plan.changes |= told
    if "note" in told and guest.note:
        typed = plan.attributes["note"]
        if compare_key(typed) in compare_key(guest.note):
            del plan.attributes["note"], plan.changes["note"]
        else:
            plan.attributes["note"] = f"{guest.note}\n{typed}"
            plan.changes["note"] = [guest.note, plan.attributes["note"]]
    plan.outcome = RowOutcome.UPDATED if plan.changes else RowOutcome.UNCHANGED


def guests_by_id(ids: Iterable[int], user: User) -> dict[int, Customer]:
    """Those of the guests whom the person may open."""
    return {guest.pk: guest for guest in Customer.objects.visible_to(user).filter(pk__in=set(ids))}

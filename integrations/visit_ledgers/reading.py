"""One row of a ledger of visits in the words of the house: a guest, and the visits the row tells of."""

import datetime
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from crm_project.core import text
from crm_project.core.accounts.models import Venue
from crm_project.core.column_map import ColumnMap, MapError, Resolver
from crm_project.core.dates import DateError, DaysOfColumn, business_date, parse_date, parse_month_day, read_date
from crm_project.core.money import AmountError
from crm_project.core.spoken_amounts import read_amount
from crm_project.core.tables import Cell, Row
from customers import normalising
from integrations.ledgers import many_values  # noqa: F401 - registers the lookup any_of
from integrations.ledgers.amounts import names_a_sum
from integrations.ledgers.entries import NOTE, EntryReader, LedgerEntry
from integrations.ledgers.guests_of_file import name_by_code, together
from integrations.ledgers.own_values import OwnColumns, Sentences, placed
from integrations.ledgers.vocabulary import NONE_WORDS, Vocabulary
from integrations.visit_ledgers.fields import NOTES, VISIT_LABELS, VISITS, lines_of_the_sheet
from integrations.visit_ledgers.words import DINNER_AT, LUNCH_AT, HouseWords, meal_at, purpose_of, status_of
from visits.choices import NoteInput, VisitStatus
from visits.spoken_party import NotAParty, read_party
from visits.spoken_time import LATEST_END, NoSuchTime, moment_of, read_time

DISH_LENGTH: Final = 120
LABEL_LENGTH: Final = 40
OUTSIDE_ID_LENGTH: Final = 80
OUTSIDE_SYSTEM_LENGTH: Final = 40
# A ledger's own numbers, where the map names no system.
THIS_LEDGER: Final = "ledger"
_BETWEEN_DISHES: Final = re.compile(r"[、，,;；/／\n]+|・(?=.{2})")
_BETWEEN_PEOPLE: Final = re.compile(r"[、，,;；/／・\n]+")
# Behind a day, the first of the two of 18:30-21:00; not the distance from UTC of +09:00.
_TIME_BEHIND: Final = re.compile(
    r"(?<=.)(?<![\d:+-])(?P<part>午前|午後|朝|昼|夕方?|夜|晩|[ap]m)?\s*"
    r"(?<![\d:+-])(?P<time>\d{1,2}(?::\d{2}|時(?:半|\d{1,2}分)?))(?::\d{2}(?:\.\d+)?)?\s*(?P<behind>[ap]m)?",
    re.IGNORECASE,
)
_SERIAL_MOMENT: Final = re.compile(r"\d{5}\.\d+", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})")
# Earliest day of a visit: older ones are slips of the pen, or birthdays.
EARLIEST: Final = datetime.date(1900, 1, 1)
YEARS_AHEAD: Final = 10
LARGEST_AMOUNT: Final = Decimal(10) ** 12


@dataclass(slots=True)
class VisitEntry:
    """What a row says of one visit; what it does not speak of is None or empty."""

    venue: Venue
    day: datetime.date
    starts_at: datetime.datetime
    # Of a group: at which place of the row it stands; 0 for a row of its own.
    place: int = 0
    time_known: bool = False
    meal_known: bool = False
    ends_at: datetime.datetime | None = None
    room_id: int | None = None
    people: int | None = None
    companions: tuple[str, ...] = ()
    purpose: str = ""
    status: str = ""
    cancel_words: str = ""
    course_id: int | None = None
    dishes: tuple[str, ...] = ()
    amount: Decimal | None = None
    staff_id: int | None = None
    source_id: int | None = None
    outside_system: str = ""
    outside_id: str = ""
    # Line of the check sheet -> words.
    notes: dict[int, str] = field(default_factory=dict)
    # Field -> words that no field could take; kept in the line for words of the ledger.
    remains: dict[str, str] = field(default_factory=dict)

    @property
    def said(self) -> int:
        """The same number for two visits of which the same is said."""
        told = (
            self.starts_at, self.time_known, self.ends_at, self.room_id, self.people, self.companions, self.purpose, self.status,
            self.course_id, self.dishes, self.amount, self.staff_id, self.source_id, tuple(sorted(self.notes.items())),
            tuple(sorted(self.remains.items())),
        )  # fmt: skip
        return hash(told)


@dataclass(slots=True)
class VisitRow:
    """A row: the guest's part as the ledger of guests reads it (with the sentences about all cells), and its visits."""

    guest: LedgerEntry
    visits: list[VisitEntry] = field(default_factory=list)

    @property
    def number(self) -> int:
        """The row as a spreadsheet shows it."""
        return self.guest.number

    @property
    def is_error(self) -> bool:
        """Whether the row is set aside."""
        return self.guest.is_error


Getter = Callable[[Sequence[Cell]], Cell]


class VisitReader:
    """Reads the rows of one file."""

    def __init__(
        self,
        resolver: Resolver,
        column_map: ColumnMap,
        vocabulary: Vocabulary,
        words: HouseWords,
        *,
        headings: Sequence[str] = (),
        first_column: int = 0,
        now: datetime.datetime | None = None,
    ) -> None:
        self.guests = EntryReader(resolver, vocabulary, headings=headings, first_column=first_column)
        self.words = words
        self.vocabulary = vocabulary
        self._now = now or timezone.now()
        self._categories = lines_of_the_sheet(column_map)
        places: Sequence[tuple[int, Resolver]] = [(0, resolver)]
        if VISITS in column_map.groups:
            places = list(enumerate(resolver.groups[VISITS], start=1))
        self._places = [(place, self._getters(resolver, one)) for place, one in places]
        own = (*VISIT_LABELS, *self._categories)
        self._columns = OwnColumns(
            self.guests, [(place, one if place else resolver, own) for place, one in places], headings, first_column
        )
        self._has_name = "name" in self.guests.fields
        dates = {one.indexes["date"] for _place, one in (*places, (0, resolver)) if "date" in one.indexes}
        self._days = {at[0]: DaysOfColumn() for at in dates if len(at) == 1}
        self._fixed_venue = words.only_venue
        if not any("venue" in getters for _place, getters in self._places) and self._fixed_venue is None:
            raise MapError(
                _(
                    "the house has several venues: name the venue in the map, as a column or as a constant; they are: %(names)s"
                )
                if words.venues
                else _("the house has no venue yet: enter it under Settings first"),
                {"names": ", ".join(f"{venue.name} ({venue.code})" for venue in words.venues.values())},
            )

    def _getters(self, whole: Resolver, one: Resolver) -> dict[str, Getter]:
        """The visit's own fields at one place of the row; what stands once for all counts for each of them."""
        names = (*VISIT_LABELS, *self._categories)
        found = {name: getter for name in names if (getter := whole.getter(name))}
        return found | {name: getter for name in names if (getter := one.getter(name))}

    def read(self, rows: Sequence[Row]) -> list[VisitRow]:
        """The rows of a batch."""
        self._columns.fill(rows)
        told = self._days_told(rows)
        entries = self.guests.read(rows)
        name_by_code(entries)
        found = []
        for entry in entries:
            self._columns.tell_filled(entry)
            row = VisitRow(entry)
            for sentence in told.get(entry.number, ()):
                entry.say(NOTE, "date", sentence)
            for place, getters in self._places:
                visit = self._visit(entry, place, getters)
                if visit is not None:
                    row.visits.append(visit)
            found.append(row)
        return found

    def _days_told(self, rows: Sequence[Row]) -> dict[int, list[str]]:
        """Put days that may be read in two ways (10/3/2026) as their columns have them, also into the rows; what to say of it."""
        told: dict[int, list[str]] = {}
        for at, days in self._days.items():
            days.learn(cells[at] for _number, cells in rows if at < len(cells))
            for number, cells in rows:
                if at < len(cells) and (day := days.told(cells[at])):
                    told.setdefault(number, []).append(
                        _("“%(value)s” was read as %(day)s, in the order of its column")
                        % {"value": text.cell_text(cells[at]), "day": day}
                    )
                    cells[at] = day
        return told

    def written(self, entry: LedgerEntry) -> dict[str, str]:
        """The filled cells of the mapped columns as they stand in the file."""
        written = self.guests.written(entry)
        for place, getters in self._places:
            for name, getter in getters.items():
                if cell := text.cell_text(getter(entry.cells)).strip():
                    written[placed(name, place)] = cell
        return written

    def _visit(self, entry: LedgerEntry, place: int, getters: Mapping[str, Getter]) -> VisitEntry | None:
        cells = {name: getter(entry.cells) for name, getter in getters.items()}
        written = {
            name: text.tidy(text.cell_text(cell), lines=name.startswith(NOTES) or name == "visit_note")
            for name, cell in cells.items()
        }
        prefix = _("visit %(place)s: ") % {"place": place} if place else ""
        said = Sentences(entry, self._columns, written, place, prefix)
        if place and not any(
            written[name] for name in written if name not in ("year", "venue", "outside_system", "source")
        ):
            return None
        venue = self._venue(written.get("venue", ""), said)
        if venue is not None and "date" in cells:
            cells["date"] = _on_the_wall(cells["date"], venue.zone)
        day = self._day(cells.get("date", ""), written, said)
        if day is None or venue is None:
            return None
        visit = VisitEntry(venue=venue, day=day, starts_at=self._now, place=place)
        self._times(visit, cells, written, said)
        self._seat(visit, written, said)
        self._menu(visit, written, said)
        self._sheet(visit, written)
        self._rest(visit, cells, written, said)
        self._columns.compare(
            entry.number, self._kept(visit, day, cells, written), place, lists=("dishes", "companions")
        )
        return visit

    def _kept(
        self, visit: VisitEntry, day: datetime.date, cells: Mapping[str, Cell], written: Mapping[str, str]
    ) -> dict[str, tuple[Cell, str]]:
        """What is kept of the cells that are not looked up among the words of the house; unread ones are told apart."""
        clock = _clock(visit.starts_at, visit.venue) if visit.time_known or visit.meal_known else ""
        course = self.words.course_names.get(visit.course_id or 0, "") if not written.get("course") else ""
        kept: dict[str, str] = {
            "date": f"{day.isoformat()} {clock}".strip() if not written.get("time") else day.isoformat(),
            "time": clock,
            "until": _clock(visit.ends_at, visit.venue) if visit.ends_at else "",
            "people": str(visit.people or ""),
            "companions": "、".join(visit.companions),
            "dishes": "、".join(filter(None, (course, *visit.dishes))),
            "amount": format(visit.amount.normalize(), "f") if visit.amount is not None else "",
            "outside_id": visit.outside_id,
            "visit_note": written.get("visit_note", ""),
            **{name: visit.notes.get(category, "") for name, category in self._categories.items()},
        }
        found = {name: (cell, kept[name]) for name, cell in cells.items() if name in kept}
        for name in ("date", "time", "until"):
            if name in found and _is_clock(found[name][0]):
                del found[name]
        return {name: pair for name, pair in found.items() if name == "visit_note" or name not in visit.remains} | {
            name: (cell, "") for name, cell in cells.items() if name not in kept and not written[name]
        }

    # --- when and where ---

    def _day(self, cell: Cell, written: Mapping[str, str], said: Sentences) -> datetime.date | None:
        if not written.get("date"):
            said.error("date", _("the day of the visit is blank"))
            return None
        try:
            day = day_in(cell, written.get("year", ""))
        except DateError as error:
            said.error("date", str(error))
            return None
        if day is None:
            said.error("date", _("the day of the visit is blank"))
        elif not EARLIEST <= day <= self._now.date().replace(day=1) + datetime.timedelta(days=366 * YEARS_AHEAD):
            said.error(
                "date",
                _("“%(value)s” is no day of a visit: more than ten years ahead, or before 1900")
                % {"value": written["date"]},
            )
            return None
        return day

    def _venue(self, word: str, said: Sentences) -> Venue | None:
        if not word and self._fixed_venue is not None:
            return self._fixed_venue
        venue = self.words.venue(word)
        if venue is None:
            said.error("venue", _("the house has no venue “%(name)s”") % {"name": word})
        return venue

    def _times(self, visit: VisitEntry, cells: Mapping[str, Cell], written: Mapping[str, str], said: Sentences) -> None:
        minutes = self._minutes(cells.get("time", ""), written.get("time", ""), "time", visit, said)
        if minutes is None and not written.get("time"):
            minutes = _time_of_moment(cells.get("date", ""))
            visit.time_known = minutes is not None
            if minutes is None and (minutes := _meal_of_moment(written.get("date", ""))) is not None:
                visit.meal_known = True
        if minutes is None:
            minutes = DINNER_AT
        closing, zone = visit.venue.closing_hour, visit.venue.zone
        try:
            visit.starts_at = moment_of(visit.day, minutes, closing_hour=closing, zone=zone)
        except NoSuchTime as problem:
            visit.starts_at = moment_of(visit.day, LUNCH_AT, closing_hour=closing, zone=zone)
            visit.time_known = False
            said.warn("time", str(problem))
            if written.get("time"):
                visit.remains["time"] = written["time"]
        visit.day = business_date(visit.starts_at, closing, zone)
        if written.get("until"):
            until = self._minutes(cells["until"], written["until"], "until", visit, said, before=LATEST_END)
            if until is not None and visit.time_known:
                ends_at = moment_of(
                    visit.day, until if until > minutes else until + 24 * 60, closing_hour=closing, zone=zone
                )
                visit.ends_at = ends_at if ends_at > visit.starts_at else None
            if visit.ends_at is None:
                visit.remains["until"] = written["until"]

    def _minutes(
        self, cell: Cell, written: str, name: str, visit: VisitEntry, said: Sentences, *, before: int | None = None
    ) -> int | None:
        if not written:
            return None
        if (meal := meal_at(written)) is not None:
            visit.meal_known = True
            return meal
        try:
            minutes = _minutes_in(cell, written, before)
        except NoSuchTime as problem:
            said.warn(name, str(problem))
            visit.remains[name] = written
            return None
        if name == "time" and minutes is not None:
            visit.time_known = True
        return minutes

    # --- who and how many ---

    def _seat(self, visit: VisitEntry, written: Mapping[str, str], said: Sentences) -> None:
        if room := written.get("room"):
            visit.room_id = self.words.room(visit.venue, room)
            if visit.room_id is None:
                said.note(
                    "room", _("the venue has no room “%(name)s”: kept among the words of the ledger") % {"name": room}
                )
                visit.remains["room"] = room
        if people := written.get("people"):
            try:
                party = read_party(_whole(people))
                visit.people = party.size if party else None
            except NotAParty as problem:
                said.warn("people", str(problem))
                visit.remains["people"] = people
        if companions := written.get("companions"):
            names = [normalising.name(one).value for one in _BETWEEN_PEOPLE.split(companions)]
            fitting = tuple(dict.fromkeys(name for name in names if 0 < len(name) <= LABEL_LENGTH))
            visit.companions = fitting
            if len(fitting) != len([name for name in names if name]):
                visit.remains["companions"] = companions

    # --- what ---

    def _menu(self, visit: VisitEntry, written: Mapping[str, str], said: Sentences) -> None:
        if course := written.get("course"):
            visit.course_id = self.words.course(course)
            if visit.course_id is None:
                said.note(
                    "course",
                    _("the house has no course “%(name)s”: kept among the words of the ledger") % {"name": course},
                )
                visit.remains["course"] = course
        dishes: dict[str, None] = {}
        for piece in _BETWEEN_DISHES.split(written.get("dishes", "")):
            dish = text.tidy(piece)
            if not dish or text.fold(dish) in NONE_WORDS:
                continue
            if visit.course_id is None and (course_id := self.words.course(dish)) is not None:
                visit.course_id = course_id
            elif len(dish) > DISH_LENGTH:
                said.warn(
                    "dishes",
                    _("a dish is longer than %(limit)s characters: kept among the words of the ledger")
                    % {"limit": DISH_LENGTH},
                )
                visit.remains["dishes"] = "、".join(filter(None, (visit.remains.get("dishes"), dish)))
            else:
                dishes[dish] = None
        visit.dishes = tuple(dishes)
        if purpose := written.get("purpose"):
            found = purpose_of(purpose)
            visit.purpose = found.value if found else ""
            if found is None:
                said.note(
                    "purpose",
                    _("“%(words)s” is none of the purposes: kept among the words of the ledger") % {"words": purpose},
                )
                visit.remains["purpose"] = purpose

    def _sheet(self, visit: VisitEntry, written: Mapping[str, str]) -> None:
        for name, category in self._categories.items():
            words = written.get(name, "")
            is_none = self.words.categories[category].entry == NoteInput.YES_NO and text.fold(words) in NONE_WORDS
            if words and not is_none:
                visit.notes[category] = words
        if note := written.get("visit_note"):
            visit.remains["visit_note"] = note

    def _rest(self, visit: VisitEntry, cells: Mapping[str, Cell], written: Mapping[str, str], said: Sentences) -> None:
        if amount := written.get("amount"):
            try:
                found = read_amount(cells["amount"])
                if found is not None and abs(found) >= LARGEST_AMOUNT:
                    raise AmountError(_("“%(value)s” is no amount of one evening") % {"value": amount})
                visit.amount = found
            except AmountError as error:
                said.warn("amount", str(error))
                if not names_a_sum(amount):  # the note is read by people who may not see sums; the row keeps them
                    visit.remains["amount"] = amount
        if status := written.get("status"):
            self._status(visit, status, said)
        if served_by := written.get("served_by"):
            people = self.vocabulary.attendants(served_by)
            visit.staff_id = next(iter(people)) if len(people) == 1 else None
            if visit.staff_id is None:
                sentence = (
                    _("several people are called “%(name)s”")
                    if people
                    else _("nobody of the house is called “%(name)s”")
                )
                said.warn("served_by", sentence % {"name": served_by})
                visit.remains["served_by"] = served_by
        if source := written.get("source"):
            visit.source_id = self.words.source(source)
            if visit.source_id is None:
                said.note(
                    "source",
                    _("the house has no source of bookings “%(name)s”: kept among the words of the ledger")
                    % {"name": source},
                )
                visit.remains["source"] = source
        visit.outside_id = normalising.code(cells.get("outside_id", "")).value
        if len(visit.outside_id) > OUTSIDE_ID_LENGTH:
            said.error(
                "outside_id",
                _("the number “%(code)s” is longer than %(limit)s characters")
                % {"code": visit.outside_id[:20] + "…", "limit": OUTSIDE_ID_LENGTH},
            )
        if visit.outside_id:
            visit.outside_system = (written.get("outside_system") or written.get("source") or THIS_LEDGER)[
                :OUTSIDE_SYSTEM_LENGTH
            ]
        self._allergies(written.get("allergies_said", ""), said)

    def _status(self, visit: VisitEntry, written: str, said: Sentences) -> None:
        status = status_of(written)
        today = business_date(self._now, visit.venue.closing_hour, visit.venue.zone)
        if status is None:
            if "キャンセル" in written or "取消" in written:
                status, visit.cancel_words = VisitStatus.CANCELLED, written[:300]
            else:
                said.warn("status", _("“%(words)s” is no state of a booking") % {"words": written})
                visit.remains["status"] = written
                return
        if status == VisitStatus.COMPLETED and visit.day > today:
            said.warn("status", _("the day is still to come: kept as a reservation"), is_unread=False)
            status = VisitStatus.RESERVED
        visit.status = status.value

    def _allergies(self, written: str, said: Sentences) -> None:
        """What was said of allergies on a day is known of the guest from then on."""
        if not written:
            return
        answer = self.vocabulary.allergies(written)
        if answer is None:
            said.warn("allergies_said", _("“%(words)s”: please ask the guest") % {"words": written})
            said.entry.unread.setdefault("allergies", written)
            return
        said.entry.allergies = together(said.entry.allergies, answer)


def _clock(moment: datetime.datetime, venue: Venue) -> str:
    return moment.astimezone(venue.zone).strftime("%H:%M")


def _is_clock(cell: Cell) -> bool:
    """Whether a spreadsheet holds it as a day or time: it is kept as it stands."""
    return isinstance(cell, datetime.date | datetime.time)


def _on_the_wall(cell: Cell, zone: datetime.tzinfo) -> Cell:
    """A moment with its distance from UTC, as other systems export it (2024-07-03T10:00:00Z), by the clock of the venue."""
    if not isinstance(cell, str) or not _MOMENT.fullmatch(cell.strip()):
        return cell
    try:
        return datetime.datetime.fromisoformat(cell.strip().replace("/", "-")).astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return cell


FISCAL_YEAR_BEGINS: Final = 4


@lru_cache(maxsize=32_768)
def _parsed(cell: Cell) -> datetime.date | None:
    # A serial number as text is read, too.
    return read_date(cell).day


def day_in(cell: Cell, year: str) -> datetime.date | None:
    """The day in a cell; one without its year takes that of the row or the sheet. Raises DateError."""
    if year and isinstance(cell, str) and (month_day := parse_month_day(cell)) is not None:
        month, day = month_day
        if year.endswith("年度"):
            # A business year: January to March are those of the next year.
            first = read_date(f"{year.removesuffix('年度')}年12月31日").day
            year = str(first.year + (month < FISCAL_YEAR_BEGINS)) if first else year
        return parse_date(f"{year.removesuffix('年')}年{month}月{day}日")
    if isinstance(cell, datetime.datetime):
        return cell.date()
    return _parsed(cell)


def _time_of_moment(cell: Cell) -> int | None:
    """The time in a cell that holds day and time; None when it has none."""
    if isinstance(cell, datetime.datetime):
        return cell.hour * 60 + cell.minute if cell.time() != datetime.time() else None
    if isinstance(cell, float) and not cell.is_integer():
        return round(cell % 1 * 1440) % 1440
    if not isinstance(cell, str):
        return None
    plain = text.nfkc(cell).strip()
    if _SERIAL_MOMENT.fullmatch(plain):
        return _time_of_moment(float(plain))
    match = _TIME_BEHIND.search(plain)
    if match is None:
        return None
    try:
        return read_time("".join(filter(None, match.group("part", "time", "behind"))))
    except NoSuchTime:
        return None


def _meal_of_moment(written: str) -> int | None:
    """The time of the meal that stands behind a day (2024/7/1 昼); None when there is none."""
    _day, blank, word = written.rpartition(" ")
    return meal_at(word) if blank else None


def _minutes_in(cell: Cell, written: str, before: int | None) -> int | None:
    if isinstance(cell, datetime.datetime | datetime.time):
        return cell.hour * 60 + cell.minute
    if isinstance(cell, datetime.timedelta):
        return int(cell.total_seconds() // 60)
    if isinstance(cell, float) and 0 <= cell < 1:
        return round(cell * 1440) % 1440
    plain = (
        re.sub(r"(\d{1,2}:\d{2}):\d{2}", r"\1", text.nfkc(written)).split("~")[0].split("～")[0].split("-")[0].strip()
    )
    return read_time(plain) if before is None else read_time(plain, before=before)


def _whole(written: str) -> str:
    """4.0 is 4."""
    return re.sub(r"^(\d+)\.0+$", r"\1", written)


def house_label(name: str) -> str:
    """A field's name in the house's language, as it stands in the note that keeps its words."""
    with override(settings.LANGUAGE_CODE):
        return str(VISIT_LABELS[name])


def words_of_ledger(entry: VisitEntry) -> str:
    """What no field could take, a line for each column; the note on the visit first, as it stands."""
    lines = [entry.remains["visit_note"]] if "visit_note" in entry.remains else []
    lines += [f"{house_label(name)}: {words}" for name, words in entry.remains.items() if name != "visit_note"]
    return "\n".join(lines)


def default_status(entry: VisitEntry, now: datetime.datetime) -> str:
    """What a visit is of which the ledger does not say it: completed when its day is past, else reserved."""
    if entry.status:
        return entry.status
    today = business_date(now, entry.venue.closing_hour, entry.venue.zone)
    past = entry.day < today or (
        entry.day == today and entry.time_known and entry.starts_at <= now - datetime.timedelta(hours=3)
    )
    return (VisitStatus.COMPLETED if past else VisitStatus.RESERVED).value


def visits_of(rows: Iterable[VisitRow]) -> Iterable[tuple[VisitRow, VisitEntry]]:
    """Every visit of the rows that are not set aside."""
    return ((row, visit) for row in rows if not row.is_error for visit in row.visits)

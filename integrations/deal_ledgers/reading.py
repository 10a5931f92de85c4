"""One row of a ledger of banquet inquiries in the words of the house: who asks, for what, and what was said when."""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from crm_project.core import text
from crm_project.core.accounts.models import Venue
from crm_project.core.column_map import ColumnMap, MapError, Resolver
from crm_project.core.dates import DateError, parse_date, parse_month_day, read_date
from crm_project.core.money import AmountError
from crm_project.core.spoken_amounts import read_amount
from crm_project.core.tables import Cell, Row
from deals.choices import LossReason, Stage
from deals.models import StageLabel
from integrations.deal_ledgers.fields import DEAL_LABELS, LOG, LOG_LABELS
from integrations.ledgers.amounts import names_a_sum
from integrations.ledgers.entries import ERROR, EntryReader, LedgerEntry
from integrations.ledgers.guests_of_file import name_by_code
from integrations.ledgers.own_values import OwnColumns, Sentences
from integrations.ledgers.vocabulary import Vocabulary
from visits.spoken_party import NotAParty, read_party

TITLE_LENGTH: Final = 120
CONTACT_LENGTH: Final = 120
NEXT_STEP_LENGTH: Final = 120
DATE_TEXT_LENGTH: Final = 60
# What an inquiry is called of which the ledger gives no name.
NAMELESS: Final = "ご宴会"
LARGEST_AMOUNT: Final = Decimal(10) ** 12
_YEAR_IN_FRONT: Final = r"(?:\d{4}|[RH]\d{1,2}|(?:令和|平成)\d{1,2})"
_DATED: Final = re.compile(
    rf"(?P<day>{_YEAR_IN_FRONT}[./年-]\d{{1,2}}[./月-]\d{{1,2}}日?|\d{{1,2}}/\d{{1,2}}|\d{{1,2}}月\d{{1,2}}日)"
    r"(?:\([月火水木金土日]\))?\s*[:：]?\s*(?P<words>\D.*)",
    re.ASCII,
)
_STAGES: Final = {
    Stage.INQUIRY: "問い合わせ 問合せ 問合わせ お問い合わせ 新規 引合 引き合い 相談 検討中 inquiry lead new open",
    Stage.SITE_VISIT: "下見 下見済 下見予定 来館 内覧 site_visit visit",
    Stage.PROPOSAL: "提案 ご提案 提案中 見積 見積り 見積もり 見積提出 見積済 交渉中 商談中 proposal quote negotiation",
    Stage.TENTATIVE_HOLD: "仮予約 仮押さえ 仮押え 仮 tentative hold",
    Stage.WON: "成約 ご成約 受注 確定 決定 本予約 契約 won closed_won booked",
    Stage.LOST: "失注 見送り 見送 キャンセル 取消 辞退 不成立 他決 流れ lost closed_lost",
}
_REASONS: Final = {
    LossReason.DATE: ("日程", "日にち", "空き"),
    LossReason.PRICE: ("予算", "価格", "金額", "料金"),
    LossReason.ROOM: ("部屋", "会場", "収容", "人数"),
    LossReason.MENU: ("料理", "献立", "メニュー"),
    LossReason.COMPETITOR: ("他社", "他店", "他決", "競合", "ホテル"),
    LossReason.CANCELLED: ("中止", "延期", "取り止め", "取りやめ"),
    LossReason.SLOW: ("遅", "返事"),
}


@dataclass(frozen=True, slots=True)
class Contact:
    """Something of the log: when, by whom of the house (else in the ledger's words), what."""

    day: datetime.date | None
    author_id: int | None
    text: str

    @property
    def key(self) -> tuple[str, str]:
        """Two contacts of this key are one."""
        return (self.day.isoformat() if self.day else "", text.compare_key(self.text))


@dataclass(slots=True)
class DealEntry:
    """What a row says of an inquiry; what it does not speak of is None or empty."""

    venue: Venue
    title: str = ""
    company: str = ""
    contact: str = ""
    date: datetime.date | None = None
    date_text: str = ""
    people: int | None = None
    amount: Decimal | None = None
    stage: str = ""
    next_step: str = ""
    next_step_on: datetime.date | None = None
    owner_id: int | None = None
    asked_on: datetime.date | None = None
    wants: str = ""
    why_lost: str = ""
    lost_to: str = ""
    contacts: tuple[Contact, ...] = ()


@dataclass(slots=True)
class DealRow:
    """A row: the guest's part as the ledger of guests reads it, and the inquiry; None where it goes on with the one above."""

    guest: LedgerEntry
    deal: DealEntry
    # Of a row that was put right: the inquiry (its id) that stood above it in the ledger.
    goes_on_with: int | None = None

    @property
    def number(self) -> int:
        """The row as a spreadsheet shows it."""
        return self.guest.number

    @property
    def is_error(self) -> bool:
        """Whether the row is set aside."""
        return self.guest.is_error

    @property
    def goes_on(self) -> bool:
        """Whether it only adds contacts to the inquiry of the row above."""
        deal = self.deal
        names = (self.guest.name, self.guest.code, deal.company, deal.contact, deal.title)
        return not any(names) and bool(deal.contacts)


Getter = Callable[[Sequence[Cell]], Cell]


class DealReader:
    """Reads the rows of one file."""

    def __init__(
        self,
        resolver: Resolver,
        columns: ColumnMap,
        vocabulary: Vocabulary,
        *,
        headings: Sequence[str] = (),
        first_column: int = 0,
    ) -> None:
        self.guests = EntryReader(resolver, vocabulary, headings=headings, first_column=first_column)
        self.vocabulary = vocabulary
        self._company = resolver.getter("company")
        self._getters = {name: getter for name in DEAL_LABELS if (getter := resolver.getter(name))}
        places = resolver.groups[LOG] if LOG in columns.groups else ()
        self._log: list[dict[str, Getter]] = [
            {name: getter for name in LOG_LABELS if (getter := place.getter(name))} for place in places
        ] or [{name: self._getters[name] for name in LOG_LABELS if name in self._getters}]
        own = [(0, resolver, DEAL_LABELS), *((at, place, LOG_LABELS) for at, place in enumerate(places, start=1))]
        self._columns = OwnColumns(self.guests, own, headings, first_column)
        self.venues = list(Venue.objects.all())
        self._venue_of = {text.fold(word): venue for venue in self.venues for word in (venue.code, venue.name)}
        self._stage_of = {text.fold(word): stage.value for stage, words in _STAGES.items() for word in words.split()}
        self._stage_of |= {text.fold(row.label): row.stage for row in StageLabel.objects.all()}
        self._stage_of |= {text.fold(stage.value): stage.value for stage in Stage}
        if "venue" not in self._getters and len(self.venues) != 1:
            raise MapError(
                _(
                    "the house has several venues: name the venue in the map, as a column or as a constant; they are: %(names)s"
                )
                if self.venues
                else _("the house has no venue yet: enter it under Settings first"),
                {"names": ", ".join(f"{venue.name} ({venue.code})" for venue in self.venues)},
            )

    def read(self, rows: Sequence[Row]) -> list[DealRow]:
        """The rows of a batch."""
        self._columns.fill(rows)
        entries = self.guests.read(rows)
        name_by_code(entries)
        for entry in entries:
            self._columns.tell_filled(entry)
        return [self._row(entry) for entry in entries]

    def written(self, entry: LedgerEntry) -> dict[str, str]:
        """The filled cells of the mapped columns as they stand in the file."""
        written = self.guests.written(entry)
        for name, getter in self._getters.items():
            if cell := text.cell_text(getter(entry.cells)).strip():
                written[name] = cell
        for place, getters in enumerate(self._log, start=1):
            for name, getter in getters.items():
                if (cell := text.cell_text(getter(entry.cells)).strip()) and name not in self._getters:
                    written[f"{name} {place}"] = cell
        return written

    def _row(self, entry: LedgerEntry) -> DealRow:
        # Who asks may be a company, or a name that was left: a guest's card is not asked for.
        entry.messages = [one for one in entry.messages if not (one["field"] == "name" and not entry.name)]
        cells = {name: getter(entry.cells) for name, getter in self._getters.items()}
        lines = ("wants", "why_lost")
        written = {name: text.tidy(text.cell_text(cell), lines=name in lines) for name, cell in cells.items()}
        said = Sentences(entry, self._columns, written)
        word = written.get("venue", "")
        venue = self._venue_of.get(text.fold(word)) if word else None
        if venue is None and word:
            said.error("venue", _("the house has no venue “%(name)s”") % {"name": word})
        elif venue is None and len(self.venues) != 1:
            said.error("venue", _("the row names no venue"))
        deal = DealEntry(venue or self.venues[0])
        row = DealRow(entry, deal)
        deal.company = str(entry.values.get("company", ""))
        deal.contact = self._short("contact", written, CONTACT_LENGTH, deal)
        deal.title = self._short("title", written, TITLE_LENGTH, deal)
        self._when(row, cells, said)
        self._figures(row, cells, said)
        self._state(row, said)
        self._columns.compare(entry.number, self._kept(deal, cells, written))
        deal.contacts = tuple(self._contacts(row))
        if not (row.goes_on or entry.name or entry.code or deal.company or deal.contact):
            entry.say(ERROR, "company", _("the row names nobody who asks: a company, a guest or a name"))
        return row

    @staticmethod
    def _kept(deal: DealEntry, cells: Mapping[str, Cell], written: Mapping[str, str]) -> dict[str, tuple[Cell, str]]:
        """What is kept of the cells that are not looked up among the words of the house; unread ones are told apart."""
        days = {"date": deal.date, "asked_on": deal.asked_on, "next_step_on": deal.next_step_on}
        kept = {name: day.isoformat() for name, day in days.items() if day is not None}
        kept |= {
            "title": deal.title,
            "contact": deal.contact,
            "next_step": deal.next_step,
            "lost_to": deal.lost_to,
            "wants": written.get("wants", ""),
            "why_lost": deal.why_lost,
        }
        if deal.date_text:
            kept["date"] = deal.date_text
        if deal.people is not None:
            kept["people"] = str(deal.people)
        if deal.amount is not None:
            kept["amount"] = format(deal.amount.normalize(), "f")
        kept |= {name: "" for name in cells if name not in kept and not written[name] and name not in LOG_LABELS}
        return {
            name: (cells[name], after) for name, after in kept.items() if name in cells and not _is_day(cells[name])
        }

    @staticmethod
    def _short(name: str, written: Mapping[str, str], limit: int, deal: DealEntry) -> str:
        """A text of one line; what is longer stands among what they want as well, whole."""
        words = written.get(name, "")
        if len(words) > limit:
            deal.wants = "\n".join(filter(None, (deal.wants, words)))
        return words[:limit]

    def _when(self, row: DealRow, cells: Mapping[str, Cell], said: Sentences) -> None:
        deal, written = row.deal, said.written
        if words := written.get("date", ""):
            try:
                deal.date = _day(cells["date"], written.get("year", ""))
            except DateError:
                # 来春, 12月中旬: the day is open.
                deal.date_text = words[:DATE_TEXT_LENGTH]
                if len(words) > DATE_TEXT_LENGTH:
                    deal.wants = "\n".join(filter(None, (deal.wants, words)))
        deal.asked_on = self._date(row, "asked_on", cells, said)
        deal.next_step_on = self._date(row, "next_step_on", cells, said)

    def _date(self, row: DealRow, name: str, cells: Mapping[str, Cell], said: Sentences) -> datetime.date | None:
        if not said.written.get(name):
            return None
        try:
            return _day(cells[name], said.written.get("year", ""))
        except DateError as error:
            self._keep(row.deal, name, said, str(error))
            return None

    def _figures(self, row: DealRow, cells: Mapping[str, Cell], said: Sentences) -> None:
        deal, written = row.deal, said.written
        if people := written.get("people"):
            try:
                party = read_party(people.removesuffix(".0"))
                deal.people = party.size if party else None
            except NotAParty as problem:
                self._keep(deal, "people", said, str(problem))
        if amount := written.get("amount"):
            try:
                found = read_amount(cells["amount"])
                if found is not None and not 0 <= found < LARGEST_AMOUNT:
                    raise AmountError(_("“%(value)s” is no expected amount"), {"value": amount})
                deal.amount = found
            except AmountError as error:
                if names_a_sum(amount):  # what they want is read by people who may not see sums; the row keeps it
                    said.warn("amount", str(error))
                else:
                    self._keep(deal, "amount", said, str(error))

    def _state(self, row: DealRow, said: Sentences) -> None:
        deal, written = row.deal, said.written
        deal.next_step = self._short("next_step", written, NEXT_STEP_LENGTH, deal)
        deal.lost_to = self._short("lost_to", written, CONTACT_LENGTH, deal)
        deal.why_lost = written.get("why_lost", "")
        deal.wants = "\n".join(filter(None, (written.get("wants", ""), deal.wants)))
        if stage := written.get("stage"):
            deal.stage = self._stage_of.get(text.fold(stage), "")
            if not deal.stage:
                self._keep(deal, "stage", said, _("“%(words)s” is none of the stages") % {"words": stage})
        if owner := written.get("owner"):
            deal.owner_id = self._person(owner)
            if deal.owner_id is None:
                sentence = (
                    _("several people are called “%(name)s”")
                    if self.vocabulary.attendants(owner)
                    else _("nobody of the house is called “%(name)s”")
                )
                self._keep(deal, "owner", said, sentence % {"name": owner})

    def _person(self, word: str) -> int | None:
        people = self.vocabulary.attendants(word)
        return next(iter(people)) if len(people) == 1 else None

    @staticmethod
    def _keep(deal: DealEntry, name: str, said: Sentences, sentence: str) -> None:
        """A value that no field takes is said, and kept among what they want."""
        said.warn(name, sentence)
        deal.wants = "\n".join(filter(None, (deal.wants, f"{DEAL_LABELS[name]}: {said.written[name]}")))

    def _contacts(self, row: DealRow) -> list[Contact]:
        found = []
        for place, getters in enumerate(self._log, start=1):
            cells = {name: getter(row.guest.cells) for name, getter in getters.items()}
            what = text.tidy(text.cell_text(cells.get("log_what", "")), lines=True)
            who = text.tidy(text.cell_text(cells.get("log_who", "")))
            when = text.tidy(text.cell_text(cells.get("log_date", "")))
            if not (what or when):
                continue
            is_group = not any(name in self._getters for name in getters)
            at = _("contact %(place)s: ") % {"place": place} if len(self._log) > 1 else ""
            said = Sentences(row.guest, self._columns, {"log_date": when}, place if is_group else 0, at)
            kept = {"log_what": (cells.get("log_what", ""), what)}
            day = None
            if when:
                try:
                    day = _day(cells["log_date"], "")
                except DateError as error:
                    said.warn("log_date", str(error))
                    what = f"{when} {what}".strip()
            if day is not None and not _is_day(cells["log_date"]):
                kept["log_date"] = (cells["log_date"], day.isoformat())
            self._columns.compare(row.number, kept, said.place)
            author = self._person(who) if who else None
            if who and author is None:
                what = f"{what}（{who}）"
            if when or author or who or (entries := _dated_lines(what, row.deal.asked_on)) is None:
                found.append(Contact(day, author, what or when))
            else:
                found += (Contact(said_on, None, words) for said_on, words in entries)
        return found


def _dated_lines(what: str, asked_on: datetime.date | None) -> list[tuple[datetime.date | None, str]] | None:
    """A log that was kept in one cell, a line for each contact with its day in front (7/3 見積送付); None for other words.

    A day without its year is the first one from the day on which was asked; without that day it stays among the words.
    """
    found: list[tuple[datetime.date | None, str]] = []
    for line in what.splitlines():
        line, plain = line.strip(), text.nfkc(line.strip())
        match = _DATED.fullmatch(plain)
        day = _day_of_line(match["day"], asked_on) if match else None
        if match is None and found:
            found[-1] = (found[-1][0], f"{found[-1][1]}\n{line}")
        elif match is None:
            return None
        else:
            # As written, where the signs of one width stand where they stood.
            words = line[match.start("words") :] if len(line) == len(plain) else match["words"]
            found.append((day, words if day else line))
    return found or None


def _day_of_line(written: str, asked_on: datetime.date | None) -> datetime.date | None:
    try:
        month_day = parse_month_day(written)
        if month_day is None:
            return parse_date(written)
        if asked_on is None:
            return None
        days = (parse_date(f"{year}-{month_day[0]}-{month_day[1]}") for year in (asked_on.year, asked_on.year + 1))
        return next((day for day in days if day is not None and day >= asked_on), None)
    except DateError:
        return None


def _day(cell: Cell, year: str) -> datetime.date | None:
    if year and isinstance(cell, str) and (month_day := parse_month_day(cell)) is not None:
        month, day = month_day
        return parse_date(f"{year.removesuffix('年度').removesuffix('年')}年{month}月{day}日")
    return cell.date() if isinstance(cell, datetime.datetime) else read_date(cell).day


def _is_day(cell: Cell) -> bool:
    """Whether a spreadsheet holds it as a day: it is kept as it stands."""
    return isinstance(cell, datetime.date)


def loss_reason(words: str) -> LossReason:
    """Why it was lost, as far as the words tell."""
    return next(
        (reason for reason, signs in _REASONS.items() if any(sign in words for sign in signs)), LossReason.OTHER
    )


def noon(day: datetime.date, venue: Venue) -> datetime.datetime:
    """The moment at which something of a day without a time stands in the log; never in the future."""
    return min(datetime.datetime.combine(day, datetime.time(12), tzinfo=venue.zone), timezone.now())


def said_of(deal: DealEntry) -> dict[str, Any]:
    """What a row said of an inquiry, as JSON: by it a later copy tells its own news from what people changed."""
    told: dict[str, Any] = {
        "event_date": deal.date.isoformat() if deal.date else None,
        "event_date_text": deal.date_text,
        "party_size": deal.people,
        "amount": format(deal.amount.normalize(), "f") if deal.amount is not None else None,
        "stage": deal.stage,
        "next_step": deal.next_step,
        "next_step_on": deal.next_step_on.isoformat() if deal.next_step_on else None,
        "owner_id": deal.owner_id,
        "contact_text": deal.contact,
        "note": deal.wants,
    }
    return {name: value for name, value in told.items() if value not in (None, "")}

"""Visits of three years in a few statements, row by row as `visits.services` writes them; the coming ones by that service."""

import math
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from crm_project.core.allergens.choices import AllergyState
from crm_project.core.comments.models import Comment
from crm_project.core.timeline.models import TimelineEntry
from crm_project.demo.backdating import times_as_given
from crm_project.demo.bills import BillLine, bill_of
from crm_project.demo.guests import Guest, GuestBook
from crm_project.demo.house import HONTEN, VENUE_CODES, House
from crm_project.demo.menu import Menu
from crm_project.demo.notes import NoteDesk
from crm_project.demo.quick_rows import write_rows
from crm_project.demo.seasons import visit_days
from crm_project.demo.serving import Kitchen, Served, course_of
from crm_project.demo.stories import TONIGHT, Stories, is_quiet
from crm_project.demo.tables import Rooms, Table, plan_table
from customers.models import Customer
from customers.services import note_known_at
from visits import services
from visits.choices import Purpose, SeatedCheck, VisitStatus
from visits.entries import AttendanceEntry, BookingEntry, BriefingEntry
from visits.models import Attendance, BookingSource, ConfirmedWarning, Note, ServedDish, Visit
from visits.story import rows_of
from visits.table_warnings import house_words

BATCH: Final = 2000
WEEKS_AHEAD: Final = 5
TONIGHT_ELSEWHERE: Final = 3
# Reservations further away than this may be tentative, and for how long.
TENTATIVE_AHEAD_DAYS: Final = 7
TENTATIVE_SHARE: Final = 0.15
TENTATIVE_FOR: Final = timedelta(days=3)
# How far ahead people book: after so many days two thirds of a day's tables are not reserved yet.
BOOKED_AHEAD_DAYS: Final = 8


@dataclass
class PastVisit:
    """A visit with everything that belongs to it."""

    table: Table
    row: Visit
    served: Served
    bill: list[BillLine]
    attendances: list[Attendance] = field(default_factory=list)
    dishes: list[ServedDish] = field(default_factory=list)
    warnings: list[ConfirmedWarning] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def plan_tables(
    *, rng: Random, house: House, book: GuestBook, menu: Menu, first_day: date
) -> tuple[list[Table], list[Table]]:
    """The tables of the past and those to come, each in the order of their times."""
    rooms = Rooms(house)
    stories = Stories(house, rooms, book, menu)
    tables = stories.told()
    last_day = stories.today + timedelta(weeks=WEEKS_AHEAD)
    for guest in book.guests:
        for day in visit_days(rng, guest, first_day=first_day, today=stories.today, last_day=last_day):
            ahead = (day - stories.today).days
            if is_quiet(guest, ahead) or (ahead > 0 and rng.random() > math.exp(-ahead / BOOKED_AHEAD_DAYS)):
                continue
            tables.append(plan_table(rng, house, rooms, book, guest, day))
    tables += _tonight_elsewhere(rng, house, rooms, book)
    tables.sort(key=lambda table: (table.starts_at, table.host.row.code))
    todays = {code: house.today(code) for code in VENUE_CODES}
    past = [table for table in tables if table.day < todays[table.venue]]
    return past, [table for table in tables if table.day >= todays[table.venue]]


def _tonight_elsewhere(rng: Random, house: House, rooms: Rooms, book: GuestBook) -> list[Table]:
    """A few parties at the other venues too, whatever the day."""
    return [
        plan_table(rng, house, rooms, book, guest, house.today(code), code)
        for code in VENUE_CODES
        if code != HONTEN
        for guest in _some(
            rng, [guest for guest in book.guests if guest.home == code and not guest.part], TONIGHT_ELSEWHERE
        )
    ]


def _some(rng: Random, guests: list[Guest], count: int) -> list[Guest]:
    return rng.sample(guests, min(count, len(guests)))


def write_past(
    *, rng: Random, tables: Sequence[Table], house: House, book: GuestBook, menu: Menu, went_live_on: date
) -> list[PastVisit]:
    """Write the completed visits with people, dishes, confirmed warnings, notes, threads and the guests' timelines."""
    kitchen = Kitchen(rng, menu)
    visits = [_completed(rng, house, table, kitchen.serve(table)) for table in tables]
    Visit.objects.bulk_create((visit.row for visit in visits), batch_size=BATCH)
    for visit in visits:
        visit.attendances = list(_attendances(rng, visit))
        visit.dishes = [
            ServedDish(visit=visit.row, dish=dish, was_replaced=dish.pk in visit.served.replaced)
            for dish in visit.served.dishes
        ]
        visit.warnings = [
            ConfirmedWarning(
                visit=visit.row,
                customer_id=warning.customer.pk,
                dish=warning.dish,
                kind=warning.kind,
                detail=house_words(warning),
                reason=reason,
                confirmed_by=visit.row.recorded_by,
                confirmed_at=visit.row.recorded_at,
            )
            for warning, reason in visit.served.confirmed
        ]
    write_rows(Attendance, (row for visit in visits for row in visit.attendances))
    write_rows(ServedDish, (row for visit in visits for row in visit.dishes))
    with times_as_given(ConfirmedWarning, "confirmed_at"):
        ConfirmedWarning.objects.bulk_create((row for visit in visits for row in visit.warnings), batch_size=BATCH)
    desk = NoteDesk(rng, house, book, went_live_on)
    for visit in visits:
        visit.notes = desk.notes_of(visit.table, visit.row, visit.served.dishes)
    Note.objects.bulk_create((row for visit in visits for row in visit.notes), batch_size=BATCH)
    answers = desk.open_threads([(visit.row, visit.attendances, visit.notes) for visit in visits])
    write_rows(TimelineEntry, (row for visit in visits for row in _told(visit, answers)))
    _bring_guests_up_to_date(visits, house)
    return visits


def write_reservations(*, rng: Random, tables: Sequence[Table], house: House, menu: Menu) -> list[Visit]:
    """Take the reservations of today and the coming weeks as the front desk takes them."""
    desk = house.people["nishimura"]
    sources = list(BookingSource.objects.filter(is_active=True))
    return [
        services.take_booking(
            by=desk,
            venue=house.venues[table.venue],
            booking=_booking(rng, house, menu, table, sources),
            accepted=("past", "same_day"),
            form_token=_token(rng),
        )
        for table in tables
    ]


def _booking(rng: Random, house: House, menu: Menu, table: Table, sources: Sequence[BookingSource]) -> BookingEntry:
    """A reservation as the desk wrote it down; some that are days away are tentative still."""
    days_ahead = (table.day - house.today(table.venue)).days
    is_tentative = not table.story and days_ahead > TENTATIVE_AHEAD_DAYS and rng.random() < TENTATIVE_SHARE
    return BookingEntry(
        starts_at=table.starts_at,
        attendances=[
            AttendanceEntry(customer=seat.guest.row if seat.guest else None, label=seat.label, role=seat.role)
            for seat in table.seats
        ],
        party_size=table.party_size,
        purpose=table.purpose,
        room=table.room,
        tentative_until=house.now + TENTATIVE_FOR if is_tentative else None,
        course=table.course or (None if table.story == TONIGHT else course_of(rng, menu, table)),
        staff=table.staff,
        # Most people ring: the first source of the list.
        source=(sources[0] if rng.random() < 0.6 else rng.choice(sources)) if sources else None,
        briefing=_briefing(rng, table),
    )


def _briefing(rng: Random, table: Table) -> BriefingEntry:
    """What the arranger of a hosted table answered; others are hardly asked."""
    if table.purpose != Purpose.HOSTING:
        return BriefingEntry()
    firm = table.host.row.company
    return BriefingEntry(
        budget_per_head=Decimal(rng.choice((18_000, 22_000, 25_000, 30_000))),
        with_drinks=rng.random() < 0.6,
        gifts=f"{table.party_size - 1}つ" if rng.random() < 0.5 else "",
        cars="20:45 に2台" if rng.random() < 0.4 else "",
        payer="後日 請求書" if firm else "当日",
        receipt_name=firm.name if firm else "",
        no_board=True,
    )


def _completed(rng: Random, house: House, table: Table, served: Served) -> PastVisit:
    bill = bill_of(rng, table, served.course)
    recorded_at = table.starts_at + timedelta(minutes=rng.randint(150, 195))
    row = Visit(
        venue=house.venues[table.venue],
        room=table.room,
        starts_at=table.starts_at,
        business_date=table.day,
        party_size=table.party_size,
        purpose=table.purpose,
        status=VisitStatus.COMPLETED,
        course=served.course,
        staff=table.staff,
        amount=sum((line.net for line in bill), Decimal(0)),
        recorded_by=table.staff,
        recorded_at=recorded_at,
        form_token=_token(rng),
    )
    return PastVisit(table, row, served, bill)


def _attendances(rng: Random, visit: PastVisit) -> Iterator[Attendance]:
    """The people, asked about allergies at the table by who serves; sometimes nobody asked."""
    for position, seat in enumerate(visit.table.seats):
        was_asked = rng.random() < (0.88 if seat.guest else 0.8)
        if seat.guest and seat.guest.row.allergy_state == AllergyState.NOT_ASKED:
            was_asked = False  # the card has no answer that could be unchanged
        yield Attendance(
            visit=visit.row,
            customer=seat.guest.row if seat.guest else None,
            label="" if seat.guest else seat.label,
            role=seat.role,
            position=position,
            seated_check=SeatedCheck.UNCHANGED if was_asked else SeatedCheck.NOT_YET,
            checked_by=visit.table.staff if was_asked else None,
            checked_at=visit.table.starts_at + timedelta(minutes=6) if was_asked else None,
        )


def _told(visit: PastVisit, answers: Mapping[int, Sequence[Comment]]) -> list[TimelineEntry]:
    rows = rows_of(
        visit.row,
        attendances=visit.attendances,
        served=visit.dishes,
        warnings=visit.warnings,
        notes=visit.notes,
        answers=answers,
    )
    for row in rows:
        row.parent_type, row.parent_id = Visit._meta.label_lower, visit.row.pk
    return rows


def _bring_guests_up_to_date(visits: Sequence[PastVisit], house: House) -> None:
    """Where the guests are known, how often and when they came: by the services that do it after every visit."""
    seen: dict[str, set[int]] = {}
    for visit in visits:
        seen.setdefault(visit.table.venue, set()).update(guest.row.pk for guest in visit.table.guests)
    for code, ids in seen.items():
        note_known_at(customer_ids=sorted(ids), venue=house.venues[code])
    came = sorted(set().union(*seen.values()))
    for start in range(0, len(came), 500):
        services.refresh_visit_figures(customer_ids=set(came[start : start + 500]))


def note_homes(book: GuestBook, house: House) -> None:
    """Those who have not come yet are known where they were entered."""
    nowhere = set(Customer.objects.present().filter(known_at=None).values_list("pk", flat=True))
    for code in VENUE_CODES:
        ids = [guest.row.pk for guest in book.guests if guest.home == code and guest.row.pk in nowhere]
        note_known_at(customer_ids=ids, venue=house.venues[code])


def _token(rng: Random) -> uuid.UUID:
    return uuid.UUID(int=rng.getrandbits(128), version=4)

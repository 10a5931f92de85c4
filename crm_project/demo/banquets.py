"""Banquet inquiries of the last year and those that are open, with their history as `deals.services` writes it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from crm_project.core.accounts.models import User
from crm_project.core.comments.choices import ReactionKind
from crm_project.core.comments.models import Comment, Reaction, Thread, ThreadRead
from crm_project.core.rights import Right
from crm_project.core.timeline.models import TimelineEntry
from crm_project.demo import names
from crm_project.demo.banquet_words import ACTIVITIES, ANSWERS, EVENTS, LOSSES, NEXT_STEPS
from crm_project.demo.guests import Guest, GuestBook
from crm_project.demo.house import CASUAL, HONTEN, RYOKAN, House
from crm_project.demo.notes import Answered, write_answers
from deals import story
from deals.choices import OPEN_STAGES, Stage
from deals.models import Activity, Deal, StageChange
from deals.queries import QUIET_DAYS, stage_words

# stage -> how many; 15 of 39 closed ones are won
STAGES: Final = (
    (Stage.INQUIRY, 6),
    (Stage.SITE_VISIT, 4),
    (Stage.PROPOSAL, 7),
    (Stage.TENTATIVE_HOLD, 4),
    (Stage.WON, 15),
    (Stage.LOST, 24),
)
GUESTS_PER_DEAL: Final = 30
CLOSED_LATELY: Final = {Stage.WON: 2, Stage.LOST: 4}
QUIET_DEALS: Final = 3
WAITING: Final = 1
UNKNOWN_CALLER: Final = 0.1


@dataclass
class Inquiry:
    """A deal with its history."""

    row: Deal
    changes: list[StageChange] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)


def write_banquets(*, rng: Random, house: House, book: GuestBook) -> int:
    """Write the inquiries (fewer in a small demo) with stages, activities, answers and timelines; returns how many."""
    share = min(1.0, len(book.guests) / (GUESTS_PER_DEAL * sum(count for _stage, count in STAGES)))
    inquiries = []
    quiet = 0
    for stage, count in STAGES:
        for number in range(max(1, round(count * share))):
            is_quiet = stage == Stage.PROPOSAL and quiet < QUIET_DEALS
            quiet += is_quiet
            inquiries.append(_inquiry(rng, house, book, stage, number, is_quiet=is_quiet))
    Deal.objects.bulk_create(one.row for one in inquiries)
    for one in inquiries:
        for change in one.changes:
            change.deal = one.row
        for activity in one.activities:
            activity.deal = one.row
    StageChange.objects.bulk_create(change for one in inquiries for change in one.changes)
    Activity.objects.bulk_create(activity for one in inquiries for activity in one.activities)
    _open_threads(rng, house, inquiries)
    labels = {stage: words.label for stage, words in stage_words().items()}
    rows = [(one, row) for one in inquiries for row in story.timeline_rows(one.row, labels)]
    for one, row in rows:
        row.parent_type, row.parent_id = Deal._meta.label_lower, one.row.pk
    TimelineEntry.objects.bulk_create(row for _one, row in rows)
    return len(inquiries)


def _inquiry(rng: Random, house: House, book: GuestBook, stage: Stage, number: int, *, is_quiet: bool) -> Inquiry:
    today = house.today(HONTEN)
    told = _told_inquiry(book, stage, number)
    title, wish, fewest, most, per_head, by_company, months = rng.choice(EVENTS)
    asks = _who_asks(rng, book, by_company=by_company)
    venue = rng.choices((HONTEN, RYOKAN, CASUAL), (72, 22, 6))[0]
    party_size = min(rng.randint(fewest, most), 24 if venue == CASUAL else 60 if venue == RYOKAN else most)
    created_on, moved_on = _days(rng, stage, number, today, is_quiet=is_quiet)
    owner = rng.choices([house.people["ohno"], house.people["nishimura"], house.manager(venue)], (65, 22, 13))[0]
    row = Deal(
        venue=house.venues[venue],
        title=title,
        customer=asks.row,
        company=asks.row.company if by_company else None,
        stage=stage,
        party_size=party_size,
        amount=Decimal(party_size * per_head),
        owner=owner,
        note=wish,
        form_token=uuid.UUID(int=rng.getrandbits(128), version=4),
        created_at=_moment(rng, house, venue, created_on),
    )
    _set_event_date(rng, row, stage, today if stage in OPEN_STAGES else moved_on, months)
    if rng.random() < UNKNOWN_CALLER:
        row.customer, row.company, row.contact_text = None, None, names.surname(rng).written
    if told is not None:
        row.venue, row.customer, row.company = house.venues[HONTEN], told.guest.row, told.guest.row.company
        row.contact_text = ""
        row.title, row.note, row.party_size, row.amount = told.title, told.note, told.party_size, told.amount
        row.event_date, row.event_date_text = None, told.event_date_text
    row.moved_at = max(row.created_at, _moment(rng, house, venue, moved_on))
    if stage in OPEN_STAGES:
        row.next_step = rng.choice(NEXT_STEPS[stage])
        row.next_step_on = today + timedelta(days=rng.randint(-1, 8)) if not is_quiet else moved_on + timedelta(days=4)
    else:
        row.closed_at = row.moved_at
    if stage == Stage.LOST:
        row.loss_reason, row.loss_detail, row.lost_to = rng.choice(LOSSES)
    return _with_history(rng, house, row)


@dataclass(frozen=True)
class _ToldInquiry:
    guest: Guest
    title: str
    note: str
    party_size: int
    amount: Decimal
    event_date_text: str


def _told_inquiry(book: GuestBook, stage: Stage, number: int) -> _ToldInquiry | None:
    """The anniversary that began with a sentence on a check sheet."""
    guest = book.parts.get("host_with_allergy")
    if guest is None or stage != Stage.INQUIRY or number != 0:
        return None
    return _ToldInquiry(
        guest,
        "創立40周年祝賀会",
        "来春、60名ほど。渡邉様から小林が伺った。大広間を先にご提案",
        60,
        Decimal(960_000),
        "来春",
    )


def _who_asks(rng: Random, book: GuestBook, *, by_company: bool) -> Guest:
    fitting = [guest for guest in book.guests if bool(guest.company) == by_company] or book.guests
    return rng.choice(fitting)


def _days(rng: Random, stage: Stage, number: int, today: date, *, is_quiet: bool) -> tuple[date, date]:
    """When they asked, and when the inquiry moved last: always before today."""
    if stage in OPEN_STAGES:
        still = rng.randint(QUIET_DAYS + 1, QUIET_DAYS + 9) if is_quiet else rng.randint(1, QUIET_DAYS - 3)
        moved_on = today - timedelta(days=still)
        if stage == Stage.INQUIRY:
            return moved_on, moved_on
        return moved_on - timedelta(days=rng.randint(6, 45)), moved_on
    lately = number < CLOSED_LATELY[stage]
    moved_on = today - timedelta(days=rng.randint(1, 26) if lately else rng.randint(32, 350))
    return moved_on - timedelta(days=rng.randint(8, 80)), moved_on


def _set_event_date(rng: Random, row: Deal, stage: Stage, after: date, months: Sequence[int]) -> None:
    """A day in the coming months, in one of the event's own where it has any; of a new inquiry often only a word."""
    if stage == Stage.INQUIRY and rng.random() < 0.4:
        row.event_date_text = rng.choice(("来春", "来月の週末", "年明け", "日取りはこれから"))
        return
    day = after + timedelta(days=rng.randint(12, 40 if months else 150))
    while (months and day.month not in months) or (day.month, day.day) < (1, 6):
        day += timedelta(days=5)
    row.event_date = day


def _moment(rng: Random, house: House, venue: str, day: date) -> datetime:
    return datetime.combine(
        day, time(rng.randint(10, 16), rng.choice((0, 10, 20, 30, 40, 50))), house.venues[venue].zone
    )


def _with_history(rng: Random, house: House, row: Deal) -> Inquiry:
    """The steps from the first call to where the inquiry stands, spread over its time, each with what was done."""
    found = Inquiry(row)
    path: list[Stage] = [Stage.INQUIRY]
    if row.stage in OPEN_STAGES:
        path += OPEN_STAGES[1 : OPEN_STAGES.index(Stage(row.stage)) + 1]
    else:
        path += [stage for stage in OPEN_STAGES[1:] if rng.random() < (0.8 if row.stage == Stage.WON else 0.5)]
        path.append(Stage(row.stage))
    span = row.moved_at - row.created_at
    former = ""
    for step, stage in enumerate(path):
        at = row.created_at + span * step / max(1, len(path) - 1)
        found.changes.append(StageChange(from_stage=former, to_stage=stage, at=at, by=row.owner))
        former = stage
    for number, words in enumerate(
        rng.sample(ACTIVITIES, rng.randint(0 if span < timedelta(days=2) else 1, 3)), start=1
    ):
        at = row.created_at + span * number / 4
        found.activities.append(Activity(text=words, author=row.owner, at=at))
    row.moved_at = max([*(change.at for change in found.changes), *(activity.at for activity in found.activities)])
    return found


def _open_threads(rng: Random, house: House, inquiries: Sequence[Inquiry]) -> None:
    """A thread per inquiry; managers have answered all but the newest at the main house."""
    at_honten = [one for one in inquiries if one.row.venue == house.venues[HONTEN]]
    managers = {code: house.manager(code) for code in house.venues}
    open_ones = [one for one in at_honten if one.row.stage in OPEN_STAGES and one.row.owner != house.manager(HONTEN)]
    newest = sorted(open_ones, key=lambda one: one.row.created_at, reverse=True)[:WAITING]
    answered = []
    for one in inquiries:
        row = one.row
        latest = one.activities[-1].text if one.activities else row.note
        thread = Thread(
            content_type=Thread.type_of(Deal),
            object_id=row.pk,
            venue=row.venue,
            author=row.owner,
            read_right=Right.VIEW_DEALS,
            url=story.address_of(row),
            opened_at=row.created_at,
            **story.thread_words(row, latest),
        )
        answers = managers[row.venue.code]
        waits = any(one is other for other in newest)
        answered.append(
            _answered(rng, thread, house.people["fujiwara"] if answers == row.owner else answers, waits=waits)
        )
    write_answers(answered)


def _answered(rng: Random, thread: Thread, answers: User, *, waits: bool) -> Answered:
    one = Answered(thread, [], [], [])
    if waits:
        return one
    at = thread.opened_at + timedelta(hours=rng.randint(1, 5))
    thread.answered_by, thread.answered_at = answers, at
    one.reads.append(ThreadRead(thread=thread, user=answers, at=at))
    if rng.random() < 0.65:
        one.comments.append(Comment(thread=thread, author=answers, text=rng.choice(ANSWERS), created_at=at))
    else:
        one.reactions.append(Reaction(thread=thread, author=answers, kind=ReactionKind.THANKS, created_at=at))
    return one

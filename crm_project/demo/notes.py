"""What the floor wrote on the check sheets, and what managers answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from crm_project.core.accounts.models import User
from crm_project.core.comments.choices import ReactionKind
from crm_project.core.comments.models import Comment, Reaction, Thread, ThreadRead
from crm_project.core.rights import Right
from crm_project.demo.backdating import times_as_given
from crm_project.demo.guests import GuestBook
from crm_project.demo.house import HONTEN, House
from crm_project.demo.note_words import ANSWERS, COLLEAGUES, NOTES, PLACES, RELATIVES
from crm_project.demo.stories import ANNIVERSARY_TALK, COMPLAINT_NIGHT
from crm_project.demo.tables import Table
from menus.choices import DishPosition
from menus.models import Dish
from visits.models import Attendance, Note, NoteCategory, Visit
from visits.story import thread_words

BATCH: Final = 2000
# How often a line of the check sheet is filled in since the house writes it down on the spot.
WRITTEN: Final = {
    "requests": 0.26,
    "talk": 0.5,
    "complaint": 0.03,
    "next_banquet": 0.06,
    "menu_opinion": 0.4,
    "handover": 0.16,
}
BEFORE_GO_LIVE: Final = 0.45
WAITING_AT_HONTEN: Final = 6
WAITING_DAYS: Final = 3
Entry = tuple[Visit, Sequence[Attendance], Sequence[Note]]


@dataclass
class Answered:
    """A thread with what was said under it."""

    thread: Thread
    comments: list[Comment]
    reactions: list[Reaction]
    reads: list[ThreadRead]


class NoteDesk:
    """Writes notes and answers."""

    def __init__(self, rng: Random, house: House, book: GuestBook, went_live_on: date) -> None:
        self._rng = rng
        self._house = house
        self._companies = [guest.company.name for guest in book.guests if guest.company] or ["北辰電機株式会社"]
        self._went_live_on = went_live_on
        self._categories = {category.code: category for category in NoteCategory.objects.filter(is_active=True)}

    def notes_of(self, table: Table, visit: Visit, dishes: Sequence[Dish]) -> list[Note]:
        """The check sheet of a visit, unsaved; what was not worth writing is not there."""
        rng = self._rng
        often = 1.0 if table.day >= self._went_live_on else BEFORE_GO_LIVE
        notes = []
        for code, share in WRITTEN.items():
            told = _told(table, code)
            if code not in self._categories or not (told or rng.random() < share * often):
                continue
            text = told or rng.choice(NOTES[code])
            always, text = text.startswith("*"), text.removeprefix("*")
            about = rng.choice(table.guests) if rng.random() < 0.15 else table.host
            notes.append(
                Note(
                    visit=visit,
                    category=self._categories[code],
                    asked_as=self._categories[code].name,
                    customer=about.row,
                    text=self._filled(text, dishes),
                    is_standing=always,
                    author=table.staff,
                    created_at=visit.recorded_at,
                )
            )
        return notes

    def _filled(self, text: str, dishes: Sequence[Dish]) -> str:
        rng = self._rng
        dish = rng.choice([dish for dish in dishes if dish.position != DishPosition.DRINK] or list(dishes))
        return text.format(
            dish=dish.name,
            month=rng.randint(1, 12),
            n=rng.randint(3, 9) if "{n}0" in text else rng.randint(19, 22),
            company=rng.choice(self._companies),
            relative=rng.choice(RELATIVES),
            place=rng.choice(PLACES),
        )

    def open_threads(self, entries: Sequence[Entry]) -> dict[int, list[Comment]]:
        """A thread for every note; nearly all are answered, the last few of the main house wait. Note id -> answers."""
        waiting = self._waiting(entries)
        kind = Thread.type_of(Note)
        answered = []
        for visit, attendances, notes in entries:
            for note in notes:
                thread = Thread(
                    content_type=kind,
                    object_id=note.pk,
                    venue=visit.venue,
                    read_right=Right.VIEW_NOTES,
                    author=note.author,
                    is_urgent=note.category.is_bad_news,
                    opened_at=note.created_at,
                    **thread_words(visit, note, attendances),
                )
                answered.append(self._answered(thread, note, waits=note.pk in waiting))
        write_answers(answered)
        return {one.thread.object_id: one.comments for one in answered if one.comments}

    def _waiting(self, entries: Sequence[Entry]) -> set[int]:
        """The last complaint and the last other entries of the main house; nothing older than a few days waits."""
        since = self._house.today(HONTEN) - timedelta(days=WAITING_DAYS)
        recent = [
            note
            for visit, _attendances, notes in reversed(entries)
            if visit.venue_id == self._house.venues[HONTEN].pk and visit.business_date >= since
            for note in notes
        ]
        bad = [note.pk for note in recent if note.category.is_bad_news][:1]
        other = [note.pk for note in recent if not note.category.is_bad_news]
        return {*bad, *other[: WAITING_AT_HONTEN - len(bad)]}

    def _answered(self, thread: Thread, note: Note, *, waits: bool) -> Answered:
        rng, opened = self._rng, thread.opened_at
        answered = Answered(thread, [], [], [])
        code = note.category.code
        if rng.random() < 0.12:
            colleague = rng.choice([one for one in self._floor(thread) if one != thread.author])
            seen = opened + timedelta(minutes=rng.randint(3, 10))
            answered.reads.append(ThreadRead(thread=thread, user=colleague, at=seen))
            if rng.random() < 0.3 and not thread.is_urgent:
                words = rng.choice(COLLEAGUES)
                answered.comments.append(Comment(thread=thread, author=colleague, text=words, created_at=seen))
        if waits:
            return answered
        manager = self._house.manager(self._code_of(thread))
        okami = self._house.people["fujiwara"]
        answers = okami if rng.random() < 0.12 else manager
        at = self._answered_at(opened)
        thread.answered_by, thread.answered_at = answers, at
        writes = thread.is_urgent or rng.random() < 0.4
        if writes:
            words = rng.choice(ANSWERS.get(code, ANSWERS["handover"]))
            answered.comments.append(Comment(thread=thread, author=answers, text=words, created_at=at))
        if not writes or rng.random() < 0.2:
            kinds = (
                [ReactionKind.THANKS_FOR_TELLING]
                if thread.is_urgent
                else [ReactionKind.THANKS, ReactionKind.UNDERSTOOD]
            )
            answered.reactions.append(Reaction(thread=thread, author=answers, kind=rng.choice(kinds), created_at=at))
        answered.reads.append(ThreadRead(thread=thread, user=answers, at=at))
        if answers != okami and rng.random() < 0.35:
            answered.reads.append(ThreadRead(thread=thread, user=okami, at=at + timedelta(minutes=1)))
        return answered

    def _answered_at(self, opened: datetime) -> datetime:
        """Before the house knew Okami it took days; since then the same night or the next noon, never later than last night."""
        rng = self._rng
        tonight = opened + timedelta(minutes=rng.randint(4, 25))
        live = timedelta(hours=rng.uniform(9, 16)) if rng.random() < 0.6 else timedelta(minutes=rng.randint(5, 25))
        slow = timedelta(hours=rng.uniform(14, 190))
        at = opened + (live if opened.date() >= self._went_live_on else slow)
        return at if at.date() < self._house.today(HONTEN) - timedelta(days=1) else tonight

    def _code_of(self, thread: Thread) -> str:
        return thread.venue.code

    def _floor(self, thread: Thread) -> list[User]:
        return self._house.of_role("floor", self._code_of(thread))


def write_answers(answered: Sequence[Answered]) -> None:
    """Write threads with comments, reactions and who has read them."""
    Thread.objects.bulk_create((one.thread for one in answered), batch_size=BATCH)
    with times_as_given(Comment, "created_at"):
        Comment.objects.bulk_create((row for one in answered for row in one.comments), batch_size=BATCH)
    with times_as_given(Reaction, "created_at"):
        Reaction.objects.bulk_create((row for one in answered for row in one.reactions), batch_size=BATCH)
    with times_as_given(ThreadRead, "at"):
        ThreadRead.objects.bulk_create((row for one in answered for row in one.reads), batch_size=BATCH)


def _told(table: Table, code: str) -> str:
    """The words of the stories."""
    return {
        (COMPLAINT_NIGHT, "complaint"): "椀物がぬるいとのこと。すぐ温め直してお詫びした",
        (COMPLAINT_NIGHT, "talk"): "お嬢様の就職が決まったとのこと。お祝いの席を考えておられる",
        (ANNIVERSARY_TALK, "requests"): "次回は椅子席を。膝を痛めておられる",
        (ANNIVERSARY_TALK, "next_banquet"): "来春、創立40周年の宴を検討中（60名ほど）",
        (ANNIVERSARY_TALK, "handover"): "*床の間側に主賓。ぬる燗は四十度",
    }.get((table.story, code), "")

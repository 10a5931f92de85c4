"""The check sheet: what was noted about a visit, and the lines the house asks for."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record, snapshot
from crm_project.core.comments.services import open_thread
from crm_project.core.rights import Right
from crm_project.core.text import tidy
from visits.check_sheet import is_answered
from visits.choices import PICKED, NoteInput
from visits.entries import NoteEntry
from visits.models import Attendance, Note, NoteCategory, SheetLine, Visit
from visits.refusals import RecordingRefused, SettingChangedMeanwhile
from visits.services.complaints import follow_up_note
from visits.story import retell, thread_words


@transaction.atomic
def create_category(*, by: User, name: str, **values: Any) -> NoteCategory:
    """Add a line to the check sheet. The code is made up: names are the house's and may change."""
    category = NoteCategory(name=name, code=f"line-{uuid.uuid4().hex[:12]}", **values)
    category.full_clean()
    category.save(force_insert=True)
    record(by=by, action=Action.CREATED, subject=category, changes={"name": [None, name]})
    return category


@transaction.atomic
def change_category(*, category: NoteCategory, by: User, version: int, **values: Any) -> NoteCategory:
    """Change a line of the check sheet; what was written under it stays, with the name it was asked as.

    `version` is the one the person saw: raises SettingChangedMeanwhile when it has passed, ValidationError.
    """
    category = NoteCategory.objects.select_for_update().get(pk=category.pk)
    if category.version != version:
        raise SettingChangedMeanwhile
    before = snapshot(category, values)
    for name, value in values.items():
        setattr(category, name, value)
    category.full_clean()
    changes = difference(before, snapshot(category, values))
    if changes:
        category.version += 1
        category.save()
        record(by=by, action=Action.CHANGED, subject=category, changes=changes)
    return category


def write_notes(
    visit: Visit,
    by: User,
    attendances: Sequence[Attendance],
    notes: Mapping[str, NoteEntry],
    *,
    takes_place: bool = False,
) -> None:
    """Write the check sheet; one thread per note, that of a complaint urgent.

    With `takes_place` the visit is recorded just now: required lines without an answer are left open, to be completed.
    Raises RecordingRefused.
    """
    categories = {category.code: category for category in NoteCategory.objects.all()}
    written = {note.category_id: note for note in visit.notes.all()}
    if unknown := notes.keys() - categories.keys():
        raise RecordingRefused(_("The check sheet has no line %(codes)s."), {"codes": ", ".join(sorted(unknown))})
    known = [row.customer for row in attendances if row.customer is not None]
    dishes: set[str] | None = None
    for category in categories.values():
        entry = notes.get(category.code)
        if entry is None:
            continue
        note = written.get(category.pk)
        if category.entry == NoteInput.DISHES and entry.picked and dishes is None:
            dishes = set(visit.served_dishes.values_list("dish__name", flat=True))
        words = _words(category, entry, note, dishes or set())
        if not words:
            if note is not None:
                raise RecordingRefused(
                    _("“%(name)s” was written down already: change its words, it cannot be taken away."),
                    {"name": note.heading},
                )
            continue
        about = entry.customer or (known[0] if known else None)
        if about is not None and about.pk not in {customer.pk for customer in known}:
            raise RecordingRefused(_("A note is about somebody at the table."))
        if note is None:
            note = Note(visit=visit, category=category, asked_as=category.name, author=by)
            written[category.pk] = note
        _stands(note, entry, words=words, by=by)
        note.customer, note.text, note.picked, note.is_standing = about, words, [*entry.picked], entry.is_standing
        note.save()
        open_thread(
            parent=note,
            venue=visit.venue,
            author=note.author,
            read_right=Right.VIEW_NOTES,
            is_urgent=category.is_bad_news,
            **thread_words(visit, note, attendances),
        )
        if category.is_bad_news:
            follow_up_note(note=note, visit=visit, by=by)
    _settle_lines(visit, by, [*categories.values()], notes, {*written}, attendances, takes_place=takes_place)


def _words(category: NoteCategory, entry: NoteEntry, note: Note | None, dishes: set[str]) -> str:
    """All of an answer as one reads it: what was picked, then what was added. Raises RecordingRefused."""
    added = tidy(entry.text, lines=True)
    if category.entry not in PICKED:
        if entry.picked:
            raise RecordingRefused(_("“%(name)s” is answered in words."), {"name": category.name})
        return added
    # Choices the house has taken away since stay readable, and may stay picked.
    offered = dishes if category.entry == NoteInput.DISHES else {*category.choices}
    offered = offered | {*(note.picked if note is not None else ())}
    if unknown := [choice for choice in entry.picked if choice not in offered]:
        raise RecordingRefused(
            _("“%(name)s” does not offer %(choices)s."), {"name": category.name, "choices": "、".join(unknown)}
        )
    if category.entry == NoteInput.CHOICE and len(entry.picked) > 1:
        raise RecordingRefused(_("“%(name)s” takes one answer."), {"name": category.name})
    return "\n".join(filter(None, ("、".join(entry.picked), added)))


def _stands(note: Note, entry: NoteEntry, *, words: str, by: User) -> None:
    """A standing note that is written anew holds from now on; one that no longer stands has nothing to end."""
    if not entry.is_standing:
        note.confirmed_at = note.confirmed_by = note.ended_at = note.ended_by = None
    elif note.pk is not None and words != note.text:
        note.confirmed_at, note.confirmed_by = timezone.now(), by
        note.ended_at = note.ended_by = None


def _settle_lines(
    visit: Visit,
    by: User,
    categories: Sequence[NoteCategory],
    notes: Mapping[str, NoteEntry],
    written: set[int],
    attendances: Sequence[Attendance],
    *,
    takes_place: bool,
) -> None:
    """Remember which lines were answered with none, leave open what is required, close what is answered now."""
    lines = {line.category_id: line for line in visit.sheet_lines.all()}
    is_told = visit.complaints.exists()
    all_asked = all(row.checked_at is not None and not row.has_unwritten_change for row in attendances)
    for category in categories:
        entry, line = notes.get(category.code), lines.get(category.pk)
        answered = is_answered(category, entry, has_note=category.pk in written, is_told=is_told, all_asked=all_asked)
        is_none = answered and category.entry == NoteInput.YES_NO and category.pk not in written and entry is not None
        if is_none:
            line = line or SheetLine(visit=visit, category=category, asked_as=category.name)
            if line.pk is None or line.is_open:
                line.is_open, line.answered_by, line.answered_at = False, by, timezone.now()
                line.save()
        elif answered and line is not None and (line.is_open or category.pk in written):
            line.delete()
        elif not answered and line is None and takes_place and _is_required(category, visit):
            SheetLine.objects.create(visit=visit, category=category, asked_as=category.name, is_open=True)


def _is_required(category: NoteCategory, visit: Visit) -> bool:
    day = visit.business_date
    return (
        category.is_required
        and category.is_active
        and (category.active_from is None or category.active_from <= day)
        and (category.active_until is None or category.active_until >= day)
        and category.is_asked_for(visit.purpose)
    )


@transaction.atomic
def confirm_standing(*, note: Note, by: User) -> Note:
    """A standing wish (いつも) still holds: its age starts anew. Raises PermissionDenied, RecordingRefused."""
    current = _standing(note, by)
    if current.ended_at is not None:
        raise RecordingRefused(_("This was ended already."))
    before = current.holds_since
    current.confirmed_at, current.confirmed_by = timezone.now(), by
    current.save(update_fields=["confirmed_at", "confirmed_by"])
    record(
        by=by,
        action=Action.CHANGED,
        subject=current,
        changes={"confirmed_at": [before.isoformat(), current.confirmed_at.isoformat()]},
    )
    return current


@transaction.atomic
def end_standing(*, note: Note, by: User) -> Note:
    """A standing wish (いつも) holds no longer: it stays readable at its visit. The same twice is once.

    Raises PermissionDenied, RecordingRefused.
    """
    current = _standing(note, by)
    if current.ended_at is None:
        current.ended_at, current.ended_by = timezone.now(), by
        current.save(update_fields=["ended_at", "ended_by"])
        record(
            by=by,
            action=Action.CHANGED,
            subject=current,
            changes={"ended_at": [None, current.ended_at.isoformat()]},
        )
        retell(Visit.objects.select_related("venue", "room", "course").get(pk=current.visit_id))
    return current


def _standing(note: Note, by: User) -> Note:
    current = Note.objects.select_for_update(of=("self",)).select_related("visit").get(pk=note.pk)
    if not by.has_right(Right.LOG_VISITS, current.visit.venue_id):
        raise PermissionDenied
    if not current.is_standing:
        raise RecordingRefused(_("This was for one evening only."))
    return current

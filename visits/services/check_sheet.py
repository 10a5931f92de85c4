"""The check sheet: what was noted about a visit, and the lines the house asks for."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record, snapshot
from crm_project.core.comments.services import open_thread
from crm_project.core.rights import Right
from crm_project.core.text import tidy
from visits.choices import VisitStatus
from visits.entries import NoteEntry
from visits.models import Attendance, Note, NoteCategory, Visit
from visits.refusals import MissingCategories, RecordingRefused
from visits.story import thread_words


@transaction.atomic
def create_category(*, by: User, name: str, **values: Any) -> NoteCategory:
    """Add a line to the check sheet. The code is made up: names are the house's and may change."""
    category = NoteCategory(name=name, code=f"line-{uuid.uuid4().hex[:12]}", **values)
    category.full_clean()
    category.save(force_insert=True)
    record(by=by, action=Action.CREATED, subject=category, changes={"name": [None, name]})
    return category


@transaction.atomic
def change_category(*, category: NoteCategory, by: User, **values: Any) -> NoteCategory:
    """Change a line of the check sheet; what was written under it stays."""
    category = NoteCategory.objects.select_for_update().get(pk=category.pk)
    before = snapshot(category, values)
    for name, value in values.items():
        setattr(category, name, value)
    category.full_clean()
    category.save(update_fields=list(values))
    changes = difference(before, snapshot(category, values))
    if changes:
        record(by=by, action=Action.CHANGED, subject=category, changes=changes)
    return category


def write_notes(visit: Visit, by: User, attendances: Sequence[Attendance], notes: Mapping[str, NoteEntry]) -> None:
    """Write the check sheet; one thread per note, that of a complaint urgent."""
    categories = {category.code: category for category in NoteCategory.objects.all()}
    written = {note.category_id: note for note in visit.notes.all()}
    if unknown := notes.keys() - categories.keys():
        raise RecordingRefused(_("The check sheet has no line %(codes)s."), {"codes": ", ".join(sorted(unknown))})
    if visit.status == VisitStatus.COMPLETED:
        _require(visit, [*categories.values()], notes, written)
    known = [row.customer for row in attendances if row.customer is not None]
    for category in categories.values():
        entry = notes.get(category.code)
        if entry is None:
            continue
        words = tidy(entry.text, lines=True)
        note = written.get(category.pk)
        if not words:
            if note is not None:
                raise RecordingRefused(
                    _("“%(name)s” was written down already: change its words, it cannot be taken away."),
                    {"name": category.name},
                )
            continue
        if note is None:
            note = Note(visit=visit, category=category, asked_as=category.name, author=by)
        about = entry.customer or (known[0] if known else None)
        if about is not None and about.pk not in {customer.pk for customer in known}:
            raise RecordingRefused(_("A note is about somebody at the table."))
        note.customer, note.text, note.is_standing = about, words, entry.is_standing
        note.save()
        open_thread(
            parent=note,
            venue=visit.venue,
            author=note.author,
            read_right=Right.VIEW_NOTES,
            is_urgent=category.is_bad_news,
            **thread_words(visit, note, attendances),
        )


def _require(
    visit: Visit, categories: Sequence[NoteCategory], notes: Mapping[str, NoteEntry], written: Mapping[int, Note]
) -> None:
    missing = []
    for category in categories:
        if not (category.is_active and category.is_required) or category.pk in written or category.entry == "allergy":
            continue
        entry = notes.get(category.code)
        # Only a yes-or-no line can be answered with なし.
        if entry is None or (not entry.text.strip() and category.entry != "yes_no"):
            missing.append(category)
    if missing:
        raise MissingCategories(missing)

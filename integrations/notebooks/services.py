"""Verbs of a notebook: take its photos, turn and finish a page, keep what is typed, save a row or take it back."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.text import tidy
from integrations.choices import LedgerState, LedgerTarget, RowDecision, RowOutcome
from integrations.ledgers.entries import ERROR, NOTE, WARNING
from integrations.ledgers.known_guests import last_guest_id
from integrations.ledgers.target_imports import COUNT_OF, counted, write_rows
from integrations.ledgers.undoing import Turner
from integrations.models import LedgerImage, LedgerImport, LedgerRow, Notebook, NotebookPage, NotebookRow
from integrations.notebooks import photos
from integrations.notebooks.columns import (
    HEADINGS,
    MAP_TEXT,
    MOST_LINES,
    TYPED,
    cells_of,
    place_of,
    row_number,
)
from integrations.notebooks.rows import DecidedGuest, Look, guests_by_id, look_at, read_row
from integrations.visit_ledgers.importing import VISIT_LEDGERS

# What somebody says of a row beside the id of a guest.
NEW: Final = "new"
LATER: Final = "later"
# Filled with what the house guesses; then the row says so.
GUESSED: Final = "guessed"
MOST_PAGES: Final = 500


class RowRefused(InputProblem):
    """The row cannot be saved so: what is wrong by field ("who": it is not said whom it is about)."""

    def __init__(self, wrong: Mapping[str, str], look: Look | None = None) -> None:
        super().__init__(" ".join(wrong.values()))
        self.wrong = dict(wrong)
        self.look = look


class NotebookTakenBack(InputProblem):
    """What was typed from the notebook was taken back: nothing is added to it."""

    def __init__(self) -> None:
        super().__init__(
            gettext_lazy("What was typed from this notebook was taken back. Import it again before you go on.")
        )


def _require_right(by: User) -> None:
    if not by.has_right(Right.IMPORT_LEDGERS):
        raise PermissionDenied


# --- pages ---------------------------------------------------------------------------------------------------------------


def add_notebook(*, name: str, venue: Venue, uploads: Sequence[UploadedFile], by: User) -> Notebook:
    """A new notebook with the photos of its pages. Raises InputProblem; then nothing is kept."""
    _require_right(by)
    contents = photos.small_pages(uploads)

    def write() -> Notebook:
        notebook = Notebook.objects.create(name=name, venue=venue, added_by=by)
        record(by=by, action=Action.CREATED, subject=notebook, changes={"pages": [None, len(contents)]})
        return notebook

    return _with_pages(write, contents, by)


def add_pages(*, notebook: Notebook, uploads: Sequence[UploadedFile], by: User) -> Notebook:
    """Further pages behind the last one. Raises InputProblem; then nothing is kept."""
    _require_right(by)
    contents = photos.small_pages(uploads)

    def lock() -> Notebook:
        found = Notebook.objects.select_for_update(of=("self",)).get(pk=notebook.pk)
        record(by=by, action=Action.CHANGED, subject=found, changes={"pages": [None, len(contents)]})
        return found

    return _with_pages(lock, contents, by)


def _with_pages(notebook_of: Callable[[], Notebook], contents: Sequence[bytes], by: User) -> Notebook:
    made: list[NotebookPage] = []
    try:
        with transaction.atomic():
            notebook = notebook_of()
            last = notebook.pages.aggregate(last=Max("number"))["last"] or 0
            if last + len(contents) > MOST_PAGES:
                raise InputProblem(gettext_lazy("A notebook holds at most %(count)s pages."), {"count": MOST_PAGES})
            for number, content in enumerate(contents, start=last + 1):
                page = NotebookPage(notebook=notebook, number=number, added_by=by)
                photos.keep(page, content)
                made.append(page)
                page.save(force_insert=True)
    except IntegrityError as error:
        photos.forget_unsaved(made)
        raise InputProblem(gettext_lazy("There is a notebook of that name: choose another name.")) from error
    except BaseException:
        photos.forget_unsaved(made)
        raise
    return notebook


@transaction.atomic
def turn_page(*, page: NotebookPage, by: User) -> None:
    """Show the photo turned to the right by one more quarter; no change of what it says."""
    _require_right(by)
    NotebookPage.objects.filter(pk=page.pk).update(quarter_turns=(F("quarter_turns") + 1) % 4)
    page.refresh_from_db(fields=["quarter_turns"])


@transaction.atomic
def finish_page(*, page: NotebookPage, by: User, is_done: bool = True) -> None:
    """Say that everything of the page is typed, or that it is not after all."""
    _require_right(by)
    current = NotebookPage.objects.select_for_update(of=("self",)).select_related("notebook").get(pk=page.pk)
    if (current.done_at is not None) == is_done:
        return
    current.done_at, current.done_by = (timezone.now(), by) if is_done else (None, None)
    current.save(update_fields=["done_at", "done_by"])
    words = [None, current.number]
    changes = {"page_done": words} if is_done else {"page_done": words[::-1]}
    record(by=by, action=Action.CHANGED, subject=current.notebook, changes=changes)


@transaction.atomic
def remove_page(*, page: NotebookPage, by: User) -> None:
    """Take a page away from which nothing has been typed, with its photo. Raises InputProblem."""
    _require_right(by)
    current = NotebookPage.objects.select_for_update(of=("self",)).select_related("notebook").get(pk=page.pk)
    if current.typed_rows.filter(line__isnull=False).exists():
        raise InputProblem(gettext_lazy("Rows have been typed from this page: it stays."))
    record(by=by, action=Action.CHANGED, subject=current.notebook, changes={"page_removed": [current.number, None]})
    current.delete()


@transaction.atomic
def forget_photos(*, notebook: Notebook, by: User) -> int:
    """Throw the photos of a notebook away whose pages are all done; the rows stay. Returns how many. Raises InputProblem."""
    _require_right(by)
    current = Notebook.objects.select_for_update(of=("self",)).get(pk=notebook.pk)
    pages = list(current.pages.exclude(file=""))
    if current.pages.filter(done_at=None).exists():
        raise InputProblem(gettext_lazy("Not every page is done: its photo is still needed."))
    for page in pages:
        photos.forget_file(page)
    current.pages.update(file="")
    record(by=by, action=Action.CHANGED, subject=current, changes={"photos": [len(pages), None]})
    return len(pages)


# --- rows ----------------------------------------------------------------------------------------------------------------


def keep_draft(*, page: NotebookPage, token: uuid.UUID, typed: Mapping[str, str], by: User) -> NotebookRow | None:
    """Keep what somebody has typed and not saved; blank throws it away. One draft for each page and person."""
    _require_right(by)
    kept = storable(typed)
    with transaction.atomic():
        NotebookPage.objects.select_for_update(of=("self",)).get(pk=page.pk)
        known = NotebookRow.objects.filter(token=token).first()
        if known is not None and (known.line is not None or known.typed_by_id != by.pk or known.page_id != page.pk):
            return None
        mine = NotebookRow.objects.filter(page=page, typed_by=by, line=None)
        if not any(value for name, value in kept.items() if name in TYPED and name != "year"):
            mine.delete()
            return None
        mine.exclude(token=token).delete()
        draft, _made = NotebookRow.objects.update_or_create(
            token=token, defaults={"page": page, "typed_by": by, "typed": kept}
        )
        return draft


def storable(typed: Mapping[str, str]) -> dict[str, str]:
    """What a database takes of what was typed."""
    plain = {name: typed.get(name, "") for name in (*TYPED, GUESSED)}
    return {name: value.encode("utf-8", "replace").decode().replace("\0", "") for name, value in plain.items()}


@dataclass(frozen=True, slots=True)
class Saved:
    """A row that is saved, and what it did."""

    row: NotebookRow
    outcome: RowOutcome
    waits: bool


def save_row(
    *,
    page: NotebookPage,
    token: uuid.UUID,
    typed: Mapping[str, str],
    who: str,
    by: User,
    row: NotebookRow | None = None,
) -> Saved:
    """Write a row: guest, visit, trail, images and counts of the notebook's import. The same token again writes nothing.

    `who`: the id of a guest whom the person may open, NEW, or LATER (it waits in the work list); "" is NEW where nobody is
    likely. `row`: one that waits. Raises RowRefused, NotebookTakenBack, InputProblem.
    """
    _require_right(by)
    kept = storable(typed)
    try:
        with transaction.atomic():
            return _save(page, token, kept, who, by, row)
    except IntegrityError as error:
        raise InputProblem(gettext_lazy("Somebody entered the same a moment ago: look at the row again.")) from error


def _save(
    page: NotebookPage, token: uuid.UUID, typed: Mapping[str, str], who: str, by: User, waiting: NotebookRow | None
) -> Saved:
    notebook = Notebook.objects.select_for_update(of=("self",)).select_related("venue").get(pk=page.notebook_id)
    known = NotebookRow.objects.filter(token=token).first()
    if known is not None and known.line is not None and waiting is None:
        return _saved(notebook, known)
    if tidy(typed.get("date", "")) and not by.has_right(Right.LOG_VISITS, notebook.venue):
        raise RowRefused({"date": _("You may not record visits at %(venue)s.") % {"venue": notebook.venue}})
    look = look_at(typed, notebook=notebook, user=by)
    if look.wrong:
        raise RowRefused(look.wrong, look)
    guest_id = _guest_of(who, look, by)
    ledger_import = _import_of(notebook, by)
    if waiting is not None:
        row, line = waiting, waiting.line or 0
        if not _open_rows(ledger_import).filter(row_number=row_number(page.number, line)).exists():
            raise InputProblem(gettext_lazy("Somebody has decided about this row already."))
    else:
        NotebookRow.objects.filter(page=page, typed_by=by, line=None).exclude(token=token).delete()
        row = known or NotebookRow(page=page, token=token, typed_by=by)
        line = (page.typed_rows.aggregate(last=Max("line"))["last"] or 0) + 1
        if line > MOST_LINES:
            raise InputProblem(gettext_lazy("A page holds at most %(count)s rows."), {"count": MOST_LINES})
    number = row_number(page.number, line)
    if waiting is not None:
        LedgerRow.objects.filter(ledger_import=ledger_import, row_number=number).delete()
        _count(ledger_import, number, rows=-1, errors=-1)
    if guest_id == LATER:
        outcome = _put_off(ledger_import, number, typed, look, notebook)
    else:
        outcome = _write(ledger_import, number, typed, guest_id, by, notebook)
        if waiting is not None:
            decision = RowDecision.NEW if guest_id is None else RowDecision.GUEST
            LedgerRow.objects.filter(ledger_import=ledger_import, row_number=number).update(
                decision=decision, decided_by=by
            )
    row.line, row.typed = line, dict(typed)
    row.save()
    if waiting is not None or guest_id == LATER:
        said = guest_id if guest_id == LATER else (RowDecision.NEW if guest_id is None else RowDecision.GUEST)
        record(
            by=by,
            action=Action.CHANGED,
            subject=ledger_import,
            changes={"row": [None, number], "decision": [None, str(said)]},
        )
    return Saved(row, outcome, waits=guest_id == LATER)


def _guest_of(who: str, look: Look, by: User) -> int | str | None:
    """The guest's id, None for somebody new, or LATER. Raises RowRefused where it is not said and somebody is likely."""
    if who == LATER:
        return LATER
    if who == NEW:
        return None
    if not who:
        if look.candidates:
            raise RowRefused({"who": _("Say who it is: one of these guests, a new one, or later.")}, look)
        return None
    pk = int(who) if who.isascii() and who.isdecimal() and len(who) < 16 else 0
    if not guests_by_id([pk], by):
        raise RowRefused({"who": _("Choose one of these guests.")}, look)
    return pk


def _import_of(notebook: Notebook, by: User) -> LedgerImport:
    """The notebook's import, locked; made for the first row. Raises NotebookTakenBack."""
    if notebook.ledger_import_id is not None:
        current = LedgerImport.objects.select_for_update(of=("self",)).get(pk=notebook.ledger_import_id)
        if current.state != LedgerState.APPLIED:
            raise NotebookTakenBack
        return current
    now = timezone.now()
    made = LedgerImport.objects.create(
        target=LedgerTarget.VISITS,
        file_name=notebook.name,
        map_text=MAP_TEXT,
        headings=list(HEADINGS.values()),
        state=LedgerState.APPLIED,
        started_by=by,
        applied_at=now,
        applied_to_row=0,
        last_guest_id=last_guest_id(),
        keeps_images=True,
    )
    made.ledger_key = f"#{made.pk}"
    made.save(update_fields=["ledger_key"])
    notebook.ledger_import = made
    notebook.save(update_fields=["ledger_import"])
    return made


def _write(
    ledger_import: LedgerImport,
    number: int,
    typed: Mapping[str, str],
    guest_id: Any,
    by: User,
    notebook: Notebook,
) -> RowOutcome:
    visit_row, reader = read_row(typed, number=number, notebook=notebook)
    guests = DecidedGuest(reader=reader.guests, vocabulary=reader.vocabulary, guest_id=guest_id)
    planner = VISIT_LEDGERS.planner(reader, guests)
    planned, plans = planner.plan([visit_row], lock=True)
    wrong = {one["field"] or "name": one["message"] for one in visit_row.guest.messages if one["level"] == ERROR}
    if wrong:
        raise RowRefused(wrong)
    kana = visit_row.guest.values.get("kana", "")
    if kana and typed.get(GUESSED) == kana:
        visit_row.guest.say(NOTE, "kana", _("the reading is guessed: guests of that name are read so"))
    VISIT_LEDGERS.writer(ledger_import, by, reader).write(planned, plans)
    write_rows(VISIT_LEDGERS, ledger_import, planned, reader)
    _count(ledger_import, number, **counted(planned))
    _keep_words(ledger_import, number, typed, notebook)
    return planned[0].outcome


def _put_off(
    ledger_import: LedgerImport, number: int, typed: Mapping[str, str], look: Look, notebook: Notebook
) -> RowOutcome:
    sentence = _("is put off: say who it is.")
    told = [one for one in look.entry.messages if one["level"] == WARNING]
    LedgerRow.objects.create(
        ledger_import=ledger_import,
        row_number=number,
        outcome=RowOutcome.ERROR,
        messages=[{"level": ERROR, "field": "name", "message": sentence}, *told],
        candidates=[
            {
                "guest": one.guest.pk,
                "probability": round(one.probability, 4),
                "reasons": [reason.code for reason in one.reasons],
            }
            for one in look.candidates
        ]
        or None,
        waits=True,
    )
    _count(ledger_import, number, rows=1, errors=1)
    _keep_words(ledger_import, number, typed, notebook)
    return RowOutcome.ERROR


def _keep_words(ledger_import: LedgerImport, number: int, typed: Mapping[str, str], notebook: Notebook) -> None:
    """Whatever became of the row: what was typed stays with it."""
    written = {name: typed[name] for name in TYPED if typed.get(name, "").strip()}
    LedgerRow.objects.filter(ledger_import=ledger_import, row_number=number).update(
        written=written, cells=cells_of(typed, notebook.venue.code)
    )


def _count(ledger_import: LedgerImport, number: int, **more: int) -> None:
    changes: dict[str, Any] = {name: F(name) + count for name, count in more.items() if count}
    LedgerImport.objects.filter(pk=ledger_import.pk).update(**changes)
    LedgerImport.objects.filter(pk=ledger_import.pk, applied_to_row__lt=number).update(applied_to_row=number)


def _open_rows(ledger_import: LedgerImport) -> Any:
    return LedgerRow.objects.filter(ledger_import=ledger_import, waits=True, decision="")


def _saved(notebook: Notebook, row: NotebookRow) -> Saved:
    page = row.page
    number = row_number(page.number, row.line or 0)
    written = LedgerRow.objects.filter(ledger_import=notebook.ledger_import_id, row_number=number).first()
    outcome = RowOutcome(written.outcome) if written else RowOutcome.UNCHANGED
    return Saved(row, outcome, waits=bool(written and written.waits))


@transaction.atomic
def leave_out(*, row: NotebookRow, by: User) -> None:
    """A row that waits is left out: it stays counted as set aside. Raises InputProblem when it does not wait any more."""
    _require_right(by)
    page = row.page
    ledger_import = LedgerImport.objects.select_for_update(of=("self",)).get(notebook=page.notebook_id)
    number = row_number(page.number, row.line or 0)
    if (
        not _open_rows(ledger_import)
        .filter(row_number=number)
        .update(waits=False, decision=RowDecision.SKIP, decided_by=by)
    ):
        raise InputProblem(gettext_lazy("Somebody has decided about this row already."))
    changes: dict[str, Any] = {"row": [None, number], "decision": [None, RowDecision.SKIP.value]}
    record(by=by, action=Action.CHANGED, subject=ledger_import, changes=changes)


@transaction.atomic
def take_row_back(*, row: NotebookRow, by: User) -> None:
    """A saved row is taken back: guest and visit are as they were before it, and its words stand in the form again.

    Raises NotebookTakenBack, and InputProblem where somebody has worked with what it wrote, where another row is being
    typed, and where it was taken back already.
    """
    _require_right(by)
    notebook = Notebook.objects.select_for_update(of=("self",)).select_related("venue").get(pk=row.page.notebook_id)
    ledger_import = _import_of(notebook, by)
    found = NotebookRow.objects.select_for_update(of=("self",)).filter(pk=row.pk, line__isnull=False).first()
    if found is None or found.line is None:
        raise InputProblem(gettext_lazy("This row was taken back already."))
    if tidy(found.typed.get("date", "")) and not by.has_right(Right.LOG_VISITS, notebook.venue):
        raise InputProblem(gettext_lazy("You may not record visits at %(venue)s."), {"venue": notebook.venue})
    drafts = NotebookRow.objects.filter(page=found.page_id, typed_by=by, line=None)
    if any(
        words.strip() for draft in drafts for name, words in draft.typed.items() if name in TYPED and name != "year"
    ):
        raise InputProblem(gettext_lazy("A row is typed and not saved: save it (Ctrl+Enter), or empty it."))
    number = row_number(row.page.number, found.line)
    images = list(LedgerImage.objects.filter(ledger_import=ledger_import, row_number=number).order_by("-pk"))
    _turned, stays = Turner(ledger_import=ledger_import, by=by, back=True).turn(images)
    if stays:
        raise InputProblem(gettext_lazy("The row stays: what it wrote was changed or used since."))
    LedgerImage.objects.filter(pk__in=[image.pk for image in images]).delete()
    written = LedgerRow.objects.filter(ledger_import=ledger_import, row_number=number).first()
    if written is not None:
        is_warned = written.outcome != RowOutcome.ERROR and any(one["level"] == WARNING for one in written.messages)
        outcome = COUNT_OF[RowOutcome(written.outcome)]
        _count(ledger_import, number, rows=-1, warnings=-int(is_warned), **{outcome: -1})
        written.delete()
    drafts.delete()
    found.line, found.typed_by = None, by
    found.save()
    record(by=by, action=Action.CHANGED, subject=ledger_import, changes={"row": [number, None]})


def row_of(ledger_row: LedgerRow) -> NotebookRow | None:
    """The typed row behind a row of an import; None where it is of a file."""
    page, line = place_of(ledger_row.row_number)
    found: NotebookRow | None = (
        NotebookRow.objects.filter(
            page__notebook__ledger_import=ledger_row.ledger_import_id, page__number=page, line=line
        )
        .select_related("page")
        .first()
    )
    return found

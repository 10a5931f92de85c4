"""Verbs of a ledger: receive a file, say which column is what, look what it would do, import it."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any, Final, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.column_map import ColumnMap, dump_map
from crm_project.core.jobs.models import Job
from crm_project.core.jobs.pace import Pace
from crm_project.core.jobs.services import LeaseLost, start_job
from crm_project.core.problems import InputProblem
from crm_project.core.tables import LeftOut, Limits, PasswordNeeded, decrypted, unpacked
from customers.models import Customer
from integrations.choices import IMPORTED, LedgerState, LedgerTarget, RowOutcome
from integrations.ledgers.change_report import ChangeReport
from integrations.ledgers.changed_values import NOT_TAKEN
from integrations.ledgers.corrections import Corrections, corrected_import
from integrations.ledgers.entries import EntryReader, LedgerEntry
from integrations.ledgers.former_imports import file_stem, former_import, gone_codes, likely_codes
from integrations.ledgers.kinds import MAP_KINDS
from integrations.ledgers.known_guests import guests_of_rows, last_guest_id
from integrations.ledgers.ledger_file import LedgerFile, OpenLedger
from integrations.ledgers.looking_ahead import asked_ahead, with_guests
from integrations.ledgers.match_rules import rule_of
from integrations.ledgers.planning import Counts, PlannedRow, Planner
from integrations.ledgers.target_imports import (
    Progress,
    begin_import,
    left_out_of,
    locked_import,
    no_progress,
    sha256_of,
)
from integrations.ledgers.vocabulary import Vocabulary
from integrations.ledgers.write_rights import check_rights_to
from integrations.ledgers.writing import BatchWriter, write_preview
from integrations.models import LedgerImport, LedgerRow

FOLDER: Final = "ledgers"
PLAN, APPLY = "plan_ledger", "apply_ledger"
# Somebody else entered the same code or company at the same moment: plan the batch again with theirs.
ATTEMPTS: Final = 3

OnBatch = Callable[[list[PlannedRow]], None]


@dataclass(slots=True)
class LedgerOutcome:
    """What an import did, or would do."""

    counts: Counts = field(default_factory=Counts)
    blank_rows: int = 0
    gone: list[str] = field(default_factory=list)
    customers_total: int = 0
    map_text: str = ""
    headings: list[str] = field(default_factory=list)
    # Headings of columns of which nothing is taken.
    not_taken: list[str] = field(default_factory=list)
    # Rows that are no guests, such as subtotals: kind -> how many, and the rows themselves.
    left_out: dict[str, int] = field(default_factory=dict)
    left_out_rows: list[LeftOut] = field(default_factory=list)
    # What values became on the way in: see `ChangeLog.as_json`.
    reading: dict[str, Any] = field(default_factory=dict)
    # Of what was written: what an undo asks for.
    import_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The counts under the names of the command line's contract."""
        counts = self.counts
        return {
            "rows": counts.rows,
            "blank_rows": self.blank_rows,
            "created": counts.created,
            "updated": counts.updated,
            "unchanged": counts.unchanged,
            "errors": counts.errors,
            "warnings": counts.warnings,
            "changed_values": self.reading.get("changed_values", 0),
            "unread_values": self.reading.get("unread_values", 0),
            "gone": len(self.gone),
            "gone_codes": self.gone,
            "customers_total": self.customers_total,
            "left_out": self.left_out,
            "left_out_rows": [one._asdict() for one in self.left_out_rows],
            "columns_not_taken": self.not_taken,
            "import_id": self.import_id,
        }


def check_ledger(
    file: LedgerFile,
    *,
    progress: Progress = no_progress,
    on_batch: Callable[[list[PlannedRow], EntryReader], None] | None = None,
    report: ChangeReport | None = None,
) -> LedgerOutcome:
    """What the file would do; nothing is written. Raises TableError or MapError for a file that cannot be used."""
    likely = partial(likely_codes, file_name=file.name, column_map=file.column_map)
    with asked_ahead(likely) as former_codes_asked, file.opened_whole() as ledger:
        vocabulary = Vocabulary()
        reader = _reader(ledger, vocabulary, report)
        rule = rule_of(ledger.column_map)
        planner = Planner(fields=reader.fields, vocabulary=vocabulary, last_guest_id=last_guest_id(), rule=rule)
        outcome, further = LedgerOutcome(), 0
        with closing(with_guests(ledger.batches(reader), with_allergies=planner.with_allergies)) as batches:
            for entries, guests in batches:
                planned = planner.plan(entries, by_code=guests)
                planner.rows_of_file.settle()
                outcome.counts.add(planned)
                further += sum(one.outcome == RowOutcome.CREATED for row in planned for one in row.companions)
                if report:
                    report.flush()
                if on_batch:
                    on_batch(planned, reader)
                progress(entries[-1].number, ledger.table.last_row, "")
        outcome.blank_rows = ledger.table.blank_rows
        outcome.left_out, outcome.left_out_rows = ledger.table.named()
        outcome.reading = reader.log.as_json() | {NOT_TAKEN: ledger.columns_not_taken}
        outcome.map_text = dump_map(ledger.column_map)
        outcome.headings, outcome.not_taken = ledger.headings, ledger.columns_not_taken
        codes = planner.rows_of_file.all_codes
        if ledger.corrections is None:
            _former, former_codes = former_import(
                file_name=file.name, map_text=outcome.map_text, codes=codes, known=former_codes_asked()
            )
            outcome.gone = gone_codes(former_codes, codes)
        outcome.customers_total = Customer.objects.present().count() + outcome.counts.created + further
        return outcome


def _reader(ledger: OpenLedger, vocabulary: Vocabulary, report: ChangeReport | None) -> EntryReader:
    reader = ledger.reader(vocabulary)
    if report:
        report.attach(reader.log, ledger.table)
    return reader


def import_file(
    *,
    file: LedgerFile,
    by: User,
    progress: Progress = no_progress,
    on_batch: OnBatch | None = None,
    report: ChangeReport | None = None,
) -> tuple[LedgerImport, LedgerOutcome]:
    """Import a file at once, without a preview. Raises TableError or MapError before anything is written."""
    with file.opened_whole() as ledger:
        ledger_import = LedgerImport.objects.create(
            file_name=file.name[-200:],
            sha256=sha256_of(file.path),
            sheet=ledger.table.sheet[:120],
            map_text=dump_map(ledger.column_map),
            state=LedgerState.MAPPED,
            started_by=by,
            corrects=ledger.corrections.original if ledger.corrections else None,
        )
        outcome = _apply(ledger_import, file.name, ledger, by=by, progress=progress, on_batch=on_batch, report=report)
        outcome.not_taken = ledger.columns_not_taken
        return ledger_import, outcome


def apply_ledger(
    *,
    ledger_import: LedgerImport,
    by: User,
    progress: Progress = no_progress,
) -> LedgerOutcome:
    """Write what an uploaded file says, a batch per transaction, each with its rows and counts.

    After a kill the next call goes on behind the last written batch. Bad rows are set aside whole. Nobody is deleted.
    """
    if ledger_import.state not in IMPORTED:
        file = file_of(ledger_import)
        with file.opened_whole() as ledger:
            _apply(ledger_import, file.name, ledger, by=by, progress=progress)
    if ledger_import.stored_as:
        # The guests are in the house now: no second copy of them lies about.
        default_storage.delete(ledger_import.stored_as)
        LedgerImport.objects.filter(pk=ledger_import.pk).update(stored_as="")
    return outcome_of(ledger_import)


def _apply(
    ledger_import: LedgerImport,
    file_name: str,
    ledger: OpenLedger,
    *,
    by: User,
    progress: Progress,
    on_batch: OnBatch | None = None,
    report: ChangeReport | None = None,
) -> LedgerOutcome:
    written_to, known_up_to = begin_import(ledger_import, ledger.headings)
    vocabulary = Vocabulary()
    reader = _reader(ledger, vocabulary, report)
    rule = rule_of(ledger.column_map)
    planner = Planner(fields=reader.fields, vocabulary=vocabulary, last_guest_id=known_up_to, rule=rule)
    writer = BatchWriter(ledger_import=ledger_import, by=by)
    pace = Pace()
    with closing(ledger.batches(reader)) as batches:
        for entries in batches:
            if entries[0].number <= written_to:
                written = [entry for entry in entries if entry.number <= written_to]
                planner.remember(written, guests_of_rows(ledger_import, written[0].number, written[-1].number))
                entries = [entry for entry in entries if entry.number > written_to]
            if entries:
                planned = _write_batch(ledger_import, planner, writer, reader, entries, written_to, ledger.corrections)
                written_to = entries[-1].number
                if on_batch:
                    on_batch(planned)
            if report:
                report.flush()
            progress(written_to, ledger.table.last_row, "")
            pace.rest()
    return _finish(ledger_import, file_name, ledger, planner, reader, by)


def _write_batch(
    ledger_import: LedgerImport,
    planner: Planner,
    writer: BatchWriter,
    reader: EntryReader,
    entries: list[LedgerEntry],
    written_to: int,
    corrections: Corrections | None = None,
) -> list[PlannedRow]:
    before = [list(entry.messages) for entry in entries]
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                if locked_import(ledger_import).applied_to_row != written_to:
                    raise LeaseLost(f"ledger import {ledger_import.pk}")
                planned = planner.plan(entries, lock=True)
                writer.write(planned, reader)
                if corrections:
                    written = [row.entry for row in planned if row.outcome != RowOutcome.ERROR]
                    corrections.settle(ledger_import, written)
                counts = Counts()
                counts.add(planned)
                LedgerImport.objects.filter(pk=ledger_import.pk).update(
                    applied_to_row=entries[-1].number,
                    **{name: F(name) + getattr(counts, name) for name in Counts.__dataclass_fields__},
                )
        except IntegrityError:
            planner.rows_of_file.take_back()
            for entry, messages in zip(entries, before, strict=True):
                entry.messages = messages.copy()
            if attempt == ATTEMPTS:
                raise
        else:
            planner.rows_of_file.settle()
            return planned
    raise AssertionError("unreachable")


def _finish(
    ledger_import: LedgerImport,
    file_name: str,
    ledger: OpenLedger,
    planner: Planner,
    reader: EntryReader,
    by: User,
) -> LedgerOutcome:
    codes = planner.rows_of_file.all_codes
    with transaction.atomic():
        current = locked_import(ledger_import)
        if current.state not in IMPORTED:
            if ledger.corrections is None:
                former, former_codes = former_import(file_name=file_name, map_text=current.map_text, codes=codes)
                current.gone = gone_codes(former_codes, codes)
                stem = file_stem(file_name)
                current.ledger_key = former.ledger_key if former else stem or f"#{current.pk}"
            current.blank_rows = ledger.table.blank_rows
            current.left_out = left_out_of(ledger.table)
            current.reading = reader.log.as_json() | {NOT_TAKEN: ledger.columns_not_taken}
            current.state = LedgerState.APPLIED
            current.applied_at = timezone.now()
            current.save(
                update_fields=["gone", "ledger_key", "blank_rows", "left_out", "reading", "state", "applied_at"]
            )
            counted = ("rows", "created", "updated", "unchanged", "errors")
            record(
                by=by,
                action=Action.IMPORTED,
                subject=current,
                changes={name: [None, getattr(current, name)] for name in counted},
            )
    ledger_import.refresh_from_db()
    return outcome_of(ledger_import)


def outcome_of(ledger_import: LedgerImport) -> LedgerOutcome:
    """What a written import did."""
    counts = Counts(**{name: getattr(ledger_import, name) for name in Counts.__dataclass_fields__})
    return LedgerOutcome(
        counts=counts,
        blank_rows=ledger_import.blank_rows,
        left_out=dict(ledger_import.left_out.get("counts", {})),
        left_out_rows=[LeftOut(**one) for one in ledger_import.left_out.get("rows", ())],
        gone=list(ledger_import.gone),
        customers_total=Customer.objects.present().count(),
        map_text=ledger_import.map_text,
        reading=ledger_import.reading,
        import_id=ledger_import.pk,
    )


# --- the steps of the screens ------------------------------------------------------------------------------------------


def receive_ledger(*, upload: File, name: str, by: User, password: str = "") -> LedgerImport:
    """Keep an uploaded file where only Okami reads it. Raises TableError when it cannot be used at all.

    A protected workbook is opened once and kept without its protection; without the right password it is kept as it came,
    until `unlock_ledger`. A workbook of rows that were set aside is known by itself: its columns are those of its ledger, and
    it is checked at once, by who may write what it brings (InputProblem).
    """
    sheet, corrects = "", None
    with ExitStack() as resources:
        try:
            content = decrypted(cast("IO[bytes]", upload), name, password, resources)
        except PasswordNeeded:
            content, is_locked = cast("IO[bytes]", upload), True
        else:
            is_locked = False
        stored_as = default_storage.save(f"{FOLDER}/{Path(name).name[-80:]}", File(content))
    file = LedgerFile(Path(default_storage.path(stored_as)), name)
    if not is_locked:
        try:
            with file.table() as table:
                sheet, corrects = table.sheet, corrected_import(table.headings)
            if corrects is not None:
                check_rights_to(corrects, by)
        except PasswordNeeded:  # packed and protected
            pass
        except ValueError:
            default_storage.delete(stored_as)
            raise
    with transaction.atomic():
        ledger_import = LedgerImport.objects.create(
            file_name=name[-200:],
            stored_as=stored_as,
            sha256=sha256_of(file.path),
            sheet=sheet[:120],
            started_by=by,
            corrects=corrects,
        )
        record(by=by, action=Action.CREATED, subject=ledger_import)
        if corrects is not None:
            column_map = MAP_KINDS[corrects.target].load(corrects.map_text)
            choose_columns(
                ledger_import=ledger_import, by=by, sheet=sheet, column_map=column_map, target=corrects.target
            )
            ledger_import.refresh_from_db()
    return ledger_import


def unlock_ledger(*, ledger_import: LedgerImport, password: str, by: User) -> None:
    """Open a protected upload with its password and keep it without. Raises PasswordNeeded for a wrong one, TableError,
    ImportHasBegun."""
    with ExitStack() as resources, default_storage.open(ledger_import.stored_as) as packed:
        limits = Limits(file_bytes=settings.UPLOAD_LIMIT_BYTES)
        file, name = unpacked(cast("IO[bytes]", packed.file), ledger_import.file_name, limits, resources)
        content = decrypted(file, name, password, resources)
        stored_as = default_storage.save(f"{FOLDER}/{Path(name).name[-80:]}", File(content))
    with transaction.atomic():
        current = locked_import(ledger_import)
        try:
            _refuse_when_begun(current)
        except ImportHasBegun:
            default_storage.delete(stored_as)
            raise
        before, current.stored_as = current.stored_as, stored_as
        current.sha256 = sha256_of(Path(default_storage.path(stored_as)))
        current.save(update_fields=["stored_as", "sha256"])
        record(by=by, action=Action.CHANGED, subject=current, changes={"protected": [True, False]})
        transaction.on_commit(lambda: default_storage.delete(before))


class ImportHasBegun(InputProblem):
    """Somebody has started to import the ledger meanwhile: it keeps its columns and stays."""

    def __init__(self) -> None:
        super().__init__(gettext_lazy("The import of this ledger has begun meanwhile: nothing was changed."))


def _refuse_when_begun(current: LedgerImport) -> None:
    """Raise ImportHasBegun for a ledger that is imported, also while a worker has not taken the job yet: what somebody looked
    at and wished to be imported is what is imported."""
    job = current.job
    if current.applied_to_row is not None or (job is not None and job.name == APPLY and not job.is_finished):
        raise ImportHasBegun


@transaction.atomic
def choose_columns(
    *,
    ledger_import: LedgerImport,
    by: User,
    sheet: str,
    column_map: ColumnMap,
    target: LedgerTarget | str = LedgerTarget.CUSTOMERS,
) -> Job:
    """Say what the rows are, which sheet and columns are meant, and start looking what the file would do.

    Raises ImportHasBegun.
    """
    current = locked_import(ledger_import)
    _refuse_when_begun(current)
    current.sheet, current.map_text, current.state = sheet, dump_map(column_map), LedgerState.MAPPED
    current.target = str(target)
    current.job = start_job(PLAN, by=by, ledger_import_id=current.pk, language=_language())
    current.save(update_fields=["sheet", "map_text", "state", "target", "job"])
    return current.job


@transaction.atomic
def start_import(*, ledger_import: LedgerImport, by: User) -> Job:
    """Start importing a checked ledger, or go on with one that stopped in the middle."""
    current = locked_import(ledger_import)
    if current.state in IMPORTED:
        raise ImportHasBegun
    current.job = start_job(
        APPLY, by=by, lock_key=f"ledger:{current.pk}", ledger_import_id=current.pk, language=_language()
    )
    current.save(update_fields=["job"])
    return current.job


class PreviewOutdated(InputProblem):
    """The columns were chosen again, or the import has begun, since this preview was asked for."""


def require_current_preview(ledger_import: LedgerImport, job: Job | None) -> None:
    """Raise PreviewOutdated when another job or the import itself has taken the place of `job`. Locks the import."""
    current = locked_import(ledger_import)
    if current.applied_to_row is not None or (job is not None and current.job_id != job.pk):
        raise PreviewOutdated(gettext_lazy("another preview or the import has taken the place of this one"))


def plan_for_preview(
    *, ledger_import: LedgerImport, job: Job | None = None, progress: Progress = no_progress
) -> LedgerOutcome:
    """Look what the file would do and keep every row for the preview.

    Raises PreviewOutdated as soon as another job or the import itself has taken the place of `job`; their rows stay.
    """

    def require_current() -> None:
        require_current_preview(ledger_import, job)

    def keep(planned: list[PlannedRow], reader: EntryReader) -> None:
        with transaction.atomic():
            require_current()
            write_preview(ledger_import, planned, reader)

    with transaction.atomic():
        require_current()
        LedgerRow.objects.filter(ledger_import=ledger_import).delete()
    outcome = check_ledger(file_of(ledger_import), progress=progress, on_batch=keep)
    with transaction.atomic():
        require_current()
        LedgerImport.objects.filter(pk=ledger_import.pk).update(
            **{name: getattr(outcome.counts, name) for name in Counts.__dataclass_fields__},
            blank_rows=outcome.blank_rows,
            left_out={"counts": outcome.left_out, "rows": [one._asdict() for one in outcome.left_out_rows]},
            gone=outcome.gone,
            reading=outcome.reading,
            headings=outcome.headings,
            state=LedgerState.PLANNED,
            message="",
        )
    return outcome


@transaction.atomic
def drop_ledger(*, ledger_import: LedgerImport, by: User) -> None:
    """Throw away an upload that was not imported. Raises ImportHasBegun."""
    current = locked_import(ledger_import)
    _refuse_when_begun(current)
    record(by=by, action=Action.DELETED, subject=current)
    stored_as = current.stored_as
    current.delete()
    if stored_as:
        transaction.on_commit(lambda: default_storage.delete(stored_as))


class UploadDeleted(InputProblem):
    """The file was too old to be kept."""

    def __init__(self) -> None:
        super().__init__(
            gettext_lazy("The file was deleted because nobody imported it for 14 days. Upload it again to import it.")
        )


def file_of(ledger_import: LedgerImport) -> LedgerFile:
    """The stored file of an upload, with its map. Raises UploadDeleted, MapError."""
    if not ledger_import.stored_as:
        raise UploadDeleted
    maps = MAP_KINDS[ledger_import.target]
    return LedgerFile(
        path=Path(default_storage.path(ledger_import.stored_as)),
        name=ledger_import.file_name,
        sheet=ledger_import.sheet,
        column_map=maps.load(ledger_import.map_text) if ledger_import.map_text else None,
        maps=maps,
    )


def _language() -> str:
    """The language in which a worker writes its sentences: that of the person who asked."""
    return get_language() or "ja"

"""A pull: read and check the whole file, then write it in pages that a killed worker may leave half done.

Every page is one transaction that holds the source; a second pull of the same file finds what the first one wrote unchanged,
so a pull that is started again ends with the same totals.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_project.core.accounts.models import House, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.column_map import ColumnMap, dump_map
from crm_project.core.jobs.models import Job
from crm_project.core.money import exact_sum, plain
from crm_project.core.tables import Limits, read_table
from integrations.choices import PartnerStatus, RunState
from integrations.models import PartnerLink, RunProblem, Source, SyncRun
from integrations.sources.documents import Problem, StagedFile, pages
from integrations.sources.fields import load_source_map
from integrations.sources.partners import chunks, match_partners, match_waiting_partners, partners_of
from integrations.sources.reading import FileRefused, Progress, read_documents
from integrations.sources.upsert import Counts, upsert_documents

PAGE_LINES: Final = 10_000
HASH_BLOCK: Final = 1024**2
MESSAGE_LENGTH: Final = 300
FILE_NAMES: Final = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".csv.xz", ".csv.gz")


def no_progress(done: int, total: int | None, text: str) -> None:
    """For callers that nobody watches."""


@dataclass(slots=True)
class PullResult:
    """What one pull of one file did; counts of documents, but `lines`."""

    source: str
    documents: int = 0
    lines: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: int = 0
    unmatched_partners: int = 0
    # Currency -> net of the posted documents of the file.
    totals: dict[str, Decimal] = field(default_factory=dict)
    same_file: bool = False
    problems: list[Problem] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The object of the command line. Nothing adds two currencies: several ones are told apart in `amounts`."""
        only = next(iter(self.totals.values()), Decimal(0)) if len(self.totals) < 2 else None
        answer = {
            "source": self.source,
            "documents": self.documents,
            "lines": self.lines,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "errors": self.errors,
            "amount_total": None if only is None else plain(only),
            "unmatched_partners": self.unmatched_partners,
        }
        if only is None:
            answer["amounts"] = {currency: plain(total) for currency, total in self.totals.items()}
        return answer | ({"same_file": True} if self.same_file else {})


def together(results: Sequence[PullResult]) -> PullResult:
    """What several files of one source did, taken together."""
    totals: dict[str, Decimal] = {}
    for result in results:
        for currency, total in result.totals.items():
            totals[currency] = exact_sum([totals.get(currency), total])
    return PullResult(
        source=results[0].source,
        documents=sum(result.documents for result in results),
        lines=sum(result.lines for result in results),
        created=sum(result.created for result in results),
        updated=sum(result.updated for result in results),
        unchanged=sum(result.unchanged for result in results),
        errors=sum(result.errors for result in results),
        unmatched_partners=results[-1].unmatched_partners,
        totals=totals,
        same_file=all(result.same_file for result in results),
        problems=[problem for result in results for problem in result.problems],
    )


def pull_file(
    *,
    source: Source,
    path: Path,
    name: str = "",
    by: Any,
    column_map: ColumnMap | None = None,
    progress: Progress = no_progress,
    job: Job | None = None,
) -> PullResult:
    """Pull one file into the source, which is saved when it is new. Raises InputProblem; nothing is written then."""
    column_map = column_map or load_source_map(source.map_text)
    staged = _read(source, path, name, column_map, progress)
    with transaction.atomic():
        if source.pk is None:
            source.save(force_insert=True)
            record(by=by, action=Action.CREATED, subject=source)
        run = _start_run(source, path, name or path.name, column_map, staged, job)
        attributions, relinked = match_partners(
            source=_held(source),
            partners=partners_of(staged.documents),
            create_customers=bool(column_map.options.get("create_customers")),
            by=by,
        )
        if relinked:
            SyncRun.objects.filter(pk=run.pk).update(ranks_due=True)
    counts = Counts()
    done, total = 0, len(staged.documents)
    for page in pages(staged.documents, lines=PAGE_LINES):
        with transaction.atomic():
            counts.add(upsert_documents(source=_held(source), run=run, documents=page))
            _note_counts(run, counts)
        done += len(page)
        progress(done, total, _("Writing the documents"))
    with transaction.atomic():
        result = _finish(run, source, staged, counts, [one.partner_id for one in attributions.values()])
        record(
            by=by,
            action=Action.PULLED,
            subject=source,
            changes={name: [None, value] for name, value in result.as_json().items() if name != "source"},
        )
    return result


def _read(source: Source, path: Path, name: str, column_map: ColumnMap, progress: Progress) -> StagedFile:
    limits = Limits(file_bytes=settings.UPLOAD_LIMIT_BYTES)
    with read_table(path, name=name, wanted=column_map.wanted, limits=limits) as table:
        return read_documents(
            table,
            column_map,
            currency=House.current().currency,
            venues=dict(Venue.objects.values_list("code", "pk")),
            default_venue_id=source.default_venue_id,
            progress=progress,
        )


def _held(source: Source) -> Source:
    """Hold the source until the end of the transaction: one page at a time per source, whoever pulls."""
    Source.objects.select_for_update().get(pk=source.pk)
    return source


def _start_run(
    source: Source, path: Path, name: str, column_map: ColumnMap, staged: StagedFile, job: Job | None
) -> SyncRun:
    SyncRun.objects.filter(source=source, state=RunState.RUNNING).update(
        state=RunState.FAILED, finished_at=timezone.now(), message=_("The pull stopped in the middle.")
    )
    totals = staged.totals()
    run = SyncRun.objects.create(
        source=source,
        job=job,
        file_name=name[:200],
        sha256=fingerprint(path, source=source, column_map=column_map),
        documents=staged.document_count,
        lines=staged.lines,
        errors=staged.set_aside,
        amount_total=_only(totals),
        months=staged.months(),
    )
    for some in chunks(staged.problems):
        RunProblem.objects.bulk_create(
            RunProblem(
                run=run,
                is_warning=problem.is_warning,
                document=problem.document,
                row_number=problem.row,
                message=problem.message[:MESSAGE_LENGTH],
            )
            for problem in some
        )
    return run


def _only(totals: dict[str, Decimal]) -> Decimal | None:
    """The one total, zero for none, None for several currencies."""
    return None if len(totals) > 1 else next(iter(totals.values()), Decimal(0))


def _note_counts(run: SyncRun, counts: Counts) -> None:
    due = {"ranks_due": True} if counts.created or counts.updated else {}
    SyncRun.objects.filter(pk=run.pk).update(
        created=counts.created, updated=counts.updated, unchanged=counts.unchanged, **due
    )


def _finish(
    run: SyncRun, source: Source, staged: StagedFile, counts: Counts, partner_ids: list[int | None]
) -> PullResult:
    state = RunState.WITH_ERRORS if staged.set_aside else RunState.DONE
    SyncRun.objects.filter(pk=run.pk).update(state=state, finished_at=timezone.now())
    unmatched = sum(
        PartnerLink.objects.filter(pk__in=some, status=PartnerStatus.UNMATCHED).count()
        for some in chunks([pk for pk in partner_ids if pk is not None])
    )
    return PullResult(
        source=source.name,
        documents=staged.document_count,
        lines=staged.lines,
        created=counts.created,
        updated=counts.updated,
        unchanged=counts.unchanged,
        errors=staged.set_aside,
        unmatched_partners=unmatched,
        totals=staged.totals(),
        problems=staged.problems,
    )


def pull_location(
    *, source: Source, by: Any, progress: Progress = no_progress, job: Job | None = None
) -> Iterator[PullResult]:
    """Pull what lies at the source's location: its file, or every file of its folder that was not pulled yet, oldest first.

    Gives the result of each file when it is written. Raises InputProblem at the first file that cannot be used; later
    files wait, so that they are not overtaken.
    """
    column_map = load_source_map(source.map_text)
    known, is_new = None, False
    for path in files_of(source):
        known = _same_pull(source, fingerprint(path, source=source, column_map=column_map))
        if known is None:
            is_new = True
            yield pull_file(source=source, path=path, by=by, column_map=column_map, progress=progress, job=job)
    if not is_new:
        yield _same_again(source, known, job)


def _same_pull(source: Source, sha256: str) -> SyncRun | None:
    """The former pull that makes another one needless, if there is one.

    A single file is read again when its last pull set something aside, or when another file was pulled in part since. In
    a folder, a former file is never read again: it would undo what later files corrected.
    """
    if place_of(source.location).is_dir():
        return source.runs.filter(state__in=[RunState.DONE, RunState.WITH_ERRORS], sha256=sha256).first()
    last = source.runs.exclude(sha256="").first()  # without those that were refused and wrote nothing
    return last if last is not None and last.sha256 == sha256 and last.state == RunState.DONE else None


def _same_again(source: Source, known: SyncRun | None, job: Job | None) -> PullResult:
    """Note that there was nothing new; partners whose code a guest has got since are matched."""
    assert known is not None
    with transaction.atomic():
        relinked = match_waiting_partners(source=_held(source))
        SyncRun.objects.create(
            source=source,
            job=job,
            file_name=known.file_name,
            sha256=known.sha256,
            state=known.state,
            finished_at=timezone.now(),
            documents=known.documents,
            lines=known.lines,
            unchanged=known.documents - known.errors,
            errors=known.errors,
            amount_total=known.amount_total,
            months=known.months,
            message=_("The same file as before: nothing was written."),
            ranks_due=relinked,
        )
    return PullResult(
        source=source.name,
        documents=known.documents,
        lines=known.lines,
        unchanged=known.documents - known.errors,
        errors=known.errors,
        totals=known.totals,
        unmatched_partners=source.partners.filter(status=PartnerStatus.UNMATCHED).count(),
        same_file=True,
    )


def files_of(source: Source) -> list[Path]:
    """The files at the source's location, oldest first. Raises FileRefused when there is none."""
    if not source.location:
        raise FileRefused(gettext_lazy("“%(source)s” has no file or folder to pull from"), {"source": source.name})
    place = place_of(source.location)
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise FileRefused(
            gettext_lazy("“%(source)s”: there is no file or folder “%(location)s”"),
            {"source": source.name, "location": source.location},
        )
    found = [path for path in place.iterdir() if path.name.lower().endswith(FILE_NAMES) and path.is_file()]
    visible = [path for path in found if not path.name.startswith((".", "~$"))]
    if not visible:
        raise FileRefused(
            gettext_lazy("“%(source)s”: the folder “%(location)s” holds no .csv or .xlsx file"),
            {"source": source.name, "location": source.location},
        )
    return sorted(visible, key=lambda path: (path.stat().st_mtime_ns, path.name))


def place_of(location: str) -> Path:
    """A location as the settings page takes it: relative ones lie in the folder of accounting's files."""
    return Path(settings.ACTUALS_DIR, location)


def fingerprint(path: Path, *, source: Source, column_map: ColumnMap) -> str:
    """SHA-256 of the file's bytes with everything else that decides how it is read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(HASH_BLOCK):
            digest.update(block)
    digest.update(f"\0{dump_map(column_map)}\0{source.default_venue_id}\0{House.current().currency}".encode())
    return digest.hexdigest()

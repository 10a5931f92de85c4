"""Verbs of accounting: sources, pulls, and who its partners are for us."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record, snapshot
from crm_project.core.column_map import ColumnMap
from crm_project.core.jobs import registry
from crm_project.core.jobs.models import Job
from crm_project.core.jobs.services import start_job
from crm_project.core.problems import InputProblem
from customers.models import Customer
from customers.services import create_customer
from integrations.choices import MatchMethod, PartnerStatus, RunState
from integrations.models import PartnerLink, Source, SyncRun
from integrations.sources.partners import attribute_documents
from integrations.sources.pull import MESSAGE_LENGTH, PullResult, no_progress, pull_file, pull_location
from integrations.sources.reading import Progress

RECOMPUTE = "recompute_ranks"
PULL = "pull_source"
UPLOAD_FOLDER = "actuals"
SOURCE_FIELDS = ("name", "location", "map_text", "default_venue", "is_active")


def only_venue() -> Venue | None:
    """The venue of a house that has just one: a new source belongs to it."""
    venues = list(Venue.objects.all()[:2])
    return venues[0] if len(venues) == 1 else None


@transaction.atomic
def save_source(*, source: Source, by: Any) -> Source:
    """Save a new or changed source. Raises ValidationError."""
    before = snapshot(Source.objects.get(pk=source.pk), SOURCE_FIELDS) if source.pk else {}
    source.full_clean()
    source.save()
    changes = difference(before, snapshot(source, SOURCE_FIELDS))
    if changes:
        record(by=by, action=Action.CHANGED if before else Action.CREATED, subject=source, changes=changes)
    return source


# --- pulls ------------------------------------------------------------------------------------------------------------


def receive_file(*, source: Source, upload: UploadedFile, by: Any) -> str:
    """Keep an uploaded file until it is pulled; returns where."""
    suffix = "".join(Path(upload.name or "").suffixes[-2:])[-12:].lower()
    record(by=by, action=Action.IMPORTED, subject=source, changes={"file": [None, upload.name]})
    return default_storage.save(f"{UPLOAD_FOLDER}/{source.pk}-{uuid4().hex}{suffix}", upload)


class PullIsRunning(InputProblem):
    """An uploaded file cannot be pulled now; it was thrown away."""


def start_pull(*, source: Source, by: Any, stored_as: str = "", file_name: str = "") -> Job:
    """Let a worker pull the source's location; a pull of it that still runs is returned instead.

    With `stored_as` an uploaded file is pulled. Raises PullIsRunning when another pull is under way.
    """
    job = start_job(
        PULL,
        by=by,
        lock_key=source.pull_lock,
        source_id=source.pk,
        language=get_language() or "ja",
        stored_as=stored_as,
        file_name=file_name,
    )
    if stored_as and job.arguments.get("stored_as") != stored_as:
        default_storage.delete(stored_as)
        raise PullIsRunning(
            gettext_lazy("“%(source)s” is being pulled just now: choose the file again when that has ended"),
            {"source": source.name},
        )
    return job


class PullStopped(InputProblem):
    """A later file of a folder cannot be used; the files before it are written, as `taken` tells."""

    def __init__(self, problem: InputProblem, taken: list[PullResult]) -> None:
        super().__init__(problem.message, problem.params)
        self.taken = taken


def pull_source(
    *, source: Source, by: Any, progress: Progress = no_progress, job: Job | None = None
) -> list[PullResult]:
    """Pull what lies at the source's location.

    Raises InputProblem, which its page then shows: PullStopped when files were written before the one that is refused.
    """
    results: list[PullResult] = []
    try:
        for result in pull_location(source=source, by=by, progress=progress, job=job):
            results.append(result)
    except InputProblem as problem:
        note_failure(source=source, problem=problem, job=job)
        if results:
            raise PullStopped(problem, results) from problem
        raise
    finally:
        # Also when a later file is refused: what the earlier ones brought counts.
        _start_due_recompute(source=source, by=by)
    return results


def pull_given_file(
    *,
    source: Source,
    path: Path,
    name: str = "",
    by: Any,
    column_map: ColumnMap | None = None,
    progress: Progress = no_progress,
    job: Job | None = None,
) -> PullResult:
    """Pull one file by hand; a new source is saved with it. Raises InputProblem, which a known source's page then shows."""
    try:
        result = pull_file(
            source=source, path=path, name=name, by=by, column_map=column_map, progress=progress, job=job
        )
    except InputProblem as problem:
        if source.pk is not None:
            note_failure(source=source, problem=problem, job=job, file_name=name or path.name)
        raise
    finally:
        if source.pk is not None:
            _start_due_recompute(source=source, by=by)
    return result


def note_failure(*, source: Source, problem: InputProblem, job: Job | None = None, file_name: str = "") -> SyncRun:
    """Keep the reason why a pull wrote nothing."""
    return SyncRun.objects.create(
        source=source,
        job=job,
        file_name=file_name[:200],
        state=RunState.FAILED,
        finished_at=timezone.now(),
        message=str(problem)[: 10 * MESSAGE_LENGTH],
    )


@transaction.atomic
def _start_due_recompute(*, source: Source, by: Any) -> None:
    """Ask for the ranks when pulls of the source have written since: this one, or one that a worker left half done."""
    if source.runs.filter(ranks_due=True).update(ranks_due=False):
        start_recompute(by=by)


def start_recompute(*, by: Any) -> Job | None:
    """Let a worker compute the ranks anew after the commit; None where no figures are installed."""
    return start_job(RECOMPUTE, by=by, lock_key=RECOMPUTE, again=True) if RECOMPUTE in registry.names() else None


# --- partners ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def link_partner(*, partner: PartnerLink, customer: Customer, by: Any) -> PartnerLink:
    """Say that a partner is this guest; all of its documents become the guest's. Ranks follow by a job."""
    return _decide(partner, by=by, status=PartnerStatus.MATCHED, customer=customer, method=MatchMethod.PERSON)


@transaction.atomic
def ignore_partner(*, partner: PartnerLink, by: Any) -> PartnerLink:
    """Say that a partner is not a guest (cash sales, staff): its documents count for the house and for no guest."""
    return _decide(partner, by=by, status=PartnerStatus.NOT_A_CUSTOMER, customer=None, method="")


@transaction.atomic
def unlink_partner(*, partner: PartnerLink, by: Any) -> PartnerLink:
    """Put a partner back on the work list. It stays there, also when a guest has its code, until a person decides."""
    return _decide(partner, by=by, status=PartnerStatus.UNMATCHED, customer=None, method="")


@transaction.atomic
def create_customer_from_partner(*, partner: PartnerLink, by: Any) -> Customer:
    """Enter a guest with the partner's name and code and link the two. Raises ValidationError when the code is taken."""
    if partner.code and Customer.objects.filter(code=partner.code).exists():
        raise ValidationError(_("A guest with this code is already there: link the partner to that guest."))
    customer = create_customer(
        by=by,
        name=partner.name or partner.code,
        code=partner.code or None,
        venue=partner.source.default_venue,
    )
    _decide(partner, by=by, status=PartnerStatus.MATCHED, customer=customer, method=MatchMethod.CREATED)
    return customer


def _decide(
    partner: PartnerLink, *, by: Any, status: PartnerStatus, customer: Customer | None, method: str
) -> PartnerLink:
    # The source first, as a pull does: nobody waits for the other in a circle.
    Source.objects.select_for_update().get(pk=partner.source_id)
    current = PartnerLink.objects.select_for_update().get(pk=partner.pk)
    fields = ("status", "customer")
    before = snapshot(current, fields)
    current.status, current.customer, current.method = status, customer, method
    current.decided_by, current.decided_at = by, timezone.now()
    current.save(update_fields=[*fields, "method", "decided_by", "decided_at"])
    attribute_documents(source=current.source, partner_ids=[current.pk])
    record(by=by, action=Action.CHANGED, subject=current, changes=difference(before, snapshot(current, fields)))
    start_recompute(by=by)
    return current

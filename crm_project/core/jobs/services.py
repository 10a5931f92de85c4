"""The one way to start background work, and what a worker does with it."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    transaction,
)
from django.db.models import F, Q
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from crm_project.core.jobs import registry
from crm_project.core.jobs.choices import JobState
from crm_project.core.jobs.models import Job, JobQuerySet

logger = logging.getLogger(__name__)

QUEUE_ATTEMPTS = 5


class LeaseLost(Exception):
    """Another worker has taken the job over: stop without writing anything more."""


class JobRefused(Exception):
    """The work itself says, in a sentence for people, that it cannot be done; it is not tried again."""


def start_job(name: str, *, by: Any, lock_key: str = "", again: bool = False, **arguments: Any) -> Job:
    """Queue the work in the caller's transaction and send it to a worker after commit.

    With a `lock_key`, a job of that key that still waits or runs is returned instead of a second one; with `again` it
    then runs once more afterwards, for it may have read already what has changed since.
    """
    if name not in registry.names():
        raise KeyError(f"No job is named {name!r}.")
    return _queue({"name": name, "arguments": arguments, "created_by": by, "lock_key": lock_key}, again=again)


def _queue(fields: dict[str, Any], *, again: bool = False) -> Job:
    lock_key = fields["lock_key"]
    for attempt in range(1, QUEUE_ATTEMPTS + 1):
        try:
            with transaction.atomic():
                row = Job.objects.create(**fields)
        except IntegrityError:
            running = Job.objects.unfinished().filter(lock_key=lock_key).first() if lock_key else None
            if running is not None and (not again or _ask_again(running)):
                return running
            # The job that held the key ended between the queries, and another caller may be faster with the next one. An
            # error for another reason is raised in the end.
            if attempt == QUEUE_ATTEMPTS:
                raise
        else:
            break
    transaction.on_commit(lambda: send(row.pk))
    return row


def _ask_again(row: Job) -> bool:
    """Note on an unfinished job that it is wanted once more; False when it has ended meanwhile.

    The row stays locked until the caller's transaction ends: a worker that waits for it then reads what the caller wrote.
    """
    return bool(Job.objects.unfinished().filter(pk=row.pk).update(asked_again=True))


def send(job_id: UUID) -> None:
    """Tell the broker. A broker that is down loses nothing: the sweeper sends again."""
    Job.objects.filter(pk=job_id).update(sent_at=timezone.now())
    try:
        # By its name: services know no tasks.
        current_app.send_task("okami.run_job", [str(job_id)])
    except (OSError, BrokerError):
        logger.warning("job %s could not be sent; the sweeper will try again", job_id, exc_info=True)


def sweep() -> int:
    """Send again what no worker has: queued rows that went missing and running rows whose lease ended. Returns how many."""
    now = timezone.now()
    stale = now - timedelta(seconds=settings.JOB_SWEEP_SECONDS)
    count = 0
    queued = Job.objects.filter(state=JobState.QUEUED).filter(Q(sent_at__isnull=True) | Q(sent_at__lt=stale))
    for row in list(queued) + list(Job.objects.lost()):
        if row.state == JobState.RUNNING and row.attempts >= registry.max_attempts(row.name):
            lost = Job.objects.lost().filter(pk=row.pk, attempts=row.attempts)
            _end(row, held=lost, state=JobState.FAILED, error="The worker stopped in the middle, several times.")
            continue
        send(row.pk)
        count += 1
    return count


def claim(job_id: UUID) -> Job | None:
    """Take the job by one conditional UPDATE; None when another worker holds it or it is finished."""
    now = timezone.now()
    free = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, lease_until__lt=now)
    taken = Job.objects.filter(free, pk=job_id).update(
        state=JobState.RUNNING,
        attempts=F("attempts") + 1,
        asked_again=False,
        claimed_at=now,
        heartbeat_at=now,
        lease_until=now + timedelta(seconds=settings.JOB_LEASE_SECONDS),
    )
    return Job.objects.select_related("created_by").get(pk=job_id) if taken else None


class RunningJob:
    """The context given to a job's function; `attempts` is the fencing token of the claim."""

    def __init__(self, row: Job) -> None:
        self.row = row

    @property
    def user(self) -> Any:
        """The user who asked for the work."""
        return self.row.created_by

    def progress(self, done: int, total: int | None = None, text: str = "") -> None:
        """Store how far it is. Raises LeaseLost when another worker has taken the job over."""
        now = timezone.now()
        held = Job.objects.filter(pk=self.row.pk, state=JobState.RUNNING, attempts=self.row.attempts).update(
            progress_done=done,
            progress_total=total,
            progress_text=text[:200],
            heartbeat_at=now,
            lease_until=now + timedelta(seconds=settings.JOB_LEASE_SECONDS),
        )
        if not held:
            raise LeaseLost(str(self.row.pk))


def run(job_id: UUID) -> Job | None:
    """Claim and run one job to its end. Returns the finished row, None when there was nothing to do."""
    row = claim(job_id)
    if row is None:
        return None
    context = RunningJob(row)
    try:
        with _heartbeat(row):
            result = registry.find(row.name)(context, **row.arguments)
    except LeaseLost:
        logger.warning("job %s was taken over by another worker", job_id)
        return None
    except JobRefused as refusal:
        return _finish(row, state=JobState.FAILED, error=str(refusal))
    except (OperationalError, InterfaceError) as error:
        if row.attempts >= registry.max_attempts(row.name):
            return _finish(row, state=JobState.FAILED, error=f"{type(error).__name__}: {error}")
        # A database that was busy or away for a moment is no reason to give up the night's work.
        logger.warning("job %s (%s) met a passing database error and is tried again", job_id, row.name, exc_info=True)
        _release(row)
        return None
    # A worker must survive any job: the error is stored for the person who waits and logged with its traceback.
    except Exception as error:
        logger.exception("job %s (%s) failed", job_id, row.name)
        return _finish(row, state=JobState.FAILED, error=f"{type(error).__name__}: {error}")
    return _finish(row, state=JobState.DONE, result=result)


def _finish(row: Job, **fields: Any) -> Job:
    held = Job.objects.filter(pk=row.pk, state=JobState.RUNNING, attempts=row.attempts)
    return _end(row, held=held, **fields)


def _end(row: Job, *, held: JobQuerySet, **fields: Any) -> Job:
    """End the job if it is still held; one that was asked for again meanwhile is queued once more."""
    with transaction.atomic():
        ended = held.update(finished_at=timezone.now(), lease_until=None, **fields)
        row.refresh_from_db()
        if ended and row.asked_again:
            _queue({name: getattr(row, name) for name in ("name", "arguments", "created_by", "lock_key")})
    return row


def _release(row: Job) -> None:
    """Give the lease back, so that the next sweep sends the job again; while the database is away it ends by itself."""
    try:
        Job.objects.filter(pk=row.pk, state=JobState.RUNNING, attempts=row.attempts).update(lease_until=timezone.now())
    except DatabaseError:
        logger.info("the lease of job %s ends by itself", row.pk)


@contextmanager
def _heartbeat(row: Job) -> Iterator[None]:
    """Renew the lease from a thread of its own while the work runs."""
    stop = threading.Event()
    if connection.in_atomic_block:
        # Run inside somebody's transaction (a test, a command): no other thread could see the row.
        yield
        return

    def beat() -> None:
        while not stop.wait(settings.JOB_LEASE_SECONDS / 4):
            now = timezone.now()
            try:
                Job.objects.filter(pk=row.pk, state=JobState.RUNNING, attempts=row.attempts).update(
                    heartbeat_at=now, lease_until=now + timedelta(seconds=settings.JOB_LEASE_SECONDS)
                )
            except DatabaseError:
                # One writer at a time on SQLite: a long transaction of the job itself makes this wait; the next beat follows.
                logger.info("heartbeat of job %s delayed", row.pk)
        close_old_connections()
        connection.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def system_user() -> Any:
    """The user for beat and the command line."""
    return get_user_model().objects.system()

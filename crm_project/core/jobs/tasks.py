"""Doormen of the jobs table: ids in, everything else is in the table."""

import pathlib
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings

from crm_project.core.jobs import services


@shared_task(name="okami.run_job")
def run_job(job_id: str) -> None:
    """Run one job of the table; harmless when it is already taken or done."""
    services.run(UUID(job_id))


@shared_task(name="okami.sweep_jobs")
def sweep_jobs() -> None:
    """Send again what a killed worker or a flushed broker left behind."""
    _touch_alive()
    services.sweep()


@worker_ready.connect
def _worker_ready(**kwargs: Any) -> None:
    _touch_alive()
    services.sweep()


def _touch_alive() -> None:
    """The supervisor and the health check look at this file's age."""
    pathlib.Path(settings.VAR_DIR, "worker-alive").touch()

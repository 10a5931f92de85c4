"""A real worker process on the test database, to be killed and restarted by tests."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

from crm_project.celery import app
from crm_project.core.jobs.models import Job
from tests.waiting import wait_until

START_SECONDS = 60
JOB_SECONDS = 120
# Short, so that a killed worker's job is taken up again within a test.
LEASE_SECONDS = 2
SWEEP_SECONDS = 1


class RealWorker:
    """`celery worker` with beat, in a process group of its own, on the database and broker of this test run."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "worker.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it takes work."""
        alive = Path(settings.VAR_DIR, "worker-alive")
        alive.unlink(missing_ok=True)
        for schedule in Path(settings.VAR_DIR).glob("celerybeat-schedule*"):
            schedule.unlink()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "celery", "--app", "crm_project", "worker", "--beat"),
                    *("--pool", "threads", "--concurrency", "2", "--loglevel", "INFO"),
                    *("--without-gossip", "--without-mingle"),
                ],
                cwd=settings.BASE_DIR,
                env=worker_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        process = self._process
        wait_until(
            lambda: alive.exists() or process.poll() is not None, seconds=START_SECONDS, what="the worker to start"
        )
        assert process.poll() is None, self.log.read_text()

    def kill9(self) -> None:
        """Kill it and its beat on the spot, as a power cut would."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Kill it on the spot and start another one."""
        self.kill9()
        self.start()

    def finish(self, job: Job, *, seconds: float = JOB_SECONDS) -> Job:
        """Wait until the job is done or failed and return it as it then is."""

        def finished() -> bool:
            job.refresh_from_db()
            return job.is_finished

        wait_until(finished, seconds=seconds, what=f"{job} to finish; the worker says:\n{self.log.read_text()[-4000:]}")
        return job


def worker_environment() -> dict[str, str]:
    """The environment of this test run, pointing at the database of the tests."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": database_url(),
        "CELERY_QUEUE": settings.CELERY_TASK_DEFAULT_QUEUE,
        "JOB_LEASE_SECONDS": str(LEASE_SECONDS),
        "JOB_SWEEP_SECONDS": str(SWEEP_SECONDS),
        "LOG_LEVEL": "INFO",
    }


def database_url() -> str:
    """The URL of the database that the running tests use."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    return f"{server}/{name}"


def empty_queue() -> None:
    """Throw away what earlier tests have sent: their jobs are gone with their data."""
    with app.connection_for_write() as broker:
        queue = app.amqp.queues[settings.CELERY_TASK_DEFAULT_QUEUE].bind(broker.default_channel)
        queue.declare()
        queue.purge()

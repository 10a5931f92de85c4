"""A real worker process: work arrives by the broker of this run (files, or Redis) and survives a kill."""

import pytest

from crm_project.core.accounts.models import User
from crm_project.core.jobs.choices import JobState
from crm_project.core.jobs.services import start_job
from tests import worker_jobs  # noqa: F401  registers the work
from tests.waiting import wait_until

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]


def test_worker_runs_what_is_started(worker):
    job = start_job("tests.add_up", by=User.objects.system(), numbers=[1, 2, 3])
    worker.finish(job)
    assert (job.state, job.result, job.attempts) == (JobState.DONE, {"total": 6}, 1)
    assert (job.progress_done, job.progress_total) == (3, 3)


def test_killed_work_is_taken_up_again(worker, tmp_path):
    job = start_job("tests.wait_for_file", by=User.objects.system(), folder=str(tmp_path))
    wait_until((tmp_path / "started").exists, seconds=60, what="the job to start")
    worker.restart()
    (tmp_path / "may-end").touch()
    worker.finish(job)
    assert (job.state, job.result, job.attempts) == (JobState.DONE, {"done": True}, 2)


def test_work_started_while_no_worker_ran_is_done_later(worker):
    worker.kill9()
    job = start_job("tests.add_up", by=User.objects.system(), numbers=[4])
    worker.start()
    worker.finish(job)
    assert (job.state, job.result) == (JobState.DONE, {"total": 4})

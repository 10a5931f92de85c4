"""The jobs table is the truth: what is taken is taken once, what is lost comes back, what is done stays done."""

import threading
from datetime import timedelta

import pytest
from celery import current_app
from django.db import OperationalError as DatabaseAway
from django.db import connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from crm_project.core.accounts.models import User
from crm_project.core.jobs import registry, services
from crm_project.core.jobs.choices import JobState
from crm_project.core.jobs.models import Job
from crm_project.core.jobs.services import JobRefused, LeaseLost, RunningJob, claim, run, start_job, sweep
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(hours=1)


@pytest.fixture(autouse=True)
def work():
    """Work of this module's own, gone afterwards; the list tells what was done."""
    done = []

    def write_down(context, *, word, fail=None):
        context.progress(1, 2, f"writing {word}")
        done.append((word, str(context.user)))
        if fail:
            raise {"refused": JobRefused, "broken": ZeroDivisionError, "lost": LeaseLost}[fail](word)
        return {"written": word}

    registry.job("tests.write_down", max_attempts=2)(write_down)
    yield done
    registry._functions.pop("tests.write_down")


@pytest.fixture
def sent(monkeypatch):
    """Ids that went to the broker."""
    ids = []
    monkeypatch.setattr(current_app, "send_task", lambda name, arguments: ids.append((name, *arguments)))
    return ids


@pytest.fixture
def user():
    return User.objects.system()


def make_job(user, **fields) -> Job:
    return Job.objects.create(
        **({"name": "tests.write_down", "arguments": {"word": "桜"}, "created_by": user} | fields)
    )


def finish(job: Job) -> Job:
    """The job after its run."""
    row = run(job.pk)
    assert row is not None
    return row


def take(job: Job) -> Job:
    """The job as the worker that took it knows it."""
    row = claim(job.pk)
    assert row is not None
    return row


def lost_job(user, **fields) -> Job:
    """A running job whose worker has been silent for an hour."""
    silent = timezone.now() - LONG_AGO
    return make_job(user, **({"state": JobState.RUNNING, "attempts": 1, "lease_until": silent} | fields))


def test_work_is_sent_after_commit(user, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = start_job("tests.write_down", by=user, word="桜")
        assert sent == []
    assert sent == [("okami.run_job", str(job.pk))]
    job.refresh_from_db()
    assert (job.state, job.arguments, job.created_by, job.attempts) == (JobState.QUEUED, {"word": "桜"}, user, 0)
    assert job.sent_at is not None


def test_work_of_a_transaction_that_failed_never_was(user, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        start_job("tests.write_down", by=user, word="桜")
        transaction.set_rollback(True)
    assert sent == []
    assert not Job.objects.exists()


def test_an_unknown_name_is_refused_at_once(user):
    with pytest.raises(KeyError, match="no_such_work"):
        start_job("no_such_work", by=user)


def test_a_broker_that_is_down_loses_nothing(user, monkeypatch, django_capture_on_commit_callbacks, sent):
    def down(*args):
        raise OperationalError("no broker")

    with monkeypatch.context() as patch:
        patch.setattr(current_app, "send_task", down)
        with django_capture_on_commit_callbacks(execute=True):
            job = start_job("tests.write_down", by=user, word="桜")
    Job.objects.update(sent_at=timezone.now() - LONG_AGO)
    assert sweep() == 1
    assert sent == [("okami.run_job", str(job.pk))]


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING])
def test_the_same_key_is_the_same_job_while_it_waits_or_runs(user, state):
    first = start_job("tests.write_down", by=user, lock_key="pull:1", word="一")
    Job.objects.update(state=state)
    assert start_job("tests.write_down", by=user, lock_key="pull:1", word="二").pk == first.pk
    assert start_job("tests.write_down", by=user, lock_key="pull:2", word="三").pk != first.pk


def test_what_is_asked_for_again_while_it_runs_runs_once_more(user, work):
    first = start_job("tests.write_down", by=user, lock_key="ranks", word="一")

    def ask_again(context, *, word):
        if not work:
            assert start_job("tests.write_down", by=user, lock_key="ranks", again=True, word=word).pk == first.pk
        work.append(word)

    registry._functions["tests.write_down"] = registry.RegisteredJob(ask_again, 2, "")
    assert finish(first).state == JobState.DONE
    [second] = Job.objects.exclude(pk=first.pk)
    assert (second.state, second.arguments, second.lock_key) == (JobState.QUEUED, {"word": "一"}, "ranks")
    assert finish(second).state == JobState.DONE
    assert (len(work), Job.objects.count()) == (2, 2)


def test_what_is_asked_for_again_before_it_runs_runs_once(user, work):
    first = start_job("tests.write_down", by=user, lock_key="ranks", word="一")
    assert start_job("tests.write_down", by=user, lock_key="ranks", again=True, word="一").pk == first.pk
    finish(first)
    assert (len(work), Job.objects.count()) == (1, 1)


def test_a_key_that_passes_to_another_job_meanwhile_is_no_error(user, monkeypatch):
    first = start_job("tests.write_down", by=user, lock_key="ranks", word="一")
    ask_again = services._ask_again

    def end_and_be_overtaken(row):
        monkeypatch.setattr(services, "_ask_again", ask_again)
        Job.objects.filter(pk=row.pk).update(state=JobState.DONE)
        make_job(user, lock_key="ranks")
        return ask_again(row)

    monkeypatch.setattr(services, "_ask_again", end_and_be_overtaken)
    second = start_job("tests.write_down", by=user, lock_key="ranks", again=True, word="一")
    assert second.pk != first.pk
    assert Job.objects.get(state=JobState.QUEUED) == second
    assert Job.objects.get(pk=second.pk).asked_again


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED])
def test_a_finished_job_frees_its_key(user, state):
    first = start_job("tests.write_down", by=user, lock_key="pull:1", word="一")
    Job.objects.update(state=state)
    assert start_job("tests.write_down", by=user, lock_key="pull:1", word="二").pk != first.pk


def test_without_a_key_every_call_is_a_job(user):
    assert start_job("tests.write_down", by=user, word="一").pk != start_job("tests.write_down", by=user, word="一").pk


def test_a_job_runs_once(user, work):
    job = make_job(user)
    finished = finish(job)
    assert run(job.pk) is None
    assert work == [("桜", "Okami")]
    assert (finished.state, finished.result, finished.attempts, finished.error) == (
        JobState.DONE,
        {"written": "桜"},
        1,
        "",
    )
    assert (finished.progress_done, finished.progress_total, finished.progress_text) == (1, 2, "writing 桜")
    assert finished.finished_at is not None
    assert finished.lease_until is None


def test_a_job_that_is_gone_is_nothing_to_do(user):
    job = make_job(user)
    Job.objects.all().delete()
    assert run(job.pk) is None


def test_a_refusal_is_told_in_its_own_words(user):
    finished = finish(make_job(user, arguments={"word": "表がない", "fail": "refused"}))
    assert (finished.state, finished.error) == (JobState.FAILED, "表がない")


def test_an_error_is_kept_for_the_person_and_logged(user, caplog):
    finished = finish(make_job(user, arguments={"word": "桜", "fail": "broken"}))
    assert (finished.state, finished.error) == (JobState.FAILED, "ZeroDivisionError: 桜")
    assert "Traceback" in caplog.text


def test_work_whose_name_is_gone_fails(user):
    assert finish(make_job(user, name="work_of_last_year")).state == JobState.FAILED


def test_a_running_job_is_not_taken(user):
    job = make_job(user)
    assert claim(job.pk) is not None
    assert claim(job.pk) is None


def test_a_silent_worker_s_job_is_taken_over(user, work):
    job = lost_job(user)
    finished = finish(job)
    assert (finished.state, finished.attempts, work) == (JobState.DONE, 2, [("桜", "Okami")])


def test_progress_renews_the_lease(user):
    row = take(make_job(user))
    Job.objects.update(lease_until=timezone.now() - LONG_AGO)
    RunningJob(row).progress(5, 10, "x" * 300)
    kept = Job.objects.get()
    assert kept.lease_until is not None
    assert kept.lease_until > timezone.now()
    assert (kept.percent, len(kept.progress_text)) == (50, 200)


def test_who_lost_the_lease_writes_nothing_more(user, work):
    first = take(make_job(user))
    Job.objects.update(lease_until=timezone.now() - LONG_AGO)
    second = take(first)
    with pytest.raises(LeaseLost):
        RunningJob(first).progress(9, 10)
    services._finish(first, state=JobState.FAILED, error="too late")
    kept = Job.objects.get()
    assert (kept.state, kept.attempts, kept.progress_done, kept.error) == (JobState.RUNNING, 2, 0, "")
    RunningJob(second).progress(1, 10)


def test_a_lost_lease_ends_the_run_quietly(user):
    assert run(make_job(user, arguments={"word": "桜", "fail": "lost"}).pk) is None
    assert Job.objects.get().state == JobState.RUNNING


def test_the_sweeper_sends_what_nobody_has(user, sent):
    now = timezone.now()
    never_sent = make_job(user)
    went_missing = make_job(user, sent_at=now - LONG_AGO)
    lost = lost_job(user, sent_at=now)
    make_job(user, sent_at=now)
    make_job(user, state=JobState.RUNNING, attempts=1, lease_until=now + LONG_AGO)
    make_job(user, state=JobState.DONE, sent_at=now - LONG_AGO)
    assert sweep() == 3
    assert {pk for _, pk in sent} == {str(job.pk) for job in (never_sent, went_missing, lost)}


def test_the_sweeper_gives_up_on_work_that_kills_its_workers(user, sent):
    job = lost_job(user, attempts=2)
    assert sweep() == 0
    job.refresh_from_db()
    assert (job.state, sent) == (JobState.FAILED, [])
    assert job.error
    assert job.finished_at is not None


@pytest.mark.django_db(transaction=True)
def test_many_workers_and_one_job():
    job = make_job(User.objects.system())
    taken = in_threads(8, lambda: claim(job.pk))
    assert sum(row is not None for row in taken) == 1
    assert Job.objects.get().attempts == 1


@pytest.mark.django_db(transaction=True)
def test_many_buttons_and_one_key(sent):
    user = User.objects.system()
    started = in_threads(8, lambda: start_job("tests.write_down", by=user, lock_key="pull:1", word="桜").pk)
    assert len(set(started)) == 1
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_heart_beats_while_the_work_is_silent(settings):
    settings.JOB_LEASE_SECONDS = 0.2

    def silent(context):
        first = Job.objects.get().heartbeat_at
        wait_until(lambda: Job.objects.get().heartbeat_at != first, seconds=30, what="a heartbeat")
        return {}

    registry.job("tests.silent")(silent)
    try:
        finished = finish(make_job(User.objects.system(), name="tests.silent", arguments={}))
    finally:
        registry._functions.pop("tests.silent")
    assert finished.state == JobState.DONE


def in_threads(count, call):
    """The answers of that many threads that call at the same moment, each on a connection of its own."""
    ready, answers = threading.Barrier(count), []

    def caller():
        ready.wait()
        try:
            answers.append(call())
        finally:
            connection.close()

    threads = [threading.Thread(target=caller) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == count
    return answers


def test_two_kinds_of_work_never_share_a_name():
    with pytest.raises(ValueError, match="Two jobs"):
        registry.job("tests.write_down")(lambda context: None)


def test_labels_are_what_people_read():
    registry.job("tests.labelled", label="お取り込み")(lambda context: None)
    try:
        assert registry.label("tests.labelled") == "お取り込み"
    finally:
        registry._functions.pop("tests.labelled")
    assert registry.label("work_of_last_year") == "work_of_last_year"


def test_a_passing_database_error_is_tried_again_but_not_for_ever(user):
    def away(context):
        raise DatabaseAway("the database was restarted")

    registry.job("tests.away", max_attempts=2)(away)
    try:
        job = make_job(user, name="tests.away", arguments={})
        assert run(job.pk) is None
        job.refresh_from_db()
        assert job.state == JobState.RUNNING
        assert Job.objects.lost().filter(pk=job.pk).exists()
        ended = run(job.pk)
        assert ended is not None
        assert (ended.state, ended.attempts) == (JobState.FAILED, 2)
    finally:
        registry._functions.pop("tests.away")


def test_a_lost_job_that_was_asked_for_again_is_queued_once_more(user, sent, django_capture_on_commit_callbacks):
    lost = make_job(
        user,
        state=JobState.RUNNING,
        attempts=2,
        lease_until=timezone.now() - LONG_AGO,
        lock_key="once",
        asked_again=True,
    )
    with django_capture_on_commit_callbacks(execute=True):
        sweep()
    lost.refresh_from_db()
    assert lost.state == JobState.FAILED
    assert Job.objects.get(state=JobState.QUEUED).lock_key == "once"

"""A worker that is killed while it looks for duplicates: the next one leaves what an undisturbed run leaves."""

import pytest

from crm_project.core.jobs.models import Job
from crm_project.core.jobs.services import start_job, system_user
from customers.models import Customer, DuplicateProposal, Phone
from customers.tasks import FIND
from tests.factories.customers import CustomerFactory
from tests.waiting import wait_until
from tests.worker import RealWorker

# People with two cards, in either writing of the family name: given name and reading.
TWICE = {
    ("斎藤", "齋藤"): ("一郎", "サイトウ イチロウ"),
    ("渡辺", "渡邉"): ("恵", "ワタナベ メグミ"),
    ("高橋", "髙橋"): ("実", "タカハシ ミノル"),
}
# So many that comparing them takes seconds: time enough to kill the worker in the middle of it.
OTHERS = 40_000
SYLLABLES = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワ"


def enter_pairs() -> list[tuple[int, int]]:
    """The people with two cards and the same number on both, as the finder orders them."""
    pairs = []
    for number, (writings, (given, kana)) in enumerate(TWICE.items()):
        one, other = (
            CustomerFactory.create(name=f"{family} {given}", kana=kana, phones=[f"090-0000-70{number:02}"]).pk
            for family in writings
        )
        pairs.append((one, other))
    return pairs


def enter_others() -> None:
    """Many people who have nothing in common but the given name."""
    size = len(SYLLABLES)
    guests = Customer.objects.bulk_create(
        Customer(
            name=f"架{number}空 花子",
            kana=f"{SYLLABLES[number // size**2]}{SYLLABLES[number // size % size]}{SYLLABLES[number % size]} ハナコ",
            search_key="",
            grams="",
            sort_key="",
        )
        for number in range(OTHERS)
    )
    Phone.objects.bulk_create(
        Phone(customer=guest, written=digits, digits=digits, tail=digits[-4:])
        for number, guest in enumerate(guests)
        for digits in [f"0800{number:07}"]
    )


def listed() -> dict[tuple[int, int], tuple[float, list[str]]]:
    """The list of possible duplicates: pair -> probability and reasons."""
    rows = DuplicateProposal.objects.values_list("first", "second", "probability", "reasons")
    return {(first, second): (probability, reasons) for first, second, probability, reasons in rows}


@pytest.mark.worker
def test_kill_9_while_all_guests_are_compared(worker: RealWorker) -> None:
    pairs = enter_pairs()
    enter_others()
    known = DuplicateProposal.objects.create(
        first_id=pairs[0][0], second_id=pairs[0][1], probability=0.5, reasons=["phone_same"]
    )
    strangers = (pairs[0][0], pairs[1][0])
    DuplicateProposal.objects.create(first_id=strangers[0], second_id=strangers[1], probability=0.6, reasons=[])
    of_the_night_before = listed()
    job = start_job(FIND, by=system_user(), lock_key=FIND)
    wait_until(
        lambda: Job.objects.filter(pk=job.pk, progress_total=OTHERS + 2 * len(TWICE)).exists(),
        seconds=60,
        what="the comparing to begin",
    )
    worker.kill9()
    assert listed() == of_the_night_before
    assert not Job.objects.get(pk=job.pk).is_finished

    worker.start()
    job = worker.finish(job)
    assert (job.state, job.attempts) == ("done", 2), job.error
    after_the_kill = listed()
    assert sorted(after_the_kill) == pairs
    assert DuplicateProposal.objects.get(first=pairs[0][0]).found_at == known.found_at

    DuplicateProposal.objects.all().delete()
    undisturbed = worker.finish(start_job(FIND, by=system_user(), lock_key=FIND))
    assert undisturbed.attempts == 1
    assert undisturbed.result == job.result
    assert listed() == after_the_kill

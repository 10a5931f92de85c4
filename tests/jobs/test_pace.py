"""A long job rests while people are at work, and only then."""

import threading

import pytest
from django.db import connection

from crm_project.core.accounts.models import House
from crm_project.core.jobs.pace import LONGEST_REST, Pace, rest_for, transactions
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = 200


@pytest.mark.parametrize(
    ("asked", "seconds", "rest"),
    [
        (4, 1.7, 0),  # its own batch
        (20, 1.7, 0),  # somebody looks at a page
        (150, 1.7, 3.4),  # people at work
        (150, 0.5, 1.0),
        (9_000, 60.0, LONGEST_REST),
    ],
)
def test_it_rests_twice_as_long_as_it_worked_beside_people(asked, seconds, rest):
    assert rest_for(asked, seconds) == pytest.approx(rest)


def test_what_others_ask_of_postgresql_is_counted():
    def ask() -> None:
        try:
            for _time in range(ASKED):
                House.objects.count()
        finally:
            connection.close()

    before = transactions()
    somebody = threading.Thread(target=ask)
    somebody.start()
    somebody.join()

    if connection.vendor == "postgresql":
        wait_until(lambda: transactions() >= before + ASKED, seconds=10, what="the others' transactions")
    else:
        assert transactions() == 0
        assert Pace().rest() == 0

"""A long job rests while people are at work, and only then."""

import threading
import time

import pytest
from django.db import connection

from crm_project.core.accounts.models import House
from crm_project.core.jobs.pace import BUSY, Pace

pytestmark = pytest.mark.django_db(transaction=True)


def test_in_an_empty_house_nobody_waits():
    pace = Pace()
    time.sleep(1.2)

    assert pace.rest() == 0


def test_beside_people_it_rests_twice_as_long_as_it_worked():
    ended = threading.Event()

    def ask() -> None:
        try:
            while not ended.is_set():
                House.objects.count()
                time.sleep(0.2 / BUSY)
        finally:
            connection.close()

    somebody = threading.Thread(target=ask)
    pace = Pace()
    somebody.start()
    try:
        # PostgreSQL tells of transactions a second late.
        time.sleep(2.5)
        began = time.monotonic()
        waited = pace.rest()
    finally:
        ended.set()
        somebody.join()

    if connection.vendor == "postgresql":
        assert 4 < waited <= time.monotonic() - began
    else:
        assert waited == 0

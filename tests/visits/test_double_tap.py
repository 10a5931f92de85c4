import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from django.db import connection

from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.visits import TOKYO
from visits.entries import AttendanceEntry, NoteEntry
from visits.models import Visit
from visits.services import record_visit


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_the_same_moment_are_one_visit():
    venue, guest, token = VenueFactory.create(), CustomerFactory.create(), uuid.uuid4()
    floor, together = person("floor", venue), Barrier(2)
    assert floor.rights_by_venue

    def tap() -> int:
        together.wait(timeout=10)
        try:
            return record_visit(
                by=floor,
                venue=venue,
                starts_at=datetime(2025, 11, 21, 17, 30, tzinfo=TOKYO),
                attendances=[AttendanceEntry(customer=guest)],
                notes={"complaint": NoteEntry()},
                form_token=token,
            ).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as taps:
        first, second = [tap.result() for tap in [taps.submit(tap), taps.submit(tap)]]

    assert first == second
    assert Visit.objects.count() == 1

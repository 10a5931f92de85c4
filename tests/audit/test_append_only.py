"""The database itself refuses to change or delete what was audited."""

import pytest
from django.db import DatabaseError, connection, transaction

from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from crm_project.core.audit.services import build, difference, record, record_many, snapshot
from tests.factories.accounts import VenueFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry():
    return record(by=None, action=Action.VIEWED, subject_type="customers.customer", subject_id=1, subject_name="渡邉")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET actor_name = 'somebody else' WHERE id = %s",
        "UPDATE audit_auditentry SET at = at WHERE id = %s",
        "DELETE FROM audit_auditentry WHERE id = %s",
    ],
)
def test_raw_sql_is_refused(entry, statement):
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [entry.pk])
    assert AuditEntry.objects.get().actor_name == ""


def test_the_orm_is_refused(entry):
    for change in (entry.delete, lambda: AuditEntry.objects.update(subject_name=""), AuditEntry.objects.all().delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert AuditEntry.objects.count() == 1


def test_many_are_written_at_once(django_assert_num_queries):
    entries = [build(by=None, action=Action.IMPORTED, subject_name=str(number)) for number in range(3)]
    with django_assert_num_queries(1):
        record_many(entries)
    assert AuditEntry.objects.count() == 3


def test_before_and_after_are_plain_values():
    venue = VenueFactory.create(name="本店", closing_hour=26)
    before = snapshot(venue, ("name", "closing_hour"))
    venue.closing_hour = 24
    assert difference(before, snapshot(venue, ("name", "closing_hour"))) == {"closing_hour": [26, 24]}


def test_a_request_leaves_its_id_and_address(client):
    response = client.post("/sign-in/login/", {"login": "somebody", "password": "wrong"}, REMOTE_ADDR="192.0.2.7")
    entry = AuditEntry.objects.get(action=Action.SIGN_IN_FAILED)
    assert (entry.request_id, entry.ip_address) == (response["X-Request-Id"], "192.0.2.7")
    assert entry.subject_name == "somebody"

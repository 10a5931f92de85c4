"""Statements that are worked out once find what the ORM finds, whoever asks and however often."""

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY
from django.forms.models import model_to_dict
from django.urls import reverse

from crm_project.core.accounts.models import House, User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from crm_project.core.audit.services import build
from crm_project.core.statements import counted, insert_row, read_row, read_rows
from tests.factories.accounts import UserFactory, VenueFactory, person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [User, House])
def test_a_row_is_the_one_the_orm_reads(model, django_assert_num_queries):
    row = UserFactory.create() if model is User else House.objects.get()
    read_row(model, row.pk)

    with django_assert_num_queries(1):
        found = read_row(model, row.pk)

    expected = model.objects.get(pk=row.pk)
    assert found == expected
    fields = [field.attname for field in model._meta.concrete_fields]
    assert [getattr(found, name) for name in fields] == [getattr(expected, name) for name in fields]
    assert model_to_dict(found) == model_to_dict(expected)
    assert not found._state.adding


def test_no_row_is_nobody():
    assert read_row(User, 10**9) is None


def test_rows_come_in_the_order_that_is_asked_for(django_assert_num_queries):
    venues = [VenueFactory.create(position=position) for position in (3, 1, 2)]
    keys = [venue.pk for venue in venues]
    VenueFactory.create(position=0)

    with django_assert_num_queries(1):
        assert read_rows(Venue, keys, ("position", "name")) == [venues[1], venues[2], venues[0]]
    with django_assert_num_queries(0):
        assert read_rows(Venue, []) == []


def test_a_row_is_written_as_the_orm_writes_it(django_assert_num_queries):
    somebody = UserFactory.create()
    entry, other = (
        build(by=somebody, action=Action.CHANGED, subject=somebody, changes={"name": ["森 %s", None], "age": [1, 2]})
        for _ in range(2)
    )
    with django_assert_num_queries(1):
        insert_row(entry)
    other.save(force_insert=True)

    written, expected = AuditEntry.objects.get(pk=entry.pk), AuditEntry.objects.get(pk=other.pk)
    assert model_to_dict(written, exclude=["id"]) == model_to_dict(expected, exclude=["id"])
    assert written.at == entry.at
    assert not entry._state.adding


def test_a_count_is_kept_as_a_statement_and_never_as_a_number(django_assert_num_queries):
    def people() -> int:
        return counted("people of a test", lambda: User.objects.filter(username__startswith="counted-"))

    assert people() == 0
    for number in (1, 2):
        UserFactory.create(username=f"counted-{number}")
    with django_assert_num_queries(1):
        assert people() == 2
    assert counted("nobody", User.objects.none) == 0


def test_who_left_is_signed_in_no_more(client):
    somebody = person("floor", VenueFactory.create())
    client.force_login(somebody)
    assert client.session[BACKEND_SESSION_KEY].endswith("HouseBackend")
    assert client.get(reverse("visits:today")).status_code == 200

    User.objects.filter(pk=somebody.pk).update(is_active=False)

    assert client.get(reverse("visits:today")).status_code == 302

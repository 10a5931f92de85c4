"""Statements that are worked out once find what the ORM finds, whoever asks and however often."""

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY
from django.forms.models import model_to_dict
from django.urls import reverse

from crm_project.core.accounts.models import House, User
from crm_project.core.statements import counted, read_row
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

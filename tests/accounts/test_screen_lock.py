"""The screen lock: one's own password opens it, nothing else answers meanwhile."""

import pytest
from django.urls import reverse

from tests.factories.accounts import PASSWORD, VenueFactory, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def locked(client):
    client.force_login(person("floor", VenueFactory.create()))
    client.post(reverse("lock"), {"next": "/guests/?q=sato"})
    return client


def test_every_page_leads_to_the_lock(locked):
    for name in ("home", "customers:list", "visits:today", "accounts:settings"):
        answer = locked.get(reverse(name))
        assert (answer.status_code, answer.headers.get("Location")) == (302, reverse("lock")), name
    assert locked.post(reverse("customers:create"), {"name": "誰か"}).status_code == 302


def test_a_fragment_sends_the_whole_page_to_the_lock(locked):
    answer = locked.get(reverse("customers:list"), headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, reverse("lock"))


def test_the_own_password_leads_back_to_where_one_was(locked):
    answer = locked.post(reverse("lock"), {"password": PASSWORD})
    assert answer.headers["Location"] == "/guests/?q=sato"
    assert locked.get(reverse("customers:list")).status_code == 200


def test_a_wrong_password_opens_nothing(locked):
    answer = locked.post(reverse("lock"), {"password": "wrong"})
    assert answer.status_code == 422
    assert locked.get(reverse("customers:list")).status_code == 302


def test_too_many_wrong_passwords_lock_the_name_as_at_sign_in(locked, settings):
    settings.AXES_ENABLED = True
    for _try in range(settings.AXES_FAILURE_LIMIT):
        locked.post(reverse("lock"), {"password": "wrong"})
    assert locked.post(reverse("lock"), {"password": PASSWORD}).status_code in (403, 422, 429)
    assert locked.get(reverse("customers:list")).status_code == 302


def test_signing_out_works_while_locked(locked):
    assert reverse("lock") not in locked.post(reverse("account_logout")).headers["Location"]


def test_nobody_is_led_to_another_site(client):
    client.force_login(person("floor", VenueFactory.create()))
    client.post(reverse("lock"), {"next": "https://elsewhere.example/"})
    assert client.post(reverse("lock"), {"password": PASSWORD}).headers["Location"] == reverse("home")


def test_a_screen_that_is_not_locked_has_no_lock_page(client):
    client.force_login(person("floor", VenueFactory.create()))
    assert client.get(reverse("lock")).headers["Location"] == reverse("home")

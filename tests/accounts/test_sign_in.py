"""Wrong passwords: a name is locked at its address, an address that tries many names is locked as well."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from tests.factories.accounts import PASSWORD, VenueFactory, person

pytestmark = pytest.mark.django_db

HERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"
LOGIN = reverse("account_login")
LOCKED = 429


@pytest.fixture(autouse=True)
def fresh_counters():
    """The sign-in page also counts requests per minute, in the cache that the tests share."""
    cache.clear()


@pytest.fixture
def colleagues():
    venue = VenueFactory.create()
    return [person("floor", venue) for _ in range(2)]


@pytest.fixture
def sign_in(client):
    """Try a name and a password at an address; the status of the answer."""

    def try_once(name: str, password: str, address: str = HERE, **headers: str) -> int:
        client.logout()
        return client.post(
            LOGIN, {"login": name, "password": password}, REMOTE_ADDR=address, headers=headers
        ).status_code

    return try_once


def test_ten_wrong_passwords_lock_the_name_at_its_address_only(sign_in, colleagues):
    forgetful, other = (user.username for user in colleagues)
    for _ in range(6):
        sign_in(forgetful, "wrong")
        sign_in(forgetful.upper(), "wrong")
    assert sign_in(forgetful, PASSWORD) == LOCKED
    assert sign_in(other, PASSWORD) == 302
    assert sign_in(forgetful, PASSWORD, ELSEWHERE) == 302


def test_an_address_that_tries_many_names_is_locked(sign_in, colleagues, settings):
    settings.SIGN_IN_FAILURES_PER_ADDRESS = 14
    for number in range(13):
        assert sign_in(f"name{number}", "wrong") == 200
    assert sign_in(colleagues[0].username, PASSWORD) == 302
    assert sign_in("name13", "wrong") == 200
    assert sign_in("name14", "wrong") == LOCKED
    assert sign_in(colleagues[0].username, PASSWORD) == LOCKED
    assert sign_in(colleagues[0].username, PASSWORD, ELSEWHERE) == 302


def test_one_forgetful_colleague_does_not_fill_the_limit_of_the_address(sign_in, colleagues, settings):
    settings.SIGN_IN_FAILURES_PER_ADDRESS = settings.AXES_FAILURE_LIMIT + 5
    for _ in range(settings.SIGN_IN_FAILURES_PER_ADDRESS + 3):
        sign_in(colleagues[0].username, "wrong")
    assert sign_in(colleagues[1].username, PASSWORD) == 302


def test_an_office_outlives_several_forgetful_colleagues(settings):
    assert settings.SIGN_IN_FAILURES_PER_ADDRESS >= 4 * settings.AXES_FAILURE_LIMIT


def test_behind_a_proxy_the_address_is_the_one_it_saw(sign_in, colleagues, settings):
    settings.SIGN_IN_FAILURES_PER_ADDRESS = 2
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(2):
        sign_in(f"name{number}", "wrong", x_forwarded_for=f"192.0.2.{number}, {HERE}")
    name = colleagues[0].username
    assert sign_in(name, PASSWORD, x_forwarded_for=f"192.0.2.9, {HERE}") == LOCKED
    assert sign_in(name, PASSWORD, x_forwarded_for=ELSEWHERE) == 302


def test_without_a_proxy_nobody_names_an_address_of_their_own(sign_in, colleagues, settings):
    settings.SIGN_IN_FAILURES_PER_ADDRESS = 2
    for number in range(2):
        sign_in(f"name{number}", "wrong", x_forwarded_for=f"192.0.2.{number}")
    assert sign_in(colleagues[0].username, PASSWORD, x_forwarded_for="192.0.2.9") == LOCKED

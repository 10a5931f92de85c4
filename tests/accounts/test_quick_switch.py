"""A shared tablet: one full sign-in per person and shift, then name and PIN; rights, drafts and lock are the new person's."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.models import DeviceSignIn, QuickPin
from crm_project.core.accounts.quick_switch import COOKIE, WRONG_PINS, set_pin, weakness_of
from crm_project.core.accounts.services import deactivate_person, set_initial_password
from crm_project.core.audit.models import AuditEntry
from crm_project.core.problems import InputProblem
from tests.factories.accounts import PASSWORD, VenueFactory, person

pytestmark = pytest.mark.django_db

SWITCH, PIN_PAGE = reverse("switch"), reverse("accounts:pin")
PIN = "2580"


@pytest.fixture
def venue():
    return VenueFactory.create()


def someone(venue, role="floor", pin=PIN):
    user = person(role, venue)
    if pin:
        set_pin(user=user, pin=pin)
    return user


def sign_in(client, user):
    # Each from an address of its own: sign-in counts tries per address.
    address = f"10.{user.pk // 65536 % 256}.{user.pk // 256 % 256}.{user.pk % 256}"
    fields = {"login": user.username, "password": PASSWORD}
    answer = client.post(reverse("account_login"), fields, REMOTE_ADDR=address)
    assert answer.status_code == 302


def who(client):
    return client.session.get("_auth_user_id")


@pytest.fixture
def tablet(client, venue):
    """A tablet on which two people have signed in today; the second one stands there."""
    first, second = someone(venue), someone(venue, "manager")
    sign_in(client, first)
    client.cookies.pop("sessionid")
    sign_in(client, second)
    return client, first, second


def test_the_other_goes_on_with_name_and_pin(tablet):
    client, first, second = tablet
    before = client.session.session_key
    assert str(first) in client.get(SWITCH).content.decode()
    client.post(reverse("lock"), {"next": "/guests/"})

    answer = client.post(SWITCH, {"person": first.pk, "pin": PIN})

    assert answer.url == reverse("home")  # the other's page is not shown
    assert who(client) == str(first.pk)
    assert client.session.session_key != before
    assert client.get(reverse("visits:complaints")).status_code == 403  # the manager's right is gone
    assert client.get(reverse("customers:list")).status_code == 200  # and so is the lock
    entry = AuditEntry.objects.filter(subject_type="accounts.user", changes__has_key="quick_switch").get()
    assert (entry.subject_id, entry.changes["quick_switch"]) == (str(first.pk), [str(second), str(first)])
    # The old session is over.
    old = Client()
    old.cookies["sessionid"] = before or ""
    assert old.get(reverse("customers:list")).status_code == 302


def test_a_colleague_signs_in_without_sending_away_who_was_there(client, venue):
    first, second = someone(venue), someone(venue, "manager")
    sign_in(client, first)
    assert client.post(SWITCH, {"op": "another"}).url == reverse("account_login")
    assert who(client) is None
    assert AuditEntry.objects.filter(action="signed_out", actor=first).count() == 1
    sign_in(client, second)

    client.post(SWITCH, {"person": first.pk, "pin": PIN})

    assert who(client) == str(first.pk)
    client.post(SWITCH, {"person": second.pk, "pin": PIN})
    assert who(client) == str(second.pk)


def test_a_locked_tablet_is_handed_over_as_well(tablet):
    client, _first, second = tablet
    client.post(reverse("lock"), {"op": "lock"})
    assert client.post(SWITCH, {"op": "another"}).url == reverse("account_login")
    assert who(client) is None


def test_five_wrong_pins_want_the_password(tablet):
    client, first, second = tablet
    for number in range(WRONG_PINS):
        assert client.post(SWITCH, {"person": first.pk, "pin": "9512"}).status_code == 422
        assert who(client) == str(second.pk), number
    client.post(SWITCH, {"person": first.pk, "pin": PIN})
    assert who(client) == str(second.pk)
    assert str(first) not in client.get(SWITCH).content.decode().split("<form")[1]
    client.post(reverse("account_logout"))
    sign_in(client, first)
    assert DeviceSignIn.objects.get(user=first).wrong_pins == 0


@pytest.mark.parametrize("reason", ["day over", "password", "deactivated", "no pin", "signed out"])
def test_what_ends_it(tablet, reason):
    client, first, second = tablet
    if reason == "day over":
        DeviceSignIn.objects.filter(user=first).update(ends_at=timezone.now() - timedelta(seconds=1))
    elif reason == "password":
        set_initial_password(user=first, by=second, password="another long one 77")
    elif reason == "deactivated":
        deactivate_person(user=first, by=second)
    elif reason == "no pin":
        QuickPin.objects.filter(user=first).delete()
    else:
        client.post(reverse("account_logout"))
        sign_in(client, first)
        client.post(reverse("account_logout"))
        sign_in(client, second)
    assert client.post(SWITCH, {"person": first.pk, "pin": PIN}).status_code == 422
    assert who(client) == str(second.pk)


def test_another_device_knows_nobody(venue, tablet):
    _client, first, _second = tablet
    elsewhere = Client()
    sign_in(elsewhere, someone(venue))
    assert elsewhere.post(SWITCH, {"person": first.pk, "pin": PIN}).status_code == 422
    forged = Client()
    forged.force_login(someone(venue))
    forged.cookies[COOKIE] = str(DeviceSignIn.objects.get(user=first).device)  # without its signature
    assert forged.post(SWITCH, {"person": first.pk, "pin": PIN}).status_code == 422


def test_it_ends_with_the_business_day(tablet, venue):
    client, first, _second = tablet
    client.post(SWITCH, {"person": first.pk, "pin": PIN})
    row = DeviceSignIn.objects.get(user=first)
    assert client.session.get_expiry_date() <= row.ends_at + timedelta(seconds=2)
    assert row.ends_at <= timezone.now() + timedelta(hours=24)
    assert timezone.localtime(row.ends_at, venue.zone).hour == venue.closing_hour - 24


def test_nobody_who_is_signed_out_switches(tablet):
    client, first, _second = tablet
    client.post(reverse("account_logout"))
    answer = client.post(SWITCH, {"person": first.pk, "pin": PIN})
    assert answer.status_code == 302
    assert who(client) is None


@pytest.mark.parametrize("typed", ["", "9" * 20, "\x00", "🍶", "１２３４", "' or 1=1"])
def test_typed_nonsense_is_answered(tablet, typed):
    client, first, second = tablet
    for sent in ({"person": typed, "pin": PIN}, {"person": first.pk, "pin": typed}):
        assert client.post(SWITCH, sent).status_code == 422
    assert who(client) == str(second.pk)


class TestOwnPin:
    def test_it_is_set_under_the_password_and_kept_hashed(self, client, venue):
        user = someone(venue, pin="")
        client.force_login(user)
        sent = {"password": PASSWORD, "pin": PIN, "again": PIN}
        assert client.post(PIN_PAGE, sent | {"password": "wrong"}).status_code == 422
        assert client.post(PIN_PAGE, sent | {"again": "2581"}).status_code == 422
        assert not QuickPin.objects.exists()
        assert client.post(PIN_PAGE, sent).status_code == 302
        assert PIN not in QuickPin.objects.get(user=user).pin
        assert PIN not in str(list(AuditEntry.objects.values_list("changes", flat=True)))
        client.post(PIN_PAGE, {"op": "drop"})
        assert not QuickPin.objects.exists()

    @pytest.mark.parametrize("pin", ["123", "123456789", "0000", "1234", "8765", "12a4", "１２３４", ""])
    def test_what_one_guesses_first_is_refused(self, venue, pin):
        assert weakness_of(pin)
        with pytest.raises(InputProblem):
            set_pin(user=person("floor", venue), pin=pin)

"""What no form and no link of ours sends: an answer in words, never a fault of the server."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm_project.core.accounts.models import Venue
from customers.models import Customer, Relation
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.django_db

# No table can hold such a number.
HUGE = "9" * 26


@pytest.fixture
def venue() -> Venue:
    return VenueFactory.create()


@pytest.fixture
def signed(client: Client, venue: Venue) -> Client:
    client.force_login(person("okami", venue))
    return client


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"/guests/{HUGE}/", 404),
        (f"/guests/companies/{HUGE}/", 404),
        (f"/guests/duplicates/1/{HUGE}/", 404),
        (f"/guests/?rank={HUGE}", 200),
        (f"/guests/?page={HUGE}", 200),
        ("/guests/?q=%00&row=%00&rank=x&page=-1", 200),
        ("/guests/pick/?name=guest&q=%00", 200),
        ("/guests/pick/?name=%00", 400),
        (f"/guests/contacts/new/?customer={HUGE}", 404),
        ("/guests/contacts/new/?customer=x&phone=%00", 200),
        ("/phone/%00/", 200),
        (f"/phone/{HUGE}{HUGE}/", 200),
    ],
)
def test_addresses(signed: Client, address: str, status: int) -> None:
    CustomerFactory.create()
    assert signed.get(address).status_code == status


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("add_relation", {"kind": "spouse", "other": HUGE}),
        ("add_relation", {"kind": "x", "other": "1\0"}),
        ("add_relation", {"kind": "spouse", "other_name": "あ" * 500}),
        ("transfer", {"on": "32.13.99"}),
        ("add_day", {"kind": "wedding", "date": "2/30"}),
        ("add_day", {"kind": "founding", "date": "1/1"}),
        ("edit", {}),
        ("edit", {"version": HUGE, "name": "あ"}),
        ("allergies", {"version": HUGE, "state": "x"}),
        ("allergies", {"version": "1", "state": "listed", "opened_with": '{"allergy_state": [[]]}'}),
        ("point", {"version": HUGE, "opened_with": "[1]"}),
        ("confidential", {"people": HUGE, "is_confidential": "on"}),
        ("confidential", {"people": "x", "is_confidential": "on"}),
        ("choose_other", {"other": HUGE}),
    ],
)
def test_forms(signed: Client, name: str, sent: dict[str, Any]) -> None:
    """The form comes back with what is wrong, and nothing is written."""
    guest = CustomerFactory.create()
    assert signed.post(reverse(f"customers:{name}", args=[guest.pk]), sent).status_code == 422
    guest.refresh_from_db()
    assert (guest.version, guest.is_confidential) == (1, False)
    assert not Relation.objects.exists()


def test_a_decision_about_nonsense_versions_is_asked_again(signed: Client) -> None:
    one, other = CustomerFactory.create_batch(2)
    sent = {"decision": "same", "keep": "x", f"version-{one.pk}": HUGE, "version-²": "1", f"version-{other.pk}": "²"}
    assert signed.post(reverse("customers:compare", args=[one.pk, other.pk]), sent).status_code == 409
    assert Customer.objects.present().count() == 2

"""Two taps at the same moment on what enters a guest."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from customers.models import Customer
from tests.factories.accounts import VenueFactory, person
from tests.simultaneous import at_once

pytestmark = pytest.mark.django_db(transaction=True)

GUEST = {"name": "林 花", "kana": "はやし はな", "form_token": str(uuid.uuid4())}
QUICK = {f"guest-new-{name}": value for name, value in GUEST.items()} | {"guest-new-phone": "075-000-0100"}
WHOLE = GUEST | {"honorific": "様", "code": "G-1", "company_name": "丸紅", "phone_0": "075-000-0100"}


@pytest.fixture
def venue() -> Venue:
    """Where the guest comes."""
    return VenueFactory.create()


@pytest.fixture
def floor(venue: Venue) -> User:
    """Who taps."""
    return person("floor", venue)


def tap(user: User, name: str, values: dict[str, Any], **options: Any) -> Callable[[], Any]:
    """A tap on the button of the page."""
    client = Client(**options)
    client.force_login(user)
    return lambda: client.post(reverse(name), values)


def assert_entered_once() -> Customer:
    """One guest, one entry of it in the trail."""
    entries = AuditEntry.objects.filter(action=Action.CREATED, subject_type="customers.customer")
    assert [entry.subject_name for entry in entries] == ["林 花"]
    return Customer.objects.get()


@pytest.mark.parametrize(
    ("name", "values"), [("customers:create", WHOLE), ("customers:quick_create", QUICK)], ids=["whole", "quick"]
)
def test_two_taps_on_a_page_lead_to_one_card(floor: User, name: str, values: dict[str, str]) -> None:
    first, second = at_once(tap(floor, name, values), tap(floor, name, values))

    card = reverse("customers:card", args=[assert_entered_once().pk])
    assert (first.url, second.url) == (card, card)


def test_two_taps_inside_a_picker_choose_one_guest(floor: User) -> None:
    taps = [tap(floor, "customers:quick_create", QUICK, headers={"HX-Request": "true"}) for _number in range(2)]

    answers = at_once(*taps)

    chosen = f'name="guest" value="{assert_entered_once().pk}" checked'
    assert [chosen in answer.content.decode() for answer in answers] == [True, True]


def test_two_taps_in_the_form_of_a_visit_seat_one_guest(floor: User, venue: Venue) -> None:
    values = {
        "venue": venue.pk,
        "form_token": str(uuid.uuid4()),
        "starts_at": timezone.now().strftime("%Y-%m-%dT18:00"),
        "op": "new_guest",
    }
    taps = [tap(floor, "visits:log", values | QUICK) for _number in range(2)]

    pages = at_once(*taps)

    entered = assert_entered_once()
    assert [[row.customer for row in page.context["form"].people] for page in pages] == [[entered], [entered]]


def test_two_taps_on_an_inquiry_of_a_new_guest_enter_one(venue: Venue) -> None:
    sales = person("sales", venue)
    values = {"title": "忘年会", "venue": venue.pk, "owner": sales.pk, "form_token": str(uuid.uuid4())} | QUICK

    first, second = at_once(tap(sales, "deals:create", values), tap(sales, "deals:create", values))

    assert_entered_once()
    assert first.url == second.url


def test_a_tap_after_the_answer_leads_to_the_same_card(floor: User) -> None:
    tap_again = tap(floor, "customers:create", WHOLE)

    assert tap_again().url == tap_again().url
    assert_entered_once()


def test_another_name_in_the_same_form_is_another_guest(floor: User) -> None:
    """Somebody goes back in the browser and writes the next guest."""
    tap(floor, "customers:quick_create", QUICK)()
    following = {"guest-new-name": "森 葉", "guest-new-kana": "もり よう", "guest-new-phone": "075-000-0200"}
    tap(floor, "customers:quick_create", QUICK | following)()

    assert set(Customer.objects.values_list("name", flat=True)) == {"林 花", "森 葉"}


def test_a_twin_from_another_form_is_still_a_question(floor: User) -> None:
    tap(floor, "customers:create", WHOLE)()
    answer = tap(floor, "customers:create", WHOLE | {"form_token": str(uuid.uuid4()), "code": ""})()

    assert answer.status_code == 422
    assert answer.context["form"].same == [assert_entered_once()]


@pytest.mark.parametrize(
    ("name", "field"), [("customers:create", "form_token"), ("customers:quick_create", "guest-new-form_token")]
)
def test_every_opened_page_has_a_token_of_its_own(floor: User, name: str, field: str) -> None:
    client = Client()
    client.force_login(floor)
    pages = [client.get(reverse(name)) for _number in range(2)]

    tokens = {str(page.context["form"]["form_token"].value()) for page in pages}
    assert len(tokens) == 2
    assert all(
        f'name="{field}" value="{page.context["form"]["form_token"].value()}"' in page.content.decode()
        for page in pages
    )

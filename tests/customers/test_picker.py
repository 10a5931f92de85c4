"""Choosing a guest inside another form, without JavaScript."""

import pytest

from customers.models import Customer
from customers.picker import read_picker
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.django_db


def test_typed_text_comes_back_with_choices():
    """Submitted without a choice: the guests it finds are listed."""
    guest = CustomerFactory.create()
    picker = read_picker({"guest-q": "わたなべ"}, user=person("floor"))
    assert not picker.is_valid()
    assert picker.choices == [guest]


def test_a_chosen_guest_is_the_answer():
    """By its radio button; a number of nobody is no answer."""
    guest = CustomerFactory.create()
    floor = person("floor")
    picker = read_picker({"guest": str(guest.pk)}, user=floor)
    assert picker.is_valid()
    assert picker.save(by=floor) == guest
    assert not read_picker({"guest": str(guest.pk + 1)}, user=floor).is_valid()
    assert not read_picker({"guest": "x"}, user=floor).is_valid()


def test_a_new_guest_is_entered_with_the_form():
    """Name and kana are enough; incomplete ones are said so."""
    venue = VenueFactory.create()
    floor = person("floor", venue)
    picker = read_picker({"guest-new-name": "林 花", "guest-new-kana": "はやし はな"}, user=floor)
    assert picker.is_valid()
    assert not Customer.objects.exists()
    guest = picker.save(by=floor, venue=venue)
    assert guest is not None
    assert (guest.name, list(guest.known_at.all())) == ("林 花", [venue])
    assert not read_picker({"guest-new-name": "林 花"}, user=floor).is_valid()


def test_who_may_not_enter_guests_gets_no_fields():
    """Their fields are not read either."""
    president = person("president")
    picker = read_picker({"guest-new-name": "林 花", "guest-new-kana": "ハヤシ ハナ"}, user=president)
    assert not picker.is_valid()
    assert picker.new_guest is None


def test_first_look_and_optional_pickers_have_no_error():
    """Nothing was sent, or nothing is needed."""
    floor = person("floor")
    assert read_picker(None, user=floor).error == ""
    optional = read_picker({"guest-q": ""}, user=floor, required=False)
    assert optional.is_valid()
    assert optional.save(by=floor) is None

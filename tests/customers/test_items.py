"""The house's own items and the lines at the labels: who defines them, what is asked again."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from customers.models import Attribute, AttributeValue, FieldPurpose
from customers.services import change_customer, create_customer, write_attribute
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(days=400)


@pytest.fixture
def venue():
    """The shop of these tests."""
    return VenueFactory.create()


@pytest.fixture
def head(client, venue):
    """Who manages the house, signed in."""
    user = person("admin", venue)
    client.force_login(user)
    return user


def answer(item: Attribute, written: str) -> dict[str, Any]:
    """Values for the services: what is known under an item."""
    return {f"attribute_{item.pk}": written}


class TestDefining:
    """Items are defined, ordered and retired."""

    def test_an_item_is_defined_and_changed(self, client, head):
        """On one page; told in the trail."""
        values = {"name": "お席の好み", "purpose": "お部屋割りのため", "kind": "choice", "choices": "窓側\n\n奥 \n窓側"}
        assert client.post(reverse("customers:new_item"), values | {"is_active": "on"}).status_code == 302
        item = Attribute.objects.get()
        assert (item.choices, item.is_active, item.term_months) == (["窓側", "奥"], True, None)
        values |= {"term_months": "12", "is_active": ""}
        assert client.post(reverse("customers:item", args=[item.pk]), values).status_code == 302
        changes = AuditEntry.objects.about(item).filter(action=Action.CHANGED).get().changes
        assert changes == {"term_months": [None, 12], "is_active": [True, False]}

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"name": "お車", "kind": "text"}, "name"),
            ({"name": "席", "kind": "choice", "choices": " "}, "choices"),
            ({"name": "席", "kind": "text", "term_months": "0"}, "term_months"),
        ],
    )
    def test_what_is_refused(self, client, head, values, field):
        """A name twice, a choice without answers, no term of nothing."""
        Attribute.objects.create(name="お車")
        response = client.post(reverse("customers:new_item"), values)
        assert (response.status_code, list(response.context["form"].errors)) == (422, [field])

    def test_the_kind_stays_while_guests_have_values(self, head):
        """A text is no number."""
        item = write_attribute(by=head, name="丈")
        guest = create_customer(by=head, name="林 花", **answer(item, "長め"))
        with pytest.raises(ValidationError):
            write_attribute(by=head, attribute=item, name="丈", kind="number")
        assert guest.attribute_values.get().text == "長め"

    def test_the_list_says_what_to_do_and_what_there_is(self, client, head):
        """Blank, and with an ageing and a retired item."""
        page = reverse("customers:items")
        assert reverse("customers:new_item") in client.get(page).content.decode()
        write_attribute(by=head, name="同伴者", term_months=12, purpose="席数のため")
        write_attribute(by=head, name="車", is_active=False)
        html = client.get(page).content.decode()
        for text in ("同伴者", "席数のため", "車"):
            assert text in html

    def test_items_change_places(self, client, head):
        """Up and down; nothing happens at the ends."""
        first, second, third = (write_attribute(by=head, name=name) for name in "一二三")
        client.post(reverse("customers:move_item", args=[third.pk]), {"to": "up"})
        client.post(reverse("customers:move_item", args=[first.pk]), {"to": "up"})
        assert list(Attribute.objects.all()) == [first, third, second]

    def test_a_retired_item_asks_nobody_and_keeps_what_is_known(self, client, head, venue):
        """It stands in the form of those who have a value."""
        item = write_attribute(by=head, name="車")
        guest = create_customer(by=head, name="林 花", kana="ハヤシ", **answer(item, "黒"))
        write_attribute(by=head, attribute=item, name="車", is_active=False)
        other = CustomerFactory.create()
        shown = [
            f"attribute_{item.pk}" in client.get(reverse("customers:edit", args=[one.pk])).context["form"].fields
            for one in (guest, other)
        ]
        assert shown == [True, False]

    @pytest.mark.parametrize("name", ["items", "new_item", "purposes"])
    def test_only_who_manages_the_house(self, client, venue, name):
        """Neither the floor nor a stranger."""
        for user in (person("floor", venue), UserFactory.create()):
            client.force_login(user)
            assert client.get(reverse(f"customers:{name}")).status_code == 403


class TestAgeing:
    """A value older than its term asks to be confirmed."""

    @pytest.fixture
    def item(self, head):
        """Asked again after a year."""
        return write_attribute(by=head, name="同伴者", term_months=12)

    @pytest.fixture
    def guest(self, head, item):
        """Asked more than a year ago."""
        guest = create_customer(by=head, name="林 花", kana="ハヤシ", **answer(item, "秘書"))
        AttributeValue.objects.update(confirmed_at=timezone.now() - LONG_AGO)
        return guest

    def test_it_is_confirmed_with_one_tap(self, client, head, item, guest):
        """By whom and when; the value stays."""
        card = reverse("customers:card", args=[guest.pk])
        confirm = reverse("customers:confirm_item", args=[guest.pk, item.pk])
        assert confirm in client.get(card).content.decode()
        assert client.post(confirm).url == card
        assert confirm not in client.get(card).content.decode()
        value = guest.attribute_values.get()
        assert (value.text, value.confirmed_by) == ("秘書", head)
        assert list(AuditEntry.objects.about(guest).filter(action=Action.CHANGED).get().changes) == [
            f"attribute_{item.pk}_confirmed"
        ]

    def test_a_changed_value_is_confirmed_by_the_change(self, head, item, guest):
        """Another one than yesterday's; the same again changes nothing."""
        change_customer(customer=guest, by=head, version=1, **answer(item, "秘書"))
        assert guest.attribute_values.get().confirmed_at < timezone.now() - LONG_AGO / 2
        change_customer(customer=guest, by=head, version=1, **answer(item, "ご家族"))
        assert guest.attribute_values.get().confirmed_at > timezone.now() - LONG_AGO / 2

    def test_the_kitchen_sees_it_and_confirms_nothing(self, client, venue, item, guest):
        """Nor does a stranger."""
        client.force_login(person("kitchen", venue))
        confirm = reverse("customers:confirm_item", args=[guest.pk, item.pk])
        html = client.get(reverse("customers:card", args=[guest.pk])).content.decode()
        assert "秘書" in html
        assert confirm not in html
        assert client.post(confirm).status_code == 403
        client.force_login(UserFactory.create())
        assert client.post(confirm).status_code == 403


def test_answers_that_do_not_fit_are_refused(head):
    """By the services, whoever calls."""
    items = {
        "いつか": write_attribute(by=head, name="日", kind="date"),
        "多分": write_attribute(by=head, name="喫煙", kind="yes_no"),
        "屋上": write_attribute(by=head, name="席", kind="choice", choices=["窓側"]),
        "1.23456": write_attribute(by=head, name="丈", kind="number"),
    }
    for written, item in items.items():
        with pytest.raises(ValidationError):
            create_customer(by=head, name="林 花", **answer(item, written))


def test_unknown_values_are_a_mistake_of_the_caller():
    """Not silently dropped."""
    with pytest.raises(TypeError):
        create_customer(by=User.objects.system(), name="林 花", adress="京都")


def test_lines_at_the_labels_are_the_house_s_own(client, head):
    """Written on one page, shown at the field, gone when blanked."""
    client.post(reverse("customers:purposes"), {"kana": "お呼び違えのないように"})
    assert "お呼び違えのないように" in client.get(reverse("customers:create")).content.decode()
    client.post(reverse("customers:purposes"), {"kana": ""})
    assert not FieldPurpose.objects.exists()
    assert "お呼び違えのないように" not in client.get(reverse("customers:create")).content.decode()


def test_every_field_says_what_it_is_for(client, head):
    """At the label, or once at the group of several."""
    form = client.get(reverse("customers:create")).context["form"]
    silent = {name for name, field in form.fields.items() if not field.help_text}
    groups = ("phone_", "diet_", "consent_", "office_", "other_")
    assert {name for name in silent if not name.startswith(groups)} == {
        "form_token",
        "is_another_person",
        "version",
        "opened_with",
    }

"""The whole-card form: what each field keeps, what it asks back, who sees what."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.models import Role, User
from crm_project.core.accounts.services import change_role
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from crm_project.core.rights import Right
from customers.models import Address, Attribute, ContactConsent, Customer, GuestDiet
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
NEW = {"name": "髙橋 美穂", "kana": "タカハシ ミホ", "honorific": "様"}


@pytest.fixture
def venue():
    """The shop of these tests."""
    return VenueFactory.create()


@pytest.fixture
def floor(client, venue):
    """Somebody of the floor, signed in."""
    user = person("floor", venue)
    client.force_login(user)
    return user


@pytest.fixture
def guest(venue):
    """A guest of whom everything is known."""
    guest = CustomerFactory.create(
        name="渡邉 健一",
        kana="ワタナベ ケンイチ",
        phones=["090-0000-1482"],
        email="watanabe@example.com",
        birthday_month_day="04-01",
        mail_to="office",
        known_at=[venue],
    )
    Address.objects.create(customer=guest, label="home", postal_code="6008001", text="京都市下京区1-2")
    Address.objects.create(customer=guest, label="office", text="京都市上京区3", care_of="秘書室")
    ContactConsent.objects.create(customer=guest, channel="mail", state="refused", asked_on="2026-01-05", note="多い")
    GuestDiet.objects.create(customer=guest, rule="halal", note="豚のみ")
    return guest


def sent(client, guest):
    """What the form of the guest sends when nothing is changed."""
    form = client.get(reverse("customers:edit", args=[guest.pk])).context["form"]
    return {
        name: "" if form[name].value() is None else form[name].value()
        for name in form.fields
        if name != "is_another_person"
    }


def change(client, guest, **values):
    """Save the form with these values changed."""
    return client.post(reverse("customers:edit", args=[guest.pk]), sent(client, guest) | values)


def last_changes(guest):
    """What the newest change of the guest says."""
    return AuditEntry.objects.about(guest).filter(action=Action.CHANGED).latest("pk").changes


class TestValues:
    """Every value has a field, is kept, and is told in the trail."""

    def test_everything_of_a_guest_is_entered_at_once(self, client, floor):
        """One form, one entry in the trail."""
        car = Attribute.objects.create(name="お車")
        values = NEW | {
            "called": "会長", "former_name": "山田", "language": "ja", "sales_staff": floor.pk, "birthday": "4月1日",
            "phone_0": "075-000-0100", "phone_0_label": "home", "phone_1": "090-0000-1482", "phone_2": "03-0000-0001",
            "postal_code": "600-8001", "address": "京都市１－２", "other_address": "軽井沢", "other_care_of": "管理人",
            "mail_to": "home", "consent_letter_state": "granted", "consent_phone_state": "refused",
            "consent_phone_asked_on": "R8.1.5", "contact_stopped": "on", "contact_stop_reason": "ご本人のご希望",
            "mourning_until": "R9.1.31", "diet_vegan": "on", "diet_vegan_note": "出汁も", f"attribute_{car.pk}": "黒",
        }  # fmt: skip
        assert client.post(reverse("customers:create"), values).status_code == 302
        guest = Customer.objects.get()
        assert (guest.called, guest.former_name, guest.sales_staff, guest.mail_to) == ("会長", "山田", floor, "home")
        assert (guest.birthday, guest.birthday_month_day) == (None, "04-01")
        assert [phone.written for phone in guest.phones.all()] == ["075-000-0100", "090-0000-1482", "03-0000-0001"]
        assert [(each.label, each.text, each.care_of) for each in guest.addresses.order_by("pk")] == [
            ("home", "京都市1-2", ""),
            ("other", "軽井沢", "管理人"),
        ]
        assert [(each.channel, each.state, each.asked_on) for each in guest.consents.all()] == [
            ("letter", "granted", timezone.localdate()),
            ("phone", "refused", date(2026, 1, 5)),
        ]
        assert (guest.contact_stop_reason, guest.mourning_until) == ("ご本人のご希望", date(2027, 1, 31))
        assert [(each.rule, each.note) for each in guest.diets.all()] == [("vegan", "出汁も")]
        assert [each.text for each in guest.attribute_values.all()] == ["黒"]
        told = AuditEntry.objects.about(guest).get(action=Action.CREATED).changes
        assert told["consent_phone"] == [None, ["refused", "2026-01-05", ""]]
        assert told[f"attribute_{car.pk}"] == [None, "黒"]

    def test_an_unchanged_form_changes_nothing(self, client, floor, guest):
        """However much is known."""
        assert change(client, guest).status_code == 302
        guest.refresh_from_db()
        assert guest.version == 1

    def test_only_what_was_changed_is_told(self, client, floor, guest):
        """With before and after, by the value's own name."""
        change(client, guest, birthday="S36.4.1", office_care_of="", consent_mail_state="granted", diet_halal="")
        assert last_changes(guest) == {
            "birthday": [None, "1961-04-01"],
            "birthday_month_day": ["04-01", ""],
            "office_care_of": ["秘書室", ""],
            "consent_mail": [["refused", "2026-01-05", "多い"], ["granted", "2026-01-05", "多い"]],
            "diets": [[["halal", "豚のみ"]], []],
        }
        html = client.get(reverse("customers:card", args=[guest.pk])).content.decode()
        assert "consent_mail" not in html
        assert "office_care_of" not in html

    def test_an_address_of_which_nothing_is_left_goes(self, client, floor, guest):
        """The others stay."""
        change(client, guest, office_address="", office_care_of="")
        assert [address.label for address in guest.addresses.all()] == ["home"]

    def test_two_people_change_different_consents(self, client, floor, guest):
        """Each channel is a value of its own."""
        opened = sent(client, guest)
        url = reverse("customers:edit", args=[guest.pk])
        client.post(url, opened | {"consent_phone_state": "refused"})
        assert client.post(url, opened | {"consent_visit_state": "granted"}).status_code == 302
        assert {each.channel: each.state for each in guest.consents.all()} == {
            "mail": "refused",
            "phone": "refused",
            "visit": "granted",
        }

    def test_two_people_change_the_same_address(self, client, floor, guest):
        """Both writings are shown in words; nothing is saved."""
        opened = sent(client, guest)
        url = reverse("customers:edit", args=[guest.pk])
        client.post(url, opened | {"office_address": "京都市左京区", "birthday": "5/2"})
        response = client.post(url, opened | {"office_address": "大津市", "birthday": "1961/5/3"})
        assert response.status_code == 422
        lines = {line.theirs: line.mine for line in response.context["conflict"].lines}
        assert lines["京都市左京区"] == "大津市"
        assert response.context["form"]["office_address"].value() == "大津市"
        assert response.context["form"]["birthday"].value() == "1961/5/3"


class TestRefusals:
    """What a form says no to, and at which field."""

    def test_a_latin_name_or_another_language_needs_no_kana(self, client, floor):
        """Japanese names do."""
        url = reverse("customers:create")
        assert client.post(url, NEW | {"name": "John Smith", "kana": "", "language": "en"}).status_code == 302
        assert client.post(url, NEW | {"name": "Ｊｏａｎ Ｋｎｏｗｌｅｓ", "kana": ""}).status_code == 302
        assert client.post(url, NEW | {"name": "王 小明", "kana": "", "language": "zh"}).status_code == 302
        response = client.post(url, NEW | {"kana": ""})
        assert list(response.context["form"].errors) == ["kana"]
        assert Customer.objects.count() == 3

    def test_do_not_contact_needs_a_reason(self, client, floor, guest):
        """At the reason; lifted, the reason goes."""
        response = change(client, guest, contact_stopped="on")
        assert (response.status_code, list(response.context["form"].errors)) == (422, ["contact_stop_reason"])
        change(client, guest, contact_stopped="on", contact_stop_reason="ご逝去")
        change(client, guest, contact_stopped="")
        guest.refresh_from_db()
        assert (guest.contact_stopped, guest.contact_stop_reason) == (False, "")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("birthday", "2月30日"),
            ("birthday", "R36.4.1"),
            ("office_postal_code", "12"),
            ("consent_phone_asked_on", "いつか"),
        ],
    )
    def test_what_cannot_be_read_is_said_at_its_field(self, client, floor, guest, field, value):
        """Nothing is written."""
        response = change(client, guest, **{field: value})
        assert (response.status_code, list(response.context["form"].errors)) == (422, [field])

    def test_numbers_of_items_are_numbers(self, client, floor, guest):
        """Full-width and with commas; a word is refused at its field."""
        item = Attribute.objects.create(name="浴衣の丈", kind="number")
        assert change(client, guest, **{f"attribute_{item.pk}": "背が高い"}).status_code == 422
        assert change(client, guest, **{f"attribute_{item.pk}": "１，６０５．５"}).status_code == 302
        value = guest.attribute_values.get()
        assert (value.text, str(value.number)) == ("1605.5", "1605.5000")


class TestWhatIsShownBeforeItIsKept:
    """Width is corrected without a word; more is shown once."""

    def test_an_honorific_is_shown_once_and_moves_to_its_field(self, client, floor):
        """The second save counts, with what was shown."""
        url = reverse("customers:create")
        response = client.post(url, NEW | {"name": "髙橋　美穂 先生"})
        form = response.context["form"]
        assert (response.status_code, list(form.errors)) == (422, ["name"])
        assert (form["name"].value(), form["honorific"].value()) == ("髙橋 美穂", "先生")
        again = {"name": form["name"].value(), "kana": form["kana"].value(), "honorific": form["honorific"].value()}
        assert client.post(url, again).status_code == 302
        guest = Customer.objects.get()
        assert (guest.name, guest.honorific) == ("髙橋 美穂", "先生")

    def test_what_was_seen_while_typing_is_not_asked_again(self, client, floor):
        """The fragment under the field sends along that it was seen."""
        shown = client.post(
            reverse("customers:normalised") + "?field=kana", {"kana": "takahashi miho"}, headers=HTMX
        ).content.decode()
        assert "タカハシ ミホ" in shown
        assert 'name="seen" value="kana=takahashi miho"' in shown
        values = NEW | {"kana": "takahashi miho", "seen": "kana=takahashi miho"}
        assert client.post(reverse("customers:create"), values).status_code == 302
        assert Customer.objects.get().kana == "タカハシ ミホ"

    def test_width_and_spaces_never_stop_a_save(self, client, floor):
        """Saved at the first tap."""
        values = NEW | {
            "name": "髙橋　　美穂",
            "kana": "ﾀｶﾊｼ みほ",
            "phone_0": "０９０ー００００ー１４８２",
            "code": "Ｃ－１",
        }
        assert client.post(reverse("customers:create"), values).status_code == 302

    @pytest.mark.parametrize(
        ("field", "written", "shown"),
        [
            ("phone_3", "０７５０００１２３４", "075-000-1234"),
            ("office_postal_code", "６００８００１", "600-8001"),
            ("birthday", "S63.4.1", "1988年（昭和63年）4月1日"),
            ("name", "髙橋 美穂", ""),
            ("birthday", "いつか", ""),
        ],
    )
    def test_a_few_words_under_the_field(self, client, floor, field, written, shown):
        """What will be kept; nothing where nothing changes."""
        url = reverse("customers:normalised") + f"?field={field}"
        answer = client.post(url, {field: written}, headers=HTMX).content.decode()
        assert shown in answer
        assert bool(answer.strip()) == bool(shown)

    def test_a_form_inside_another_form_says_it_too(self, client, floor):
        """A new guest of a visit or a booking, and a company: the field has a longer name than what it writes."""
        url = reverse("customers:normalised") + "?field=person-new-name&as=name"
        answer = client.post(url, {"person-new-name": "髙橋 美穂 先生"}, headers=HTMX).content.decode()
        assert "<ins>髙橋 美穂</ins>" in answer
        assert 'name="person-new-seen" value="person-new-name=髙橋 美穂 先生"' in answer
        url = reverse("customers:normalised") + "?field=name&as=company_name"
        assert "seen" not in client.post(url, {"name": "丸紅　様"}, headers=HTMX).content.decode()
        page = client.get(reverse("customers:quick_create") + "?name=person").content.decode()
        assert "field=person-new-kana&amp;as=kana" in page
        company = CompanyFactory.create()
        page = client.get(reverse("customers:edit_company", args=[company.pk])).content.decode()
        assert "field=name&amp;as=company_name" in page

    def test_only_who_may_change_guests(self, client, venue):
        """And only by POST: what was written is not for the log of addresses."""
        client.force_login(person("kitchen", venue))
        assert client.post(reverse("customers:normalised") + "?field=name", {"name": "a"}).status_code == 403


class TestRights:
    """Who sees contacts, and what is not lost for those who do not."""

    @pytest.fixture
    def stranger_to_contacts(self, client, venue):
        """Somebody who may change guests and may not see contacts."""
        person("admin", venue)
        role = Role.objects.get(code="floor")
        rights = [right for right in role.rights if right != Right.VIEW_CONTACTS]
        change_role(role=role, by=User.objects.system(), rights=rights)
        user = person("floor", venue)
        client.force_login(user)
        return user

    def test_contacts_are_absent_and_kept(self, client, stranger_to_contacts, guest):
        """Not in the form, not in what travels with it, and still there after a save."""
        html = client.get(reverse("customers:edit", args=[guest.pk])).content.decode()
        for hidden in ("1482", "watanabe@example.com", "下京区", "秘書室", "04-01", "consent_", "多い"):
            assert hidden not in html
        assert "豚のみ" in html
        change(client, guest, likes="ぬる燗", phone_0="080-1111-2222", office_address="大津市")
        guest.refresh_from_db()
        assert (guest.likes, guest.email, guest.birthday_month_day) == ("ぬる燗", "watanabe@example.com", "04-01")
        assert [phone.written for phone in guest.phones.all()] == ["090-0000-1482"]
        assert guest.addresses.count() == 2

    def test_nobody_is_called_who_must_not_be(self, client, stranger_to_contacts, guest):
        """Told on the card to everybody, without the number."""
        Customer.objects.filter(pk=guest.pk).update(contact_stopped=True, contact_stop_reason="ご本人のご希望")
        html = client.get(reverse("customers:card", args=[guest.pk])).content.decode()
        assert "ご本人のご希望" in html
        assert "1482" not in html

    def test_strangers_find_no_form(self, client, guest):
        """Who works nowhere may not even ask."""
        client.force_login(UserFactory.create())
        assert client.get(reverse("customers:edit", args=[guest.pk])).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_form_do_not_grow(client, floor, django_assert_num_queries, count):
    """With one or three phones, addresses, diets, consents and items."""
    guest = CustomerFactory.create(phones=[f"090-1111-111{number}" for number in range(count)])
    for label, channel, rule in list(
        zip(("home", "office", "other"), ("phone", "mail", "visit"), ("halal", "vegan", "kosher"), strict=True)
    )[:count]:
        Address.objects.create(customer=guest, label=label, text="京都市")
        ContactConsent.objects.create(customer=guest, channel=channel, state="granted")
        GuestDiet.objects.create(customer=guest, rule=rule)
        guest.attribute_values.create(attribute=Attribute.objects.create(name=f"項目{label}"), text="値")
    client.get(reverse("customers:edit", args=[guest.pk]))
    with django_assert_num_queries(20):
        client.get(reverse("customers:edit", args=[guest.pk]))

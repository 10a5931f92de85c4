"""Contacts outside a visit: noted in two taps, open until answered, told on the card; a ringing number finds its guest."""

import uuid

import pytest
from django.urls import reverse

from crm_project.core.audit.models import AuditEntry
from crm_project.core.timeline.models import TimelineEntry
from customers.models import Contact, Relation
from customers.services.contacts import AlreadyAnswered, answer_contact, note_contact, open_contacts
from customers.services.relations import relate
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory

pytestmark = pytest.mark.django_db

QUERIES_OF_THE_LIST = 7


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def desk(venue):
    return person("desk", venue)


@pytest.fixture
def signed(client, desk):
    client.force_login(desk)
    return client


@pytest.fixture
def guest():
    return CustomerFactory.create(name="渡邉 健一", phones=["090-0000-1482"])


def sent(**values):
    return {"channel": "phone", "direction": "in", "asked": "お車の台数", "form_token": str(uuid.uuid4())} | values


class TestNote:
    def test_a_call_of_a_guest_is_open_and_told_on_the_card(self, signed, guest, desk):
        answer = signed.post(f"{reverse('customers:contact_note')}?customer={guest.pk}", sent())
        assert answer.headers["Location"] == f"{reverse('customers:card', args=[guest.pk])}#timeline"
        contact = Contact.objects.get()
        assert (contact.customer, contact.answered_at, contact.recorded_by) == (guest, None, desk)
        row = TimelineEntry.objects.about(guest).get()
        assert (row.kind, row.details[0][1]) == ("contact", "お車の台数")
        assert "お車の台数" in signed.get(reverse("customers:card", args=[guest.pk])).content.decode()
        assert AuditEntry.objects.about(contact).count() == 1

    def test_the_same_form_twice_is_one_contact(self, signed, guest):
        values = sent()
        for _tap in range(2):
            signed.post(f"{reverse('customers:contact_note')}?customer={guest.pk}", values)
        assert Contact.objects.count() == 1

    def test_somebody_nobody_knows_yet_keeps_name_and_number(self, signed):
        signed.post(reverse("customers:contact_note"), sent(caller="高田様", phone="０７５－０００－０１１１"))
        contact = Contact.objects.get()
        assert (contact.customer, contact.caller, contact.phone_digits) == (None, "高田様", "0750000111")

    def test_a_contact_of_nobody_or_about_nothing_is_refused_with_the_field(self, signed):
        page = signed.post(reverse("customers:contact_note"), sent())
        assert page.status_code == 422
        assert page.context["form"].errors["caller"]
        page = signed.post(reverse("customers:contact_note"), sent(caller="高田様", asked=" "))
        assert page.context["form"].errors["asked"]
        assert not Contact.objects.exists()

    def test_a_call_of_a_company_is_noted_from_its_page_and_told_there(self, signed):
        company = CompanyFactory.create(name="株式会社北辰電機", phone="03-0000-0001")
        note = f"{reverse('customers:contact_note')}?company={company.pk}"
        page = reverse("customers:company", args=[company.pk])
        assert note in signed.get(page).content.decode()
        assert signed.post(note, sent()).headers["Location"] == f"{page}#timeline"
        assert (Contact.objects.get().company, Contact.objects.get().customer) == (company, None)
        assert "お車の台数" in signed.get(page).content.decode()
        assert page in signed.get("/phone/０３ 0000 0001/").content.decode()

    def test_a_company_hears_of_its_guests_contacts(self, signed, venue, desk):
        company = CompanyFactory.create()
        guest = CustomerFactory.create(company=company)
        note_contact(by=desk, venue=venue, customer=guest, asked="請求書の宛名")
        assert TimelineEntry.objects.about(company).count() == 1


class TestAnswer:
    def test_it_leaves_the_list_when_it_is_answered(self, signed, venue, desk, guest):
        contact = note_contact(by=desk, venue=venue, customer=guest, asked="席の変更")
        assert list(open_contacts(desk, venue)) == [contact]
        signed.post(reverse("customers:contact_answer", args=[contact.pk]), {"answer": "桔梗に変更", "list": "1"})
        contact.refresh_from_db()
        assert (contact.answer, contact.answered_by) == ("桔梗に変更", desk)
        assert list(open_contacts(desk, venue)) == []
        assert TimelineEntry.objects.about(guest).get().details[1][1] == "桔梗に変更"

    def test_two_who_answer_at_once_do_not_overwrite_each_other(self, venue, desk, guest):
        contact = note_contact(by=desk, venue=venue, customer=guest, asked="席の変更")
        answer_contact(contact=contact, by=desk, answer="桔梗に変更")
        with pytest.raises(AlreadyAnswered, match="桔梗に変更"):
            answer_contact(contact=contact, by=person("floor", venue), answer="別のお返事")

    def test_a_mistaken_answer_is_taken_back(self, signed, venue, desk, guest):
        contact = note_contact(by=desk, venue=venue, customer=guest, asked="席の変更", is_answered=True)
        signed.post(reverse("customers:contact_answer", args=[contact.pk]), {"reopen": "1"})
        contact.refresh_from_db()
        assert contact.answered_at is None

    @pytest.mark.parametrize(
        ("caller", "phone", "title"),
        [("高田様", "", "高田様"), ("", "075-000-0111", "075-000-0111"), ("高田様", "075-000-0111", "高田様")],
    )
    def test_the_page_of_somebody_nobody_knows(self, signed, venue, desk, caller, phone, title):
        contact = note_contact(by=desk, venue=venue, caller=caller, phone=phone, asked="忘れ物")
        page = signed.get(reverse("customers:contact", args=[contact.pk]))
        assert f"<h1>{title}</h1>" in page.content.decode()
        # The number rings at a tap, here and on the list.
        for said in (page, signed.get(reverse("customers:contacts"))):
            assert ('<a class="num" href="tel:0750000111">075-000-0111</a>' in said.content.decode()) == bool(phone)

    def test_whose_it_was_is_said_later(self, signed, venue, desk, guest):
        contact = note_contact(by=desk, venue=venue, caller="渡邉様らしい", asked="忘れ物")
        signed.post(reverse("customers:contact", args=[contact.pk]), {"guest": guest.pk})
        contact.refresh_from_db()
        assert contact.customer == guest
        assert TimelineEntry.objects.about(guest).exists()


class TestWhoMaySee:
    def test_owner_colleague_of_another_venue_and_stranger(self, client, venue, desk, guest):
        contact = note_contact(by=desk, venue=venue, customer=guest, asked="席の変更")
        url = reverse("customers:contact", args=[contact.pk])
        expected = ((desk, 200), (person("desk", VenueFactory.create()), 404), (UserFactory.create(), 403))
        for user, status in expected:
            client.force_login(user)
            assert client.get(url).status_code == status, user
        client.force_login(person("kitchen", venue))
        assert client.get(reverse("customers:contacts")).status_code == 403
        assert "席の変更" not in client.get(reverse("customers:card", args=[guest.pk])).content.decode()

    def test_the_president_reads_but_does_not_write(self, client, venue, desk, guest):
        contact = note_contact(by=desk, venue=venue, customer=guest, asked="席の変更")
        client.force_login(person("president", venue))
        assert client.get(reverse("customers:contact", args=[contact.pk])).status_code == 200
        assert client.get(reverse("customers:contact_note")).status_code == 403
        assert client.post(reverse("customers:contact_answer", args=[contact.pk])).status_code == 403

    @pytest.mark.parametrize("rows", [1, 3])
    def test_queries_of_the_list_do_not_grow(self, signed, venue, desk, rows, django_assert_num_queries):
        for _row in range(rows):
            note_contact(by=desk, venue=venue, customer=CustomerFactory.create(), asked="席の変更")
        signed.get(reverse("customers:contacts"))
        with django_assert_num_queries(QUERIES_OF_THE_LIST):
            signed.get(reverse("customers:contacts"))


class TestPhone:
    @pytest.mark.parametrize(
        "spelling",
        [
            "09000001482",
            "090-0000-1482",
            "０９０－００００－１４８２",
            "+819000001482",
            "+81 90 0000 1482",
            "9000001482",
        ],
    )
    def test_any_spelling_opens_the_guest(self, signed, guest, spelling):
        answer = signed.get(reverse("phone", args=[spelling]))
        assert answer.headers["Location"] == reverse("customers:card", args=[guest.pk])

    def test_people_who_share_a_number_are_a_choice(self, signed, guest):
        CustomerFactory.create(name="渡邉 由紀", phones=["090-0000-1482"])
        page = signed.get(reverse("phone", args=["09000001482"])).content.decode()
        assert page.count("guest-line-name") == 2

    def test_a_secretary_without_a_card_rings_for_the_guest(self, signed, guest, desk):
        relate(
            customer=guest, by=desk, kind="secretary", other_name="小林", other_phone="03-0000-0002", note="午前のみ"
        )
        secret = CustomerFactory.create(name="嵯峨 忍", is_confidential=True)
        Relation.objects.create(customer=secret, kind="secretary", other_name="小林", other_phone="03-0000-0002")
        page = signed.get(reverse("phone", args=["0300000002"])).content.decode()
        assert reverse("customers:card", args=[guest.pk]) in page
        assert "小林" in page
        assert "嵯峨" not in page

    def test_an_unknown_number_is_filled_in(self, signed):
        page = signed.get(reverse("phone", args=["0750000111"])).content.decode()
        assert "phone=075-000-0111" in page
        form = signed.get(f"{reverse('customers:contact_note')}?phone=075-000-0111").content.decode()
        assert 'value="075-000-0111"' in form
        new = signed.get(f"{reverse('customers:create')}?phone=075-000-0111").content.decode()
        assert 'value="075-000-0111"' in new

    def test_it_is_for_those_who_see_contacts_and_is_noted(self, client, venue, guest, desk):
        client.force_login(person("kitchen", venue))
        assert client.get(reverse("phone", args=["09000001482"])).status_code == 403
        client.force_login(desk)
        client.get(reverse("phone", args=["09000001482"]))
        assert AuditEntry.objects.filter(action="searched", subject_name="09000001482", actor=desk).exists()

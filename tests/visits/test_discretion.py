"""Confidential guests and visits: three people look, the one who is named, a colleague, and one who manages the house."""

from datetime import datetime, time
from typing import Any

import pytest
from django.urls import reverse

from crm_project.core.accounts.confidential import seal
from crm_project.core.audit.models import AuditEntry
from crm_project.core.comments.models import Thread
from crm_project.core.sealed import named_staff
from crm_project.core.timeline.models import TimelineEntry
from customers.choices import RelationKind
from customers.models import Contact, Customer
from customers.search import find_customers
from customers.services import merge_guests
from customers.services.posts import transfer
from customers.services.relations import relate
from deals.models import Deal
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory
from tests.factories.deals import DealFactory
from tests.factories.menus import DishFactory
from tests.factories.visits import VisitFactory
from visits.day import today_of
from visits.discretion import seal_visit
from visits.entries import AttendanceEntry, NoteEntry
from visits.models import Note, Visit
from visits.services import record_visit
from visits.services.promises import make_promise

pytestmark = pytest.mark.django_db

NAME = "嵯峨"
SEALED_QUERIES = 11


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def named(venue):
    return person("okami", venue)


@pytest.fixture
def colleague(venue):
    return person("manager", venue)


@pytest.fixture
def guest():
    company = CompanyFactory.create(name="架空放送株式会社")
    return CustomerFactory.create(
        name="嵯峨 忍", kana="サガ シノブ", company=company, code="K-77", allergic_to=["shrimp"]
    )


@pytest.fixture
def evening(venue, named, guest):
    """A recorded evening with a dish and a note, told on the timeline and open for an answer."""
    return record_visit(
        by=named,
        venue=venue,
        starts_at=datetime.combine(today_of(venue), time(12), tzinfo=venue.zone),
        party_size=2,
        attendances=[AttendanceEntry(customer=guest, seated_check="unchanged")],
        dishes=[DishFactory.create(name="鱧の落とし", presences={"shrimp": "free"})],
        notes={"talk": NoteEntry(text="来月は海外ロケ"), "complaint": NoteEntry()},
    )


def seen_by(client, user, url):
    client.force_login(user)
    return client.get(url)


class TestGuest:
    def test_only_the_named_find_and_open_a_confidential_guest(self, client, guest, named, colleague):
        seal(record=guest, by=named, people=[named])
        url = reverse("customers:card", args=[guest.pk])
        assert seen_by(client, named, url).status_code == 200
        assert seen_by(client, colleague, url).status_code == 404
        assert seen_by(client, UserFactory.create(is_superuser=True), url).status_code == 404
        assert list(find_customers(named, "嵯峨")) == [guest]
        assert list(find_customers(colleague, "嵯峨")) == []
        assert list(find_customers(colleague, "K-77")) == []

    def test_visits_notes_threads_deals_contacts_and_trail_go_with_the_guest(
        self, client, venue, guest, evening, named, colleague
    ):
        deal = DealFactory.create(venue=venue, customer=guest)
        contact = Contact.objects.create(venue=venue, customer=guest, recorded_by=named, asked="お車の手配")
        everything: list[Any] = [
            (Visit.objects, evening),
            (Note.objects, evening.notes.get(category__code="talk")),
            (Thread.objects, Thread.objects.get(object_id=evening.notes.get(category__code="talk").pk)),
            (Deal.objects, deal),
            (Contact.objects, contact),
        ]
        for rows, row in everything:
            assert row in rows.visible_to(colleague), row
        seal(record=guest, by=named, people=[named])
        for rows, row in everything:
            assert row not in rows.visible_to(colleague), row
            assert row in rows.visible_to(named), row
        assert not TimelineEntry.objects.about(guest).visible_to(colleague).exists()
        assert TimelineEntry.objects.about(guest).visible_to(named).exists()
        page = seen_by(client, colleague, reverse("audit:list")) if colleague.has_right("view_audit") else None
        assert page is None or NAME not in page.content.decode()

    def test_the_trail_of_the_house_leaves_the_guest_out(self, client, venue, guest, evening, named):
        admin = person("admin", venue)
        seal(record=guest, by=named, people=[named])
        assert AuditEntry.objects.about(guest).exists()
        page = seen_by(client, admin, reverse("audit:list"))
        assert page.status_code == 200
        assert NAME not in page.content.decode()

    def test_the_trail_tells_of_no_card_and_no_company_that_is_the_guest_s_alone(self, client, venue, guest, named):
        former = CustomerFactory.create(name="嵯峨 旧名", kana="サガ")
        merge_guests(keep=guest, absorb=former, choices={}, by=named)
        client.force_login(named)
        client.get(reverse("customers:company", args=[guest.company_id]))
        admin = person("admin", venue)
        url = reverse("audit:list")
        before = seen_by(client, admin, url).content.decode()
        assert "架空放送" in before
        assert "嵯峨 旧名" in before
        guest.refresh_from_db()
        seal(record=guest, by=named, people=[named])
        after = seen_by(client, admin, url).content.decode()
        assert "架空放送" not in after
        assert NAME not in after
        CustomerFactory.create(company=guest.company)
        assert "架空放送" in seen_by(client, admin, url).content.decode()

    def test_the_trail_of_others_does_not_name_the_guest(self, client, venue, guest, named):
        """Written before the guest was sealed: a successor, a relation, a seat that was given to somebody else."""
        heir = CustomerFactory.create(name="後藤 継")
        relate(customer=heir, by=named, kind=RelationKind.SUPERIOR, other=guest)
        transfer(customer=guest, by=named, on=today_of(venue), successor=heir)
        make_promise(customer=heir, venue=venue, by=named, text=f"{guest.name}様のお隣のお席")
        admin = person("admin", venue)
        url = reverse("audit:list")
        assert NAME in seen_by(client, admin, url).content.decode()
        seal(record=guest, by=named, people=[named])
        page = seen_by(client, admin, url).content.decode()
        assert "後藤 継" in page
        assert NAME not in page
        named_okami = seen_by(client, named, url).content.decode()
        assert NAME in named_okami

    def test_the_company_page_and_export_leave_the_guest_out(self, client, guest, named, colleague):
        company = reverse("customers:company", args=[guest.company_id])
        assert NAME in seen_by(client, colleague, company).content.decode()
        seal(record=guest, by=named, people=[named])
        assert seen_by(client, colleague, company).status_code == 404  # no guest of it is there for the colleague
        assert NAME in seen_by(client, named, company).content.decode()

    def test_who_seals_is_named_and_a_stranger_cannot(self, client, guest, named):
        url = reverse("customers:confidential", args=[guest.pk])
        client.force_login(named)
        assert client.post(url, {"is_confidential": "on"}).status_code == 302
        assert named_staff(guest) == [named.pk]
        assert Customer.objects.get(pk=guest.pk).is_confidential
        assert seen_by(client, UserFactory.create(), url).status_code == 403
        client.force_login(named)
        client.post(url, {})
        assert not Customer.objects.get(pk=guest.pk).is_confidential
        assert named_staff(guest) == []

    def test_the_manager_of_all_venues_names_others_without_reading_the_name(self, client, venue, guest, named):
        seal(record=guest, by=named, people=[named])
        admin, other = person("admin", venue), person("floor", venue)
        page = seen_by(client, admin, reverse("customers:sealed"))
        assert "K-77" in page.content.decode()
        assert NAME not in page.content.decode()
        client.post(reverse("customers:name_for_sealed", args=[guest.pk]), {"people": [other.pk]})
        assert named_staff(guest) == [other.pk]
        assert seen_by(client, person("floor", venue), reverse("customers:sealed")).status_code == 403

    @pytest.mark.parametrize("count", [1, 3])
    def test_queries_of_the_sealed_do_not_grow(self, client, venue, named, django_assert_num_queries, count):
        for _number in range(count):
            seal(record=CustomerFactory.create(), by=named, people=[named, person("floor", venue)])
        client.force_login(person("admin", venue))
        url = reverse("customers:sealed")
        client.get(url)
        with django_assert_num_queries(SEALED_QUERIES):
            assert len(client.get(url).context["lines"]) == count


class TestVisit:
    def test_a_confidential_visit_is_only_a_taken_room_for_others(
        self, client, venue, guest, evening, named, colleague
    ):
        seal_visit(visit=evening, by=named, people=[named])
        today = seen_by(client, colleague, reverse("visits:today")).content.decode()
        assert NAME not in today
        assert "鱧の落とし" not in today
        assert f'id="visit-{evening.pk}"' in today
        assert NAME in seen_by(client, named, reverse("visits:today")).content.decode()
        url = reverse("visits:detail", args=[evening.pk])
        assert seen_by(client, colleague, url).status_code == 404
        assert seen_by(client, named, url).status_code == 200

    def test_its_dishes_notes_and_date_are_absent_from_the_card(self, client, guest, evening, named, colleague):
        card = reverse("customers:card", args=[guest.pk])
        before = seen_by(client, colleague, card).content.decode()
        assert "鱧の落とし" in before
        assert "来月は海外ロケ" in before
        seal_visit(visit=evening, by=named, people=[named])
        after = seen_by(client, colleague, card).content.decode()
        assert "鱧の落とし" not in after
        assert "来月は海外ロケ" not in after
        assert "鱧の落とし" in seen_by(client, named, card).content.decode()
        guest.refresh_from_db()
        assert (guest.visit_count, guest.last_visit_on) == (0, None)
        seal_visit(visit=evening, by=named, people=None)
        guest.refresh_from_db()
        assert guest.visit_count == 1

    def test_what_was_promised_there_is_told_to_the_named_alone(self, client, venue, guest, evening, named, colleague):
        """Not on the card, nor on the sheet of the guest's next evening, which everybody who serves it reads."""
        make_promise(customer=guest, venue=venue, by=named, text="離れをお取りする", visit=evening)
        make_promise(customer=guest, venue=venue, by=named, text="栗ご飯をお出しする")
        tonight = VisitFactory.create(
            venue=venue,
            guests=[guest],
            status="reserved",
            starts_at=datetime.combine(today_of(venue), time(13), tzinfo=venue.zone),
        )
        urls = [
            reverse("customers:card", args=[guest.pk]),
            reverse("visits:today"),
            reverse("visits:briefing"),
            reverse("visits:detail", args=[tonight.pk]),
        ]
        for url in urls:
            assert "離れをお取りする" in seen_by(client, colleague, url).content.decode(), url
        seal_visit(visit=evening, by=named, people=[named])
        for url in urls:
            told = seen_by(client, colleague, url).content.decode()
            assert "栗ご飯をお出しする" in told, url
            assert "離れをお取りする" not in told, url
        assert "離れをお取りする" in seen_by(client, named, urls[0]).content.decode()
        assert not any("離れ" in str(row.details) for row in TimelineEntry.objects.about(guest).visible_to(colleague))
        assert any("離れ" in str(row.details) for row in TimelineEntry.objects.about(guest).visible_to(named))

    def test_the_kitchen_sees_allergies_without_the_name(self, client, venue, guest, named):
        cook = person("kitchen", venue)
        visit = VisitFactory.create(
            venue=venue,
            guests=[guest],
            status="reserved",
            starts_at=datetime.combine(today_of(venue), time(12), tzinfo=venue.zone),
        )
        allergy = guest.allergies.get().allergen.name_ja
        seal(record=guest, by=named, people=[named])
        page = seen_by(client, cook, reverse("visits:kitchen")).content.decode()
        assert allergy in page
        assert NAME not in page
        assert seen_by(client, cook, reverse("visits:detail", args=[visit.pk])).status_code == 404

    def test_only_who_may_open_it_seals_it(self, client, venue, evening, named, colleague):
        url = reverse("visits:confidential", args=[evening.pk])
        client.force_login(named)
        client.post(url, {"is_confidential": "on", "people": [named.pk]})
        assert seen_by(client, colleague, url).status_code == 404
        assert seen_by(client, UserFactory.create(), url).status_code == 403

"""People and houses of people: relations read from both sides, transfers that keep the past, successors, days that come."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.confidential import seal
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from customers.choices import RelationKind
from customers.family import posts_of, related_people
from customers.history import changes_of
from customers.models import Customer, Post, Relation, SpecialDay
from customers.services.posts import transfer
from customers.services.relations import add_special_day, end_relation, relate
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory
from tests.factories.visits import VisitFactory

pytestmark = pytest.mark.django_db

QUERIES_OF_RELATIONS = 3


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def floor(venue):
    return person("floor", venue)


@pytest.fixture
def signed(client, floor):
    client.force_login(floor)
    return client


@pytest.fixture
def chief():
    company = CompanyFactory.create(name="北辰電機株式会社")
    return CustomerFactory.create(name="渡邉 健一", company=company, department="営業本部", title="本部長")


class TestRelations:
    def test_both_cards_read_the_same_row_from_their_side(self, floor, chief):
        secretary = CustomerFactory.create(name="佐藤 恵")
        relate(customer=chief, by=floor, kind=RelationKind.SECRETARY, other=secretary)
        relate(customer=secretary, by=floor, kind=RelationKind.PRINCIPAL, other=chief)
        assert Relation.objects.count() == 1
        assert [(one.kind, one.guest) for one in related_people(chief, floor)] == [("secretary", secretary)]
        assert [(one.kind, one.guest) for one in related_people(secretary, floor)] == [("principal", chief)]

    def test_a_secretary_without_a_card_is_a_name_with_a_number(self, signed, chief):
        url = reverse("customers:add_relation", args=[chief.pk])
        signed.post(url, {"kind": "secretary", "other_name": "佐藤様", "other_phone": "０７５－０００－０１００"})
        page = signed.get(reverse("customers:card", args=[chief.pk])).content.decode()
        assert "佐藤様" in page
        assert "075-000-0100" in page

    def test_nobody_and_oneself_are_refused_in_words(self, signed, chief):
        url = reverse("customers:add_relation", args=[chief.pk])
        assert signed.post(url, {"kind": "spouse"}).status_code == 422
        page = signed.post(url, {"kind": "spouse", "other": chief.pk})
        assert page.context["form"].errors["other_name"]
        assert not Relation.objects.exists()

    def test_a_confidential_relative_is_not_named_to_others(self, floor, chief):
        wife = CustomerFactory.create(name="渡邉 由紀", is_confidential=True)
        Relation.objects.create(customer=chief, kind=RelationKind.SPOUSE, other=wife)
        assert related_people(chief, floor) == []

    def test_it_is_taken_off_both_cards_and_stays_in_the_trail(self, signed, floor, chief):
        wife = CustomerFactory.create(name="渡邉 由紀")
        relation = relate(customer=chief, by=floor, kind=RelationKind.SPOUSE, other=wife)
        signed.post(reverse("customers:remove_relation", args=[relation.pk]), {"back": wife.pk})
        assert related_people(wife, floor) == []
        assert AuditEntry.objects.about(wife).changes().count() == 2

    def test_two_taps_write_one_relation_and_a_later_number_is_not_lost(self, signed, chief):
        url = reverse("customers:add_relation", args=[chief.pk])
        for _tap in range(2):
            signed.post(url, {"kind": "secretary", "other_name": "佐藤様"})
        signed.post(url, {"kind": "secretary", "other_name": "佐藤様", "other_phone": "075-000-0100", "note": "前日に"})
        signed.post(url, {"kind": "secretary", "other_name": "佐藤様"})
        relation = Relation.objects.get()
        assert (relation.other_phone, relation.note) == ("075-000-0100", "前日に")
        told = [entry.changes["relations"] for entry in AuditEntry.objects.about(chief).changes().order_by("pk")]
        assert told == [[None, "秘書 佐藤様"], ["秘書 佐藤様", "秘書 佐藤様 075-000-0100 前日に"]]

    def test_each_trail_tells_it_from_its_side(self, floor, chief):
        secretary = CustomerFactory.create(name="佐藤 恵")
        relate(customer=chief, by=floor, kind=RelationKind.SECRETARY, other=secretary)
        told = [AuditEntry.objects.about(one).changes().get().changes["relations"][1] for one in (chief, secretary)]
        assert told == [
            f"{RelationKind.SECRETARY.label} 佐藤 恵",
            f"{RelationKind.PRINCIPAL.label} 渡邉 健一",
        ]

    def test_open_pages_of_both_are_told(self, floor, chief):
        wife = CustomerFactory.create(name="渡邉 由紀")
        relation = relate(customer=chief, by=floor, kind=RelationKind.SPOUSE, other=wife)
        end_relation(relation=relation, by=floor)
        assert [Customer.objects.get(pk=one.pk).version for one in (chief, wife)] == [3, 3]

    def test_no_trail_names_a_confidential_relative(self, signed, floor, venue, chief):
        """Sealed before or after it was written: those who are not named read no name in the changes of the other card."""
        okami = person("okami", venue)
        wife, friend = (CustomerFactory.create(name=name) for name in ("白川 由紀", "黒田 実"))
        relate(customer=chief, by=okami, kind=RelationKind.FRIEND, other=friend)
        for guest in (wife, friend):
            seal(record=guest, by=okami, people=[])
        wife.refresh_from_db()
        relate(customer=chief, by=okami, kind=RelationKind.SPOUSE, other=wife)
        shown = changes_of(chief, floor)
        assert [change.label for line in shown for change in line.changes] == ["ご関係"]
        page = signed.get(reverse("customers:card", args=[chief.pk])).content.decode()
        assert "白川" not in page
        assert "黒田" not in page
        told = [change.after for line in changes_of(chief, okami) for change in line.changes]
        assert told == [str(RelationKind.SPOUSE.label), f"{RelationKind.FRIEND.label} 黒田 実"]

    def test_a_relation_one_may_not_see_is_not_taken_off(self, signed, floor, venue, chief):
        """Nor does the answer tell whose card the other one is."""
        wife = CustomerFactory.create(name="白川 由紀")
        relation = relate(customer=wife, by=floor, kind=RelationKind.SPOUSE, other=chief)
        seal(record=wife, by=person("okami", venue), people=[])
        assert signed.post(reverse("customers:remove_relation", args=[relation.pk])).status_code == 404
        assert Relation.objects.filter(pk=relation.pk).exists()

    @pytest.mark.parametrize("rows", [1, 3])
    def test_queries_do_not_grow(self, floor, chief, rows, django_assert_num_queries):
        for _row in range(rows):
            relate(customer=chief, by=floor, kind=RelationKind.FRIEND, other=CustomerFactory.create())
        with django_assert_num_queries(QUERIES_OF_RELATIONS):
            related_people(chief, floor)

    def test_who_may(self, client, venue, chief):
        url = reverse("customers:add_relation", args=[chief.pk])
        for user, status in (
            (person("floor", venue), 200),
            (person("kitchen", venue), 403),
            (UserFactory.create(), 403),
        ):
            client.force_login(user)
            assert client.get(url).status_code == status


class TestTransfer:
    def test_the_look_at_the_posts_is_noted(self, signed, chief):
        signed.get(reverse("customers:transfer", args=[chief.pk]))
        assert AuditEntry.objects.about(chief).filter(action=Action.VIEWED).count() == 1

    APRIL = date(2026, 4, 1)

    def test_it_keeps_the_past(self, floor, chief):
        post = transfer(
            customer=chief, by=floor, on=self.APRIL, company_name="北辰販売株式会社", department="", title="専務取締役"
        )
        chief.refresh_from_db()
        assert (chief.company.name, chief.department, chief.title) == ("北辰販売株式会社", "", "専務取締役")
        former = posts_of(chief, floor)[-1]
        assert (former.company.name, former.title, former.until) == ("北辰電機株式会社", "本部長", date(2026, 3, 31))
        assert post is not None
        assert post.since == self.APRIL

    def test_the_successor_inherits_the_relationship(self, venue, floor, chief):
        attendant = person("floor", venue)
        Customer.objects.filter(pk=chief.pk).update(staff=attendant, sales_staff=floor)
        relate(customer=chief, by=floor, kind=RelationKind.SECRETARY, other_name="佐藤様", other_phone="075-000-0100")
        relate(customer=chief, by=floor, kind=RelationKind.SPOUSE, other_name="奥様")
        heir = CustomerFactory.create(name="大西 徹")
        transfer(customer=chief, by=floor, on=self.APRIL, company_name="北辰販売株式会社", title="専務", successor=heir)
        heir.refresh_from_db()
        assert heir.company is not None
        assert (heir.company.name, heir.department, heir.title) == ("北辰電機株式会社", "営業本部", "本部長")
        assert (heir.staff, heir.sales_staff) == (attendant, floor)
        assert [(one.kind, one.name) for one in related_people(heir, floor)] == [("secretary", "佐藤様")]
        assert Post.objects.get(customer=heir, until=None).predecessor == chief

    def test_cards_point_at_each_other(self, signed, floor, chief):
        heir = CustomerFactory.create(name="大西 徹")
        transfer(
            customer=chief, by=floor, on=self.APRIL, title="相談役", company_name="北辰電機株式会社", successor=heir
        )
        assert "大西 徹" in signed.get(reverse("customers:card", args=[chief.pk])).content.decode()
        assert "渡邉 健一" in signed.get(reverse("customers:card", args=[heir.pk])).content.decode()

    def test_by_the_screen_and_refused_where_nothing_changes(self, signed, chief):
        url = reverse("customers:transfer", args=[chief.pk])
        same = {"on": "2026/4/1", "company_name": "北辰電機株式会社", "department": "営業本部", "title": "本部長"}
        assert signed.post(url, same).status_code == 422
        assert signed.post(url, same | {"on": "R8.4.1", "title": "取締役"}).status_code == 302
        chief.refresh_from_db()
        assert chief.title == "取締役"
        assert Post.objects.filter(customer=chief, until=date(2026, 3, 31)).count() == 1

    def test_a_post_cannot_end_before_it_began(self, floor, chief):
        transfer(customer=chief, by=floor, on=self.APRIL, company_name="北辰電機株式会社", title="取締役")
        with pytest.raises(ValidationError, match="2026-04-01"):
            transfer(customer=chief, by=floor, on=date(2026, 3, 1), company_name="北辰電機株式会社", title="社長")

    def test_the_company_page_shows_departments_and_former_people(self, signed, floor, chief):
        company = chief.company
        CustomerFactory.create(name="木村 誠", company=company, department="総務部")
        transfer(customer=chief, by=floor, on=self.APRIL, company_name="北辰販売株式会社", title="専務")
        page = signed.get(reverse("customers:company", args=[company.pk])).content.decode()
        assert "総務部" in page
        assert "渡邉 健一" in page
        assert "北辰販売株式会社" in page


class TestDays:
    def test_two_taps_write_one_day(self, signed, chief):
        url = reverse("customers:add_day", args=[chief.pk])
        for _tap in range(2):
            signed.post(url, {"kind": "wedding", "date": "H13.11.22", "note": "白いお花"})
        signed.post(url, {"kind": "wedding", "date": "11/22"})
        assert [special.year for special in SpecialDay.objects.order_by("pk")] == [2001, None]

    def test_what_comes_next_stands_on_the_card(self, signed, venue, floor, chief):
        today = timezone.localdate()
        coming = today + timedelta(days=9)
        add_special_day(
            by=floor, kind="wedding", month=coming.month, day=coming.day, year=coming.year - 25, customer=chief
        )
        VisitFactory.create(
            venue=venue, guests=[chief], status="reserved", starts_at=timezone.now() + timedelta(days=12), party_size=6
        )
        page = signed.get(reverse("customers:card", args=[chief.pk])).content.decode()
        assert "銀婚式" in page
        assert "6名" in page

    def test_mourning_silences_celebrations(self, signed, floor, chief):
        today = timezone.localdate()
        coming = today + timedelta(days=9)
        add_special_day(
            by=floor, kind="wedding", month=coming.month, day=coming.day, year=coming.year - 25, customer=chief
        )
        Customer.objects.filter(pk=chief.pk).update(mourning_until=today + timedelta(days=60))
        assert "銀婚式" not in signed.get(reverse("customers:card", args=[chief.pk])).content.decode()

    def test_a_day_no_year_has_is_refused(self, signed, chief):
        url = reverse("customers:add_day", args=[chief.pk])
        assert signed.post(url, {"kind": "wedding", "date": "2/30"}).status_code == 422
        assert signed.post(url, {"kind": "wedding", "date": "平成13年6月2日"}).status_code == 302
        day = SpecialDay.objects.get()
        assert (day.year, day.month, day.day) == (2001, 6, 2)

    def test_a_company_has_its_founding_day(self, signed, chief):
        url = reverse("customers:add_company_day", args=[chief.company_id])
        assert signed.post(url, {"kind": "founding", "date": "1987/10/1", "note": "創立"}).status_code == 302
        assert "創立" in signed.get(reverse("customers:company", args=[chief.company_id])).content.decode()

    def test_the_kitchen_sees_no_birthdays(self, client, venue, floor, chief):
        coming = timezone.localdate() + timedelta(days=9)
        add_special_day(by=floor, kind="wedding", month=coming.month, day=coming.day, year=2001, customer=chief)
        client.force_login(person("kitchen", venue))
        assert "結婚記念日" not in client.get(reverse("customers:card", args=[chief.pk])).content.decode()

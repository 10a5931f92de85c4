"""Keeping people and firms apart: known to who holds the right, and to nobody else."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from crm_project.core.accounts.confidential import seal
from crm_project.core.accounts.models import User
from crm_project.core.audit.models import AuditEntry
from crm_project.core.audit.scopes import entries_for
from crm_project.core.problems import InputProblem
from customers.apart import apart_from, pairs_for
from customers.models import Customer, KeepApart
from customers.services import merge_guests, undo_merge
from customers.services.apart import end_keep_apart, keep_apart
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory
from tests.factories.visits import VisitFactory
from tests.simultaneous import at_once
from visits.booking_warnings import must_not_meet

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def desk(venue):
    return person("desk", venue)


@pytest.fixture
def one():
    return CustomerFactory.create(name="渡邉 健一", company=CompanyFactory.create(name="北辰電機"))


@pytest.fixture
def other():
    return CustomerFactory.create(name="森 一郎", company=CompanyFactory.create(name="東和精密"))


def main(response):
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


class TestService:
    def test_a_pair_stands_once_whoever_noted_it_first(self, desk, one, other):
        pair = keep_apart(one=one, other=other, by=desk, note=" 訴訟中 ")
        assert (pair.note, pair.noted_by) == ("訴訟中", desk)
        assert keep_apart(one=other, other=one, by=desk) == pair
        assert [apart.other for apart in apart_from(other, desk)] == [one]
        with pytest.raises(IntegrityError), transaction.atomic():
            KeepApart.objects.create(customer=one, other_customer=other, noted_by=desk)

    def test_an_ended_pair_is_kept_in_the_trail_and_warns_no_more(self, desk, one, other):
        visit = VisitFactory.create(venue=desk.memberships.get().venue, guests=[one], status="reserved")
        later = VisitFactory.create(venue=visit.venue, guests=[other], status="reserved")
        for row in (visit, later):
            row.ends_at = row.starts_at.replace(hour=21)
            row.save(update_fields=["ends_at"])
        pair = keep_apart(one=one, other=other, by=desk)
        assert must_not_meet(later, [other], desk) == [(other, one, visit)]
        for _twice in range(2):
            end_keep_apart(pair=pair, by=desk)
        assert must_not_meet(later, [other], desk) == []
        assert apart_from(one, desk) == []
        trail = AuditEntry.objects.filter(subject_type="customers.keepapart").order_by("pk")
        assert [entry.action for entry in trail] == ["created", "changed"]
        assert keep_apart(one=one, other=other, by=desk) != pair

    def test_firms_and_the_people_of_a_firm(self, desk, one, other):
        keep_apart(one=one.company, other=other.company, by=desk)
        assert [apart.other for apart in apart_from(one, desk)] == [other.company]
        assert [apart.other for apart in apart_from(other.company, desk)] == [one.company]

    def test_nobody_is_kept_from_themselves(self, desk, one):
        for side in (one, one.company):
            with pytest.raises(InputProblem):
                keep_apart(one=side, other=side, by=desk)

    def test_without_the_right_nothing_is_written_or_read(self, desk, venue, one, other):
        pair = keep_apart(one=one, other=other, by=desk)
        for user in (person("floor", venue), person("president", venue), UserFactory.create()):
            with pytest.raises(PermissionDenied):
                keep_apart(one=one, other=other.company, by=user)
            with pytest.raises(PermissionDenied):
                end_keep_apart(pair=pair, by=user)
            assert not pairs_for(user).exists()

    def test_the_trail_is_for_the_entitled(self, desk, venue, one, other):
        end_keep_apart(pair=keep_apart(one=one, other=other, by=desk, note="訴訟中"), by=desk)

        def reads(user):
            return entries_for(user, AuditEntry.objects.filter(subject_type="customers.keepapart")).count()

        assert (reads(person("okami", venue)), reads(person("president", venue))) == (2, 0)
        about_the_guest = AuditEntry.objects.filter(subject_type="customers.customer", subject_id=str(one.pk))
        assert not about_the_guest.exists()

    @pytest.mark.django_db(transaction=True)
    def test_two_at_once_write_one_pair(self, desk, one, other):
        by = [User.objects.get(pk=desk.pk) for _twice in range(2)]
        for user in by:
            assert user.rights_by_venue
        pairs = at_once(*(lambda user=user: keep_apart(one=one, other=other, by=user) for user in by))
        assert pairs[0] == pairs[1]
        assert KeepApart.objects.count() == 1


class TestMerging:
    def test_pairs_of_both_cards_become_one_and_a_pair_of_the_two_is_set_aside(self, venue, one, other):
        okami, twin = person("okami", venue), CustomerFactory.create(name="渡辺 健一")
        keep_apart(one=one, other=other, by=okami, note="訴訟中")
        keep_apart(one=twin, other=other, by=okami)
        keep_apart(one=one, other=twin, by=okami)
        merge = merge_guests(keep=one, absorb=twin, choices={}, by=okami)
        assert [(apart.other, apart.pair.note) for apart in apart_from(one, okami)] == [(other, "訴訟中")]
        assert KeepApart.objects.count() == 1
        undo_merge(merge=merge, by=okami)
        assert KeepApart.objects.count() == 3
        assert {apart.other for apart in apart_from(Customer.objects.get(pk=twin.pk), okami)} == {one, other}

    def test_the_same_pair_from_both_sides_is_told_once(self, venue, one, other):
        okami, twin = person("okami", venue), CustomerFactory.create(name="渡辺 健一")
        keep_apart(one=one, other=other, by=okami)
        keep_apart(one=other, other=twin, by=okami)
        merge_guests(keep=one, absorb=twin, choices={}, by=okami)
        assert [apart.other for apart in apart_from(one, okami)] == [other]
        assert [apart.other for apart in apart_from(other, okami)] == [one]


class TestScreen:
    @pytest.mark.parametrize("count", [1, 3])
    def test_the_list_does_not_grow_in_queries(self, client, desk, one, django_assert_num_queries, count):
        for _number in range(count):
            keep_apart(one=one, other=CustomerFactory.create(company=CompanyFactory.create()), by=desk)
            keep_apart(one=CompanyFactory.create(), other=CustomerFactory.create(), by=desk)
        client.force_login(desk)
        for url, queries in ((reverse("customers:apart"), 8), (reverse("customers:keep_apart", args=[one.pk]), 8)):
            client.get(url)
            with django_assert_num_queries(queries):
                client.get(url)

    def test_noted_from_a_card_and_ended(self, client, desk, one, other):
        client.force_login(desk)
        url = reverse("customers:keep_apart", args=[one.pk])
        assert url in client.get(reverse("customers:card", args=[one.pk])).content.decode()
        assert client.post(url, {"other": other.pk, "note": "訴訟中"}).url == url
        assert client.post(url, {"company_name": "東和精密"}).status_code == 302
        card = main(client.get(reverse("customers:card", args=[one.pk])))
        assert "訴訟中" in card
        assert "東和精密" in main(client.get(reverse("customers:apart")))
        assert "渡邉 健一" in main(client.get(reverse("customers:company", args=[other.company_id])))
        pair = KeepApart.objects.get(other_customer=other)
        assert client.post(reverse("customers:end_apart", args=[pair.pk]), {"next": url}).url == url
        outside = client.post(reverse("customers:end_apart", args=[pair.pk]), {"next": "https://example.com/"})
        assert outside.url == reverse("customers:apart")
        assert "訴訟中" not in main(client.get(reverse("customers:card", args=[one.pk])))

    def test_noted_from_a_firm(self, client, desk, one, other):
        client.force_login(desk)
        url = reverse("customers:company_apart", args=[one.company_id])
        client.post(url, {"company_name": "東和精密"})
        pair = KeepApart.objects.get()
        assert (pair.company, pair.other_company) == (one.company, other.company)

    def test_what_is_missing_or_unknown_is_said(self, client, desk, one, other):
        client.force_login(desk)
        url = reverse("customers:keep_apart", args=[one.pk])
        assert client.post(url, {}).status_code == 422
        answer = client.post(url, {"company_name": "東和"})
        assert answer.status_code == 422
        assert "東和精密" in str(answer.context["form"].errors)
        assert client.post(url, {"company_name": "無い会社"}).status_code == 422
        assert client.post(url, {"other": one.pk}).status_code == 422
        assert not KeepApart.objects.exists()

    def test_nobody_else_sees_anything(self, client, desk, venue, one, other):
        pair = keep_apart(one=one, other=other, by=desk, note="訴訟中")
        pages = [reverse("customers:card", args=[one.pk]), reverse("customers:company", args=[one.company_id])]
        for user in (person("floor", venue), person("kitchen", venue)):
            client.force_login(user)
            for page in pages:
                shown = client.get(page).content.decode()
                assert "訴訟中" not in shown
                assert "/apart/" not in shown
            for url in (reverse("customers:apart"), reverse("customers:keep_apart", args=[one.pk])):
                assert client.get(url).status_code == 403
            assert client.post(reverse("customers:end_apart", args=[pair.pk])).status_code == 403
        pair.refresh_from_db()
        assert pair.ended_at is None

    def test_a_sealed_guest_is_not_told_to_other_holders(self, client, desk, venue, one, other):
        pair = keep_apart(one=one, other=other, by=desk, note="訴訟中")
        seal(record=other, by=desk, people=[desk])
        client.force_login(person("okami", venue))
        for url in (reverse("customers:apart"), reverse("customers:keep_apart", args=[one.pk])):
            assert "森 一郎" not in main(client.get(url))
        assert client.post(reverse("customers:end_apart", args=[pair.pk])).status_code == 404
        client.force_login(User.objects.get(pk=desk.pk))
        assert "森 一郎" in main(client.get(reverse("customers:apart")))

    def test_looks_are_noted(self, client, desk, one):
        client.force_login(desk)
        client.get(reverse("customers:apart"))
        client.get(reverse("customers:keep_apart", args=[one.pk]))
        looks = AuditEntry.objects.filter(action="viewed").order_by("pk")
        assert [entry.subject_type for entry in looks] == ["customers.keepapart", "customers.customer"]

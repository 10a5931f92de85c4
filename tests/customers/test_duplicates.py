"""Possible duplicates as people decide about them: found, compared, merged, told apart, taken back."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_project.core.accounts.confidential import seal
from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.models import AuditEntry
from crm_project.core.jobs.models import Job
from crm_project.core.jobs.services import run, start_job
from customers.duplicates import LOOKED_AT
from customers.models import Customer, DistinctPair, DuplicateProposal, Merge
from customers.services import change_customer, merge_guests, tell_apart, write_proposals
from integrations.ledgers.known_guests import by_codes
from integrations.sources.partners import customers_by_code
from reports.queries import rank_counts
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory, RankFactory
from tests.factories.deals import DealFactory

pytestmark = pytest.mark.django_db

LIST_QUERIES = 7


@pytest.fixture
def house() -> Venue:
    return VenueFactory.create()


@pytest.fixture
def desk(house: Venue) -> User:
    return person("desk", house)


@pytest.fixture
def signed(client: Client, desk: User) -> Client:
    client.force_login(desk)
    return client


def proposed(probability: float = 0.9, **values: Any) -> DuplicateProposal:
    """Two cards of 渡邉 健一 that the finder takes for one guest."""
    first, second = (CustomerFactory.create(name="渡邉 健一", kana="ワタナベ ケンイチ", **values) for _n in range(2))
    return DuplicateProposal.objects.create(
        first=first, second=second, probability=probability, reasons=["phone_same", "given_same"]
    )


def compare_url(pair: DuplicateProposal) -> str:
    return reverse("customers:compare", args=[pair.first_id, pair.second_id])


def decision(pair: DuplicateProposal, word: str, **more: Any) -> dict[str, Any]:
    """What the form sends."""
    cards = (pair.first, pair.second)
    versions = {f"version-{card.pk}": Customer.objects.get(pk=card.pk).version for card in cards}
    return {"decision": word, "keep": pair.first_id, **versions, **more}


class TestList:
    def test_the_likeliest_pair_comes_first_with_its_reasons(self, signed: Client) -> None:
        pairs = [proposed(0.6), proposed(0.9)]
        page = signed.get(reverse("customers:duplicates"))
        assert [pair for pair, _reasons in page.context["pairs"]] == pairs[::-1]
        assert "phone_same" not in page.content.decode()

    @pytest.mark.parametrize("count", [1, 3])
    def test_queries_do_not_grow(self, signed: Client, django_assert_num_queries: Any, count: int) -> None:
        for _number in range(count):
            proposed(company=CompanyFactory.create())
        signed.get(reverse("customers:duplicates"))
        with django_assert_num_queries(LIST_QUERIES):
            signed.get(reverse("customers:duplicates"))

    def test_pairs_with_a_sealed_card_are_for_those_who_may_open_both(
        self, signed: Client, client: Client, house: Venue
    ) -> None:
        pair = proposed()
        named = person("okami", house)
        seal(record=pair.second, by=named, people=[])
        assert signed.get(reverse("customers:duplicates")).context["pairs"] == []
        assert signed.get(compare_url(pair)).status_code == 404
        client.force_login(named)
        assert len(client.get(reverse("customers:duplicates")).context["pairs"]) == 1

    def test_a_decision_needs_the_right_to_change_guests(self, client: Client, house: Venue) -> None:
        pair = proposed()
        for user in (person("kitchen", house), UserFactory.create()):
            client.force_login(user)
            for url in (compare_url(pair), reverse("customers:duplicates"), reverse("customers:merges")):
                assert client.get(url).status_code == 403
            assert client.post(compare_url(pair), decision(pair, "same")).status_code == 403
        assert not Merge.objects.exists()


class TestDecisions:
    def test_same_guest_merges_with_the_choices_and_goes_on_to_the_next_pair(self, signed: Client) -> None:
        pair, following = proposed(0.9), proposed(0.8)
        Customer.objects.filter(pk=pair.second_id).update(name="渡辺 健一", department="総務部")
        sent = decision(pair, "same", **{"choose-name": pair.second_id})
        answer = signed.post(compare_url(pair), sent)
        assert answer.headers["Location"] == compare_url(following)
        kept = Customer.objects.get(pk=pair.first_id)
        assert (kept.name, kept.department) == ("渡辺 健一", "総務部")
        assert Customer.objects.get(pk=pair.second_id).merged_into == kept

    def test_the_other_card_may_be_the_one_that_stays(self, signed: Client) -> None:
        pair = proposed()
        signed.post(compare_url(pair), decision(pair, "same", keep=pair.second_id))
        assert Customer.objects.get(pk=pair.first_id).merged_into_id == pair.second_id

    def test_two_people_are_remembered_and_not_proposed_again(self, signed: Client, desk: User) -> None:
        pair = proposed()
        signed.post(compare_url(pair), decision(pair, "different"))
        assert DistinctPair.objects.get().decided_by == desk
        assert not DuplicateProposal.objects.exists()
        assert write_proposals([(pair.first_id, pair.second_id, 0.9, [])]) == 0

    def test_two_people_stay_two_when_one_of_them_had_another_card(self, desk: User) -> None:
        pair = proposed()
        third = CustomerFactory.create()
        tell_apart(one=pair.first, other=pair.second, by=desk)
        merge_guests(keep=third, absorb=pair.second, choices={}, by=desk)
        assert write_proposals([(pair.first_id, third.pk, 0.9, [])]) == 0

    def test_later_changes_nothing(self, signed: Client) -> None:
        pair, following = proposed(0.9), proposed(0.8)
        assert signed.post(compare_url(pair), decision(pair, "later")).headers["Location"] == compare_url(following)
        last = signed.post(compare_url(following), decision(following, "later"))
        assert last.headers["Location"] == reverse("customers:duplicates")
        assert DuplicateProposal.objects.count() == 2
        assert not DistinctPair.objects.exists()

    def test_a_card_that_changed_meanwhile_is_shown_again_with_the_choices_made(self, signed: Client) -> None:
        pair = proposed()
        Customer.objects.filter(pk=pair.second_id).update(name="渡辺 健一")
        sent = decision(pair, "same", **{"choose-name": pair.second_id})
        change_customer(customer=pair.first, by=person("okami"), version=pair.first.version, likes="ぬる燗")
        page = signed.post(compare_url(pair), sent)
        assert page.status_code == 409
        assert not Merge.objects.exists()
        name = next(choice for choice in page.context["choices"] if choice.name == "name")
        assert [answer.is_chosen for answer in name.answers] == [False, True]

    def test_who_comes_second_is_led_to_the_card(self, signed: Client, desk: User) -> None:
        pair = proposed()
        merge_guests(keep=pair.first, absorb=pair.second, choices={}, by=desk)
        answer = signed.post(compare_url(pair), decision(pair, "same"))
        assert answer.headers["Location"] == reverse("customers:card", args=[pair.first_id])
        assert Merge.objects.count() == 1

    def test_both_reads_are_noted_and_contacts_are_for_those_who_see_them(self, signed: Client) -> None:
        pair = proposed(phones=["090-0000-1482"], email="k@example.com")
        assert 'href="tel:09000001482"' in signed.get(compare_url(pair)).content.decode()
        for card in (pair.first, pair.second):
            assert AuditEntry.objects.about(card).filter(action="viewed").count() == 1


class TestFromTheCard:
    def test_the_other_card_is_picked_and_compared(self, signed: Client) -> None:
        one, other = CustomerFactory.create(name="渡邉 健一"), CustomerFactory.create(name="三浦 健一")
        url = reverse("customers:choose_other", args=[one.pk])
        assert url in signed.get(reverse("customers:card", args=[one.pk])).content.decode()
        assert signed.post(url, {"other": one.pk}).status_code == 422
        answer = signed.post(url, {"other": other.pk})
        assert answer.headers["Location"] == reverse("customers:compare", args=[one.pk, other.pk])

    def test_the_address_of_a_merged_card_leads_to_the_card_that_took_it_in(
        self, signed: Client, client: Client, desk: User, house: Venue
    ) -> None:
        one, other = CustomerFactory.create_batch(2)
        merge_guests(keep=one, absorb=other, choices={}, by=desk)
        for name in ("card", "edit", "allergies"):
            answer = signed.get(reverse(f"customers:{name}", args=[other.pk]) + "?kind=note")
            assert answer.headers["Location"] == reverse(f"customers:{name}", args=[one.pk]) + "?kind=note"
        seal(record=Customer.objects.get(pk=one.pk), by=person("okami", house), people=[])
        assert signed.get(reverse("customers:card", args=[other.pk])).status_code == 404

    def test_a_form_that_was_opened_before_finds_the_card_changed(self, signed: Client, desk: User) -> None:
        one, other = CustomerFactory.create(likes="冷や"), CustomerFactory.create(likes="")
        form = signed.get(reverse("customers:edit", args=[other.pk])).context["form"]
        sent = {name: form[name].value() or "" for name in form.fields} | {"likes": "ぬる燗"}
        merge_guests(keep=one, absorb=other, choices={}, by=desk)
        page = signed.post(reverse("customers:edit", args=[other.pk]), sent)
        assert page.status_code == 422
        one.refresh_from_db()
        assert one.likes == "冷や"
        assert "ぬる燗" in page.content.decode()


class TestUndoing:
    def test_what_was_entered_since_goes_where_the_form_says(self, client: Client, house: Venue) -> None:
        okami = person("okami", house)
        client.force_login(okami)
        one, other = CustomerFactory.create_batch(2)
        merge = merge_guests(keep=one, absorb=other, choices={}, by=okami)
        deals = DealFactory.create_batch(2, venue=house, customer=one)
        url = reverse("customers:undo_merge", args=[merge.pk])
        rows = {row.row.pk: row.key for row in client.get(url).context["rows"]}
        assert set(rows) == {deal.pk for deal in deals}
        sent = {f"row-{rows[deals[0].pk]}": "go", f"row-{rows[deals[1].pk]}": "stay", "two_people": "1"}
        assert client.post(url, sent).headers["Location"] == reverse("customers:card", args=[other.pk])
        assert [list(card.deals.all()) for card in (other, one)] == [[deals[0]], [deals[1]]]
        assert DistinctPair.objects.count() == 1
        assert client.get(url).status_code == 404

    def test_inquiries_a_person_may_not_see_are_not_listed_and_stay(self, signed: Client, desk: User) -> None:
        one, other = CustomerFactory.create_batch(2)
        merge = merge_guests(keep=one, absorb=other, choices={}, by=desk)
        deal = DealFactory.create(customer=one)
        url = reverse("customers:undo_merge", args=[merge.pk])
        assert signed.get(url).context["rows"] == []
        signed.post(url, {f"row-deals.deal.customer_id:{deal.pk}": "go"})
        deal.refresh_from_db()
        assert deal.customer == one

    def test_only_those_who_may_open_the_card_see_and_undo_its_merges(
        self, signed: Client, desk: User, house: Venue
    ) -> None:
        one, other = CustomerFactory.create_batch(2)
        merge = merge_guests(keep=one, absorb=other, choices={}, by=desk)
        assert signed.get(reverse("customers:merges")).context["page"].rows == [merge]
        seal(record=Customer.objects.get(pk=one.pk), by=person("okami", house), people=[])
        assert signed.get(reverse("customers:merges")).context["page"].rows == []
        assert signed.post(reverse("customers:undo_merge", args=[merge.pk])).status_code == 404
        assert Merge.objects.filter(undone_at=None).exists()

    def test_queries_of_the_merges_do_not_grow(self, signed: Client, desk: User) -> None:
        counts = []
        for more in (1, 2):
            for _number in range(more):
                merge_guests(keep=CustomerFactory.create(), absorb=CustomerFactory.create(), choices={}, by=desk)
            signed.get(reverse("customers:merges"))
            with CaptureQueriesContext(connection) as queries:
                signed.get(reverse("customers:merges"))
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestFinder:
    def test_the_job_finds_the_pair_and_takes_back_what_is_none_any_more(self, desk: User) -> None:
        old = proposed()
        Customer.objects.filter(pk=old.second_id).update(name="三浦 花子", kana="ミウラ ハナコ")
        one, other = (
            CustomerFactory.create(name=name, kana="サイトウ イチロウ", phones=["090-0000-7777"])
            for name in ("斎藤 一郎", "齋藤 一郎")
        )
        job = run(start_job("find_duplicates", by=desk).pk)
        assert job is not None
        assert (job.state, job.error) == ("done", "")
        assert [(pair.first, pair.second) for pair in DuplicateProposal.objects.all()] == [(one, other)]
        assert "phone_same" in DuplicateProposal.objects.get().reasons
        found_at = DuplicateProposal.objects.get().found_at
        run(start_job("find_duplicates", by=desk).pk)
        assert DuplicateProposal.objects.get().found_at == found_at

    def test_a_house_of_more_guests_than_one_looks_at_while_typing(self, desk: User) -> None:
        CustomerFactory.create_batch(LOOKED_AT + 1, phones=["03-0000-0001"])
        job = run(start_job("find_duplicates", by=desk).pk)
        assert job is not None
        assert (job.state, job.error) == ("done", "")
        assert job.result is not None
        assert job.result["guests"] == LOOKED_AT + 1

    def test_the_button_starts_it_once(self, signed: Client) -> None:
        for _tap in range(2):
            signed.post(reverse("customers:find_duplicates"))
        assert Job.objects.filter(name="find_duplicates").count() == 1


class TestMergedCardsElsewhere:
    def test_either_code_leads_ledgers_and_accounting_to_the_guest(self, desk: User) -> None:
        one, other = CustomerFactory.create(code="K-1"), CustomerFactory.create(code="K-2")
        merge_guests(keep=one, absorb=other, choices={}, by=desk)
        known = by_codes({"K-1", "K-2"}, with_allergies=False)
        assert {code: guest.id for code, guest in known.items()} == {"K-1": one.pk, "K-2": one.pk}
        assert customers_by_code({"K-1", "K-2"}) == {"K-1": one.pk, "K-2": one.pk}

    def test_a_merged_card_is_counted_nowhere(self, desk: User) -> None:
        rank = RankFactory.create(name="特別")
        one, other = CustomerFactory.create_batch(2, rank=rank)
        merge_guests(keep=one, absorb=other, choices={}, by=desk)
        assert rank_counts()["特別"] == 1
        assert list(Customer.objects.present()) == [one]

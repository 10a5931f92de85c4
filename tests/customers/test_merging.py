"""Two cards made one, and two again: nothing is lost, nothing is left behind, whatever happened in between."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm_project.core.accounts.confidential import seal
from crm_project.core.accounts.models import User, Venue
from crm_project.core.allergens.choices import Severity
from crm_project.core.allergens.models import Allergen
from crm_project.core.audit.models import AuditEntry
from crm_project.core.sealed import named_staff
from crm_project.core.timeline.models import TimelineEntry
from crm_project.core.timeline.services import replace_rows
from customers.choices import AddressLabel, Channel, ConsentState
from customers.conflicts import VersionConflict
from customers.history import changes_of
from customers.models import Address, Allergy, ContactConsent, Customer, Merge, MergedRow, Post
from customers.search import find_customers
from customers.services import (
    AllergyInput,
    MergeRefused,
    Undone,
    change_customer,
    gather_late_rows,
    merge_guests,
    rows_since,
    set_allergies,
    undo_merge,
)
from tests.customers.merge_worlds import World, dump
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory
from tests.factories.menus import DishFactory
from tests.factories.visits import VisitFactory
from tests.simultaneous import at_once
from visits.entries import AttendanceEntry, NoteEntry
from visits.models import Note, NoteCategory, ServedDish
from visits.services import record_visit
from visits.story import timeline_rows as visit_rows

pytestmark = pytest.mark.django_db


def merge(world: World, keep: Customer, absorb: Customer, **choices: str) -> Merge:
    """Both cards as they stand now."""
    cards = Customer.objects.in_bulk([keep.pk, absorb.pk])
    return merge_guests(keep=cards[keep.pk], absorb=cards[absorb.pk], choices=choices, by=world.by)


def differences(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> dict[str, Any]:
    """What stands in one dump and not in the other, by table."""
    found = {}
    for label, rows in before.items():
        if rows != after[label]:
            found[label] = (
                [row for row in rows if row not in after[label]],
                [row for row in after[label] if row not in rows],
            )
    return found


@pytest.mark.parametrize("seed", range(6))
def test_a_merge_undone_leaves_every_table_as_it_was(seed: int) -> None:
    world = World(seed, guests=3)
    before = dump()
    choices = {"company_id": world.one(["kept", "absorbed"]), "addresses": world.one(["kept", "absorbed"])}
    made = merge(world, world.guests[0], world.guests[1], **choices)
    undone = undo_merge(merge=made, by=world.by)
    assert differences(before, dump()) == {}
    assert undone.is_whole
    assert not MergedRow.objects.exists()


@pytest.mark.parametrize("seed", range(10))
def test_merges_undone_in_any_order_leave_every_table_as_it_was(seed: int) -> None:
    world = World(seed)
    before = dump()
    present, made = list(world.guests), []
    for _number in range(3):
        keep, absorb = world.random.sample(present, 2)
        present.remove(absorb)
        made.append(merge(world, keep, absorb, company_id=world.one(["kept", "absorbed"])))
    world.random.shuffle(made)
    for each in made:
        assert undo_merge(merge=each, by=world.by).is_whole
    assert differences(before, dump()) == {}
    assert not MergedRow.objects.exists()


@pytest.mark.parametrize("seed", range(4))
def test_undoing_the_first_of_two_merges_is_as_if_only_the_second_had_been(seed: int) -> None:
    world = World(seed)
    one, other, third = world.guests[:3]
    first = merge(world, one, other)
    merge(world, one, third)
    undo_merge(merge=first, by=world.by)
    left = dump()
    for each in Merge.objects.filter(undone_at=None):
        undo_merge(merge=each, by=world.by)
    merge(world, one, third)
    assert differences(left, dump()) == {}


# --- what holds afterwards ---------------------------------------------------------------------------------------------


@pytest.fixture
def house() -> Venue:
    return VenueFactory.create(code="honten", name="本店")


@pytest.fixture
def desk(house: Venue) -> User:
    return person("desk", house)


def join(by: User, keep: Customer, absorb: Customer, **choices: str) -> Customer:
    """Merge as the cards stand now, and return the kept card."""
    cards = Customer.objects.in_bulk([keep.pk, absorb.pk])
    merge_guests(keep=cards[keep.pk], absorb=cards[absorb.pk], choices=choices, by=by)
    return Customer.objects.get(pk=keep.pk)


def part(by: User, absorbed: Customer, later: Collection[str] = ()) -> Undone:
    """Undo the merge that took the card in."""
    return undo_merge(merge=Merge.objects.get(absorbed=absorbed, undone_at=None), by=by, later=later)


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        ("not_asked", "none", "none"),
        ("none", "not_asked", "none"),
        ("listed", "none", "listed"),
        ("none", "listed", "listed"),
        ("listed", "not_asked", "listed"),
    ],
)
def test_what_is_known_of_allergies_is_never_lost(desk: User, mine: str, theirs: str, expected: str) -> None:
    one = CustomerFactory.create(allergic_to=["shrimp"] if mine == "listed" else [], allergy_state=mine)
    other = CustomerFactory.create(allergic_to=["crab"] if theirs == "listed" else [], allergy_state=theirs)
    kept = join(desk, one, other)
    assert kept.allergy_state == expected
    assert kept.allergies.count() == (expected == "listed")


@pytest.mark.parametrize("keeps_severe", [True, False])
def test_the_worse_severity_holds_and_both_notes_stay(desk: User, keeps_severe: bool) -> None:
    cards = CustomerFactory.create_batch(2, allergic_to=["shrimp"])
    Allergy.objects.filter(customer=cards[0]).update(severity=Severity.TRACE_OK, note="出汁は可")
    Allergy.objects.filter(customer=cards[1]).update(severity=Severity.SEVERE, note="殻も")
    kept = join(desk, *(reversed(cards) if keeps_severe else cards))
    allergy = kept.allergies.get()
    assert allergy.severity == Severity.SEVERE
    assert {"出汁は可", "殻も"} == set(allergy.note.split(" / "))


@pytest.mark.parametrize("keep", [0, 1])
def test_the_stricter_answer_holds_whichever_card_stays(desk: User, keep: int) -> None:
    strict = CustomerFactory.create(
        mail_to="nowhere", mourning_until=date(2027, 3, 1), contact_stopped=True, contact_stop_reason="ご要望"
    )
    lax = CustomerFactory.create(mail_to="home", mourning_until=date(2026, 12, 1))
    for card, state in ((strict, ConsentState.REFUSED), (lax, ConsentState.GRANTED)):
        ContactConsent.objects.create(customer=card, channel=Channel.PHONE, state=state)
    cards = (strict, lax)
    kept = join(desk, cards[keep], cards[1 - keep])
    assert (kept.mail_to, kept.mourning_until) == ("nowhere", date(2027, 3, 1))
    assert (kept.contact_stopped, kept.contact_stop_reason) == (True, "ご要望")
    assert kept.consents.get().state == ConsentState.REFUSED


def test_a_person_chooses_the_rest_and_blanks_are_filled(desk: User) -> None:
    one = CustomerFactory.create(name="渡邉 健一", department="総務部", likes="ぬる燗", note="", email="")
    other = CustomerFactory.create(
        name="渡辺 健一",
        company=CompanyFactory.create(),
        title="部長",
        likes="白身",
        note="窓際",
        email="k@example.com",
    )
    kept = join(desk, one, other, name="absorbed", company_id="absorbed")
    assert (kept.name, kept.company, kept.department, kept.title) == ("渡辺 健一", other.company, "", "部長")
    assert (kept.likes, kept.note, kept.email) == ("ぬる燗\n白身", "窓際", "k@example.com")


def test_two_homes_stand_side_by_side_and_two_posts_follow_the_chosen_company(desk: User) -> None:
    old, new = CompanyFactory.create_batch(2)
    one, other = CustomerFactory.create(company=old), CustomerFactory.create(company=new)
    for card, company, where in ((one, old, "東京都港区一"), (other, new, "京都市東山区二")):
        Address.objects.create(customer=card, label=AddressLabel.HOME, text=where)
        Post.objects.create(customer=card, company=company)
    kept = join(desk, one, other, company_id="absorbed", addresses="absorbed")
    assert dict(kept.addresses.values_list("label", "text")) == {"home": "京都市東山区二", "office": "東京都港区一"}
    assert [post.company for post in kept.posts.filter(until=None)] == [new]
    assert kept.posts.exclude(until=None).get().company == old


def test_a_visit_of_both_cards_is_one_visit_and_is_told_once(desk: User, house: Venue) -> None:
    one, other = CustomerFactory.create_batch(2)
    dish = DishFactory.create()
    visit = VisitFactory.create(venue=house, guests=[one, other])
    ServedDish.objects.create(visit=visit, dish=dish, attendance=visit.attendances.get(customer=other))
    replace_rows(parent=visit, rows=visit_rows(visit))
    kept = join(desk, one, other)
    assert (kept.visit_count, kept.last_visit_on) == (1, visit.business_date)
    assert visit.attendances.get().customer == kept
    assert visit.served_dishes.get().attendance == visit.attendances.get()
    assert TimelineEntry.objects.about(kept).count() == 1


def test_the_guest_is_found_by_both_names_numbers_and_codes(desk: User) -> None:
    one = CustomerFactory.create(name="渡邉 健一", kana="ワタナベ ケンイチ", code="K-1", phones=["090-0000-1482"])
    other = CustomerFactory.create(name="三浦 健一", kana="ミウラ ケンイチ", code="K-2", phones=["03-0000-7777"])
    kept = join(desk, one, other)
    for query in ("渡辺", "みうら", "K-1", "K-2", "7777"):
        assert list(find_customers(desk, query)) == [kept], query
    assert [phone.digits for phone in kept.phones.all()] == ["09000001482", "0300007777"]
    assert Customer.objects.get(pk=other.pk).code == "K-2"


def test_a_confidential_card_makes_the_guest_confidential_for_those_named_for_every_such_card(house: Venue) -> None:
    by, knows_one, knows_both = (person("desk", house) for _number in range(3))
    one, other = CustomerFactory.create_batch(2)
    seal(record=one, by=by, people=[knows_both, knows_one])
    seal(record=other, by=by, people=[knows_both])
    kept = join(by, one, other)
    assert kept.is_confidential
    assert set(named_staff(kept)) == {by.pk, knows_both.pk}
    part(by, other)
    assert set(named_staff(one)) == {by.pk, knows_both.pk, knows_one.pk}
    assert set(named_staff(other)) == {by.pk, knows_both.pk}


def test_nobody_merges_a_card_that_they_may_not_open_or_change(house: Venue, desk: User) -> None:
    one, other = CustomerFactory.create_batch(2)
    stranger = UserFactory.create()
    with pytest.raises(PermissionDenied):
        join(stranger, one, other)
    with pytest.raises(PermissionDenied):
        join(person("kitchen", house), one, other)
    seal(record=other, by=person("desk", house), people=[])
    with pytest.raises(PermissionDenied):
        join(desk, one, other)
    assert not Merge.objects.exists()


def test_a_card_that_was_changed_or_merged_meanwhile_is_looked_at_again(desk: User) -> None:
    one, other, third = CustomerFactory.create_batch(3)
    seen = {one.pk: one.version, other.pk: other.version}
    change_customer(customer=other, by=desk, version=other.version, likes="ぬる燗")
    with pytest.raises(MergeRefused):
        merge_guests(keep=one, absorb=other, choices={}, by=desk, seen=seen)
    join(desk, third, other)
    with pytest.raises(MergeRefused):
        merge_guests(keep=one, absorb=other, choices={}, by=desk)
    assert Merge.objects.count() == 1


def test_each_card_keeps_its_trail_and_the_kept_card_shows_both(desk: User) -> None:
    one, other = CustomerFactory.create_batch(2)
    change_customer(customer=other, by=desk, version=other.version, likes="ぬる燗")
    kept = join(desk, one, other)
    assert AuditEntry.objects.about(other).changes().count() == 2
    told = changes_of(kept, desk)
    assert len(told) == 3
    assert any(change.after == "ぬる燗" for line in told for change in line.changes)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_merge_the_same_pair_at_once_merge_it_once() -> None:
    house = VenueFactory.create()
    one, other = CustomerFactory.create_batch(2, phones=["090-0000-1482"])
    colleagues = [person("desk", house), person("okami", house)]

    def merging(by: User, keep: Customer, absorb: Customer) -> Any:
        def act() -> Any:
            try:
                return merge_guests(keep=keep, absorb=absorb, choices={}, by=by).pk
            except MergeRefused:
                return "refused"

        return act

    assert len(set(at_once(merging(colleagues[0], one, other), merging(colleagues[1], one, other)))) == 1
    merge = Merge.objects.get()
    undo_merge(merge=merge, by=colleagues[0])
    assert "refused" in at_once(merging(colleagues[0], one, other), merging(colleagues[1], other, one))
    assert Merge.objects.filter(undone_at=None).count() == 1


# --- undone after further work -----------------------------------------------------------------------------------------


def test_what_somebody_wrote_since_stays_and_is_named(desk: User) -> None:
    one = CustomerFactory.create(name="渡邉 健一", likes="")
    other = CustomerFactory.create(name="三浦 健一", likes="ぬる燗")
    kept = join(desk, one, other, name="absorbed")
    change_customer(customer=kept, by=desk, version=kept.version, likes="冷や")
    undone = part(desk, other)
    one.refresh_from_db()
    assert (one.name, one.likes, undone.kept_columns) == ("渡邉 健一", "冷や", ["likes"])
    assert Customer.objects.get(pk=other.pk).likes == "ぬる燗"


def test_entries_made_since_stay_or_go_as_people_say(desk: User, house: Venue) -> None:
    one, other = CustomerFactory.create_batch(2)
    kept = join(desk, one, other)
    visits = [
        record_visit(
            by=person("okami", house),
            venue=house,
            starts_at=datetime(2026, 10, day, 18, 0, tzinfo=UTC),
            attendances=[AttendanceEntry(customer=kept)],
            notes={category.code: NoteEntry(text="窓際") for category in NoteCategory.objects.all()},
        )
        for day in (1, 2)
    ]
    okami = person("okami", house)
    merge = Merge.objects.get()
    since = {row.words: row.key for row in rows_since(merge, okami)}
    assert set(since) == {str(visit) for visit in visits}
    undo_merge(merge=merge, by=okami, later=[since[str(visits[1])]])
    for card, visit in ((one, visits[0]), (other, visits[1])):
        card.refresh_from_db()
        assert [seat.visit for seat in card.attendances.all()] == [visit]
        assert card.last_visit_on == visit.business_date
        assert {note.visit for note in Note.objects.filter(customer=card)} == {visit}
        told = TimelineEntry.objects.about(card)
        assert {row.parent_id for row in told} == {visit.pk}
        assert told.exists()


def test_a_phone_list_that_was_edited_since_gives_the_number_back(desk: User) -> None:
    one = CustomerFactory.create(phones=["090-0000-1482"])
    other = CustomerFactory.create(phones=["03-0000-7777"])
    kept = join(desk, one, other)
    change_customer(
        customer=kept, by=desk, version=kept.version, phones=["090-0000-1482", "03-0000-7777", "06-0000-1111"]
    )
    assert part(desk, other).gone == {}
    assert [phone.digits for phone in other.phones.all()] == ["0300007777"]
    assert {phone.digits for phone in one.phones.all()} == {"09000001482", "0600001111"}


def test_an_allergy_that_was_asked_again_since_stands_on_both_cards(desk: User) -> None:
    one = CustomerFactory.create(allergy_state="none")
    other = CustomerFactory.create(allergic_to=["shrimp"])
    kept = join(desk, one, other)
    shrimp, crab = Allergen.objects.get(code="shrimp"), Allergen.objects.get(code="crab")
    set_allergies(
        customer=kept, by=desk, state="listed", items=[AllergyInput(shrimp, Severity.SEVERE), AllergyInput(crab)]
    )
    undone = part(desk, other)
    assert undone.allergies_on_both
    one.refresh_from_db()
    assert (one.allergy_state, set(one.allergies.values_list("allergen__code", flat=True))) == (
        "listed",
        {"shrimp", "crab"},
    )
    assert [allergy.allergen for allergy in other.allergies.all()] == [shrimp]


def test_what_people_wrote_survives_the_undoing_of_an_older_merge(desk: User) -> None:
    one, other, third = (CustomerFactory.create(allergic_to=["shrimp"]) for _number in range(3))
    Allergy.objects.filter(customer__in=(one, other)).update(severity=Severity.TRACE_OK)
    join(desk, one, other)
    kept = join(desk, one, third, likes="absorbed")
    assert kept.allergies.get().severity == Severity.SEVERE
    set_allergies(
        customer=kept,
        by=desk,
        state="listed",
        items=[AllergyInput(Allergen.objects.get(code="shrimp"), Severity.MODERATE)],
    )
    change_customer(customer=kept, by=desk, version=Customer.objects.get(pk=kept.pk).version, name="渡邉 健吾")
    part(desk, other)
    one.refresh_from_db()
    assert (one.name, one.allergies.get().severity) == ("渡邉 健吾", Severity.MODERATE)
    assert Customer.objects.get(pk=third.pk).merged_into == one


def test_rows_written_to_a_merged_card_by_a_form_begun_before_come_home(desk: User, house: Venue) -> None:
    one, other, third = CustomerFactory.create_batch(3)
    join(desk, other, third)
    join(desk, one, other)
    VisitFactory.create(venue=house, guests=[third])
    assert gather_late_rows() > 0
    one.refresh_from_db()
    assert one.visit_count == 1
    assert gather_late_rows() == 0
    part(desk, third)
    assert third.attendances.count() == 1


def test_an_undone_merge_can_be_made_again_and_undoing_twice_is_once(desk: User) -> None:
    one, other = CustomerFactory.create_batch(2)
    join(desk, one, other)
    merge = Merge.objects.get()
    assert undo_merge(merge=merge, by=desk).is_whole
    assert undo_merge(merge=merge, by=desk).is_whole
    join(desk, one, other)
    assert Merge.objects.count() == 2


def test_moving_many_visits_takes_as_many_queries_as_moving_one(desk: User, house: Venue) -> None:
    join(desk, *CustomerFactory.create_batch(2))  # what Django asks once in a process
    counts = []
    for visits in (1, 20):
        one, other = CustomerFactory.create_batch(2)
        for _number in range(visits):
            VisitFactory.create(venue=house, guests=[other])
        with CaptureQueriesContext(connection) as queries:
            join(desk, one, other)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_what_is_written_a_moment_after_a_merge_meets_what_the_kept_card_says(desk: User) -> None:
    one = CustomerFactory.create(likes="冷や", allergic_to=["crab"])
    other = CustomerFactory.create(likes="", allergic_to=["shrimp"])
    join(desk, one, other)
    with pytest.raises(VersionConflict):
        change_customer(customer=other, by=desk, version=other.version, base={"likes": ""}, likes="ぬる燗")
    with pytest.raises(VersionConflict):
        set_allergies(customer=other, by=desk, state="none")
    change_customer(customer=other, by=desk, version=other.version, base={"likes": "", "note": ""}, note="窓際")
    one.refresh_from_db()
    assert (one.likes, one.note, one.allergies.count()) == ("冷や", "窓際", 2)

"""席次: the rules of the proposal, and a plan that people confirm and change."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from crm_project.core.audit.models import AuditEntry
from crm_project.core.problems import InputProblem
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory
from tests.factories.visits import RoomFactory, VisitFactory
from visits.models import Attendance, SeatingPlan
from visits.refusals import SeatingChangedMeanwhile
from visits.seating import plan_of
from visits.seating_order import (
    Person,
    Places,
    RoomRules,
    Upper,
    adapt,
    by_precedence,
    order_of,
    propose,
)
from visits.services.seating import forget_seating, set_seating

HOST, HONOUR, WITH, ARRANGER = "host", "guest_of_honour", "companion", "arranger"


def people(*roles, firms=()):
    """A person per role, called after the role and the place in the list: host0, companion1 ..."""
    firms = (*firms, *([None] * len(roles)))
    return [Person(f"{role}{number}", role, firms[number]) for number, role in enumerate(roles)]


class TestRules:
    @pytest.mark.parametrize(
        ("places", "order"), [(1, [0]), (2, [0, 1]), (3, [1, 0, 2]), (4, [1, 0, 2, 3]), (5, [2, 1, 3, 0, 4])]
    )
    def test_a_long_row_begins_in_the_middle_a_short_one_at_the_far_end(self, places, order):
        assert by_precedence(places) == order

    def test_two_parties_sit_opposite_each_other_guests_on_the_upper_side(self):
        party = people(HOST, HONOUR, WITH, WITH, ARRANGER, WITH)

        found = propose(party, RoomRules(has_alcove=True), is_hosting=True)

        # Four guests and two hosts: the fourth guest takes the far end of the other side.
        assert found.upper == ("companion2", "guest_of_honour1", "companion3")
        assert found.lower == ("companion5", "host0", "arranger4")

    def test_colleagues_of_the_host_sit_with_the_host(self):
        party = people(HOST, HONOUR, WITH, WITH, firms=(1, 2, 1, 2))

        found = propose(party, RoomRules(), is_hosting=True)

        assert set(found.upper) == {"guest_of_honour1", "companion3"}
        assert set(found.lower) == {"host0", "companion2"}

    def test_one_party_fills_the_upper_side_first(self):
        found = propose(people(HOST, WITH, WITH, WITH, WITH), RoomRules(), is_hosting=False)

        assert found.upper == ("companion1", "host0", "companion2")
        assert found.lower[:2] == ("companion3", "companion4")

    def test_too_many_hosts_take_the_end_at_the_door(self):
        found = propose(people(HOST, HONOUR, HOST, HOST), RoomRules(), is_hosting=True)

        assert found == Places(("guest_of_honour1", "host3"), ("host0", "host2"))

    def test_a_counter_is_one_row_from_the_far_end(self):
        assert propose(people(WITH, HONOUR, HOST), RoomRules(is_counter=True), is_hosting=True) == Places(
            ("guest_of_honour1", "host2", "companion0")
        )

    def test_the_garden_turns_the_room_round(self):
        assert RoomRules(has_alcove=True).upper == Upper.ALCOVE
        assert RoomRules(has_alcove=True, view_is_upper=True).upper == Upper.VIEW
        assert RoomRules().upper == Upper.FAR

    def test_everybody_has_exactly_one_place_whatever_the_party(self):
        roles = (HOST, HONOUR, WITH, ARRANGER)
        for number in range(1, 24):
            for is_hosting in (True, False):
                party = people(*(roles[(number * at) % 4] for at in range(number)))
                seated = propose(party, RoomRules(), is_hosting=is_hosting).seated
                assert sorted(seated) == sorted(one.ref for one in party)

    def test_who_is_still_there_keeps_the_place_who_is_new_takes_a_free_one(self):
        saved = Places(("c", "a", "b"), ("d", "e"))

        found = adapt(saved, Places(("a", "b"), ("d", "new")))

        assert found.upper == ("", "a", "b")
        assert found.lower == ("d", "new")
        assert adapt(saved, Places(("a", "b", "c", "x"), ("d", "e", "y"))).seated == ("c", "a", "b", "x", "d", "e", "y")

    def test_the_order_of_precedence_reads_the_rows_from_their_middle(self):
        assert order_of(Places(("b", "a", "c"), ("e", "d", "f"))) == ["a", "b", "c", "d", "e", "f"]


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def floor(venue):
    return person("floor", venue)


@pytest.fixture
def evening(venue):
    """渡邉 様 hosts 佐伯 様 and one more in a room with an alcove."""
    host, honoured = (CustomerFactory.create(name=name, company=CompanyFactory.create()) for name in ("渡邉", "佐伯"))
    visit = VisitFactory.create(
        venue=venue,
        room=RoomFactory.create(venue=venue, name="桔梗", has_alcove=True),
        starts_at=timezone.now() + timedelta(hours=2),
        status="reserved",
        purpose="hosting",
        party_size=3,
        guests=[host, honoured],
    )
    visit.attendances.filter(customer=honoured).update(role=HONOUR)
    return visit


def shown(visit):
    return plan_of(visit, SeatingPlan.objects.filter(visit=visit).first())


def names(row):
    return [one.name if one else "" for one in row]


@pytest.mark.django_db
class TestPlan:
    def test_a_proposal_until_somebody_confirms_it(self, evening, floor):
        plan = shown(evening)
        assert (names(plan.upper), names(plan.lower)) == (["佐伯 様", "お連れ様"], ["渡邉 様", ""])
        assert not plan.is_confirmed

        set_seating(visit=evening, by=floor, version=0, upper=plan.places.upper, lower=plan.places.lower, confirm=True)

        assert shown(evening).is_confirmed
        assert AuditEntry.objects.about(evening).changes().get().changes["seating_state"] == [None, "confirmed"]

    def test_who_has_no_name_is_not_called_as_somebody_who_has_one(self, evening):
        for position, label in enumerate(("お連れ様②", "東和精密 ご一行"), 5):
            Attendance.objects.create(visit=evening, label=label, role=WITH, position=position)
        type(evening).objects.filter(pk=evening.pk).update(party_size=7)
        plan = shown(type(evening).objects.get(pk=evening.pk))
        called = {*names(plan.upper), *names(plan.lower)}
        assert {"お連れ様①", "お連れ様②", "お連れ様③", "お連れ様④", "東和精密 ご一行"} <= called
        roles = [one.person_role for one in (*plan.upper, *plan.lower) if one and one.guest is None]
        assert set(roles) == {""}

    def test_another_guest_or_room_makes_it_a_proposal_again(self, evening, floor, venue):
        plan = shown(evening)
        set_seating(visit=evening, by=floor, version=0, upper=plan.places.upper, lower=plan.places.lower, confirm=True)
        Attendance.objects.create(visit=evening, label="お連れ様②", role=WITH, position=5)
        evening.party_size = 4

        changed = shown(type(evening).objects.get(pk=evening.pk))

        assert (changed.is_confirmed, changed.is_outdated) == (False, True)
        assert "お連れ様②" in [*names(changed.upper), *names(changed.lower)]
        Attendance.objects.filter(label="お連れ様②").delete()
        evening.room = RoomFactory.create(venue=venue)
        assert not shown(evening).is_confirmed

    def test_everybody_needs_one_place(self, evening, floor):
        refs = [*shown(evening).places.seated]
        for upper, problem in (
            (refs[:2], "席がまだ"),
            ([*refs, refs[0]], "席が二つ"),
            ([*refs, "999"], "ご出席でない"),
        ):
            with pytest.raises(InputProblem, match=problem):
                set_seating(visit=evening, by=floor, version=0, upper=upper, lower=[], confirm=True)
        assert not SeatingPlan.objects.exists()

    def test_two_at_once_are_told(self, evening, floor):
        refs = [*shown(evening).places.seated]
        set_seating(visit=evening, by=floor, version=0, upper=refs, lower=[], confirm=False)
        with pytest.raises(SeatingChangedMeanwhile):
            set_seating(visit=evening, by=floor, version=0, upper=refs[::-1], lower=[], confirm=True)

    def test_the_kitchen_looks_and_does_not_place(self, evening, venue, client):
        cook = person("kitchen", venue)
        refs = [*shown(evening).places.seated]
        with pytest.raises(PermissionDenied):
            set_seating(visit=evening, by=cook, version=0, upper=refs, lower=[], confirm=True)
        client.force_login(cook)
        page = client.get(f"/visits/{evening.pk}/seating/")
        assert (page.status_code, page.context["form"]) == (200, None)
        assert client.post(f"/visits/{evening.pk}/seating/", {"version": 0}).status_code == 404
        client.force_login(person("floor"))
        assert client.get(f"/visits/{evening.pk}/seating/").status_code == 404

    def test_placed_on_the_page_and_back_to_the_rules(self, evening, floor, client):
        client.force_login(floor)
        address = f"/visits/{evening.pk}/seating/"
        form = client.get(address).context["form"]
        sent = {name: form[name].value() for name in form.fields}
        sent["upper-0"], sent["upper-1"] = sent["upper-1"], sent["upper-0"]

        assert client.post(address, sent | {"confirm": "1"}).status_code == 302
        assert SeatingPlan.objects.get().is_confirmed

        twice = client.post(address, {**sent, "version": 1, "lower-0": sent["upper-0"], "confirm": "1"})
        assert twice.status_code == 422
        for stale in ("0", "", "\x00", "9" * 30):
            assert client.post(address, {"version": stale, "forget": "1"}).status_code == 302
            assert SeatingPlan.objects.get().is_confirmed
        assert client.post(address, {"version": 1, "forget": "1"}).status_code == 302
        assert not SeatingPlan.objects.exists()

    def test_guests_see_names_never_numbers(self, evening, floor, client):
        client.force_login(floor)
        # Two hours from now may be another day of the house.
        briefing = client.get("/visits/briefing/", {"day": evening.business_date.isoformat()}).content.decode()
        plan = briefing.partition("seat-plan")[2].partition("</figure>")[0]
        assert "佐伯" in plan
        assert not any(mark in plan for mark in ("①", "②", "1番", "2番"))

    def test_taken_back_twice_is_once(self, evening, floor):
        forget_seating(visit=evening, by=floor, version=0)
        assert not AuditEntry.objects.about(evening).changes().exists()

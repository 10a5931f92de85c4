"""What is told at the table: never green before it is written down, and judged at once for the seat that said it."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.models import User, Venue
from crm_project.core.allergens.models import Allergen
from crm_project.core.timeline.models import TimelineEntry
from customers.models import Allergy, Customer
from menus.models import Dish
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.menus import CourseFactory, DishFactory
from tests.factories.visits import RoomFactory, VisitFactory
from visits.entries import AttendanceEntry, Confirmation
from visits.evening import evening_of
from visits.group_answers import Understood
from visits.models import AdvanceAnswer, Attendance, GroupAllergy, NoteCategory, SheetLine, Visit
from visits.refusals import UnconfirmedWarnings
from visits.services import answer_for_companion, change_tonight, check_at_table, decide_for_seat
from visits.services.allergy_answers import AnsweredMeanwhile
from visits.services.recording import change_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue() -> Venue:
    """The house."""
    return VenueFactory.create()


@pytest.fixture
def floor(client: Client, venue: Venue) -> User:
    """Signed in on the floor."""
    user = person("floor", venue)
    client.force_login(user)
    return user


@pytest.fixture
def shinjo() -> Dish:
    """With shrimp."""
    return DishFactory.create(name="海老真薯", presences={"shrimp": "contains", "buckwheat": "free"})


@pytest.fixture
def guest() -> Customer:
    """Who has no allergies, as the card says."""
    return CustomerFactory.create(name="渡邉 健一", allergy_state="none")


@pytest.fixture
def companion(venue: Venue, guest: Customer, shinjo: Dish) -> Attendance:
    """Somebody without a card beside the guest, tonight."""
    visit = VisitFactory.create(
        venue=venue,
        room=RoomFactory.create(venue=venue, name="桔梗"),
        starts_at=timezone.now(),
        status="seated",
        party_size=2,
        guests=[guest],
        course=CourseFactory.create(name="師走の会席 松", of=[shinjo]),
    )
    return Attendance.objects.create(visit=visit, label="お連れ様①", role="companion", position=1)


def page(client: Client, name: str, *args: Any) -> str:
    """The page's words."""
    answer = client.get(reverse(f"visits:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def said(client: Client, seat: Attendance, text: str, **values: Any) -> Any:
    """Write the companion's line down: read, then saved as it was understood."""
    data = {"text": text, "source": "guest", "said_on": "2026-12-01", "version": "0", **values}
    address = reverse("visits:guest_answer", args=[seat.pk])
    client.post(address, data)
    return client.post(address, data | {"seen": text})


class TestUnknownIsNeverGreen:
    """変わりあり without the words of it."""

    @pytest.mark.parametrize("whose", ["companion", "guest"])
    def test_a_change_nobody_wrote_down_keeps_the_gate_shut_and_stands_on_today(self, client, floor, companion, whose):
        seat = companion if whose == "companion" else companion.visit.attendances.get(position=0)
        check_at_table(attendance=seat, by=floor, seated_check="changed")
        evening = evening_of(companion.visit)
        told = evening.seat(f"a{seat.pk}")
        assert told is not None
        assert told.has_unwritten_change
        assert not told.is_asked
        assert not told.is_checked
        assert not evening.gate.may_be_ready
        assert not evening.gate.service_is_open
        for name, args in (("today", ()), ("evening", (companion.visit_id,)), ("kitchen_sheet", ()), ("briefing", ())):
            assert "変わりあり：内容を記入" in page(client, name, *args), name

    def test_the_tap_leads_to_where_it_is_written_down(self, client, floor, companion):
        answer = client.post(reverse("visits:check", args=[companion.pk]), {"seated_check": "changed"})
        assert answer.url == reverse("visits:guest_answer", args=[companion.pk])
        assert "お連れ様①" in page(client, "guest_answer", companion.pk)

    def test_a_recorded_visit_stays_to_be_completed_until_it_is_written_down(self, client, floor, companion):
        NoteCategory.objects.filter(entry="allergy").update(is_required=True, is_active=True)
        visit = companion.visit
        line = {"visit": str(visit.pk), "venue": str(visit.venue_id), "version": str(visit.version), "op": "record"}
        host = visit.attendances.get(position=0)
        client.post(
            reverse("visits:log"),
            line
            | {
                "form_token": str(visit.form_token).replace(str(visit.form_token)[:8], "00000000"),
                "starts_at": timezone.localtime(visit.starts_at, visit.venue.zone).strftime("%Y-%m-%dT%H:%M"),
                "party_size": "2",
                "purpose": "private",
                "person": [f"c{host.customer_id}", "x2"],
                f"role_c{host.customer_id}": "host",
                f"check_c{host.customer_id}": "unchanged",
                "role_x2": "companion",
                "label_x2": "お連れ様①",
                "check_x2": "changed",
            },
        )
        visit.refresh_from_db()
        assert visit.status == "completed"
        left = SheetLine.objects.still_open().filter(visit=visit, category__entry="allergy")
        assert left.exists()
        assert "変わりあり：内容を記入" in page(client, "detail", visit.pk)
        seat = visit.attendances.get(label="お連れ様①")
        assert said(client, seat, "そば").status_code == 302
        assert not left.exists()


class TestTheCompanionsAnswer:
    """Somebody without a card says what it is."""

    def test_it_is_judged_for_the_seat_at_once(self, client, floor, companion):
        check_at_table(attendance=companion, by=floor, seated_check="changed")
        assert said(client, companion, "えび").status_code == 302
        evening = evening_of(companion.visit)
        (open_line,) = evening.open_lines
        assert (open_line.seat.label, open_line.dish.name) == ("お連れ様①", "海老真薯")
        assert open_line.conflict.is_severe
        assert not evening.unwritten_changes
        assert "お連れ様①" in page(client, "today")
        assert "海老真薯: えび" in page(client, "today")

    def test_none_is_an_answer(self, client, floor, companion):
        said(client, companion, "なし")
        seat = evening_of(companion.visit).seat(f"a{companion.pk}")
        assert seat is not None
        assert seat.is_asked
        assert not seat.allergies

    def test_what_is_not_understood_is_never_saved(self, client, floor, companion):
        answer = said(client, companion, "ぬるぬるしたもの")
        assert answer.status_code == 422
        assert "ぬるぬるしたもの" in answer.content.decode()
        assert not AdvanceAnswer.objects.exists()

    def test_the_second_of_two_sees_the_first_ones_words(self, companion, venue, floor, client):
        said(client, companion, "えび")
        answer = said(client, companion, "なし")
        assert answer.status_code == 422
        assert "えび" in answer.content.decode()
        assert GroupAllergy.objects.count() == 1

    def test_a_stranger_finds_nothing(self, client, companion):
        client.force_login(person("okami", VenueFactory.create()))
        assert client.get(reverse("visits:guest_answer", args=[companion.pk])).status_code == 404

    def test_the_seat_keeps_it_when_the_companion_is_called_otherwise(self, client, floor, companion):
        said(client, companion, "えび")
        visit = Visit.objects.get(pk=companion.visit_id)
        people = [
            AttendanceEntry(customer=visit.attendances.get(position=0).customer, role="host"),
            AttendanceEntry(label="弟様", role="companion"),
        ]
        change_visit(
            visit=visit,
            by=floor,
            version=visit.version,
            starts_at=visit.starts_at,
            attendances=people,
            party_size=2,
            purpose="private",
            status="seated",
            course=visit.course,
        )
        (line,) = evening_of(visit).open_lines
        assert line.seat.label == "弟様"


def test_the_groups_counted_guests_stand_on_today_and_in_the_briefing(client, floor, companion):
    """えび1名 of the group and a dish with shrimp: nobody has to open the kitchen's page to learn of it."""
    answer = AdvanceAnswer.objects.create(
        visit=companion.visit, source="arranger", said_on="2026-11-30", text="えび1名", asked_by=floor
    )
    allergen = companion.visit.course.course_dishes.get().dish.allergens.get(allergen__code="shrimp").allergen
    GroupAllergy.objects.create(answer=answer, allergen=allergen, count=1)
    for name in ("today", "briefing"):
        words = page(client, name)
        assert "えび 含む（重い）" in words, name


def test_the_log_form_warns_of_companions_and_counted_guests_until_it_is_decided(client, floor, companion, shinjo):
    """By the rules of the table's page, where it is decided; recording what happened does not wait for it."""
    said(client, companion, "えび")
    answer = AdvanceAnswer.objects.create(
        visit=companion.visit, source="arranger", said_on="2026-11-30", text="そば2名", asked_by=floor
    )
    soba = Allergen.objects.get(code="buckwheat")
    GroupAllergy.objects.create(answer=answer, allergen=soba, count=2)
    address = f"{reverse('visits:log')}?visit={companion.visit_id}"

    shown = client.get(address)
    (line,) = shown.context["form"].without_card
    assert (line.seat.label, line.dish, line.must_not_reach) == ("お連れ様①", shinjo, True)
    assert "えび 含む（重い）" in shown.content.decode()

    noodles = DishFactory.create(name="蕎麦寿司", presences={"buckwheat": "contains", "shrimp": "free"})
    sent = shown.context["form"].sent.copy()
    sent.setlist("dish", [str(noodles.pk)])
    sent["op"] = "find"
    typed = {name: sent.getlist(name) for name in sent}
    (line,) = client.post(reverse("visits:log"), typed).context["form"].without_card
    assert (line.seat.people, line.dish, line.must_not_reach) == (2, noodles, True)
    typed |= {"op": ["record"], f"check_c{companion.visit.attendances.get(position=0).customer_id}": ["unchanged"]}
    assert client.post(reverse("visits:log"), typed).status_code == 302

    visit = Visit.objects.get()
    ref = f"g{GroupAllergy.objects.get(allergen=soba).pk}"
    decide_for_seat(visit=visit, ref=ref, dish=noodles, kind="left_out", by=floor)
    assert client.get(address).context["form"].without_card == []


def test_two_write_one_seat_and_the_service_tells_whose_is_first(companion, floor):
    """The version that was seen has passed."""
    values: dict[str, Any] = {"source": "guest", "said_on": timezone.now().date(), "text": "なし"}
    none = Understood(others_none=True)
    answer_for_companion(attendance=companion, by=floor, version=0, understood=none, **values)
    with pytest.raises(AnsweredMeanwhile):
        answer_for_companion(attendance=companion, by=floor, version=0, understood=none, **values)


class TestReplacedForOneSeat:
    """差し替えた in the log form is said of the guest who was warned."""

    @pytest.fixture
    def two(self, venue: Venue, shinjo: Dish) -> Visit:
        """Two guests who must not have shrimp, one course."""
        guests = [
            CustomerFactory.create(name=name, allergic_to=["shrimp"], allergy_state="listed") for name in ("甲", "乙")
        ]
        course = CourseFactory.create(name="師走の会席 竹", of=[shinjo])
        return VisitFactory.create(
            venue=venue, starts_at=timezone.now(), status="seated", party_size=2, guests=guests, course=course
        )

    def kept(self, visit: Visit, by: User, status: str, confirmations: Any = None) -> Visit:
        """Write the visit on, everybody asked."""
        people = [
            AttendanceEntry(customer=row.customer, role=row.role, seated_check="unchanged")
            for row in visit.attendances.all()
        ]
        return change_visit(
            visit=visit,
            by=by,
            version=visit.version,
            starts_at=visit.starts_at,
            attendances=people,
            party_size=2,
            purpose="private",
            status=status,
            course=visit.course,
            confirmations=confirmations or {},
        )

    def test_the_other_guests_warning_stays(self, floor, two, shinjo):
        first, second = (row.customer for row in two.attendances.all())
        key = f"allergy-{first.pk}-{shinjo.pk}"
        visit = self.kept(two, floor, "seated", {key: Confirmation(reason="差し替えた", was_replaced=True)})
        (line,) = evening_of(visit).open_lines
        assert line.seat.customer == second
        with pytest.raises(UnconfirmedWarnings) as refused:
            self.kept(visit, floor, "completed")
        assert [warning.customer for warning in refused.value.warnings] == [second]

    def test_what_was_decided_for_the_seat_is_not_asked_again(self, client, floor, two, shinjo):
        tofu = DishFactory.create(name="胡麻豆腐", presences={"shrimp": "free"})
        first, second = two.attendances.all()
        decide_for_seat(visit=two, ref=f"a{first.pk}", dish=shinjo, kind="replaced", replacement=tofu, by=floor)
        decide_for_seat(visit=two, ref=f"a{second.pk}", dish=shinjo, kind="left_out", by=floor)
        answer = client.get(reverse("visits:log"), {"visit": two.pk})
        assert "胡麻豆腐" in answer.content.decode()
        assert [row.answer for row in answer.context["form"].confirmable()] == [None, None]
        self.kept(two, floor, "completed")
        served = dict(TimelineEntry.objects.get(subject_id=first.customer_id).details)
        assert "胡麻豆腐" in served.values()

    def test_what_comes_instead_is_warned_of_too(self, client, floor, two, shinjo):
        crab = DishFactory.create(name="海老蟹の餡", presences={"shrimp": "contains"})
        first, second = two.attendances.all()
        decide_for_seat(visit=two, ref=f"a{first.pk}", dish=shinjo, kind="replaced", replacement=crab, by=floor)
        decide_for_seat(visit=two, ref=f"a{second.pk}", dish=shinjo, kind="left_out", by=floor)
        with pytest.raises(UnconfirmedWarnings, match="海老蟹の餡"):
            self.kept(two, floor, "completed")

    def test_a_cooks_answer_counts_for_what_it_was_given_for(self, floor, venue, two, shinjo):
        cook = person("kitchen", venue)
        for row in two.attendances.all():
            decide_for_seat(visit=two, ref=f"a{row.pk}", dish=shinjo, kind="accepted", by=cook)
        Allergy.objects.filter(customer=two.attendances.first().customer).update(severity="moderate")
        with pytest.raises(UnconfirmedWarnings) as refused:
            self.kept(two, floor, "completed")
        assert len(refused.value.warnings) == 1


def test_a_draft_from_before_the_kitchens_change_is_told_of_it_and_follows_by_one_tap(
    client, floor, venue, companion, shinjo
):
    """The dishes of an open form are not those that came to the table."""
    visit, tofu = companion.visit, DishFactory.create(name="胡麻豆腐", presences={"shrimp": "free"})
    change_tonight(venue=venue, day=visit.business_date, dish=shinjo, replacement=tofu, by=person("kitchen", venue))
    host = visit.attendances.get(position=0)
    data = {"visit": visit.pk, "venue": venue.pk, "version": visit.version, "form_token": str(uuid.uuid4())}
    data |= {
        "starts_at": f"{timezone.localtime(visit.starts_at, venue.zone):%Y-%m-%dT%H:%M}",
        "course": visit.course_id,
    }
    data |= {"party_size": 2, "purpose": "private", "dish": shinjo.pk, "person": f"c{host.customer_id}"}
    data |= {f"role_c{host.customer_id}": "host"}
    page = client.post(reverse("visits:log"), data | {"op": "find"}).content.decode()
    assert "反映する" in page
    answer = client.post(reverse("visits:log"), data | {"op": "tonight"})
    assert answer.context["form"].dishes == [tofu]
    assert "反映する" not in answer.content.decode()


def test_a_promise_to_nobody_known_is_not_dropped(client, floor, venue):
    """A reservation of companions alone: the promise has no card to come back on."""
    data = {"venue": venue.pk, "form_token": str(uuid.uuid4()), "party_size": 2, "purpose": "private", "person": "x1"}
    data |= {"starts_at": f"{timezone.localtime(timezone.now(), venue.zone):%Y-%m-%dT%H:%M}", "op": "reserve"}
    data |= {"role_x1": "host", "label_x1": "お連れ様①", "promise": "次は椅子のお席を"}
    answer = client.post(reverse("visits:log"), data)
    assert answer.status_code == 422
    assert "次は椅子のお席を" in answer.content.decode()
    assert not Visit.objects.exists()

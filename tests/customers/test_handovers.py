"""引き継ぎ: who may hand over, what goes along in one step, what the successor ticks, who reads what."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm_project.core.accounts.models import Loan, Role, User
from crm_project.core.audit.models import AuditEntry
from crm_project.core.problems import InputProblem
from crm_project.core.sealed import name_staff
from crm_project.core.timeline.models import TimelineEntry
from customers.models import Contact, Customer, Handover, HandoverGuest
from customers.services.handovers import (
    HandoverChangedMeanwhile,
    assign_guests,
    finish_handover,
    start_handover,
    take_over,
)
from deals.models import Deal
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory, RankFactory
from tests.factories.deals import DealFactory
from tests.factories.visits import NoteFactory, VisitFactory
from visits.models import FollowUp, Promise, TableDuty, Visit

pytestmark = pytest.mark.django_db

LIST = "/guests/handovers/"
# With the five of every page; the same for one guest and for three.
QUERIES_OF_A_HANDOVER = 28


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def leaver(venue):
    return person("floor", venue, display_name="小林 千晴")


@pytest.fixture
def successor(venue):
    return person("floor", venue, display_name="井上 早苗")


@pytest.fixture
def manager(venue):
    return person("manager", venue)


def started(manager, leaver, **values):
    return start_handover(by=manager, from_user=leaver, reason="leaves", **values)


def given(handover, manager, *successors, **values):
    handover.refresh_from_db()
    return assign_guests(handover=handover, by=manager, version=handover.version, successors=list(successors), **values)


def address(handover):
    return f"{LIST}{handover.pk}/"


class TestStarting:
    def test_gathers_the_guests_of_the_attendant_and_of_banquet_sales(self, manager, leaver):
        both = CustomerFactory.create(staff=leaver, sales_staff=leaver)
        sales = CustomerFactory.create(sales_staff=leaver)
        CustomerFactory.create(staff=manager)

        handover = started(manager, leaver)

        assert list(handover.guests.order_by("customer").values_list("customer", "was_staff", "was_sales")) == [
            (both.pk, True, True),
            (sales.pk, False, True),
        ]

    def test_one_at_a_time(self, manager, leaver):
        started(manager, leaver)
        with pytest.raises(InputProblem, match="すでに始まって"):
            started(manager, leaver)
        assert Handover.objects.count() == 1

    def test_not_without_the_right_at_a_venue_of_the_colleague(self, leaver, successor):
        for stranger in (successor, person("manager")):
            with pytest.raises(PermissionDenied):
                started(stranger, leaver)


class TestHandingOver:
    def test_everything_open_goes_along_in_one_step(self, manager, leaver, successor, venue):
        guest = CustomerFactory.create(staff=leaver)
        soon = timezone.now() + timedelta(days=3)
        booking = VisitFactory.create(venue=venue, guests=[guest], staff=leaver, status="reserved", starts_at=soon)
        helped = VisitFactory.create(venue=venue, guests=[guest], staff=manager, status="reserved", starts_at=soon)
        TableDuty.objects.create(visit=helped, user=leaver, duty="assistant")
        letter = FollowUp.objects.create(
            visit=booking, name="礼状", kind="letter", due_on=date(2026, 12, 3), assigned_to=leaver
        )
        call = Contact.objects.create(venue=venue, customer=guest, asked="お車", recorded_by=leaver, assigned_to=leaver)
        past = VisitFactory.create(venue=venue, guests=[guest], staff=leaver)
        handover = started(manager, leaver)

        assert given(handover, manager, successor) == 1

        guest.refresh_from_db()
        assert guest.staff == successor
        assert Visit.objects.get(pk=booking.pk).staff == successor
        assert list(TableDuty.objects.values_list("visit", "user")) == [(helped.pk, successor.pk)]
        assert FollowUp.objects.get(pk=letter.pk).assigned_to == successor
        assert Contact.objects.get(pk=call.pk).assigned_to == successor
        # What was, stays as it was.
        assert Visit.objects.get(pk=past.pk).staff == leaver

    def test_running_inquiries_go_to_who_may_work_on_them(self, manager, venue):
        seller, heir = person("sales", venue), person("sales", venue)
        guest = CustomerFactory.create(sales_staff=seller)
        running = DealFactory.create(venue=venue, customer=guest, owner=seller)
        elsewhere = DealFactory.create(customer=guest, owner=seller)
        lost = DealFactory.create(venue=venue, customer=guest, owner=seller, stage="lost")

        given(started(manager, seller), manager, heir)

        owners = dict(Deal.objects.values_list("pk", "owner"))
        assert owners == {running.pk: heir.pk, elsewhere.pk: seller.pk, lost.pk: seller.pk}

    def test_several_successors_take_turns_by_rank(self, manager, leaver, successor, venue):
        other = person("floor", venue)
        best, second = (RankFactory.create(position=position) for position in (1, 2))
        ranked = [
            CustomerFactory.create(name=f"{letter} 様", kana=kana, staff=leaver, rank=rank)
            for letter, kana, rank in (("乙", "オツ", second), ("甲", "コウ", best), ("丙", "ヘイ", None))
        ]

        given(started(manager, leaver), manager, successor, other)

        assert [Customer.objects.get(pk=guest.pk).staff_id for guest in ranked] == [
            other.pk,
            successor.pk,
            successor.pk,
        ]

    def test_only_those_ticked(self, manager, leaver, successor):
        one, other = CustomerFactory.create(staff=leaver), CustomerFactory.create(staff=leaver)
        handover = started(manager, leaver)

        given(handover, manager, successor, chosen=[handover.guests.get(customer=one).pk])

        assert Customer.objects.get(pk=one.pk).staff == successor
        assert Customer.objects.get(pk=other.pk).staff == leaver

    def test_a_guest_may_go_on_to_somebody_else(self, manager, leaver, successor, venue):
        guest, third = CustomerFactory.create(staff=leaver), person("floor", venue)
        handover = started(manager, leaver)
        given(handover, manager, successor)
        row = handover.guests.get()
        take_over(guest=row, by=successor)

        given(handover, manager, third, chosen=[row.pk])

        row.refresh_from_db()
        assert (Customer.objects.get(pk=guest.pk).staff, row.successor, row.taken_over_at) == (third, third, None)

    def test_what_somebody_changed_by_hand_stays(self, manager, leaver, successor):
        guest = CustomerFactory.create(staff=leaver)
        handover = started(manager, leaver)
        Customer.objects.filter(pk=guest.pk).update(staff=manager)

        given(handover, manager, successor)

        assert Customer.objects.get(pk=guest.pk).staff == manager

    def test_confidential_guests_move_by_who_knows_them_alone(self, manager, leaver, successor, venue):
        guest = CustomerFactory.create(staff=leaver, is_confidential=True)
        handover = started(manager, leaver)
        with pytest.raises(InputProblem):
            given(handover, manager, successor)
        knowing = person("okami", venue)
        name_staff(guest, [knowing])

        assert given(handover, knowing, successor) == 1
        assert Customer.objects.get(pk=guest.pk).staff == successor

    def test_two_managers_at_once_are_told(self, manager, leaver, successor):
        CustomerFactory.create(staff=leaver)
        handover = started(manager, leaver)
        given(handover, manager, successor)
        with pytest.raises(HandoverChangedMeanwhile):
            assign_guests(handover=handover, by=manager, version=1, successors=[successor])

    def test_nobody_who_left_or_hands_over_takes_over(self, manager, leaver, successor):
        CustomerFactory.create(staff=leaver)
        handover = started(manager, leaver)
        with pytest.raises(InputProblem, match="する側"):
            given(handover, manager, leaver)
        User.objects.filter(pk=successor.pk).update(is_active=False)
        with pytest.raises(InputProblem, match="利用できない"):
            given(handover, manager, User.objects.get(pk=successor.pk))

    def test_history_on_card_trail_and_timeline(self, client, manager, leaver, successor):
        guest = CustomerFactory.create(staff=leaver)
        given(started(manager, leaver), manager, successor)

        trail = AuditEntry.objects.about(guest).get()
        assert (trail.actor_name, trail.changes) == (str(manager), {"staff": [leaver.pk, successor.pk]})
        row = TimelineEntry.objects.about(guest).get()
        assert (row.kind, row.aside) == ("staff", "小林 千晴 → 井上 早苗")
        client.force_login(successor)
        assert "小林 千晴 → <b>井上 早苗</b>" in client.get(f"/guests/{guest.pk}/").content.decode()

    def test_forty_guests_take_as_many_statements_as_two(self, manager, leaver, successor, venue):
        counts = []
        for many in (1, 2, 40):
            colleague = person("floor", venue)
            for _number in range(many):
                CustomerFactory.create(staff=colleague)
            handover = started(manager, colleague)
            with CaptureQueriesContext(connection) as caught:
                given(handover, manager, successor)
            counts.append(len(caught))
        # The first one also reads what Django keeps in mind afterwards.
        assert counts[1] == counts[2]


class TestLeaving:
    def test_access_roles_loans_and_sessions_end_in_the_same_step(self, client, leaver, successor, venue):
        admin = person("admin", venue)
        guest = CustomerFactory.create(staff=leaver)
        at = timezone.now()
        for start, end in ((-1, 2), (24, 26)):
            Loan.objects.create(
                user=leaver,
                venue=venue,
                role=Role.objects.get(code="kitchen"),
                business_date=at.date() + timedelta(days=start),
                starts_at=at + timedelta(hours=start),
                ends_at=at + timedelta(hours=end),
                lent_by=admin,
            )
        client.force_login(leaver)
        assert client.get("/visits/").status_code == 200

        given(started(admin, leaver), admin, successor, close_access=True)

        gone = User.objects.get(pk=leaver.pk)
        assert (gone.is_active, gone.venue_ids, gone.rights_by_venue) == (False, [], {})
        assert not gone.memberships.exists()
        assert list(gone.loans.filter(ends_at__gt=timezone.now())) == []
        assert client.get("/visits/").status_code == 302
        # Who wrote what stays told; the handover can still be read by who led it.
        assert Customer.objects.get(pk=guest.pk).staff == successor
        assert Handover.objects.visible_to(admin).count() == 1

    def test_who_does_not_manage_the_venues_cannot_close_it_and_nothing_is_moved(self, manager, leaver, successor):
        guest = CustomerFactory.create(staff=leaver)
        with pytest.raises(PermissionDenied):
            given(started(manager, leaver), manager, successor, close_access=True)
        assert User.objects.get(pk=leaver.pk).is_active
        assert Customer.objects.get(pk=guest.pk).staff == leaver


class TestTicking:
    def test_by_the_successor_alone_with_when_and_back(self, manager, leaver, successor):
        CustomerFactory.create(staff=leaver)
        handover = started(manager, leaver)
        given(handover, manager, successor)
        row = handover.guests.get()
        with pytest.raises(PermissionDenied):
            take_over(guest=row, by=manager)

        assert take_over(guest=row, by=successor).taken_over_at is not None
        assert take_over(guest=row, by=successor, is_taken=False).taken_over_at is None

    def test_a_finished_one_is_read_only(self, manager, leaver, successor):
        CustomerFactory.create(staff=leaver)
        handover = started(manager, leaver)
        with pytest.raises(InputProblem, match="後任の決まっていない"):
            finish_handover(handover=handover, by=manager)
        given(handover, manager, successor)
        finish_handover(handover=handover, by=manager)
        for late in (
            lambda: take_over(guest=handover.guests.get(), by=successor),
            lambda: given(handover, manager, successor),
        ):
            with pytest.raises(InputProblem, match="終わって"):
                late()


class TestPages:
    def test_what_stands_about_a_guest(self, client, manager, leaver, venue):
        company = CompanyFactory.create(name="東和精密株式会社")
        guest = CustomerFactory.create(staff=leaver, company=company, allergic_to=["shrimp"])
        visit = VisitFactory.create(venue=venue, guests=[guest], purpose="hosting")
        NoteFactory.create(visit=visit, customer=guest, author=leaver, text="椅子のお席を", is_standing=True)
        NoteFactory.create(visit=visit, customer=guest, author=leaver, code="talk", text="合併のお話")
        Promise.objects.create(customer=guest, venue=venue, text="次は桔梗を", made_by=leaver)
        DealFactory.create(venue=venue, customer=guest, title="創業祝賀会")
        handover = started(manager, leaver)
        client.force_login(manager)

        page = client.get(address(handover)).content.decode()

        for words in ("東和精密株式会社", "えび", "椅子のお席を", "次は桔梗を", "創業祝賀会", "2026年8月21日"):
            assert words in page
        # What was said at a table is told on the host's card alone.
        assert "合併のお話" not in page
        assert AuditEntry.objects.about(guest).filter(action="viewed").count() == 1

    def test_owner_colleague_stranger(self, client, manager, leaver, successor, venue):
        mine = CustomerFactory.create(name="渡邉 健一", staff=leaver)
        CustomerFactory.create(name="高橋 美穂", staff=leaver)
        handover = started(manager, leaver)
        given(handover, manager, successor, chosen=[handover.guests.get(customer=mine).pk])
        seen = {}
        for role, somebody in (
            ("manager", manager),
            ("leaver", leaver),
            ("successor", successor),
            ("colleague", person("floor", venue)),
            ("elsewhere", person("manager")),
            ("kitchen", person("kitchen", venue)),
        ):
            client.force_login(somebody)
            answer = client.get(address(handover))
            text = answer.content.decode()
            seen[role] = (answer.status_code, "渡邉" in text, "高橋" in text)
        assert seen == {
            "manager": (200, True, True),
            "leaver": (200, True, True),
            "successor": (200, True, False),
            "colleague": (404, False, False),
            "elsewhere": (404, False, False),
            "kitchen": (403, False, False),
        }

    def test_from_the_form_to_the_tick(self, client, manager, leaver, successor):
        guest = CustomerFactory.create(staff=leaver)
        client.force_login(manager)
        answer = client.post(f"{LIST}new/", {"from_user": leaver.pk, "reason": "leaves", "last_day": "R8.12.31"})
        handover = Handover.objects.get()
        assert (answer.url, handover.last_day) == (address(handover), date(2026, 12, 31))

        refused = client.post(f"{address(handover)}assign/", {"version": 1, "which": "rest"})
        assert refused.status_code == 422
        answer = client.post(
            f"{address(handover)}assign/", {"version": 1, "which": "rest", "successors": [successor.pk]}
        )
        assert (answer.status_code, Customer.objects.get(pk=guest.pk).staff) == (302, successor)

        client.force_login(successor)
        row = HandoverGuest.objects.get()
        client.post(f"{LIST}guests/{row.pk}/tick/", {"taken": "yes"})
        row.refresh_from_db()
        assert row.taken_over_at is not None

    @pytest.mark.parametrize(
        "sent",
        [
            {"from_user": "9" * 20, "reason": "leaves"},
            {"from_user": "\x00", "reason": "leaves"},
            {"from_user": "1", "reason": "🍣"},
            {"from_user": "1", "reason": "leaves", "last_day": "9999-99-99"},
        ],
    )
    def test_nonsense_is_answered_in_words(self, client, manager, leaver, sent):
        client.force_login(manager)
        sent = sent | ({"from_user": leaver.pk} if sent["from_user"] == "1" else {})
        assert client.post(f"{LIST}new/", sent).status_code == 422
        assert client.get(f"{LIST}new/?person={'9' * 30}").status_code == 200
        assert not Handover.objects.exists()

    def test_as_many_queries_for_three_guests_as_for_one(
        self, client, manager, leaver, successor, venue, django_assert_num_queries
    ):
        handover = None
        for many in (1, 2):
            for _number in range(many):
                guest = CustomerFactory.create(staff=leaver, allergic_to=["shrimp"])
                visit = VisitFactory.create(venue=venue, guests=[guest])
                NoteFactory.create(visit=visit, customer=guest, author=leaver, is_standing=True)
                Promise.objects.create(customer=guest, venue=venue, text="次は桔梗を", made_by=leaver)
                DealFactory.create(venue=venue, customer=guest, owner=leaver)
            if handover is None:
                handover = started(manager, leaver)
            else:
                given(handover, manager, successor)
            client.force_login(manager)
            with django_assert_num_queries(QUERIES_OF_A_HANDOVER):
                assert client.get(address(handover)).status_code == 200

    def test_the_list_shows_ones_own(self, client, manager, leaver, successor):
        started(manager, leaver)
        for somebody, count in ((manager, 1), (leaver, 1), (successor, 0)):
            client.force_login(somebody)
            assert len(client.get(LIST).context["page"].rows) == count


def test_the_day_of_a_contact_is_shown_on_the_houses_clock(client, manager, leaver, venue):
    guest = CustomerFactory.create(staff=leaver)
    Contact.objects.create(
        venue=venue, customer=guest, asked="お車", recorded_by=leaver, at=datetime(2026, 11, 1, 16, tzinfo=UTC)
    )
    client.force_login(manager)
    assert "2026年11月2日" in client.get(address(started(manager, leaver))).content.decode()

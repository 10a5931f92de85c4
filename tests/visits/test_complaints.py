"""Bad news first: told in two fields, waiting in the queue at once, completed later; a question asked twice, counted."""

import uuid
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from crm_project.core.audit.models import AuditEntry
from crm_project.core.comments.models import Thread
from crm_project.core.problems import InputProblem
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.visits import VisitFactory
from visits.complaint_figures import asked_again_by_month
from visits.entries import AttendanceEntry, NoteEntry
from visits.models import Complaint, RepeatedQuestion, Visit
from visits.refusals import SettingChangedMeanwhile
from visits.services import ask_again, change_complaint, record_visit, report_complaint

pytestmark = pytest.mark.django_db

REPORT, LIST, LOG = reverse("visits:report"), reverse("visits:complaints"), reverse("visits:log")


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def floor(venue):
    return person("floor", venue)


@pytest.fixture
def manager(venue):
    return person("manager", venue)


@pytest.fixture
def guest():
    return CustomerFactory.create(name="渡邉 健一")


@pytest.fixture
def visit(venue, guest):
    return VisitFactory.create(venue=venue, guests=[guest], starts_at=timezone.now())


@pytest.fixture
def signed(client, floor):
    client.force_login(floor)
    return client


def page_of(complaint):
    return reverse("visits:complaint", args=[complaint.pk])


def told(by, venue, **values):
    return report_complaint(by=by, venue=venue, **({"what": "お椀がぬるかった"} | values))


class TestTelling:
    def test_two_fields_and_it_waits_for_an_answer(self, signed, floor, manager, venue, visit, guest):
        assert f"{REPORT}?visit={visit.pk}" in signed.get(reverse("visits:detail", args=[visit.pk])).content.decode()

        signed.post(REPORT, {"visit": visit.pk, "what": "お椀がぬるかった", "place": "上座"})

        complaint = Complaint.objects.get()
        assert (complaint.visit, complaint.customer, complaint.place, complaint.state) == (visit, guest, "上座", "open")
        thread = Thread.objects.awaiting_reply(manager).get()
        assert (thread.is_urgent, thread.excerpt, thread.title) == (True, "お椀がぬるかった", "渡邉 健一 様")
        assert thread.url == page_of(complaint)

    def test_from_the_form_and_back_to_its_draft(self, signed, floor, venue, guest):
        token = str(uuid.uuid4())
        ref = f"c{guest.pk}"
        form = {
            "form_token": token,
            "venue": venue.pk,
            "starts_at": (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT18:00"),
            "party_size": "2",
            "purpose": "private",
            "person": ref,
            f"role_{ref}": "host",
            "note_talk": "初孫",
        }
        first = signed.post(LOG, form | {"op": "urgent"})
        asked = signed.get(first.url)
        fields = {"venue": venue.pk, "customer": guest.pk, "draft": token, "what": "お椀がぬるかった", "place": ""}
        assert all(
            f'name="{name}" value="{fields[name]}"' in asked.content.decode() for name in ("venue", "customer", "draft")
        )
        assert signed.post(REPORT, fields).url == f"{LOG}?draft={token}"

        again = signed.get(LOG, {"draft": token})
        assert again.context["form"]["note_talk"].value() == "初孫"
        assert "お椀がぬるかった" in again.content.decode()
        signed.post(LOG, form | {"op": "record"})
        visit = Visit.objects.get()
        assert Complaint.objects.get().visit == visit
        # What was told is the answer to the line of the check sheet.
        assert list(visit.sheet_lines.values_list("category__code", flat=True)) == ["allergy_check"]

    def test_a_line_of_the_sheet_is_followed_up_under_its_own_thread(self, floor, venue, guest):
        visit = record_visit(
            by=floor,
            venue=venue,
            starts_at=timezone.now(),
            attendances=[AttendanceEntry(customer=guest)],
            notes={"complaint": NoteEntry(text="お部屋が寒かった")},
        )
        complaint = Complaint.objects.get()
        assert (complaint.note, complaint.what) == (visit.notes.get(), "お部屋が寒かった")
        assert Thread.objects.filter(is_urgent=True).count() == 1

    def test_nothing_said_is_asked_for(self, signed, venue):
        assert signed.post(REPORT, {"what": " ", "place": "桔梗"}).status_code == 422
        with pytest.raises(InputProblem):
            told(person("floor", venue), venue, what="\x00 ")

    def test_who_may_not_record_tells_nothing(self, client, venue, visit):
        for somebody, status in ((person("floor"), 404), (person("kitchen", venue), 403)):
            client.force_login(somebody)
            assert client.post(REPORT, {"visit": visit.pk, "what": "x"}).status_code == status
        with pytest.raises(PermissionDenied):
            told(person("kitchen", venue), venue)

    @pytest.mark.parametrize("typed", ["9" * 20, "\x00", "abc", "🍶"])
    def test_typed_nonsense_is_no_fault_of_the_page(self, signed, typed):
        asked = {"visit": typed, "customer": typed, "venue": typed, "draft": typed, "next": typed}
        assert signed.get(REPORT, asked).status_code == 200


class TestCompleting:
    def test_a_manager_completes_it_and_each_change_is_audited(self, client, floor, manager, venue, visit):
        complaint = told(floor, venue, visit=visit)
        client.force_login(manager)
        sent = {
            "what": "お椀がぬるかった",
            "place": "上座",
            "cause": "配膳の間が空いた",
            "countermeasure": "椀は最後に運ぶ",
            "told_to": "板長、渡邉様",
            "state": "settled",
            "version": "1",
        }
        assert client.post(page_of(complaint), sent).status_code == 302

        complaint.refresh_from_db()
        assert (complaint.cause, complaint.state, complaint.settled_by, complaint.version) == (
            "配膳の間が空いた",
            "settled",
            manager,
            2,
        )
        entry = AuditEntry.objects.filter(subject_type="visits.complaint", action="changed").get()
        assert entry.changes["state"] == ["open", "settled"]
        change_complaint(complaint=complaint, by=manager, version=2, state="handled")
        complaint.refresh_from_db()
        assert complaint.settled_at is None

    def test_two_managers(self, client, floor, manager, venue):
        complaint = told(floor, venue)
        change_complaint(complaint=complaint, by=manager, version=1, cause="配膳")
        with pytest.raises(SettingChangedMeanwhile):
            change_complaint(complaint=complaint, by=manager, version=1, cause="温度")
        client.force_login(manager)
        page = client.post(page_of(complaint), {"what": "x", "state": "open", "version": "1"})
        assert page.status_code == 422
        assert "配膳" in page.content.decode()
        assert Complaint.objects.get().what == "お椀がぬるかった"

    def test_owner_colleague_stranger(self, client, floor, venue):
        complaint = told(floor, venue)
        sent = {"what": "お椀がぬるい", "state": "open", "version": "1"}
        for somebody, opened, changed in (
            (person("floor", venue), 200, 403),
            (person("kitchen", venue), 404, 404),
            (person("manager"), 404, 404),
            (floor, 200, 302),
        ):
            client.force_login(somebody)
            assert client.get(page_of(complaint)).status_code == opened
            assert client.post(page_of(complaint), sent).status_code == changed

    def test_a_confidential_visit_seals_it(self, client, floor, manager, venue, visit):
        complaint = told(floor, venue, visit=visit)
        Visit.objects.filter(pk=visit.pk).update(is_confidential=True)
        client.force_login(manager)
        assert client.get(page_of(complaint)).status_code == 404
        assert "お椀がぬるかった" not in client.get(LIST).content.decode()
        assert not Thread.objects.awaiting_reply(manager).exists()

    def test_settled_by_nobody_is_refused(self, floor, venue):
        complaint = told(floor, venue)
        with pytest.raises(IntegrityError), transaction.atomic():
            Complaint.objects.filter(pk=complaint.pk).update(state="settled")


class TestList:
    def test_open_first_by_state_and_cause(self, client, floor, manager, venue):
        old = told(floor, venue, what="古い件")
        change_complaint(complaint=old, by=manager, version=1, state="settled", cause="配膳")
        handled = told(floor, venue, what="対応の件")
        change_complaint(complaint=handled, by=manager, version=1, state="handled", cause="配膳")
        told(floor, venue, what="新しい件")
        client.force_login(manager)

        assert [item.what for item in client.get(LIST).context["page"].rows] == ["新しい件", "対応の件", "古い件"]
        assert [item.what for item in client.get(LIST, {"state": "handled"}).context["page"].rows] == ["対応の件"]
        assert [item.what for item in client.get(LIST, {"cause": "配膳"}).context["page"].rows] == [
            "対応の件",
            "古い件",
        ]
        assert client.get(LIST).context["causes"] == [("配膳", 2)]
        assert client.get(LIST, {"state": "\x00", "page": "9" * 20, "cause": "🍶"}).status_code == 200

    def test_a_page_holds_as_many_as_a_phone_scrolls(self, client, floor, manager, venue):
        for number in range(13):
            told(floor, venue, what=f"件{number}")
        client.force_login(manager)
        first, second = (client.get(LIST, {"page": number}).context["page"].rows for number in (1, 2))
        assert [len(first), len(second)] == [12, 1]
        assert len({item.pk for item in (*first, *second)}) == 13

    def test_other_houses_see_nothing(self, client, floor, venue):
        told(floor, venue)
        ask_again(by=floor, venue=venue, on=date(2026, 11, 3))
        client.force_login(person("manager"))
        page = client.get(LIST)
        assert (page.context["page"].rows, page.context["causes"], page.context["months"]) == ([], [], [])

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_does_not_grow_in_queries(
        self, client, floor, manager, venue, count, django_assert_num_queries: DjangoAssertNumQueries
    ):
        for number in range(count):
            complaint = told(floor, venue, customer=CustomerFactory.create(), what=str(number))
            change_complaint(complaint=complaint, by=manager, version=1, cause=str(number))
        client.force_login(manager)
        client.get(LIST)
        with django_assert_num_queries(10):
            client.get(LIST)


class TestAskedAgain:
    def test_it_is_counted_without_names(self, signed, floor, venue, visit):
        before = AuditEntry.objects.count()
        tap = reverse("visits:asked_again", args=[visit.pk])

        for _number in range(2):
            signed.post(tap)

        row = RepeatedQuestion.objects.get()
        assert (row.venue, row.count) == (venue, 2)
        assert {field.name for field in RepeatedQuestion._meta.fields} == {"id", "venue", "business_date", "count"}
        assert AuditEntry.objects.count() == before

    def test_by_house_and_month(self, client, floor, manager, venue):
        for day in (date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 30)):
            ask_again(by=floor, venue=venue, on=day)
        assert asked_again_by_month([venue.pk]) == [
            (venue.name, date(2026, 11, 1), 2),
            (venue.name, date(2026, 10, 1), 1),
        ]
        client.force_login(manager)
        assert "2026-11" in client.get(LIST).content.decode()

    def test_strangers_count_nothing(self, client, visit):
        client.force_login(person("floor"))
        assert client.post(reverse("visits:asked_again", args=[visit.pk])).status_code == 404
        with pytest.raises(PermissionDenied):
            ask_again(by=person("floor"), venue=visit.venue, on=date(2026, 11, 3))

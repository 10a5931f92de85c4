"""Promises come back until they are kept or released; what was said at a host's table stays on the host's card."""

from datetime import datetime, time

import pytest
from django.urls import reverse

from crm_project.core.comments.models import Thread
from crm_project.core.comments.services import answer
from crm_project.core.problems import InputProblem
from crm_project.core.timeline.models import TimelineEntry
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.visits import VisitFactory
from visits.day import today_of
from visits.entries import AttendanceEntry, NoteEntry
from visits.models import Promise
from visits.queries import standing_notes
from visits.services import record_visit
from visits.services.promises import PromiseClosed, close_promise, make_promise

pytestmark = pytest.mark.django_db


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
def guest():
    return CustomerFactory.create(name="渡邉 健一", allergy_state="none")


def noon(venue):
    return datetime.combine(today_of(venue), time(12), tzinfo=venue.zone)


class TestPromise:
    def test_it_stands_on_card_and_table_until_it_is_kept(self, signed, venue, floor, guest):
        VisitFactory.create(venue=venue, guests=[guest], status="reserved", starts_at=noon(venue))
        signed.post(reverse("visits:make_promise", args=[guest.pk]), {"text": "次は椅子のお席を"})
        card, today = reverse("customers:card", args=[guest.pk]), reverse("visits:today")
        assert signed.get(card).content.decode().count("次は椅子のお席を") >= 2
        assert "次は椅子のお席を" in signed.get(today).content.decode()
        signed.post(reverse("visits:close_promise", args=[Promise.objects.get().pk]), {"state": "kept"})
        assert "次は椅子のお席を" not in signed.get(today).content.decode()
        row = TimelineEntry.objects.about(guest).get()
        assert (row.kind, row.aside) == ("promise", f"果たした {floor}")

    def test_the_second_who_closes_it_is_told(self, venue, floor, guest):
        promise = make_promise(customer=guest, venue=venue, by=floor, text="次は椅子のお席を")
        close_promise(promise=promise, by=floor, state="kept")
        with pytest.raises(PromiseClosed):
            close_promise(promise=promise, by=person("manager", venue), state="released")

    def test_a_blank_promise_is_none(self, signed, guest):
        signed.post(reverse("visits:make_promise", args=[guest.pk]), {"text": "  "})
        assert not Promise.objects.exists()

    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            ({"text": "次は椅子のお席を", "due_on": "いつか"}, "いつか"),
            ({"text": "次は椅子のお席を", "due_on": "9999-12-31"}, "9999"),
            ({"text": "次は椅子のお席を" + "。" * 300, "due_on": ""}, "308文字"),
        ],
    )
    def test_what_is_refused_stays_as_it_was_typed(self, signed, guest, typed, told):
        answer = signed.post(reverse("visits:make_promise", args=[guest.pk]), typed)

        page = answer.content.decode()
        assert answer.status_code == 422
        assert f">\n{typed['text']}</textarea>" in page
        assert told in page
        assert 'role="alert"' in page
        assert not Promise.objects.exists()

    def test_the_page_of_a_promise_works_by_itself(self, signed, guest):
        url = reverse("visits:make_promise", args=[guest.pk])
        assert "渡邉" in signed.get(url).content.decode()
        assert signed.post(url, {"text": "次は椅子のお席を", "due_on": "2026/12/24"}).status_code == 302
        assert str(Promise.objects.get().due_on) == "2026-12-24"

    def test_a_browser_does_not_cut_a_long_one(self, signed, guest):
        page = signed.get(reverse("customers:card", args=[guest.pk])).content.decode()
        assert 'id="promise" name="text"' in page
        assert 'maxlength="300"' not in page

    @pytest.mark.parametrize("reason", ["", "先方のご都合" + "。" * 200])
    def test_a_release_is_refused_with_its_reason_kept(self, signed, venue, floor, guest, reason):
        promise = make_promise(customer=guest, venue=venue, by=floor, text="次は椅子のお席を")
        url, back = reverse("visits:close_promise", args=[promise.pk]), reverse("visits:today")

        answer = signed.post(url, {"state": "released", "reason": reason, "next": back})

        page = answer.content.decode()
        assert answer.status_code == 422
        assert "次は椅子のお席を" in page
        assert reason in page
        promise.refresh_from_db()
        assert promise.state == "open"
        answer = signed.post(url, {"state": "released", "reason": "先方のご都合", "next": back})
        assert (answer.status_code, answer.url) == (302, back)
        promise.refresh_from_db()
        assert (promise.state, promise.release_reason) == ("released", "先方のご都合")

    def test_the_service_cuts_nothing_in_silence(self, venue, floor, guest):
        with pytest.raises(InputProblem, match="301"):
            make_promise(customer=guest, venue=venue, by=floor, text="。" * 301)
        promise = make_promise(customer=guest, venue=venue, by=floor, text="。" * 300)
        with pytest.raises(InputProblem, match="201"):
            close_promise(promise=promise, by=floor, state="released", reason="。" * 201)

    def test_owner_colleague_of_another_venue_and_stranger(self, client, venue, floor, guest):
        promise = make_promise(customer=guest, venue=venue, by=floor, text="次は椅子のお席を")
        url = reverse("visits:close_promise", args=[promise.pk])
        for user, status in ((person("floor", VenueFactory.create()), 404), (UserFactory.create(), 403), (floor, 302)):
            client.force_login(user)
            assert client.post(url, {"state": "kept"}).status_code == status
        client.force_login(person("kitchen", venue))
        assert "椅子のお席" not in client.get(reverse("customers:card", args=[guest.pk])).content.decode()


class TestTableTalk:
    @pytest.fixture
    def evening(self, venue, floor, guest):
        """A host's table with a guest of honour; something was said there, and the guest of honour asked for something."""
        honoured = CustomerFactory.create(name="佐伯 隆", allergy_state="none")
        visit = record_visit(
            by=floor,
            venue=venue,
            starts_at=noon(venue),
            party_size=2,
            attendances=[
                AttendanceEntry(customer=guest, seated_check="unchanged"),
                AttendanceEntry(customer=honoured, role="guest_of_honour", seated_check="unchanged"),
            ],
            notes={
                "talk": NoteEntry(text="来春に合併のお話", customer=honoured),
                "requests": NoteEntry(text="ぬる燗がお好み", customer=honoured, is_standing=True),
                "complaint": NoteEntry(),
            },
        )
        return visit, honoured

    def test_it_is_told_on_the_host_s_card_alone(self, signed, evening, guest):
        _visit, honoured = evening
        assert "来春に合併のお話" in signed.get(reverse("customers:card", args=[guest.pk])).content.decode()
        card = signed.get(reverse("customers:card", args=[honoured.pk])).content.decode()
        assert "来春に合併のお話" not in card
        assert "ぬる燗がお好み" in card
        assert "渡邉" not in card.split("<main")[1]

    def test_it_is_no_standing_wish_for_another_host_s_evening(self, evening, floor):
        _visit, honoured = evening
        assert [note.text for note in standing_notes([honoured.pk], floor)[honoured.pk]] == ["ぬる燗がお好み"]

    def test_an_answer_stands_under_its_note(self, signed, venue, evening, guest):
        visit, _honoured = evening
        note = visit.notes.get(category__code="talk")
        answer(
            thread=Thread.objects.get(object_id=note.pk), by=person("manager", venue), text="大広間をご提案しましょう"
        )
        assert "大広間をご提案しましょう" in signed.get(reverse("customers:card", args=[guest.pk])).content.decode()

    def test_categories_of_the_check_sheet_are_filters(self, signed, evening, guest):
        url = reverse("customers:card", args=[guest.pk])
        page = signed.get(url)
        assert [one.value for one in page.context["kinds"]] == ["visit", "note:ご様子・会話"]
        only = signed.get(url, {"kind": "note:ご様子・会話"})
        assert [row.kind for row in only.context["timeline"].rows] == ["note"]

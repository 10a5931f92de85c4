"""The check sheet: kinds of lines, for which visits, what stays of an old note, what is left open, いつも and its age."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from crm_project.core.accounts.context import draft_keys
from crm_project.core.audit.models import AuditEntry
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.menus import DishFactory
from tests.factories.visits import TOKYO, NoteFactory, VisitFactory
from visits.entries import AttendanceEntry, NoteEntry
from visits.models import Briefing, Note, NoteCategory, Promise, SheetLine, Visit, VisitDraft
from visits.open_lines import open_counts
from visits.queries import last_gifts, standing_notes
from visits.refusals import RecordingRefused, SettingChangedMeanwhile
from visits.services import (
    change_category,
    change_visit,
    confirm_standing,
    create_category,
    end_standing,
    record_visit,
)

pytestmark = pytest.mark.django_db

LOG = reverse("visits:log")
YESTERDAY = datetime(2025, 11, 21, 18, 0, tzinfo=TOKYO)


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def floor(venue):
    return person("floor", venue)


@pytest.fixture
def admin(venue):
    return person("admin", venue)


@pytest.fixture
def guest():
    return CustomerFactory.create(name="渡邉 健一", kana="ワタナベ ケンイチ", allergy_state="none")


@pytest.fixture
def signed(client, floor):
    client.force_login(floor)
    return client


def recorded(by, venue, guest, **values):
    usual: dict[str, Any] = {
        "starts_at": YESTERDAY,
        "attendances": [AttendanceEntry(customer=guest, seated_check="unchanged")],
    }
    return record_visit(by=by, venue=venue, **(usual | values))


def written_on(visit, by, guest, **notes):
    return change_visit(
        visit=visit,
        by=by,
        version=visit.version,
        starts_at=visit.starts_at,
        party_size=visit.party_size,
        purpose=visit.purpose,
        attendances=[AttendanceEntry(customer=guest, seated_check="unchanged")],
        notes=notes,
    )


def form_of(venue, guest, **values):
    ref = f"c{guest.pk}"
    return {
        "form_token": str(uuid.uuid4()),
        "venue": venue.pk,
        "starts_at": (timezone.now() - timedelta(days=1)).astimezone(venue.zone).strftime("%Y-%m-%dT%H:%M"),
        "party_size": "2",
        "purpose": "private",
        "person": ref,
        f"role_{ref}": "host",
        "op": "record",
    } | values


def choices(by, **values):
    usual = {"name": "お飲み物", "entry": "choice", "choices": ["ぬる燗", "冷酒", "お茶"]}
    return create_category(by=by, **(usual | values))


class TestKinds:
    def test_one_is_picked_and_words_added(self, signed, admin, venue, guest):
        line = choices(admin)

        signed.post(
            LOG,
            form_of(
                venue, guest, **{f"pick_{line.code}": "冷酒", f"note_{line.code}": "二合まで", "has_complaint": "no"}
            ),
        )

        note = Note.objects.get()
        assert (note.text, note.picked, note.words) == ("冷酒\n二合まで", ["冷酒"], "二合まで")

    def test_several_are_picked(self, floor, admin, venue, guest):
        line = choices(admin, entry="choices")
        visit = recorded(floor, venue, guest, notes={line.code: NoteEntry(picked=["ぬる燗", "お茶"])})
        assert visit.notes.get().text == "ぬる燗、お茶"

    def test_one_choice_takes_one_answer(self, floor, admin, venue, guest):
        line = choices(admin)
        with pytest.raises(RecordingRefused, match="お飲み物"):
            recorded(floor, venue, guest, notes={line.code: NoteEntry(picked=["ぬる燗", "お茶"])})

    def test_what_is_not_offered_is_refused(self, floor, admin, venue, guest):
        line = choices(admin)
        with pytest.raises(RecordingRefused, match="ワイン"):
            recorded(floor, venue, guest, notes={line.code: NoteEntry(picked=["ワイン"])})
        assert not Visit.objects.exists()

    def test_dishes_at_the_table_are_picked(self, signed, admin, venue, guest):
        line = choices(admin, name="残された品", entry="dishes", choices=[])
        left, other = DishFactory.create(name="鰆の幽庵焼き"), DishFactory.create(name="胡麻豆腐")
        sent = form_of(venue, guest, dish=[left.pk, other.pk], **{f"pick_{line.code}": ["鰆の幽庵焼き", "松茸"]})

        signed.post(LOG, sent)

        assert Note.objects.get().picked == ["鰆の幽庵焼き"]  # a dish that was taken out of the form is not picked

    def test_choices_need_two(self, admin):
        with pytest.raises(ValidationError):
            choices(admin, choices=["一つ"])

    def test_the_form_opens_with_what_was_picked(self, signed, floor, admin, venue, guest):
        line = choices(admin)
        visit = recorded(floor, venue, guest, notes={line.code: NoteEntry(picked=["冷酒"], text="二合")})

        form = signed.get(LOG, {"visit": visit.pk}).context["form"]
        assert form[f"pick_{line.code}"].value() == "冷酒"
        assert form[f"note_{line.code}"].value() == "二合"


class TestChanging:
    def test_a_note_keeps_its_wording_and_an_old_choice_stays(self, signed, floor, admin, venue, guest):
        line = choices(admin)
        visit = recorded(floor, venue, guest, notes={line.code: NoteEntry(picked=["冷酒"])})

        line = change_category(category=line, by=admin, version=1, name="お酒", choices=["ぬる燗", "熱燗"])

        note = Note.objects.get()
        assert (note.heading, note.text) == ("お飲み物", "冷酒")
        page = signed.get(reverse("visits:detail", args=[visit.pk])).content.decode()
        assert "お飲み物" in page
        assert "お酒" not in page
        written_on(visit, floor, guest, **{line.code: NoteEntry(picked=["冷酒"], text="二合")})
        note.refresh_from_db()
        assert note.text == "冷酒\n二合"

    def test_two_administrators(self, client, admin):
        line = NoteCategory.objects.get(code="talk")
        client.force_login(admin)
        change_category(category=line, by=admin, version=1, purpose="次のひと声に")
        with pytest.raises(SettingChangedMeanwhile):
            change_category(category=line, by=admin, version=1, name="お話")

        sent = {"name": "お話", "purpose": line.purpose, "entry": "text", "position": "1", "version": "1"}
        page = client.post(reverse("visits:category", args=[line.pk]), sent)
        assert page.status_code == 422
        assert "次のひと声に" in page.content.decode()
        line.refresh_from_db()
        assert line.name == "ご様子・会話"
        client.post(
            reverse("visits:category", args=[line.pk]), sent | {"version": page.context["form"]["version"].value()}
        )
        line.refresh_from_db()
        assert (line.name, line.version) == ("お話", 3)

    def test_dates_purposes_and_choices_by_the_form(self, client, admin):
        client.force_login(admin)
        sent = {
            "name": "おせち",
            "entry": "choices",
            "choices": "三段\n二段\n\n三段",
            "purposes": ["private", "celebration"],
            "is_active": "on",
            "active_from": "2026-12-01",
            "active_until": "2026-12-31",
            "position": "9",
        }
        client.post(reverse("visits:category_create"), sent)
        line = NoteCategory.objects.get(name="おせち")
        assert (line.choices, line.purposes) == (["三段", "二段"], ["private", "celebration"])
        assert "おせち" in client.get(reverse("visits:categories")).content.decode()
        wrong = client.post(reverse("visits:category_create"), sent | {"name": "逆", "active_until": "2026-11-30"})
        assert wrong.status_code == 422
        assert not NoteCategory.objects.filter(name="逆").exists()

    @pytest.mark.parametrize("day", ["9999-99-99", "0000-00-00", "\x00", "🍶" * 50, "9" * 20])
    def test_typed_nonsense_is_answered(self, client, admin, day):
        client.force_login(admin)
        sent = {"name": "行", "entry": "text", "active_from": day, "choices": day, "position": day, "version": day}
        assert client.post(reverse("visits:category_create"), sent).status_code == 422

    def test_asked_for_some_purposes_on_some_days(self, signed, admin, venue, guest):
        hosting = choices(admin, name="お見送り", entry="text", choices=[], purposes=["hosting"], is_required=True)
        past = choices(admin, name="夏の品", entry="text", choices=[], active_until=date(2020, 1, 1))

        private = signed.post(LOG, form_of(venue, guest, op="")).context["form"]
        hosted = signed.post(LOG, form_of(venue, guest, op="", purpose="hosting")).context["form"]

        assert f"note_{hosting.code}" not in private.fields
        assert f"note_{hosting.code}" in hosted.fields
        assert f"note_{past.code}" not in hosted.fields
        assert hosted.left == private.left + 1

    def test_optional_lines_are_shipped_and_not_asked(self, signed, venue):
        shipped = NoteCategory.objects.filter(code__in=["setting", "tableware", "evening"])
        assert [line.is_active for line in shipped] == [False, False, False]
        assert "note_setting" not in signed.get(LOG).context["form"].fields


class TestOpenLines:
    def test_a_visit_is_saved_with_what_is_open_and_completed_later(self, signed, venue, guest):
        answer = signed.post(LOG, form_of(venue, guest), follow=True)

        visit = Visit.objects.get()
        page = answer.content.decode()
        assert "着席時のアレルギー確認" in page.split('id="open-lines"')[1]
        assert f"{LOG}?visit={visit.pk}" in signed.get(reverse("visits:to_complete")).content.decode()
        form = signed.get(LOG, {"visit": visit.pk}).context["form"]
        form.is_valid()
        assert [line.code for line in form.open_lines] == ["allergy_check", "complaint"]
        assert form["has_complaint"].value() is None  # nothing is chosen beforehand

        later = form_of(venue, guest, visit=visit.pk, version=visit.version, has_complaint="no")
        signed.post(LOG, later | {f"check_c{guest.pk}": "unchanged"})

        assert not SheetLine.objects.still_open().exists()
        none = SheetLine.objects.get(is_open=False)
        assert (none.asked_as, none.answered_by) == ("お叱り・不手際", visit.recorded_by)
        form = signed.get(LOG, {"visit": visit.pk}).context["form"]
        assert form["has_complaint"].value() == "no"

    def test_the_counter_counts_down(self, signed, venue, guest):
        sent = form_of(venue, guest, op="")
        assert signed.post(LOG, sent).context["form"].left == 2
        assert signed.post(LOG, sent | {"has_complaint": "no"}).context["form"].left == 1
        done = sent | {"has_complaint": "no", f"check_c{guest.pk}": "unchanged"}
        assert signed.post(LOG, done).context["form"].left == 0

    def test_not_yet_asked_stays_open(self, signed, venue, guest):
        signed.post(LOG, form_of(venue, guest, has_complaint="no", **{f"check_c{guest.pk}": "not_yet"}))
        assert [line.category.code for line in SheetLine.objects.still_open()] == ["allergy_check"]

    def test_a_line_that_becomes_required_opens_no_old_visit(self, floor, venue, guest):
        visit = recorded(floor, venue, guest, notes={"complaint": NoteEntry()})
        NoteCategory.objects.filter(code="talk").update(is_required=True)
        written_on(visit, floor, guest, menu_opinion=NoteEntry(text="椀を褒めてくださった"))
        assert not SheetLine.objects.still_open().exists()

    def test_words_take_the_place_of_none(self, floor, venue, guest):
        visit = recorded(floor, venue, guest, notes={"complaint": NoteEntry()})
        written_on(visit, floor, guest, complaint=NoteEntry(text="お椀がぬるかった"))
        assert not SheetLine.objects.exists()

    def test_who_sees_what_is_open(self, client, floor, venue, guest):
        visit = recorded(floor, venue, guest, staff=floor)
        address, link = reverse("visits:to_complete"), f"{LOG}?visit={visit.pk}"
        for somebody, who, there in (
            (floor, "mine", True),
            (person("floor", venue), "mine", False),
            (person("floor", venue), "all", False),
            (person("manager", venue), "all", True),
            (person("manager"), "all", False),
        ):
            client.force_login(somebody)
            assert (link in client.get(address, {"who": who}).content.decode()) is there
        assert open_counts([visit.pk], person("kitchen", venue)) == {}

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_list_does_not_grow_in_queries(
        self, client, floor, venue, count, django_assert_num_queries: DjangoAssertNumQueries
    ):
        for number in range(count):
            recorded(
                floor, venue, CustomerFactory.create(allergy_state="none"), starts_at=YESTERDAY + timedelta(days=number)
            )
        client.force_login(floor)
        client.get(reverse("visits:to_complete"))
        with django_assert_num_queries(9):
            client.get(reverse("visits:to_complete"))

    def test_sealed_visits_are_absent(self, client, floor, venue, guest):
        visit = recorded(floor, venue, guest)
        Visit.objects.filter(pk=visit.pk).update(is_confidential=True)
        client.force_login(person("manager", venue))
        assert f"?visit={visit.pk}" not in client.get(reverse("visits:to_complete"), {"who": "all"}).content.decode()

    def test_open_and_answered_exclude_each_other(self, floor, venue, guest):
        visit = recorded(floor, venue, guest)
        with pytest.raises(IntegrityError), transaction.atomic():
            SheetLine.objects.create(
                visit=visit,
                category=NoteCategory.objects.get(code="talk"),
                asked_as="x",
                is_open=True,
                answered_by=floor,
                answered_at=timezone.now(),
            )


class TestStanding:
    def test_it_is_confirmed_in_one_tap_and_ended_in_one(self, signed, floor, venue, guest):
        note = NoteFactory.create(
            visit=VisitFactory.create(venue=venue, guests=[guest]), customer=guest, is_standing=True, text="ぬる燗"
        )
        card, tap = reverse("customers:card", args=[guest.pk]), reverse("visits:standing", args=[note.pk])
        assert tap in signed.get(card).content.decode()

        assert signed.post(tap, {"op": "confirm", "next": card}).url == card
        note.refresh_from_db()
        assert (note.confirmed_by, note.holds_since) == (floor, note.confirmed_at)
        assert "再確認" in signed.get(card).content.decode()

        signed.post(tap, {"op": "end", "next": card})
        assert standing_notes([guest.pk], floor) == {}
        assert tap not in signed.get(card).content.decode()
        assert "ぬる燗" in signed.get(reverse("visits:detail", args=[note.visit_id])).content.decode()
        assert AuditEntry.objects.filter(subject_type="visits.note").count() == 2

    def test_strangers_and_readers_change_nothing(self, client, venue, guest):
        note = NoteFactory.create(
            visit=VisitFactory.create(venue=venue, guests=[guest]), customer=guest, is_standing=True
        )
        for somebody, status in (
            (person("floor"), 404),
            (person("kitchen", venue), 403),
            (person("president", venue), 403),
        ):
            client.force_login(somebody)
            assert client.post(reverse("visits:standing", args=[note.pk]), {"op": "end"}).status_code == status
        with pytest.raises(PermissionDenied):
            end_standing(note=note, by=person("president", venue))

    def test_what_was_for_one_evening_never_comes_back(self, floor, venue, guest):
        note = NoteFactory.create(visit=VisitFactory.create(venue=venue, guests=[guest]), customer=guest)
        assert standing_notes([guest.pk], floor) == {}
        with pytest.raises(RecordingRefused):
            confirm_standing(note=note, by=floor)

    def test_the_last_gift_is_of_ones_own_evening(self, floor, venue, guest):
        honoured = CustomerFactory.create()
        for day, gift in ((1, "羊羹"), (8, "佃煮")):
            visit = VisitFactory.create(
                venue=venue, guests=[guest, honoured], starts_at=datetime(2025, 9, day, 18, tzinfo=TOKYO)
            )
            visit.attendances.filter(customer=honoured).update(role="guest_of_honour")
            Briefing.objects.create(visit=visit, gifts=gift)
        found = last_gifts([guest.pk, honoured.pk], floor, timezone.now())
        assert found == {guest.pk: (date(2025, 9, 8), "佃煮")}
        assert last_gifts([guest.pk], person("kitchen", venue), timezone.now()) == {}


class TestPromiseInTheForm:
    def test_it_is_made_with_the_visit_and_comes_back(self, signed, floor, venue, guest):
        signed.post(LOG, form_of(venue, guest, promise="次は桔梗のお部屋を"))

        promise = Promise.objects.get()
        assert (promise.customer, promise.visit, promise.made_by) == (guest, Visit.objects.get(), floor)
        coming = VisitFactory.create(
            venue=venue, guests=[guest], status="reserved", starts_at=timezone.now() + timedelta(days=2)
        )
        page = signed.get(reverse("visits:detail", args=[coming.pk])).content.decode()
        assert "次は桔梗のお部屋を" in page.split('id="promises"')[1]

    def test_the_same_form_twice_promises_once(self, signed, venue, guest):
        form = form_of(venue, guest, promise="次は桔梗のお部屋を")
        signed.post(LOG, form)
        signed.post(LOG, form)
        assert Promise.objects.count() == 1


class TestDraftsThatWaited:
    """Words a device kept while the network was dead."""

    def test_older_ones_take_no_newer_draft_s_place(self, signed, venue, guest):
        form = form_of(venue, guest, op="", note_talk="あとから書いた")
        signed.post(reverse("visits:draft"), form)
        an_hour_ago = int((timezone.now() - timedelta(hours=1)).timestamp() * 1000)

        answer = signed.post(reverse("visits:draft"), form | {"note_talk": "圏外で書いた", "kept_at": an_hour_ago})

        written = {draft.values["note_talk"][0] for draft in VisitDraft.objects.all()}
        assert written == {"あとから書いた", "圏外で書いた"}
        assert answer["Okami-Draft"] != form["form_token"]
        assert all("kept_at" not in draft.values for draft in VisitDraft.objects.all())

    def test_the_same_words_sent_twice_are_one_draft(self, signed, venue, guest):
        form = form_of(venue, guest, op="", note_talk="圏外で書いた")
        signed.post(reverse("visits:draft"), form)
        an_hour_ago = int((timezone.now() - timedelta(hours=1)).timestamp() * 1000)

        answer = signed.post(reverse("visits:draft"), form | {"kept_at": an_hour_ago})

        assert VisitDraft.objects.get().values["note_talk"] == ["圏外で書いた"]
        assert answer["Okami-Draft"] == str(form["form_token"])

    @pytest.mark.parametrize("at", ["9" * 15, "-1", "x", ""])
    def test_typed_nonsense_is_a_draft_like_any_other(self, signed, venue, guest, at):
        form = form_of(venue, guest, op="", kept_at=at)
        assert signed.post(reverse("visits:draft"), form).status_code == 200
        assert VisitDraft.objects.count() == 1

    def test_the_key_is_one_person_s_and_changes_with_the_password(self, floor, venue):
        mine, other = draft_keys(floor), draft_keys(person("floor", venue))
        assert len({*mine, *other}) == 4
        floor.set_password("another long one 77")
        assert not {*draft_keys(floor)} & {*mine}

    def test_a_locked_or_signed_out_page_holds_no_key(self, signed):
        assert "data-draft-key" in signed.get(reverse("visits:today")).content.decode()
        signed.post(reverse("lock"))
        assert "data-draft-key" not in signed.get(reverse("lock")).content.decode()
        signed.post(reverse("account_logout"))
        assert "data-draft-key" not in signed.get(reverse("account_login")).content.decode()

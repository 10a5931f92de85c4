"""本日の心得: what stands on it, who sees what of it, its versions and what changed since it was printed."""

from datetime import date, datetime, time

import pytest
from django.utils import timezone

from crm_project.core.accounts.models import Role, User
from crm_project.core.accounts.services import assign_role
from crm_project.core.audit.models import AuditEntry
from customers.models import Attribute, AttributeValue, Gift, SpecialDay
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.menus import CourseFactory, DishFactory
from tests.factories.visits import NoteFactory, RoomFactory, VisitFactory
from visits.briefing import briefings_of
from visits.briefing_content import differences, digest
from visits.discretion import seal_visit
from visits.models import Attendance, Briefing, Promise, SheetRevision

pytestmark = pytest.mark.django_db

PAGE = "/visits/briefing/"
DAY = date(2026, 11, 30)
# The day itself takes six, what is known of its guests eleven more; then what every page takes.
QUERIES_OF_A_BRIEFING = 21


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def floor(venue):
    return person("floor", venue)


@pytest.fixture
def guest():
    return CustomerFactory.create(
        name="渡邉 健一", kana="ワタナベ ケンイチ", allergic_to=["shrimp"], allergy_answered_by="奥様"
    )


def booked(venue, *guests, hour=18, **values):
    """A reservation of the day at this hour on the venue's clock."""
    starts_at = datetime.combine(DAY, time(hour), tzinfo=venue.zone)
    return VisitFactory.create(venue=venue, starts_at=starts_at, guests=guests, **({"status": "reserved"} | values))


@pytest.fixture
def evening(venue, guest):
    """渡邉 様 tonight in 桔梗, with a menu that has shrimp in it."""
    shrimp = DishFactory.create(name="海老真薯", presences={"shrimp": "contains"})
    return booked(
        venue,
        guest,
        room=RoomFactory.create(venue=venue, name="桔梗", has_stairs=True),
        course=CourseFactory.create(of=[shrimp]),
        party_size=2,
    )


def sheet(client, **query):
    return client.get(PAGE, {"day": DAY.isoformat(), **query})


class TestWhatStandsOnIt:
    def test_everything_to_be_minded(self, client, floor, venue, guest, evening):
        past = VisitFactory.create(venue=venue, guests=[guest])
        NoteFactory.create(visit=past, customer=guest, author=floor, text="椅子のお席を", is_standing=True)
        NoteFactory.create(visit=past, customer=guest, author=floor, code="talk", text="合併のお話")
        Promise.objects.create(customer=guest, venue=venue, text="次は新酒を", made_by=floor)
        for name, use, value in (
            ("お避けする話題", "caution", "ご病気"),
            ("お席", "briefing", "椅子"),
            ("趣味", "", "釣り"),
        ):
            item = Attribute.objects.create(name=name, use=use)
            AttributeValue.objects.create(customer=guest, attribute=item, text=value)
        for direction, what, on in (("given", "最中", date(2026, 8, 21)), ("given", "羊羹", date(2025, 1, 1))):
            Gift.objects.create(
                customer=guest, venue=venue, direction=direction, what=what, given_on=on, noted_by=floor
            )
        type(guest).objects.filter(pk=guest.pk).update(mourning_until=date(2027, 1, 31))
        Briefing.objects.create(visit=evening, cars="20:45 に2台", budget_per_head=25000)
        client.force_login(floor)

        page = sheet(client).content.decode()

        for words in (
            *(
                "わたなべ",
                "えび",
                "奥様",
                "海老真薯",
                "椅子のお席を",
                "次は新酒を",
                "お避けする話題: ご病気",
                "お席: 椅子",
            ),
            *("最中", "20:45 に2台", "桔梗", "2027年1月31日"),
        ):
            assert words in page, words
        # Neither table talk, nor what stands on the card alone, nor the gift before the last, nor money.
        for words in ("合併のお話", "釣り", "羊羹", "25,000"):
            assert words not in page, words

    def test_no_celebration_while_in_mourning(self, client, floor, guest, evening):
        SpecialDay.objects.create(customer=guest, kind="wedding", month=12, day=4)
        client.force_login(floor)
        assert "12月4日" in sheet(client).content.decode()
        type(guest).objects.filter(pk=guest.pk).update(mourning_until=date(2026, 12, 31))
        assert "12月4日" not in sheet(client).content.decode()

    def test_by_room_and_one_table_alone(self, client, floor, venue, evening):
        first = RoomFactory.create(venue=venue, position=0)
        evening.room.position = 5
        evening.room.save()
        late = booked(venue, CustomerFactory.create(), hour=20, room=first)
        client.force_login(floor)

        def order(**query):
            return [room.visit for room in sheet(client, **query).context["rooms"]]

        assert order() == [evening, late]
        assert order(by="room") == [late, evening]
        assert order(visit=late.pk) == [late]
        assert order(visit="9" * 30) == order(visit="x") == []


class TestWhoSees:
    def test_every_guest_on_it_is_a_read(self, client, floor, guest, evening):
        client.force_login(floor)
        sheet(client)
        assert [entry.action for entry in AuditEntry.objects.about(guest)] == ["viewed"]

    def test_a_sealed_evening_is_absent_for_all_but_the_named(self, client, floor, venue, guest, evening):
        okami = person("okami", venue)
        seal_visit(visit=evening, by=okami, people=[okami])
        for somebody, shown in ((floor, 0), (okami, 1)):
            client.force_login(type(floor).objects.get(pk=somebody.pk))
            page = sheet(client)
            assert len(page.context["rooms"]) == shown
            assert ("渡邉" in page.content.decode()) == bool(shown)

    def test_the_kitchen_reads_no_notes_and_the_stranger_nothing(self, client, floor, venue, guest, evening):
        past = VisitFactory.create(venue=venue, guests=[guest])
        NoteFactory.create(visit=past, customer=guest, author=floor, text="椅子のお席を", is_standing=True)
        client.force_login(person("kitchen", venue))
        page = sheet(client).content.decode()
        assert "えび" in page
        assert "椅子のお席を" not in page
        client.force_login(person("floor"))
        assert not sheet(client).context["rooms"]
        assert sheet(client, venue=venue.pk).status_code == 404


class TestVersions:
    def printed(self, client, **sent):
        return client.post(f"{PAGE}print/", {"day": DAY.isoformat(), **sent})

    def test_what_is_printed_is_kept_once(self, client, floor, venue, guest, evening):
        client.force_login(floor)
        for _twice in range(2):
            answer = self.printed(client, venue=venue.pk)
            assert (answer.status_code, "print=1" in answer.url) == (302, True)
        kept = SheetRevision.objects.get()
        assert (kept.sheet, kept.number, kept.kind, kept.made_by) == ("briefing", 1, "printed", floor)
        assert [entry.action for entry in AuditEntry.objects.about(guest)] == ["exported", "exported"]

    def test_a_later_change_names_the_room_and_what_and_is_confirmed(self, client, floor, venue, evening):
        client.force_login(floor)
        self.printed(client, venue=venue.pk)
        Attendance.objects.create(visit=evening, label="お連れ様①", role="companion", position=2)

        page = sheet(client)
        [room] = page.context["rooms"]
        assert room.has_changed
        assert "桔梗" in page.content.decode()
        assert {change.key for change in room.changes} >= {"guests"}

        cook = person("kitchen", venue)
        client.force_login(cook)
        stale = client.post(f"/visits/{evening.pk}/briefing/noted/", {"digest": "x"})
        assert (stale.status_code, SheetRevision.objects.count()) == (302, 1)
        client.post(f"/visits/{evening.pk}/briefing/noted/", {"digest": room.digest})

        assert list(SheetRevision.objects.order_by("number").values_list("kind", "made_by")) == [
            ("printed", floor.pk),
            ("noted", cook.pk),
        ]
        client.force_login(floor)
        assert not sheet(client).context["rooms"][0].has_changed

    def test_the_sheet_is_the_same_in_every_language(self, client, floor, venue, evening):
        type(evening).objects.filter(pk=evening.pk).update(party_size=6)
        client.force_login(floor)
        self.printed(client, venue=venue.pk)
        for language in ("ja", "en"):
            [room] = client.get(PAGE, {"day": DAY.isoformat()}, headers={"accept-language": language}).context["rooms"]
            assert not room.has_changed
            assert room.plan.lower or room.plan.upper

    def test_the_sheet_is_the_same_whoever_reads_it(self, venue, floor, guest, evening):
        past = VisitFactory.create(venue=venue, guests=[guest])
        NoteFactory.create(visit=past, customer=guest, author=floor, text="椅子のお席を", is_standing=True)
        readers = [floor, person("kitchen", venue), person("okami", venue)]
        assert len({briefings_of(venue, DAY, reader)[0].digest for reader in readers}) == 1

    def test_who_reads_no_notes_is_not_told_what_changed_in_them(self):
        before, now = {"standing": ["椅子"], "menu": ["松"]}, {"standing": ["座敷"], "menu": ["竹"]}
        assert [one.key for one in differences(before, now, sees_notes=False)] == ["menu"]
        assert [one.key for one in differences(before, now, sees_notes=True)] == ["standing", "menu"]
        assert digest({"menu": ["a", "b"]}) == digest({"menu": ["b", "a"], "seats": []})

    def test_not_for_another_house_nor_with_nonsense(self, client, venue, evening):
        client.force_login(person("floor"))
        assert self.printed(client, venue=venue.pk).status_code == 404
        assert client.post(f"/visits/{evening.pk}/briefing/noted/", {"digest": ""}).status_code == 404
        client.force_login(person("president", venue))
        assert self.printed(client, venue=venue.pk).status_code == 403
        assert not SheetRevision.objects.exists()


def test_as_many_queries_for_three_tables_as_for_one(client, floor, venue, django_assert_num_queries):
    client.force_login(floor)
    sheet(client)
    for many in (1, 2):
        for _number in range(many):
            guest = CustomerFactory.create(allergic_to=["shrimp"])
            past = VisitFactory.create(venue=venue, guests=[guest], served=[DishFactory.create()])
            NoteFactory.create(visit=past, customer=guest, author=floor, is_standing=True)
            Promise.objects.create(customer=guest, venue=venue, text="次は桔梗を", made_by=floor)
            visit = booked(venue, guest, course=CourseFactory.create(of=[DishFactory.create()]))
            Briefing.objects.create(visit=visit, cars="2台")
        with django_assert_num_queries(QUERIES_OF_A_BRIEFING):
            assert len(sheet(client).context["rooms"]) in (1, 3)


def test_without_a_day_it_is_tonight(client, floor, venue):
    VisitFactory.create(venue=venue, guests=[CustomerFactory.create()], status="seated", starts_at=timezone.now())
    client.force_login(floor)
    assert len(client.get(PAGE).context["rooms"]) == 1
    assert client.get(f"{PAGE}?day=yesterday").context["day_problem"]


def test_where_one_only_reads_one_keeps_no_version(client, venue, evening):
    user = person("floor", VenueFactory.create())
    assign_role(user=user, venue=venue, role=Role.objects.get(code="president"), by=User.objects.system())
    client.force_login(user)
    answer = client.post(f"{PAGE}print/", {"venue": venue.pk, "day": DAY.isoformat()})
    assert answer.status_code == 403
    assert not SheetRevision.objects.exists()

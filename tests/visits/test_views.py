import re
import uuid
from datetime import datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_project.core.allergens.choices import AllergyState
from crm_project.core.audit.models import AuditEntry
from customers.models import Customer
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory
from tests.factories.menus import CourseFactory, DishFactory
from tests.factories.visits import NoteFactory, RoomFactory, VisitFactory
from visits.day import today_of
from visits.models import Note, NoteCategory, TonightChange, Visit, VisitDraft

pytestmark = pytest.mark.django_db

LOG = "/visits/log/"
QUERIES_OF_TODAY = 11
QUERIES_OF_KITCHEN = 10
QUERIES_OF_LOG = 15
QUERIES_OF_DETAIL = 16


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
    return CustomerFactory.create(name="渡邉 健一", allergy_state=AllergyState.NONE)


def at_noon(venue):
    """Noon of the venue's business day, whenever the tests run."""
    return datetime.combine(today_of(venue), time(12), tzinfo=venue.zone)


def reserved(venue, *guests, **values):
    return VisitFactory.create(
        **({"venue": venue, "starts_at": at_noon(venue), "status": "reserved", "guests": guests} | values)
    )


def filled(venue, guest, **values):
    """A complete form, one field per value."""
    ref = f"c{guest.pk}"
    return {
        "form_token": str(uuid.uuid4()),
        "venue": venue.pk,
        "starts_at": (timezone.now() - timedelta(days=1)).astimezone(venue.zone).strftime("%Y-%m-%dT%H:%M"),
        "party_size": "2",
        "purpose": "private",
        "person": ref,
        f"role_{ref}": "host",
        f"check_{ref}": "unchanged",
        "has_complaint": "no",
        "op": "record",
    } | values


def with_new_guest(venue, guest):
    """A reservation for somebody who is not on file yet."""
    form = filled(venue, guest, person="", op="reserve")
    form["starts_at"] = (timezone.now() + timedelta(days=3)).strftime("%Y-%m-%dT18:00")
    return form | {"guest-new-name": "高橋 美穂", "guest-new-kana": "たかはし みほ", "guest-new-phone": "090-1111-2222"}


class TestLog:
    def test_a_visit_is_recorded_and_its_page_opened(self, signed, venue, guest):
        dish = DishFactory.create()

        response = signed.post(
            LOG,
            filled(
                venue, guest, dish=dish.pk, note_talk="初孫", has_next_banquet="yes", note_next_banquet="四月に二十名"
            ),
        )

        visit = Visit.objects.get()
        assert response.url == reverse("visits:detail", args=[visit.pk])
        assert set(visit.notes.values_list("category__code", "text")) == {
            ("talk", "初孫"),
            ("next_banquet", "四月に二十名"),
        }
        assert [row.seated_check for row in visit.attendances.all()] == ["unchanged"]

    @pytest.mark.parametrize(
        ("state", "offered"),
        [("not_asked", ["changed", "not_yet"]), ("none", ["unchanged", "changed", "not_yet"])],
    )
    def test_the_check_at_the_table_needs_an_answer_on_file(self, signed, venue, state, offered):
        guest = CustomerFactory.create(allergy_state=state)

        page = signed.get(LOG, {"customer": guest.pk})
        answer = signed.post(LOG, filled(venue, guest))

        assert [value for value, _label in page.context["form"].people[0].check.field.choices] == offered
        assert answer.status_code == (302 if "unchanged" in offered else 422)
        assert Visit.objects.exists() == ("unchanged" in offered)

    def test_a_double_tap_is_one_visit(self, signed, venue, guest):
        form = filled(venue, guest)

        first, second = signed.post(LOG, form), signed.post(LOG, form)

        assert first.url == second.url
        assert Visit.objects.count() == 1

    def test_what_is_missing_is_said_at_its_field(self, signed, venue, guest):
        form = filled(venue, guest, party_size="", has_next_banquet="yes")

        response = signed.post(LOG, form)

        assert response.status_code == 422
        assert set(response.context["form"].errors) == {"party_size", "note_next_banquet"}
        assert not Visit.objects.exists()
        assert VisitDraft.objects.exists()

    def test_nobody_chosen(self, signed, venue, guest):
        response = signed.post(LOG, filled(venue, guest, person=""))

        assert response.status_code == 422
        assert not Visit.objects.exists()

    def test_an_allergy_is_confirmed_with_a_reason(self, signed, venue):
        guest = CustomerFactory.create(allergic_to=["crustaceans"])
        dish = DishFactory.create(presences={"shrimp": "contains"})
        form = filled(venue, guest, dish=dish.pk)
        key = f"allergy-{guest.pk}-{dish.pk}"

        refused = signed.post(LOG, form)
        assert set(refused.context["form"].errors) == {f"confirm_{key}"}
        without_reason = signed.post(LOG, form | {f"confirm_{key}": "other"})
        assert set(without_reason.context["form"].errors) == {f"reason_{key}"}
        signed.post(LOG, form | {f"confirm_{key}": "other", f"reason_{key}": "ご本人のご希望"})

        assert Visit.objects.get().confirmed_warnings.get().reason == "ご本人のご希望"

    def test_the_form_warns_as_dishes_are_added(self, signed, venue):
        guest = CustomerFactory.create(allergic_to=["shrimp"])
        dish = DishFactory.create(presences={"shrimp": "contains"})

        response = signed.post(LOG, filled(venue, guest, op="", add_dish=dish.pk), headers={"HX-Request": "true"})

        page = response.content.decode()
        assert page.lstrip().startswith("<form")
        assert "warning-allergy" in page
        assert response.context["form"].errors == {}

    def test_buttons_work_without_scripts(self, signed, venue, guest):
        other = CustomerFactory.create()
        dishes = DishFactory.create_batch(2)
        course = CourseFactory.create(of=dishes)
        form = filled(venue, guest, op="")

        page = signed.post(LOG, form | {"add_guest": other.pk})
        assert [row.customer for row in page.context["form"].people] == [guest, other]
        page = signed.post(LOG, form | {"op": "add_companion"})
        assert [row.called for row in page.context["form"].people] == [guest.name, "お連れ様①"]
        page = signed.post(LOG, form | {"remove_person": f"c{guest.pk}"})
        assert page.context["form"].people == []
        page = signed.post(LOG, form | {"set_course": course.pk})
        assert (page.context["form"].course, page.context["form"].dishes) == (course, dishes)
        page = signed.post(LOG, form | {"dish": [dish.pk for dish in dishes], "remove_dish": dishes[0].pk})
        assert page.context["form"].dishes == dishes[1:]
        told = signed.post(LOG, form | {"op": "urgent"})
        assert told.url.startswith(reverse("visits:report"))
        assert not Visit.objects.exists()

    def test_a_course_comes_with_what_the_kitchen_changed_tonight(self, signed, venue, guest):
        gone, comes, stays = DishFactory.create_batch(3)
        course = CourseFactory.create(of=[gone, stays])
        TonightChange.objects.create(
            venue=venue,
            business_date=today_of(venue),
            dish=gone,
            replacement=comes,
            made_by=UserFactory.create(),
        )
        now = timezone.now().astimezone(venue.zone)
        for days, dishes in ((0, [comes, stays]), (1, [gone, stays])):
            starts_at = f"{now + timedelta(days=days):%Y-%m-%dT%H:%M}"
            form = filled(venue, guest, op="", starts_at=starts_at, set_course=course.pk)
            assert signed.post(LOG, form).context["form"].dishes == dishes
        for odd in ("9999-12-31T23:59", "0001-01-01T00:00", "\x00"):
            form = filled(venue, guest, op="", starts_at=odd, set_course=course.pk)
            assert signed.post(LOG, form).status_code == 200

    def test_enter_finds_and_never_records(self, signed, venue, guest):
        DishFactory.create(name="海老真薯", kana="エビシンジョ")
        page = signed.get(LOG).content.decode()
        assert re.findall(r"<button[^>]*>", page[page.index('id="visit-form"') :])[0].count('value="find"') == 1

        response = signed.post(LOG, filled(venue, guest, op="find", dish_q="えび", guest_q="わたなべ"))

        assert "海老真薯" in response.content.decode()
        assert response.context["found_guests"] == [guest]
        assert not Visit.objects.exists()

    def test_a_search_for_guests_leaves_a_trail(self, signed, guest):
        page = signed.get(reverse("visits:pick_guest"), {"guest_q": "わたなべ"}).content.decode()

        assert f'name="add_guest" value="{guest.pk}"' in page
        assert AuditEntry.objects.get(action="searched").subject_name == "わたなべ"

    def test_a_new_guest_is_entered_inside_the_form(self, signed, venue, guest):
        form = filled(venue, guest, person="", op="new_guest")
        form |= {"guest-new-name": "高橋 美穂", "guest-new-kana": "たかはし みほ", "guest-new-phone": "090-1111-2222"}

        page = signed.post(LOG, form)

        entered = Customer.objects.get(name="高橋 美穂")
        assert [row.customer for row in page.context["form"].people] == [entered]
        assert list(entered.known_at.all()) == [venue]

    def test_what_is_changed_of_a_new_guest_is_shown_before_anything_is_saved(self, signed, venue, guest):
        """And stays seen when another button of the form is pressed; the typing stays as it is."""
        form = filled(venue, guest, person="") | {"guest-new-name": "高橋 美穂様", "guest-new-kana": "たかはし みほ"}

        shown = signed.post(LOG, form)

        assert (shown.status_code, list(shown.context["new_guest"].errors)) == (422, ["name"])
        assert not Customer.objects.filter(name__startswith="高橋").exists()
        seen = {"guest-new-seen": shown.context["new_guest"].shown}
        aside = signed.post(LOG, form | seen | {"op": "add_companion"})
        assert 'name="guest-new-seen" value="guest-new-name=高橋 美穂様"' in aside.content.decode()
        assert 'value="高橋 美穂様"' in aside.content.decode()
        assert signed.post(LOG, form | seen).status_code == 302
        assert [str(row.customer) for row in Visit.objects.get().attendances.all()] == ["高橋 美穂"]

    def test_a_double_tap_with_a_new_guest_is_one_guest_and_one_visit(self, signed, venue, guest):
        form = with_new_guest(venue, guest)

        first, second = signed.post(LOG, form), signed.post(LOG, form)

        assert first.url == second.url
        entered = Customer.objects.get(name="高橋 美穂")
        assert [row.customer for row in Visit.objects.get().attendances.all()] == [entered]

    def test_a_new_guest_without_a_reading_is_sent_back(self, signed, venue, guest):
        response = signed.post(LOG, filled(venue, guest, person="") | {"guest-new-name": "高橋 美穂"})

        assert response.status_code == 422
        assert not Customer.objects.filter(name="高橋 美穂").exists()
        assert "高橋 美穂" in response.content.decode()

    def test_a_reservation_asks_less(self, signed, venue, guest):
        form = filled(venue, guest, op="reserve", has_complaint="")
        del form[f"check_c{guest.pk}"]
        form["starts_at"] = (timezone.now() + timedelta(days=3)).strftime("%Y-%m-%dT18:00")

        signed.post(LOG, form)

        assert Visit.objects.get().status == "reserved"

    def test_a_reservation_fills_the_form(self, signed, venue, guest):
        room, dish = RoomFactory.create(venue=venue), DishFactory.create()
        visit = reserved(
            venue, guest, room=room, party_size=4, purpose="hosting", course=CourseFactory.create(of=[dish])
        )

        for query in (f"?visit={visit.pk}", f"?customer={guest.pk}"):
            form = signed.get(f"{LOG}{query}").context["form"]
            assert (form.visit, form.customers, form.dishes) == (visit, [guest], [dish])
            assert [form[name].value() for name in ("room", "party_size", "purpose")] == [str(room.pk), "4", "hosting"]

    def test_a_guests_card_leads_to_a_form_with_the_guest(self, signed, guest):
        assert signed.get(f"{LOG}?customer={guest.pk}").context["form"].customers == [guest]

    def test_somebody_else_was_faster(self, signed, venue, guest):
        visit = reserved(venue, guest)
        form = filled(venue, guest, visit=visit.pk, version=visit.version)
        Visit.objects.filter(pk=visit.pk).update(version=2)

        response = signed.post(LOG, form)

        assert response.status_code == 422
        assert Visit.objects.get().status == "reserved"

    def test_money_is_absent_without_the_right(self, client, signed, venue, guest):
        visit = VisitFactory.create(venue=venue, guests=[guest], amount=48000)
        assert "48000" not in signed.get(f"{LOG}?visit={visit.pk}").content.decode()
        assert "amount" not in signed.get(LOG).context["form"].fields

        client.force_login(person("manager", venue))

        assert "48000" in client.get(f"{LOG}?visit={visit.pk}").content.decode()
        client.post(LOG, filled(venue, guest, amount="36000"))
        assert Visit.objects.filter(amount=36000).exists()

    def test_the_kitchen_does_not_record(self, client, venue):
        client.force_login(person("kitchen", venue))

        assert client.get(LOG).status_code == 403
        assert client.post(reverse("visits:draft"), {}).status_code == 403

    def test_the_floor_of_another_venue_finds_nothing(self, client, venue, guest):
        visit = reserved(venue, guest)
        client.force_login(person("floor"))

        assert client.get(f"{LOG}?visit={visit.pk}").status_code == 404
        assert client.post(LOG, filled(venue, guest)).status_code == 404
        assert client.get(reverse("visits:detail", args=[visit.pk])).status_code == 404
        assert client.post(reverse("visits:advance", args=[visit.pk]), {"status": "arrived"}).status_code == 404
        check = reverse("visits:check", args=[visit.attendances.get().pk])
        assert client.post(check, {"seated_check": "changed"}).status_code == 404

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_form_does_not_grow_in_queries(self, signed, venue, django_assert_num_queries, count):
        guests = [CustomerFactory.create(allergic_to=["shrimp"], company=CompanyFactory.create()) for _ in range(count)]
        began = timezone.now()
        visit = reserved(venue, *guests, room=RoomFactory.create(venue=venue), starts_at=began)
        VisitFactory.create(venue=venue, guests=guests, served=DishFactory.create_batch(count))
        for dish in DishFactory.create_batch(count, presences={"shrimp": "contains"}):
            visit.served_dishes.create(dish=dish)
        url = f"{LOG}?visit={visit.pk}"
        signed.get(url)

        with django_assert_num_queries(QUERIES_OF_LOG):
            signed.get(url)


class TestDraft:
    def test_what_is_typed_is_kept_and_comes_back(self, signed, venue, guest):
        form = filled(venue, guest, note_talk="初孫", has_complaint="")

        answer = signed.post(reverse("visits:draft"), form, headers={"HX-Request": "true"})

        url = f"{LOG}?draft={form['form_token']}"
        assert answer.headers["HX-Replace-Url"] == url
        assert "1" in answer.content.decode()
        again = signed.get(url)
        assert again.context["form"]["note_talk"].value() == "初孫"
        assert again.context["form"].customers == [guest]
        assert again.context["form"].errors == {}

    def test_todays_page_leads_back_to_it(self, signed, venue, guest):
        form = filled(venue, guest)
        signed.post(reverse("visits:draft"), form)

        assert f"?draft={form['form_token']}" in signed.get(reverse("visits:today")).content.decode()

    def test_the_same_visit_opened_again_goes_on_with_it(self, signed, venue, guest):
        visit = reserved(venue, guest)
        url = f"{LOG}?visit={visit.pk}"
        form = filled(venue, guest, visit=visit.pk, version=visit.version, note_talk="初孫")
        signed.post(reverse("visits:draft"), form)

        assert signed.get(url).context["form"]["note_talk"].value() == "初孫"

        Visit.objects.filter(pk=visit.pk).update(version=visit.version + 1)
        assert not signed.get(url).context["form"]["note_talk"].value()

    def test_it_is_ones_own(self, client, signed, venue, guest):
        form = filled(venue, guest)
        signed.post(reverse("visits:draft"), form)
        client.force_login(person("floor", venue))

        assert client.get(f"{LOG}?draft={form['form_token']}").status_code == 404
        client.post(reverse("visits:discard"), {"form_token": form["form_token"]})
        assert VisitDraft.objects.exists()

    def test_it_can_be_thrown_away(self, signed, venue, guest):
        form = filled(venue, guest)
        signed.post(reverse("visits:draft"), form)

        signed.post(reverse("visits:discard"), {"form_token": form["form_token"]})

        assert not VisitDraft.objects.exists()

    @pytest.mark.parametrize("token", ["", "not-a-token"])
    def test_a_form_without_a_token_is_refused(self, signed, venue, guest, token):
        assert signed.post(reverse("visits:draft"), filled(venue, guest, form_token=token)).status_code == 400


class TestToday:
    @pytest.mark.parametrize("count", [1, 3])
    def test_it_does_not_grow_in_queries(self, signed, venue, floor, django_assert_num_queries, count):
        for _ in range(count):
            guest = CustomerFactory.create(allergic_to=["shrimp"], company=CompanyFactory.create())
            dish = DishFactory.create(presences={"shrimp": "contains"})
            NoteFactory.create(
                visit=VisitFactory.create(venue=venue, guests=[guest], served=[dish]), customer=guest, is_standing=True
            )
            reserved(
                venue, guest, staff=floor, room=RoomFactory.create(venue=venue), course=CourseFactory.create(of=[dish])
            )
        url = reverse("visits:today")
        signed.get(url)

        with django_assert_num_queries(QUERIES_OF_TODAY):
            response = signed.get(url)

        tables = response.context["tables"]
        assert len(tables) == count
        assert all(table.conflicts and table.same_dishes and table.standing for table in tables)

    def test_companions_asked_at_the_table_no_longer_wait_to_be_asked(self, signed, venue, guest):
        visit = reserved(venue, guest, party_size=3)
        for label, check in (("お連れ様①", "changed"), ("お連れ様②", "unchanged")):
            visit.attendances.create(label=label, seated_check=check)

        [table] = signed.get(reverse("visits:today")).context["tables"]

        assert table.companions == 0
        assert table.answers_at_the_table == [("changed", 1), ("unchanged", 1)]

    def test_conflicts_stand_on_top_until_the_dish_is_replaced(self, signed, venue):
        guest = CustomerFactory.create(allergic_to=["shrimp"])
        visit = reserved(venue, guest, served=[DishFactory.create(presences={"shrimp": "contains"})])
        assert "alert-danger" in signed.get(reverse("visits:today")).content.decode()

        visit.served_dishes.update(was_replaced=True)

        assert "alert-danger" not in signed.get(reverse("visits:today")).content.decode()

    def test_filters(self, signed, venue, floor, guest):
        lunch = reserved(venue, guest, staff=floor)
        dinner = reserved(venue, guest, starts_at=at_noon(venue).replace(hour=18))
        reserved(venue, guest, status="cancelled")
        reserved(VenueFactory.create(), guest)

        def shown(query=""):
            return [table.visit for table in signed.get(f"/visits/{query}").context["tables"]]

        assert shown() == [lunch, dinner]
        assert shown("?meal=lunch") == [lunch]
        assert shown("?meal=dinner") == [dinner]
        assert shown("?who=mine") == [lunch]

    def test_standing_notes_are_for_those_who_read_check_sheets(self, client, signed, venue, guest):
        NoteFactory.create(
            visit=VisitFactory.create(venue=venue), customer=guest, is_standing=True, text="ぬる燗は四十度"
        )
        reserved(venue, guest)
        assert "ぬる燗は四十度" in signed.get("/visits/").content.decode()

        client.force_login(person("kitchen", venue))

        assert "ぬる燗は四十度" not in client.get("/visits/").content.decode()

    def test_a_stranger_sees_an_explanation(self, client):
        client.force_login(UserFactory.create())

        for name in ("visits:today", "visits:kitchen"):
            assert client.get(reverse(name)).context["venue"] is None

    def test_a_tap_says_that_they_have_arrived(self, signed, venue, guest):
        visit = reserved(venue, guest)

        response = signed.post(
            reverse("visits:advance", args=[visit.pk]), {"status": "arrived", "next": "/visits/?who=mine"}
        )

        visit.refresh_from_db()
        assert (visit.status, response.url) == ("arrived", "/visits/?who=mine")

    def test_next_never_leaves_the_house(self, signed, venue, guest):
        visit = reserved(venue, guest)

        response = signed.post(
            reverse("visits:advance", args=[visit.pk]), {"status": "arrived", "next": "https://example.com/"}
        )

        assert response.url == reverse("visits:detail", args=[visit.pk])


class TestKitchen:
    @pytest.mark.parametrize("count", [1, 3])
    def test_it_does_not_grow_in_queries(self, client, venue, django_assert_num_queries, count):
        client.force_login(person("kitchen", venue))
        for _ in range(count):
            guest = CustomerFactory.create(allergic_to=["shrimp"])
            reserved(
                venue, guest, course=CourseFactory.create(of=[DishFactory.create(presences={"shrimp": "contains"})])
            )
        url = reverse("visits:kitchen")
        client.get(url)

        with django_assert_num_queries(QUERIES_OF_KITCHEN):
            client.get(url)

    def test_dishes_and_allergies_but_no_money_and_no_notes(self, client, venue):
        client.force_login(person("kitchen", venue))
        guest = CustomerFactory.create(allergic_to=["shrimp"], phones=["090-1234-5678"])
        visit = reserved(
            venue, guest, amount=48000, served=[DishFactory.create(name="海老真薯", presences={"shrimp": "contains"})]
        )
        NoteFactory.create(visit=visit, customer=guest, text="ぬる燗は四十度", is_standing=True)

        for url in (reverse("visits:kitchen"), reverse("visits:detail", args=[visit.pk])):
            page = client.get(url).content.decode()
            assert "海老真薯" in page
            assert "えび" in page
            for hidden in ("48000", "48,000", "ぬる燗", "5678"):
                assert hidden not in page


class TestDetail:
    def test_notes_with_their_threads_and_the_trail_of_the_reading(self, signed, venue, guest):
        signed.post(LOG, filled(venue, guest, note_talk="初孫"))
        visit = Visit.objects.get()

        page = signed.get(reverse("visits:detail", args=[visit.pk]))

        assert "初孫" in page.content.decode()
        assert [(note.text, thread is not None) for note, thread in page.context["notes"]] == [("初孫", True)]
        assert AuditEntry.objects.filter(action="viewed", subject_type="visits.visit").count() == 1

    def test_the_amount_is_for_those_who_see_money(self, client, venue, guest):
        manager = person("manager", venue)
        client.force_login(manager)
        client.post(LOG, filled(venue, guest, amount="48000"))
        url = reverse("visits:detail", args=[Visit.objects.get().pk])
        assert "48,000" in client.get(url).content.decode()

        client.force_login(person("floor", venue))

        page = client.get(url).content.decode()
        assert "48,000" not in page
        assert "48000" not in page

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_does_not_grow_in_queries(self, signed, venue, guest, django_assert_num_queries, count):
        visit = VisitFactory.create(venue=venue, guests=[guest], served=DishFactory.create_batch(count))
        for code in ("requests", "talk", "handover")[:count]:
            NoteFactory.create(visit=visit, code=code)
        url = reverse("visits:detail", args=[visit.pk])
        signed.get(url)

        with django_assert_num_queries(QUERIES_OF_DETAIL):
            signed.get(url)

    def test_the_answer_at_the_table(self, signed, venue, guest, floor):
        visit = reserved(venue, guest)

        signed.post(reverse("visits:check", args=[visit.attendances.get().pk]), {"seated_check": "changed"})

        assert visit.attendances.get().checked_by == floor

    @pytest.mark.parametrize(
        ("state", "offered"),
        [("not_asked", ["changed"]), ("none", ["unchanged", "changed"]), ("listed", ["unchanged", "changed"])],
    )
    def test_no_change_is_offered_where_there_is_an_answer(self, signed, venue, state, offered):
        visit = reserved(venue, CustomerFactory.create(allergy_state=state))

        page = signed.get(reverse("visits:detail", args=[visit.pk])).content.decode()

        assert re.findall(r'name="seated_check" value="(\w+)"', page) == offered
        link = reverse("visits:guest_answer", args=[visit.attendances.get().pk])
        assert (link in page) == (state == "not_asked")

    def test_no_change_is_refused_in_a_sentence_where_nobody_ever_asked(self, signed, venue):
        visit = reserved(venue, CustomerFactory.create(name="渡邉 健一"))
        url = reverse("visits:check", args=[visit.attendances.get().pk])

        page = signed.post(url, {"seated_check": "unchanged"}, follow=True)

        assert "渡邉 健一様にはまだアレルギーをうかがっていません" in page.content.decode()
        assert visit.attendances.get().seated_check == "not_yet"


class TestCustomerCard:
    def test_this_evening_and_what_was_served_lately(self, client, signed, venue, guest):
        dish = DishFactory.create(name="松茸土瓶蒸し")
        NoteFactory.create(
            visit=VisitFactory.create(venue=venue, guests=[guest], served=[dish]),
            customer=guest,
            is_standing=True,
            text="ぬる燗は四十度",
        )
        visit = reserved(venue, guest)
        url = reverse("customers:card", args=[guest.pk])

        page = signed.get(url).content.decode()
        assert f"{LOG}?visit={visit.pk}" in page
        assert "松茸土瓶蒸し" in page
        assert "ぬる燗は四十度" in page

        client.force_login(person("kitchen", venue))
        page = client.get(url).content.decode()
        assert "松茸土瓶蒸し" in page
        assert "ぬる燗は四十度" not in page
        assert LOG not in page


class TestCategories:
    def test_a_new_house_has_a_check_sheet(self):
        assert list(NoteCategory.objects.values_list("name", "entry", "is_required", "is_bad_news")) == [
            ("着席時のアレルギー確認", "allergy", True, False),
            ("ご要望", "standing", False, False),
            ("ご様子・会話", "text", False, False),
            ("お叱り・不手際", "yes_no", True, True),
            ("次のご宴会のお話", "yes_no", False, False),
            ("献立の評判", "text", False, False),
            ("申し送り", "standing", False, False),
            ("お時間・お車・お土産", "text", False, False),
            ("しつらい", "text", False, False),
            ("器", "text", False, False),
        ]
        assert not NoteCategory.objects.filter(purpose="").exists()

    def test_the_house_changes_and_adds_lines(self, client, venue):
        client.force_login(person("admin", venue))
        line = NoteCategory.objects.get(code="talk")
        values = {"name": "お話", "purpose": "次のひと声に", "entry": "text", "is_active": "on", "position": "1"}
        values["version"] = "1"

        client.post(reverse("visits:category", args=[line.pk]), values)
        client.post(reverse("visits:category_create"), values | {"name": "お土産"})

        line.refresh_from_db()
        assert (line.name, line.code) == ("お話", "talk")
        assert NoteCategory.objects.filter(name="お土産").count() == 1
        assert AuditEntry.objects.filter(subject_type="visits.notecategory").count() == 2
        assert "お土産" in client.get(reverse("visits:categories")).content.decode()

    def test_only_who_manages_the_house(self, client, venue):
        client.force_login(person("manager", venue))

        for name, arguments in (("categories", []), ("category_create", []), ("category", [1])):
            assert client.get(reverse(f"visits:{name}", args=arguments)).status_code == 403

    def test_a_line_no_longer_in_use_leaves_the_form_but_keeps_its_notes(self, signed, venue, guest):
        signed.post(LOG, filled(venue, guest, note_talk="初孫"))
        NoteCategory.objects.filter(code="talk").update(is_active=False)

        assert "note_talk" not in signed.get(LOG).context["form"].fields
        visit = Visit.objects.get()
        signed.post(LOG, filled(venue, guest, visit=visit.pk, version=visit.version, party_size="3"))
        assert Note.objects.get().text == "初孫"


class TestCancel:
    """A booking is cancelled on its page, with a reason."""

    def test_the_reason_is_asked_and_told(self, client, venue, guest):
        visit = reserved(venue, guest)
        client.force_login(person("floor", venue=venue))
        address = reverse("visits:cancel", args=[visit.pk])

        asked = client.post(address, {"reason": "", "detail": "ご発熱"})
        assert asked.status_code == 422
        assert "ご発熱" in asked.content.decode()
        visit.refresh_from_db()
        assert visit.status == "reserved"

        client.post(address, {"reason": "illness", "detail": "ご発熱"})
        visit.refresh_from_db()
        assert (visit.status, visit.cancel_reason) == ("cancelled", "illness")
        page = client.get(reverse("visits:detail", args=[visit.pk])).content.decode()
        assert "ご発熱" in page
        assert address not in page

    def test_strangers_and_the_kitchen_cancel_nothing(self, client, venue, guest):
        visit = reserved(venue, guest)
        for stranger in (person("floor"), person("kitchen", venue=venue)):
            client.force_login(stranger)
            answer = client.post(reverse("visits:cancel", args=[visit.pk]), {"reason": "illness"})
            assert answer.status_code == 404
        visit.refresh_from_db()
        assert visit.status == "reserved"

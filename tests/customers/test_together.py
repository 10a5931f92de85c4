"""Several people at one card: nothing is overwritten, and everybody is told in time."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.confidential import seal
from crm_project.core.accounts.models import Role
from crm_project.core.allergens.models import Allergen
from crm_project.core.audit.models import AuditEntry
from crm_project.core.rights import Right
from customers.conflicts import VersionConflict
from customers.models import Company, Customer, OpenCard
from customers.services import AllergyInput, change_company, change_customer, set_allergies
from customers.services.relations import add_special_day
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def venue():
    """The house of everybody here."""
    return VenueFactory.create()


@pytest.fixture
def colleague(venue):
    """Who changes the card meanwhile."""
    return person("floor", venue, display_name="山田 誠")


@pytest.fixture
def floor(client, venue):
    """Who is at the page."""
    user = person("floor", venue)
    client.force_login(user)
    return user


@pytest.fixture
def guest(venue):
    """A guest two people work on."""
    return CustomerFactory.create(
        name="渡邉 健一", title="部長", likes="ぬる燗", note="床の間側", phones=["090-0000-1482"], known_at=[venue]
    )


def changed(guest, by, **values):
    """The colleague changes the card."""
    return change_customer(customer=guest, by=by, version=Customer.objects.get(pk=guest.pk).version, **values)


def sent(form):
    """What the form sends when nothing is changed."""
    return {
        name: "" if form[name].value() in (None, False) else form[name].value()
        for name in form.fields
        if name != "is_another_person"
    }


def at(name, guest, *more):
    """An address of the guest."""
    return reverse(f"customers:{name}", args=[guest.pk, *more])


class TestChoosing:
    """Before, theirs and mine; one of them, or something else, stands in the end."""

    def conflict(self, client, guest, colleague):
        """Both change the post; the page that shows it, and what it will send."""
        opened = sent(client.get(at("edit", guest)).context["form"])
        changed(guest, colleague, title="専務", department="本社")
        page = client.post(at("edit", guest), opened | {"title": "常務", "likes": "炭火焼"})
        return page, sent(page.context["form"]) | {"written": page.context["conflict"].written}

    def test_three_writings_of_each_value(self, client, floor, guest, colleague):
        """Only what both changed; the person's typing stays, the rest is taken over."""
        page, again = self.conflict(client, guest, colleague)
        assert page.status_code == 422
        assert [
            (line.field, line.before, line.theirs, line.mine, line.is_choice) for line in page.context["conflict"].lines
        ] == [("title", "部長", "専務", "常務", True)]
        assert (again["title"], again["likes"], again["department"]) == ("常務", "炭火焼", "本社")
        assert "山田 誠" in page.content.decode()

    @pytest.mark.parametrize(
        ("answer", "stands"),
        [
            ({"keep_title": "mine"}, "常務"),
            ({"keep_title": "theirs"}, "専務"),
            ({"keep_title": "theirs", "title": "副社長"}, "副社長"),
            ({}, "常務"),
        ],
    )
    def test_the_answer_stands(self, client, floor, guest, colleague, answer, stands):
        """Who types on after choosing theirs means the new words."""
        _page, again = self.conflict(client, guest, colleague)
        assert client.post(at("edit", guest), again | answer).status_code == 302
        guest.refresh_from_db()
        assert (guest.title, guest.likes, guest.department) == (stands, "炭火焼", "本社")

    def test_a_third_change_is_no_less_safe(self, client, floor, guest, colleague):
        """Mine was chosen against what stood then, not against what came after."""
        _page, again = self.conflict(client, guest, colleague)
        changed(guest, colleague, title="社長")
        assert client.post(at("edit", guest), again | {"keep_title": "mine"}).status_code == 422
        guest.refresh_from_db()
        assert guest.title == "社長"

    def test_a_birthday_with_its_year_does_not_wipe_out_one_without(self, client, floor, guest, colleague):
        """The two are one answer."""
        opened = sent(client.get(at("edit", guest)).context["form"])
        changed(guest, colleague, birthday_month_day="04-01")
        page = client.post(at("edit", guest), opened | {"birthday": "1961/5/3"})
        assert page.status_code == 422
        again = sent(page.context["form"]) | {"written": page.context["conflict"].written}
        assert client.post(at("edit", guest), again | {"keep_birthday_month_day": "theirs"}).status_code == 302
        guest.refresh_from_db()
        assert (guest.birthday, guest.birthday_month_day) == (None, "04-01")

    def test_phones_are_chosen_as_a_whole(self, client, floor, guest, colleague):
        """However many there are on either side."""
        opened = sent(client.get(at("edit", guest)).context["form"])
        changed(guest, colleague, phones=["080-1111-2222"])
        page = client.post(at("edit", guest), opened | {"phone_1": "075-000-0100"})
        assert page.status_code == 422
        again = sent(page.context["form"]) | {"written": page.context["conflict"].written, "keep_phones": "theirs"}
        assert client.post(at("edit", guest), again).status_code == 302
        assert [phone.written for phone in guest.phones.all()] == ["080-1111-2222"]

    def test_broken_travellers_overwrite_nothing(self, client, floor, guest, colleague):
        """What cannot be read counts as nothing seen."""
        _page, again = self.conflict(client, guest, colleague)
        changed(guest, colleague, title="社長")
        for broken in ("{", "[1]", "3", "null"):
            response = client.post(
                at("edit", guest), again | {"written": broken, "opened_with": broken, "keep_title": "mine"}
            )
            assert response.status_code == 422
        guest.refresh_from_db()
        assert guest.title == "社長"


class TestAllergies:
    """Allergen by allergen."""

    def test_two_lists_become_one(self, client, floor, guest, colleague):
        """One adds crab, the other shrimp: shown once, and both stand."""
        crab, shrimp = Allergen.objects.get(code="crab"), Allergen.objects.get(code="shrimp")
        opened = sent(client.get(at("allergies", guest)).context["form"])
        set_allergies(customer=guest, by=colleague, state="listed", items=[AllergyInput(crab, "severe")])
        mine = opened | {"state": "listed", f"severity_{shrimp.pk}": "moderate"}
        page = client.post(at("allergies", guest), mine)
        assert page.status_code == 422
        assert [(line.label, line.is_choice) for line in page.context["conflict"].lines] == [(crab.name, False)]
        assert client.post(at("allergies", guest), sent(page.context["form"])).status_code == 302
        assert {allergy.allergen.code for allergy in guest.allergies.all()} == {"crab", "shrimp"}

    @pytest.mark.parametrize(("answer", "stands"), [("theirs", "severe"), ("mine", "moderate")])
    def test_the_same_allergen_is_chosen(self, client, floor, guest, colleague, answer, stands):
        """Not listed before, severe, mild."""
        crab = Allergen.objects.get(code="crab")
        opened = sent(client.get(at("allergies", guest)).context["form"])
        set_allergies(customer=guest, by=colleague, state="listed", items=[AllergyInput(crab, "severe")])
        page = client.post(at("allergies", guest), opened | {"state": "listed", f"severity_{crab.pk}": "moderate"})
        assert [(line.field, line.before, line.is_choice) for line in page.context["conflict"].lines] == [
            (f"allergen_{crab.pk}", "", True)
        ]
        again = sent(page.context["form"]) | {"written": page.context["conflict"].written}
        response = client.post(at("allergies", guest), again | {f"keep_allergen_{crab.pk}": answer})
        assert response.status_code == 302
        assert [allergy.severity for allergy in guest.allergies.all()] == [stands]

    def test_another_part_of_the_card_is_no_conflict(self, client, floor, guest, colleague):
        """What was changed elsewhere does not hold up an answer about allergies."""
        opened = sent(client.get(at("allergies", guest)).context["form"])
        changed(guest, colleague, likes="炭火焼")
        assert client.post(at("allergies", guest), opened | {"state": "none"}).status_code == 302


class TestCompany:
    """A company has a form as well."""

    def test_both_changes_stay_and_the_same_is_chosen(self, client, floor, colleague):
        """Different values side by side, the same value three ways."""
        company = CompanyFactory.create(name="北辰電機株式会社", phone="03-0000-0001")
        opened = sent(client.get(at("edit_company", company)).context["form"])
        change_company(company=company, by=colleague, note="請求は月末", phone="03-0000-0002")
        page = client.post(at("edit_company", company), opened | {"phone": "03-0000-0003", "kana": "ホクシンデンキ"})
        assert page.status_code == 422
        line = page.context["conflict"].lines[0]
        assert (line.before, line.theirs, line.mine) == ("03-0000-0001", "03-0000-0002", "03-0000-0003")
        again = sent(page.context["form"]) | {"written": page.context["conflict"].written, "keep_phone": "theirs"}
        assert client.post(at("edit_company", company), again).status_code == 302
        company.refresh_from_db()
        assert (company.phone, company.kana, company.note) == ("03-0000-0002", "ホクシンデンキ", "請求は月末")

    def test_a_name_belongs_to_one_company(self, client, floor):
        """In any writing of ㈱."""
        company = CompanyFactory.create()
        change_company(company=CompanyFactory.create(), by=floor, name="丸紅株式会社")
        opened = sent(client.get(at("edit_company", company)).context["form"])
        response = client.post(at("edit_company", company), opened | {"name": "丸紅㈱"})
        assert (response.status_code, list(response.context["form"].errors)) == (422, ["name"])
        assert client.post(at("edit_company", company), opened | {"name": " "}).status_code == 422

    def test_who_may_change_it(self, client, venue):
        """The kitchen reads, strangers do not even ask; contacts are for who may see them."""
        company = CompanyFactory.create(phone="03-0000-0001")
        for user in (person("kitchen", venue), UserFactory.create()):
            client.force_login(user)
            assert client.get(at("edit_company", company)).status_code == 403
        role = Role.objects.get(code="floor")
        role.rights = [right for right in role.rights if right != Right.VIEW_CONTACTS]
        role.save()
        client.force_login(person("floor", venue))
        page = client.get(at("edit_company", company))
        assert "03-0000-0001" not in page.content.decode()
        assert (
            client.post(at("edit_company", company), sent(page.context["form"]) | {"note": "月末"}).status_code == 302
        )
        company.refresh_from_db()
        assert (company.phone, company.note) == ("03-0000-0001", "月末")

    def test_the_service_refuses_what_was_changed_meanwhile(self, floor):
        """Version and base as with guests."""
        company = CompanyFactory.create(note="旧")
        change_company(company=company, by=floor, note="新")
        with pytest.raises(VersionConflict):
            change_company(company=company, by=floor, version=1, base={"note": "旧"}, note="別")
        assert Company.objects.get(pk=company.pk).note == "新"


class TestInline:
    """A field of the card, changed where it stands."""

    def test_a_pencil_opens_saves_and_closes(self, client, floor, guest):
        """The same normaliser, one entry of the trail, the value again."""
        assert at("inline", guest, "title") in client.get(at("card", guest)).content.decode()
        form = client.get(at("inline", guest, "title"), headers=HTMX).context["form"]
        assert [name for name in form.fields if name != "is_another_person"] == ["title", "version", "opened_with"]
        response = client.post(at("inline", guest, "title"), sent(form) | {"title": "　ＣＥＯ  "}, headers=HTMX)
        assert response.status_code == 200
        assert "CEO" in response.content.decode()
        guest.refresh_from_db()
        assert (guest.title, guest.version, guest.likes) == ("CEO", 2, "ぬる燗")
        assert AuditEntry.objects.about(guest).changes().get().changes == {"title": ["部長", "CEO"]}
        closed = client.get(at("inline", guest, "title") + "?close", headers=HTMX).content.decode()
        assert "CEO" in closed
        assert "<form" not in closed

    @pytest.mark.parametrize("value", ["called", "company_name", "department", "email", "likes", "dislikes", "note"])
    def test_every_field_of_the_card(self, client, floor, guest, value):
        """Each by its own address."""
        form = client.get(at("inline", guest, value), headers=HTMX).context["form"]
        written = "a@example.com" if value == "email" else "新しい"
        assert client.post(at("inline", guest, value), sent(form) | {value: written}, headers=HTMX).status_code == 200
        guest = Customer.objects.get(pk=guest.pk)
        assert str(guest.company if value == "company_name" else getattr(guest, value)) == written

    def test_phones_in_place(self, client, floor, guest):
        """All numbers, normalised; a lost zero is shown before it is kept."""
        form = client.get(at("inline", guest, "phones"), headers=HTMX).context["form"]
        url = at("inline", guest, "phones")
        asked = client.post(url, sent(form) | {"phone_1": "9011112222"}, headers=HTMX)
        assert asked.status_code == 422
        again = sent(asked.context["form"])
        assert client.post(url, again, headers=HTMX).status_code == 200
        assert [phone.written for phone in guest.phones.all()] == ["090-0000-1482", "090-1111-2222"]

    def test_a_number_that_is_somebody_elses_is_told_in_place(self, client, floor, guest):
        """While it is typed and when it is saved; confirmed, it is kept."""
        other = CustomerFactory.create(name="佐伯 徹", kana="サエキ トオル", phones=["075-000-0100"])
        url = at("inline", guest, "phones")
        opened = client.get(url, headers=HTMX)
        assert f'hx-post="{reverse("customers:same_as", args=[guest.pk])}"' in opened.content.decode()
        typed = sent(opened.context["form"]) | {"phone_1": "0750000100"}
        told = client.post(reverse("customers:same_as", args=[guest.pk]), typed, headers=HTMX)
        assert list(told.context["guests"]) == [other]
        refused = client.post(url, typed, headers=HTMX)
        assert (refused.status_code, refused.context["form"].same) == (422, [other])
        assert client.post(url, typed | {"is_another_person": "on"}, headers=HTMX).status_code == 200
        assert guest.phones.count() == 2

    @pytest.mark.parametrize(("answer", "stands"), [("theirs", "専務"), ("mine", "常務")])
    def test_a_conflict_is_shown_in_place(self, client, floor, guest, colleague, answer, stands):
        """Before, theirs and mine inside the fragment."""
        url = at("inline", guest, "title")
        form = client.get(url, headers=HTMX).context["form"]
        changed(guest, colleague, title="専務")
        page = client.post(url, sent(form) | {"title": "常務"}, headers=HTMX)
        assert page.status_code == 422
        html = page.content.decode()
        assert all(text in html for text in ("部長", "専務", "常務", "山田 誠"))
        assert "<html" not in html
        again = sent(page.context["form"]) | {"written": page.context["conflict"].written, "keep_title": answer}
        assert client.post(url, again, headers=HTMX).status_code == 200
        guest.refresh_from_db()
        assert guest.title == stands

    def test_another_field_changed_meanwhile_is_no_conflict(self, client, floor, guest, colleague):
        """Both stay."""
        url = at("inline", guest, "title")
        form = client.get(url, headers=HTMX).context["form"]
        changed(guest, colleague, likes="炭火焼")
        assert client.post(url, sent(form) | {"title": "常務"}, headers=HTMX).status_code == 200
        guest.refresh_from_db()
        assert (guest.title, guest.likes) == ("常務", "炭火焼")

    def test_without_htmx_it_is_the_form(self, client, floor, guest):
        """The link leads to the whole form."""
        assert f'href="{at("edit", guest)}"' in client.get(at("card", guest)).content.decode()
        assert client.get(at("inline", guest, "title")).url == at("edit", guest)

    def test_rights(self, client, venue, guest):
        """Contacts and notes follow their rights, unknown values are nowhere, the kitchen changes nothing."""
        client.force_login(person("kitchen", venue))
        assert client.get(at("inline", guest, "title"), headers=HTMX).status_code == 403
        assert at("inline", guest, "likes") not in client.get(at("card", guest)).content.decode()
        client.force_login(UserFactory.create())
        assert client.get(at("inline", guest, "title"), headers=HTMX).status_code == 403
        role = Role.objects.get(code="floor")
        role.rights = [right for right in role.rights if right not in (Right.VIEW_CONTACTS, Right.VIEW_NOTES)]
        role.save()
        client.force_login(person("floor", venue))
        for value, status in (("title", 200), ("phones", 403), ("email", 403), ("note", 403), ("rank", 404)):
            assert client.get(at("inline", guest, value), headers=HTMX).status_code == status
        html = client.get(at("edit", guest)).content.decode()
        assert "床の間側" not in html
        assert "1482" not in html

    def test_a_sealed_guest_is_not_there(self, client, floor, guest, colleague):
        """For who is not named."""
        seal(record=guest, by=colleague, people=[colleague])
        assert client.get(at("inline", guest, "title"), headers=HTMX).status_code == 404


class TestLive:
    """What an open page is told."""

    def poll(self, client, page, guest, *, form=False):
        """What the page asks for by itself."""
        live = page.context["live"]
        query = f"?version={live.version}&mark={live.mark}&shown={live.shown}"
        return (client.post if form else client.get)(at("live", guest) + query, headers=HTMX)

    @pytest.mark.parametrize("name", ["card", "edit", "allergies"])
    def test_who_changed_what(self, client, floor, guest, colleague, name):
        """Nothing at first; then the person and the fields, and where to look."""
        page = client.get(at(name, guest))
        form = name != "card"
        assert self.poll(client, page, guest, form=form).status_code == 204
        changed(guest, colleague, title="専務", likes="炭火焼")
        response = self.poll(client, page, guest, form=form)
        assert [(change.who, set(change.fields.split("、"))) for change in response.context["live"].changes] == [
            ("山田 誠", {"役職", "好物"})
        ]
        again = {"version": page.context["live"].version, "mark": page.context["live"].mark}
        query = "&".join(f"{key}={value}" for key, value in again.items())
        quiet = f"{at('live', guest)}?{query}&shown={response.context['live'].shown}"
        assert (client.post if form else client.get)(quiet, headers=HTMX).status_code == 204

    def test_own_changes_are_no_news(self, client, floor, guest):
        """Who saves a field in place is not told so by the page."""
        page = client.get(at("card", guest))
        changed(guest, floor, title="専務")
        assert self.poll(client, page, guest).context["live"].changes == []

    def test_what_the_reader_may_not_see_is_not_told(self, client, venue, guest, colleague):
        """Neither the number nor that there is a new one; not the note either."""
        client.force_login(person("kitchen", venue))
        page = client.get(at("card", guest))
        changed(guest, colleague, phones=["080-1111-2222"], note="窓側")
        assert self.poll(client, page, guest).context["live"].changes == []
        changed(guest, colleague, likes="炭火焼", note="奥")
        assert [change.fields for change in self.poll(client, page, guest).context["live"].changes] == ["好物"]

    def test_a_poll_is_no_look(self, client, floor, guest):
        """The look was noted when the page was opened."""
        page = client.get(at("card", guest))
        before = AuditEntry.objects.count()
        self.poll(client, page, guest)
        assert AuditEntry.objects.count() == before

    def test_the_right_to_open_is_asked_each_time(self, client, floor, guest, colleague):
        """Sealed meanwhile: gone. The kitchen is at no form, a stranger nowhere."""
        page = client.get(at("card", guest))
        seal(record=guest, by=colleague, people=[colleague])
        assert self.poll(client, page, guest).status_code == 404
        other = CustomerFactory.create()
        client.force_login(person("kitchen", VenueFactory.create()))
        assert client.post(at("live", other)).status_code == 403
        client.force_login(UserFactory.create())
        assert client.get(at("live", other)).status_code == 404

    def test_nonsense_is_answered_like_an_old_page(self, client, floor, guest, colleague):
        """Whatever stands in the address."""
        changed(guest, colleague, likes="炭火焼")
        for query in ("?version=x&mark=-1", "?version=²&mark=99999999999999999999999", ""):
            assert client.get(at("live", guest) + query).status_code == 200

    @pytest.mark.parametrize("count", [1, 3])
    def test_queries_of_a_poll(self, client, venue, floor, guest, django_assert_num_queries, count):
        """Beside session, person, house and venue: the guest and the people for a card, their own sign of life for a form."""
        for _number in range(count):
            OpenCard.objects.create(customer=guest, user=person("desk", venue), seen_at=timezone.now())
        page = client.get(at("card", guest))
        client.get(at("live", guest))
        with django_assert_num_queries(6):
            assert self.poll(client, page, guest).status_code == 204
        with django_assert_num_queries(7):
            assert self.poll(client, page, guest, form=True).status_code == 204


class TestPresence:
    """Somebody else has this open."""

    def test_forms_announce_cards_and_forms_show(self, client, venue, floor, guest, colleague):
        """Not to oneself; on card and forms; gone when saved."""
        page = client.get(at("edit", guest))
        assert page.context["live"].people == []
        client.force_login(colleague)
        for name in ("card", "edit", "allergies"):
            seen = client.get(at(name, guest))
            assert seen.context["live"].people == [floor]
            assert f"{floor}" in seen.content.decode()
        client.force_login(floor)
        assert client.get(at("edit", guest)).context["live"].people == [colleague]
        assert client.post(at("edit", guest), sent(page.context["form"])).status_code == 302
        client.force_login(colleague)
        assert client.get(at("card", guest)).context["live"].people == []

    def test_a_minute_of_silence_ends_it(self, client, floor, guest, colleague):
        """And saving clears away what was left behind."""
        form = client.get(at("edit", guest)).context["form"]
        late = timezone.now() - timedelta(seconds=61)
        OpenCard.objects.create(customer=guest, user=colleague, seen_at=late)
        assert client.get(at("card", guest)).context["live"].people == []
        client.post(at("edit", guest), sent(form))
        assert not OpenCard.objects.exists()

    def test_a_poll_keeps_it_open(self, client, floor, guest):
        """One row, however often."""
        client.get(at("edit", guest))
        OpenCard.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
        client.post(at("live", guest))
        assert OpenCard.objects.filter(seen_at__gte=timezone.now() - timedelta(minutes=1)).count() == 1


class TestLiveCompany:
    """The page and the form of a company are told like those of a guest."""

    @pytest.fixture
    def company(self):
        """A firm nobody has a card of yet."""
        return CompanyFactory.create(name="北辰電機株式会社", phone="075-000-1001")

    def poll(self, client, page, company, *, form=False):
        """What the page asks for by itself."""
        live = page.context["live"]
        query = f"?version={live.version}&mark={live.mark}&shown={live.shown}"
        url = reverse("customers:live_company", args=[company.pk])
        return (client.post if form else client.get)(url + query, headers=HTMX)

    @pytest.mark.parametrize("name", ["company", "edit_company"])
    def test_who_changed_what(self, client, floor, company, colleague, name):
        """Nothing at first; then the person and the fields. One's own changes are no news."""
        page = client.get(reverse(f"customers:{name}", args=[company.pk]))
        form = name == "edit_company"
        assert self.poll(client, page, company, form=form).status_code == 204
        change_company(company=company, by=colleague, note="請求は本社へ")
        add_special_day(by=colleague, kind="founding", month=10, day=1, company=company)
        change_company(company=company, by=floor, kana="ホクシンデンキ")
        answer = self.poll(client, page, company, form=form)
        changes = answer.context["live"].changes
        assert [(change.who, change.fields) for change in changes] == [("山田 誠", "記念日"), ("山田 誠", "備考")]
        assert "ホクシンデンキ" not in answer.content.decode()
        again = self.poll(client, answer, company, form=form)
        assert again.status_code == 204

    def test_a_refused_form_goes_on_listening(self, client, floor, company, colleague):
        """From the change it was refused for."""
        page = client.get(reverse("customers:edit_company", args=[company.pk]))
        change_company(company=company, by=colleague, note="請求は本社へ")
        data = sent(page.context["form"]) | {"note": "請求は支社へ", "mark": page.context["live"].mark}
        refused = client.post(reverse("customers:edit_company", args=[company.pk]), data)
        assert refused.status_code == 422
        assert self.poll(client, refused, company, form=True).status_code == 204
        change_company(company=company, by=colleague, kana="ホクシンデンキ")
        assert len(self.poll(client, refused, company, form=True).context["live"].changes) == 1

    def test_contacts_are_told_to_who_may_see_them(self, client, venue, company, colleague):
        """The kitchen is not told of a number, and is at no form."""
        client.force_login(person("kitchen", venue))
        page = client.get(reverse("customers:company", args=[company.pk]))
        change_company(company=company, by=colleague, phone="075-000-1002")
        assert self.poll(client, page, company).context["live"].changes == []
        assert self.poll(client, page, company, form=True).status_code == 403

    def test_the_right_to_open_is_asked_each_time(self, client, floor, company, colleague):
        """Its only guest was sealed meanwhile: gone."""
        page = client.get(reverse("customers:company", args=[company.pk]))
        seal(record=CustomerFactory.create(company=company), by=colleague, people=[colleague])
        assert self.poll(client, page, company).status_code == 404
        client.force_login(UserFactory.create())
        assert self.poll(client, page, company).status_code == 404

"""Screens of guests: owner, colleague, stranger; what is absent; how many queries."""

import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.choices import GuestScope
from crm_project.core.accounts.models import House, User
from crm_project.core.allergens.choices import AllergyState
from crm_project.core.allergens.models import Allergen
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from crm_project.core.audit.services import record
from crm_project.core.ui import registry
from customers.models import Customer
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory, RankFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def venue():
    """The shop most people of these tests work at."""
    return VenueFactory.create()


@pytest.fixture
def guest(venue):
    """A guest with everything a card shows."""
    return CustomerFactory.create(
        name="渡邉 健一",
        kana="ワタナベ ケンイチ",
        code="C-001482",
        company=CompanyFactory.create(name="北辰電機株式会社"),
        title="取締役営業本部長",
        phones=["090-0000-1482"],
        email="watanabe@example.com",
        birthday="1961-12-09",
        allergic_to=["shrimp"],
        likes="ぬる燗",
        note="床の間側に主賓",
        rank=RankFactory.create(name="上得意"),
        known_at=[venue],
    )


@pytest.fixture
def own_panels(monkeypatch):
    """The card with the panels of guests and timeline alone."""
    own: registry.Registry[registry.Panel] = registry.Registry()
    for page in ("customer", "customer_side", "company"):
        for panel in registry._panels.at(page):
            if panel.template.startswith(("customers/", "timeline/")):
                own.add(page, panel)
    monkeypatch.setattr(registry, "_panels", own)


def signed_in(client, role, venue):
    """Sign a person of the role in and return that person."""
    user = person(role, venue)
    client.force_login(user)
    return user


def edit_values(client, guest):
    """What the edit form of the guest sends when nothing is changed."""
    form = client.get(reverse("customers:edit", args=[guest.pk])).context["form"]
    return {
        name: "" if form[name].value() is None else form[name].value()
        for name in form.fields
        if name != "is_another_person"
    }


class TestCard:
    """The card of a guest."""

    def test_floor_sees_who_the_guest_is_and_what_harms_them(self, client, venue, guest):
        """Name with reading and 様, company, phone as a link, allergy with its severity."""
        signed_in(client, "floor", venue)
        html = client.get(reverse("customers:card", args=[guest.pk])).content.decode()
        for text in [
            "わたなべ",
            "様",
            "C-001482",
            "北辰電機株式会社",
            'href="tel:09000001482"',
            "えび（",
            "ぬる燗",
            "床の間側に主賓",
            "1961",
        ]:
            assert text in html

    def test_kitchen_sees_allergies_and_no_contacts(self, client, venue, guest):
        """What a cook needs, and nothing to call a guest by."""
        signed_in(client, "kitchen", venue)
        html = client.get(reverse("customers:card", args=[guest.pk])).content.decode()
        assert "えび（" in html
        assert "ぬる燗" in html
        for text in [
            "090-0000-1482",
            "09000001482",
            "watanabe@example.com",
            "1961",
            "床の間側に主賓",
            reverse("customers:edit", args=[guest.pk]),
        ]:
            assert text not in html

    def test_every_look_is_noted_and_the_okami_reads_who_looked(self, client, venue, guest):
        """The trail tells reads; the floor does not see it."""
        floor = signed_in(client, "floor", venue)
        response = client.get(reverse("customers:card", args=[guest.pk]))
        assert response.context["reads"] is None
        looks = AuditEntry.objects.filter(action=Action.VIEWED, subject_id=str(guest.pk))
        assert [look.actor_name for look in looks] == [str(floor)]
        signed_in(client, "okami", venue)
        reads = client.get(reverse("customers:card", args=[guest.pk])).context["reads"]
        assert [read.who for read in reads][1:] == [str(floor)]

    def test_stranger_and_narrowed_colleague_find_no_card(self, client, venue, guest):
        """Who works nowhere opens nothing; a narrowed house shuts the other venue's people out."""
        client.force_login(UserFactory.create())
        assert client.get(reverse("customers:card", args=[guest.pk])).status_code == 404
        signed_in(client, "floor", VenueFactory.create())
        assert client.get(reverse("customers:card", args=[guest.pk])).status_code == 200
        House.objects.update_or_create(pk=1, defaults={"guest_scope": GuestScope.VENUE})
        for name in ("card", "edit", "allergies"):
            assert client.get(reverse(f"customers:{name}", args=[guest.pk])).status_code == 404

    def test_signed_out_people_are_sent_to_the_door(self, client, guest):
        """No page without signing in."""
        assert client.get(reverse("customers:card", args=[guest.pk])).status_code == 302

    def test_not_asked_is_never_shown_as_safe(self, client, venue):
        """Three states, three sentences."""
        signed_in(client, "floor", venue)
        unknown = CustomerFactory.create()
        safe = CustomerFactory.create(allergy_state=AllergyState.NONE)
        asked = client.get(
            reverse("customers:card", args=[unknown.pk]), headers={"Accept-Language": "en"}
        ).content.decode()
        assert "Allergies not asked" in asked
        assert "No allergies, confirmed" not in asked
        confirmed = client.get(
            reverse("customers:card", args=[safe.pk]), headers={"Accept-Language": "en"}
        ).content.decode()
        assert "No allergies, confirmed" in confirmed

    def test_history_hides_contacts_from_who_may_not_see_them(self, client, venue, guest):
        """A changed phone number is told to the floor only."""
        signed_in(client, "floor", venue)
        client.post(
            reverse("customers:edit", args=[guest.pk]), edit_values(client, guest) | {"phone_0": "080-1111-2222"}
        )
        assert "080-1111-2222" in client.get(reverse("customers:card", args=[guest.pk])).content.decode()
        signed_in(client, "kitchen", venue)
        response = client.get(reverse("customers:card", args=[guest.pk]))
        assert "080-1111-2222" not in response.content.decode()
        assert len(response.context["changes"]) == 1

    def test_history_keeps_the_ledger_s_own_words_with_the_contacts(self, client, venue, guest):
        """What could not be read is often a phone number or a birthday."""
        record(
            by=User.objects.system(),
            action=Action.CHANGED,
            subject=guest,
            changes={"unread": [{}, {"phone": "O9O-77"}]},
        )
        for role, told in (("floor", True), ("kitchen", False)):
            signed_in(client, role, venue)
            assert ("O9O-77" in client.get(reverse("customers:card", args=[guest.pk])).content.decode()) == told

    @pytest.mark.parametrize("count", [1, 3])
    def test_queries_of_a_card_do_not_grow(self, client, venue, django_assert_num_queries, own_panels, count):
        """With one or three allergies and phones; what other apps add is counted in their own tests."""
        signed_in(client, "floor", venue)
        guest = CustomerFactory.create(
            allergic_to=["shrimp", "crab", "egg"][:count],
            phones=["090-1111-1111", "090-1111-1112", "090-1111-1113"][:count],
        )
        client.get(reverse("customers:card", args=[guest.pk]))
        with django_assert_num_queries(26):
            client.get(reverse("customers:card", args=[guest.pk]))


class TestList:
    """The list and the search box."""

    def test_enter_and_typing_find_the_same(self, client, venue, guest):
        """A page for Enter, a fragment of lines for the list, links for the header."""
        signed_in(client, "floor", venue)
        CustomerFactory.create(name="林 花", kana="ハヤシ ハナ")
        page = client.get(reverse("customers:search"), {"q": "わたなべ"}).content.decode()
        rows = client.get(
            reverse("customers:list"), {"q": "わたなべ"}, headers=HTMX | {"HX-Target": "guest-list"}
        ).content.decode()
        box = client.get(
            reverse("customers:search"), {"q": "わたなべ"}, headers=HTMX | {"HX-Target": "search-results"}
        ).content.decode()
        assert "<html" in page
        assert "<html" not in rows + box
        for html in (page, rows, box):
            assert re.findall(r'href="/guests/(\d+)/"', html) == [str(guest.pk)]
            assert "上得意" in html
            assert "北辰電機株式会社" in html
            assert "えび" in html

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_box_asks_as_often_for_one_guest_as_for_three(self, client, venue, django_assert_num_queries, count):
        """Few begin with it: then who else is found fills the box up, the most that it asks."""
        for number in range(count):
            CustomerFactory.create(name=f"森 {number}", kana=f"モリ {number}", allergic_to=["shrimp", "egg"])
        headers = HTMX | {"HX-Target": "search-results"}
        signed_in(client, "floor", venue)
        client.get(reverse("customers:search"), {"q": "モリ"}, headers=headers)
        with django_assert_num_queries(11):
            html = client.get(reverse("customers:search"), {"q": "モリ"}, headers=headers).content.decode()
        assert html.count("えび") == html.count("卵") == count

    def test_the_box_names_allergens_in_the_readers_language(self, client, venue, guest):
        """Severity and allergen alike."""
        signed_in(client, "floor", venue)
        html = client.get(
            reverse("customers:search"),
            {"q": "渡辺"},
            headers=HTMX | {"HX-Target": "search-results", "Accept-Language": "en"},
        ).content.decode()
        assert "shrimp" in html.casefold()
        assert "severe" in html
        assert "えび" not in html

    def test_searches_are_noted_with_their_words(self, client, venue, guest):
        """The trail tells who searched for whom."""
        signed_in(client, "floor", venue)
        client.get(reverse("customers:search"), {"q": "渡辺"})
        client.get(reverse("customers:search"), {"q": "そんな人はいない"})
        assert [entry.subject_name for entry in AuditEntry.objects.filter(action=Action.SEARCHED)] == ["渡辺"]

    @pytest.mark.parametrize(("guests", "said"), [(999, "1,000 guests"), (1_000, "1,000+ guests")])
    def test_more_than_a_thousand_are_told_as_more_than_a_thousand(self, client, venue, guest, guests, said):
        """Beside the guest of the fixture."""
        Customer.objects.bulk_create(
            Customer(name=f"林 {number}", search_key=f"林{number}", sort_key=f"林{number}") for number in range(guests)
        )
        signed_in(client, "floor", venue)
        page = client.get(reverse("customers:list"), headers={"Accept-Language": "en"}).content.decode()
        assert f'role="status">{said}' in page

    def test_guests_of_other_venues_are_names_with_allergies(self, client, venue, guest):
        """Narrowed: what harms a guest is always known, everything else is not, and there is no way in."""
        House.objects.update_or_create(pk=1, defaults={"guest_scope": GuestScope.VENUE})
        signed_in(client, "floor", VenueFactory.create())
        html = client.get(reverse("customers:search"), {"q": "渡辺"}).content.decode()
        assert "渡邉 健一" in html
        assert "えび" in html
        for text in [f"/guests/{guest.pk}/", "北辰電機", "上得意", "1482"]:
            assert text not in html
        assert "渡邉" not in client.get(reverse("customers:list")).content.decode()

    def test_rows_of_the_kana_table_and_ranks_narrow(self, client, venue, guest):
        """あかさたな."""
        signed_in(client, "floor", venue)
        other = CustomerFactory.create(name="加藤 一", kana="カトウ ハジメ")
        pages = [
            client.get(reverse("customers:list"), query).context["page"]
            for query in ({"row": "か"}, {"rank": guest.rank_id})
        ]
        assert [[row.pk for row in page.rows] for page in pages] == [[other.pk], [guest.pk]]

    @pytest.mark.parametrize("count", [1, 3])
    def test_queries_of_the_list_do_not_grow(self, client, venue, django_assert_num_queries, count):
        """With one or three guests of different companies."""
        signed_in(client, "floor", venue)
        for _number in range(count):
            CustomerFactory.create(company=CompanyFactory.create(), rank=RankFactory.create(), allergic_to=["egg"])
        client.get(reverse("customers:list"))
        with django_assert_num_queries(10):
            client.get(reverse("customers:list"), {"q": "渡"})

    def test_export_neutralises_formulas_and_is_noted(self, client, venue):
        """What begins like a formula is text; the trail tells how many rows left the house."""
        CustomerFactory.create(name="=HYPERLINK(1)", kana="", code="+1", phones=["090-0000-1482"])
        manager = signed_in(client, "manager", venue)
        response = client.get(reverse("customers:export"))
        text = b"".join(response.streaming_content).decode()
        assert text.startswith("\ufeff")
        assert text.splitlines()[1].startswith("'+1,'=HYPERLINK(1),")
        assert "090-0000-1482" in text
        # Whose file it is and from when stands in it and in its name; as a remark it is no guest when it is read again.
        assert text.splitlines()[-1].strip('"').startswith("※ ")
        assert str(manager) in text.splitlines()[-1]
        assert f"{timezone.localdate():%Y%m%d}-" in response["Content-Disposition"]
        entry = AuditEntry.objects.get(action=Action.EXPORTED)
        assert (entry.actor, entry.changes) == (manager, {"rows": 1})

    def test_floor_may_not_export(self, client, venue):
        """Lists leave the house by those who may."""
        signed_in(client, "floor", venue)
        assert client.get(reverse("customers:export")).status_code == 403


class TestForms:
    """Entering and changing guests."""

    def test_new_guest_is_written_as_people_search(self, client, venue):
        """Widths, kana, phones, dates and companies are normalised."""
        floor = signed_in(client, "floor", venue)
        values = {
            "name": "　髙橋　美穂 ", "kana": "ﾀｶﾊｼ みほ", "honorific": "様", "code": "Ｃ－１２", "company_name": "丸紅㈱",
            "phone_0": "０９０ー１２３４ー５６７８", "phone_0_label": "secretary", "birthday": "昭和36年12月9日", "postal_code": "６００－８００１",
            "address": "京都市", "staff": floor.pk,
        }  # fmt: skip
        response = client.post(reverse("customers:create"), values)
        guest = Customer.objects.get()
        assert response.url == reverse("customers:card", args=[guest.pk])
        assert (guest.name, guest.kana, guest.code, str(guest.company)) == (
            "髙橋 美穂",
            "タカハシ ミホ",
            "C-12",
            "丸紅㈱",
        )
        assert [(phone.label, phone.written, phone.tail) for phone in guest.phones.all()] == [
            ("secretary", "090-1234-5678", "5678")
        ]
        assert guest.birthday == date(1961, 12, 9)
        assert [(address.postal_code, address.text) for address in guest.addresses.all()] == [("6008001", "京都市")]
        assert list(guest.known_at.all()) == [venue]
        assert AuditEntry.objects.about(guest).get().actor == floor

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("kana", ""),
            ("name", "　"),
            ("phone_0", "不明"),
            ("birthday", "令和9年13月1日"),
            ("postal_code", "12"),
            ("email", "x"),
        ],
    )
    def test_what_cannot_be_kept_is_refused_at_its_field(self, client, venue, field, value):
        """One message, nothing written."""
        signed_in(client, "floor", venue)
        values = {"name": "高橋 美穂", "kana": "タカハシ ミホ", "honorific": "様"} | {field: value}
        response = client.post(reverse("customers:create"), values)
        assert response.status_code == 422
        assert list(response.context["form"].errors) == [field]
        assert not Customer.objects.exists()

    def test_code_of_another_guest_is_refused(self, client, venue, guest):
        """The code is the identity."""
        signed_in(client, "floor", venue)
        values = {"name": "高橋 美穂", "kana": "タカハシ ミホ", "honorific": "様", "code": "C-001482"}
        assert list(client.post(reverse("customers:create"), values).context["form"].errors) == ["code"]

    @pytest.mark.parametrize(
        "same",
        [
            {"name": "渡辺 健一", "kana": "ワタナベ ケンイチ"},
            {"name": "佐伯 徹", "kana": "サエキ トオル", "phone_0": "０９０００００１４８２"},
        ],
    )
    def test_a_likely_twin_is_a_question_a_person_answers(self, client, venue, guest, same):
        """Same name in another writing, or the same number: warned, and entered when confirmed."""
        signed_in(client, "floor", venue)
        response = client.post(reverse("customers:create"), same | {"honorific": "様"})
        assert response.status_code == 422
        assert response.context["form"].same == [guest]
        response = client.post(reverse("customers:create"), same | {"honorific": "様", "is_another_person": "on"})
        assert response.status_code == 302
        assert Customer.objects.count() == 2

    @pytest.mark.parametrize(
        ("prefix", "typed"),
        [
            ("", {"name": "渡辺 健一様", "kana": "ﾜﾀﾅﾍﾞ ｹﾝｲﾁ"}),
            ("", {"name": "佐", "phone_0": "０９０００００１４８２"}),
            ("person-new", {"person-new-name": "渡邉　健一", "person-new-is_another_person": "on"}),
        ],
    )
    def test_a_likely_twin_is_told_while_it_is_typed(self, client, venue, guest, prefix, typed):
        """With the answer that it is somebody else, so that one save is enough; what is told is noted."""
        user = signed_in(client, "floor", venue)
        url = reverse("customers:same") + (f"?prefix={prefix}" if prefix else "")
        told = client.post(url, typed).content.decode()
        assert reverse("customers:card", args=[guest.pk]) in told
        assert f'name="{prefix}{"-" if prefix else ""}is_another_person"' in told
        assert ("checked" in told) == (f"{prefix}-is_another_person" in typed)
        assert AuditEntry.objects.filter(action="searched", actor=user).exists()
        assert Customer.objects.count() == 1

    @pytest.mark.parametrize(
        ("typed", "is_told"),
        [
            # As the form stands when it is opened: the brother of the same name and number is no news.
            ({}, False),
            ({"title": "会長"}, False),
            ({"name": ""}, False),
            ({"phone_0": "０９０-０００0-1482", "phone_1": ""}, False),
            ({"name": "佐伯 徹", "kana": "サエキ トオル"}, True),
            ({"phone_1": "075 000 0100"}, True),
            # A row that the page added.
            ({"phone_2": "075-000-0100"}, True),
            ({"email": "Saeki@EXAMPLE.com"}, True),
            ({"email": "someone.else@example.com"}, False),
        ],
    )
    def test_a_likely_twin_is_told_while_a_guest_is_changed(self, client, venue, guest, typed, is_told):
        """By what is new: never the guest, never what stood on the card; the save says the same."""
        CustomerFactory.create(name=guest.name, kana=guest.kana, phones=["090-0000-1482"], email="")
        twin = CustomerFactory.create(
            name="佐伯 徹", kana="サエキ トオル", phones=["075-000-0100"], email="saeki@example.com", known_at=[venue]
        )
        signed_in(client, "floor", venue)
        opened = edit_values(client, guest)
        told = client.post(reverse("customers:same_as", args=[guest.pk]), opened | typed)
        assert told.status_code == 200
        assert list(told.context["guests"]) == ([twin] if is_told else [])
        saved = client.post(reverse("customers:edit", args=[guest.pk]), opened | typed)
        assert saved.status_code == (422 if is_told else 302) or typed == {"name": ""}
        if is_told:
            assert saved.context["form"].same == [twin]

    def test_who_may_not_change_a_guest_is_told_nothing_while_typing(self, client, venue, guest):
        url = reverse("customers:same_as", args=[guest.pk])
        signed_in(client, "kitchen", venue)
        assert client.post(url, {"name": "佐伯 徹"}).status_code == 403
        signed_in(client, "floor", venue)
        assert client.get(url).status_code == 405
        Customer.objects.filter(pk=guest.pk).update(is_confidential=True)
        assert client.post(url, {"name": "佐伯 徹"}).status_code == 404

    def test_nobody_is_told_of_while_nothing_fits(self, client, venue, guest):
        signed_in(client, "floor", venue)
        url = reverse("customers:same")
        for typed in ({}, {"name": "", "phone_0": "\x00"}, {"name": "森 一郎", "kana": "モリ イチロウ"}):
            assert client.post(url, typed).content.decode().strip() == ""
        assert client.post(url + "?prefix=%22%3E", {"name": "x"}).status_code == 400
        Customer.objects.filter(pk=guest.pk).update(is_confidential=True)
        assert client.post(url, {"name": guest.name, "kana": guest.kana}).content.decode().strip() == ""
        signed_in(client, "kitchen", venue)
        assert client.post(url, {"name": guest.name}).status_code == 403

    def test_changing_is_for_those_who_may(self, client, venue, guest):
        """The kitchen reads; 403 at every form."""
        signed_in(client, "kitchen", venue)
        for url in [
            reverse("customers:create"),
            reverse("customers:quick_create"),
            *(reverse(f"customers:{name}", args=[guest.pk]) for name in ("edit", "allergies")),
        ]:
            assert client.get(url).status_code == 403

    def test_unchanged_form_changes_nothing(self, client, venue, guest):
        """Opening and saving leaves no trace but the look."""
        signed_in(client, "floor", venue)
        response = client.post(reverse("customers:edit", args=[guest.pk]), edit_values(client, guest))
        assert response.status_code == 302
        guest.refresh_from_db()
        assert guest.version == 1
        assert not AuditEntry.objects.filter(action=Action.CHANGED, subject_type="customers.customer").exists()

    def test_two_people_change_different_things(self, client, venue, guest):
        """Both stay."""
        signed_in(client, "floor", venue)
        opened = edit_values(client, guest)
        client.post(reverse("customers:edit", args=[guest.pk]), opened | {"title": "専務取締役"})
        response = client.post(reverse("customers:edit", args=[guest.pk]), opened | {"likes": "炭火焼"})
        assert response.status_code == 302
        guest.refresh_from_db()
        assert (guest.title, guest.likes, guest.version) == ("専務取締役", "炭火焼", 3)

    def test_two_people_change_the_same_thing(self, client, venue, guest):
        """Both writings are shown, the typing stays, the second save counts."""
        signed_in(client, "floor", venue)
        opened = edit_values(client, guest)
        client.post(reverse("customers:edit", args=[guest.pk]), opened | {"title": "専務取締役", "department": "本社"})
        mine = opened | {"title": "常務取締役", "likes": "炭火焼"}
        response = client.post(reverse("customers:edit", args=[guest.pk]), mine)
        assert response.status_code == 422
        assert [(line.before, line.theirs, line.mine) for line in response.context["conflict"].lines] == [
            ("取締役営業本部長", "専務取締役", "常務取締役")
        ]
        guest.refresh_from_db()
        assert (guest.title, guest.likes) == ("専務取締役", "ぬる燗")
        form = response.context["form"]
        assert (form["title"].value(), form["likes"].value(), form["department"].value()) == (
            "常務取締役",
            "炭火焼",
            "本社",
        )
        again = {name: form[name].value() or "" for name in form.fields if name != "is_another_person"}
        assert client.post(reverse("customers:edit", args=[guest.pk]), again).status_code == 302
        guest.refresh_from_db()
        assert (guest.title, guest.likes, guest.department) == ("常務取締役", "炭火焼", "本社")

    def test_allergies_are_asked_listed_and_kept(self, client, venue, guest):
        """State, list, who answered; the state and the list agree."""
        signed_in(client, "floor", venue)
        url = reverse("customers:allergies", args=[guest.pk])
        crab, shrimp = Allergen.objects.get(code="crab"), Allergen.objects.get(code="shrimp")
        values = {
            "version": 1, "state": "listed", "answered_by": "秘書 佐藤様", "asked_how": "phone", "asked_on": "2026/11/20",
            f"severity_{crab.pk}": "severe", f"note_{crab.pk}": "煮汁も不可", f"severity_{shrimp.pk}": "",
        }  # fmt: skip
        assert client.post(url, values | {"state": "none"}).status_code == 422
        assert client.post(url, values | {f"severity_{crab.pk}": ""}).status_code == 422
        assert client.post(url, values).status_code == 302
        guest.refresh_from_db()
        assert [(allergy.allergen.code, allergy.severity, allergy.note) for allergy in guest.allergies.all()] == [
            ("crab", "severe", "煮汁も不可")
        ]
        assert (guest.allergy_answered_by, guest.allergy_asked_how, guest.version) == ("秘書 佐藤様", "phone", 2)
        stale = client.post(url, values | {"answered_by": "ご本人"})
        assert stale.status_code == 422
        assert stale.context["form"]["answered_by"].value() == "ご本人"
        guest.refresh_from_db()
        assert guest.allergy_answered_by == "秘書 佐藤様"


class TestPicking:
    """Choosing a guest inside another form."""

    def test_typing_gives_radio_buttons(self, client, venue, guest):
        """Named like the picker, with what harms the guest."""
        signed_in(client, "floor", venue)
        html = client.get(reverse("customers:pick"), {"name": "host", "host-q": "わた"}, headers=HTMX).content.decode()
        assert f'name="host" value="{guest.pk}"' in html
        assert "えび" in html
        assert client.get(reverse("customers:pick"), {"name": '"><script>'}).status_code == 400

    def test_kitchen_and_strangers_pick_nobody(self, client, venue):
        """Only who fills in forms."""
        signed_in(client, "kitchen", venue)
        assert client.get(reverse("customers:pick")).status_code == 403
        client.force_login(UserFactory.create())
        assert client.get(reverse("customers:pick")).status_code == 403

    def test_quick_guest_by_htmx_is_chosen_at_once(self, client, venue):
        """The radio button comes back checked, the fields blank."""
        signed_in(client, "floor", venue)
        values = {"guest-new-name": "林 花", "guest-new-kana": "はやし はな", "guest-new-phone": "075-000-0100"}
        html = client.post(reverse("customers:quick_create"), values, headers=HTMX).content.decode()
        made = Customer.objects.get()
        assert f'name="guest" value="{made.pk}" checked' in html
        assert 'hx-swap-oob="true"' in html
        wrong = client.post(reverse("customers:quick_create"), values | {"guest-new-kana": ""}, headers=HTMX)
        assert (wrong.status_code, wrong["HX-Retarget"]) == (422, "#guest-quick")

    def test_a_quick_guest_keeps_the_honorific_that_was_typed_behind_the_name(self, client, venue):
        """As how the guest is addressed; a Latin name needs no kana."""
        signed_in(client, "floor", venue)
        for name, kana in (("田中 先生", "タナカ"), ("John Smith", "")):
            sent = {"guest-new-name": name, "guest-new-kana": kana, "guest-new-seen": [f"guest-new-name={name}"]}
            client.post(reverse("customers:quick_create"), sent, headers=HTMX)
        assert list(Customer.objects.order_by("pk").values_list("name", "honorific")) == [
            ("田中", "先生"),
            ("John Smith", "様"),
        ]

    @pytest.mark.parametrize("headers", [HTMX, {}])
    def test_what_is_changed_of_a_quick_guest_is_shown_once_before_it_is_kept(self, client, venue, headers):
        """As at the whole card; what was typed stays, and the answer goes along."""
        signed_in(client, "floor", venue)
        sent = {"guest-new-name": "田中 先生", "guest-new-kana": "tanaka", "guest-new-phone": "750000100"}
        shown = client.post(reverse("customers:quick_create"), sent, headers=headers)
        form = shown.context["form"]
        assert (shown.status_code, list(form.errors)) == (422, ["name", "kana", "phone"])
        html = shown.content.decode()
        assert "タナカ" in html
        assert [form[name].value() for name in ("name", "kana", "phone")] == list(sent.values())
        assert not Customer.objects.exists()
        for seen in form.shown:
            assert f'name="guest-new-seen" value="{seen}"' in html
        # Another name than the one that was seen is shown again; the rest is not.
        other = sent | {"guest-new-name": "中田様", "guest-new-seen": form.shown}
        again = client.post(reverse("customers:quick_create"), other, headers=headers)
        assert list(again.context["form"].errors) == ["name"]
        kept = client.post(reverse("customers:quick_create"), sent | {"guest-new-seen": form.shown}, headers=headers)
        assert kept.status_code == (200 if headers else 302)
        guest = Customer.objects.get()
        assert (guest.name, guest.honorific, guest.kana) == ("田中", "先生", "タナカ")
        assert guest.phones.get().written == "075-000-0100"

    def test_quick_guest_without_javascript(self, client, venue):
        """A page, a post, a card."""
        signed_in(client, "floor", venue)
        assert client.get(reverse("customers:quick_create")).status_code == 200
        values = {"guest-new-name": "林 花", "guest-new-kana": "はやし はな"}
        response = client.post(reverse("customers:quick_create"), values)
        assert response.url == reverse("customers:card", args=[Customer.objects.get().pk])


class TestCompany:
    """A company's page."""

    def test_guests_of_the_company_whom_the_person_may_open(self, client, venue, guest):
        """No others; the look is noted."""
        CustomerFactory.create(name="他社 花")
        signed_in(client, "floor", venue)
        response = client.get(reverse("customers:company", args=[guest.company_id]))
        assert [line.pk for line in response.context["page"].rows] == [guest.pk]
        assert AuditEntry.objects.filter(action=Action.VIEWED, subject_type="customers.company").count() == 1

    def test_strangers_find_no_guests(self, client, guest):
        """Who works nowhere reads no names."""
        client.force_login(UserFactory.create())
        assert client.get(reverse("customers:company", args=[guest.company_id])).status_code == 404

    @pytest.mark.parametrize("count", [1, 3])
    def test_queries_do_not_grow(self, client, venue, django_assert_num_queries, own_panels, count):
        """With one or three guests."""
        signed_in(client, "floor", venue)
        company = CompanyFactory.create()
        for _number in range(count):
            CustomerFactory.create(company=company, rank=RankFactory.create(), allergic_to=["egg"])
        client.get(reverse("customers:company", args=[company.pk]))
        with django_assert_num_queries(14):
            client.get(reverse("customers:company", args=[company.pk]))

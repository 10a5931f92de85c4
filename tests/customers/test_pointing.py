"""The pointing card: what a guest showed with a finger becomes the answer."""

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_project.core.allergens.models import Allergen, AllergenList
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from customers.models import Allergy, GuestDiet
from customers.services import AllergyInput, change_customer, set_allergies
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue():
    """The shop of these tests."""
    return VenueFactory.create()


@pytest.fixture
def floor(client, venue):
    """Who asks, signed in."""
    user = person("floor", venue)
    client.force_login(user)
    return user


@pytest.fixture
def guest(venue):
    """Somebody whose shrimp allergy is known, and that broth is fine."""
    guest = CustomerFactory.create(name="John Smith", kana="", language="en", known_at=[venue], allergic_to=["shrimp"])
    Allergy.objects.filter(customer=guest).update(severity="trace_ok", note="出汁は可")
    GuestDiet.objects.create(customer=guest, rule="halal", note="豚のみ")
    return guest


def pointed(client, guest, *codes, **ticks):
    """Send the card with these allergens ticked."""
    form = client.get(reverse("customers:point", args=[guest.pk])).context["form"]
    sent = {name: form[name].value() for name in ("version", "opened_with")}
    sent |= {f"allergen_{Allergen.objects.get(code=code).pk}": "on" for code in codes}
    return client.post(reverse("customers:point", args=[guest.pk]), sent | ticks)


def test_the_card_shows_the_legal_list_of_today_in_both_languages(client, floor):
    """Every item of the law, and every diet rule."""
    html = client.get(reverse("customers:pointing")).content.decode()
    today = AllergenList.objects.in_force(timezone.localdate())
    for item in today.items.select_related("allergen"):
        assert f'<span lang="ja">{item.allergen.name_ja}</span><span lang="en">{item.allergen.name_en}</span>' in html
    assert '<span lang="en">Gluten-free</span>' in html


def test_what_the_guest_pointed_at_becomes_the_answer(client, floor, guest):
    """What was known keeps how bad it is; the new one is to be avoided; asked in person, today."""
    response = pointed(client, guest, "shrimp", "crab", diet_halal="on", diet_nothing_raw="on", other="甲殻類の粉も")
    assert response.url == reverse("customers:card", args=[guest.pk])
    guest.refresh_from_db()
    assert sorted((each.allergen.code, each.severity, each.note) for each in guest.allergies.all()) == [
        ("crab", "moderate", ""),
        ("shrimp", "trace_ok", "出汁は可"),
    ]
    assert (guest.allergy_asked_how, guest.allergy_asked_on, guest.allergy_note) == (
        "in_person",
        timezone.localdate(),
        "甲殻類の粉も",
    )
    assert [(each.rule, each.note) for each in guest.diets.all()] == [("halal", "豚のみ"), ("nothing_raw", "")]


def test_traces_make_the_new_ones_severe(client, floor, guest):
    """Those that were known stay as somebody asked before."""
    pointed(client, guest, "shrimp", "egg", traces_harm="on")
    assert {each.allergen.code: each.severity for each in guest.allergies.all()} == {
        "shrimp": "trace_ok",
        "egg": "severe",
    }


def test_no_allergies_is_an_answer(client, floor, guest):
    """And takes away what was known."""
    pointed(client, guest, has_none="on")
    guest.refresh_from_db()
    assert (guest.allergy_state, guest.allergies.count(), guest.diets.count()) == ("none", 0, 0)


@pytest.mark.parametrize(
    ("codes", "ticks"),
    [([], {}), (["crab"], {"has_none": "on"}), ([], {"other": "キウイ"}), ([], {"has_none": "on", "other": "キウイ"})],
)
def test_an_answer_that_says_nothing_or_two_things_is_refused(client, floor, guest, codes, ticks):
    """Nothing is written."""
    assert pointed(client, guest, *codes, **ticks).status_code == 422
    guest.refresh_from_db()
    assert guest.version == 1


def test_diet_rules_alone_leave_the_allergies_as_they_are(client, floor):
    """Not asked stays not asked."""
    guest = CustomerFactory.create()
    pointed(client, guest, diet_vegan="on")
    guest.refresh_from_db()
    assert (guest.allergy_state, [each.rule for each in guest.diets.all()]) == ("not_asked", ["vegan"])


@pytest.mark.parametrize("what", ["allergies", "diets"])
def test_somebody_else_answered_meanwhile(client, floor, guest, what):
    """Nothing is mixed: the card shows what stands, and the guest points again."""
    opened = client.get(reverse("customers:point", args=[guest.pk])).context["form"]
    sent = {name: opened[name].value() for name in ("version", "opened_with")}
    if what == "allergies":
        set_allergies(customer=guest, by=floor, state="none")
    else:
        change_customer(customer=guest, by=floor, version=1, diets=["kosher"])
    shrimp = Allergen.objects.get(code="shrimp")
    response = client.post(
        reverse("customers:point", args=[guest.pk]), sent | {f"allergen_{shrimp.pk}": "on", "diet_vegan": "on"}
    )
    assert (response.status_code, response.context["is_conflict"]) == (422, True)
    assert [each.rule for each in guest.diets.all()] == (["halal"] if what == "allergies" else ["kosher"])


def test_what_somebody_else_wrote_beside_the_answer_is_no_conflict(client, floor, guest):
    """The likes were changed and an allergy made worse meanwhile: the answer is saved, and both stand."""
    opened = client.get(reverse("customers:point", args=[guest.pk])).context["form"]
    sent = {name: opened[name].value() for name in ("version", "opened_with")}
    change_customer(customer=guest, by=floor, version=1, likes="鯛")
    guest.refresh_from_db()
    shrimp, crab = (Allergen.objects.get(code=code) for code in ("shrimp", "crab"))
    set_allergies(
        customer=guest, by=floor, state=guest.allergy_state, items=[AllergyInput(shrimp, "severe", "出汁も不可")]
    )
    response = client.post(
        reverse("customers:point", args=[guest.pk]),
        sent | {f"allergen_{shrimp.pk}": "on", f"allergen_{crab.pk}": "on", "diet_halal": "on"},
    )
    assert response.status_code == 302
    guest.refresh_from_db()
    assert guest.likes == "鯛"
    assert sorted((each.allergen.code, each.severity, each.note) for each in guest.allergies.all()) == [
        ("crab", "moderate", ""),
        ("shrimp", "severe", "出汁も不可"),
    ]


def test_an_allergen_somebody_else_added_is_never_lost(client, floor, guest):
    """One that the sheet did not show as known: the guest points again."""
    opened = client.get(reverse("customers:point", args=[guest.pk])).context["form"]
    sent = {name: opened[name].value() for name in ("version", "opened_with")}
    shrimp, crab = (Allergen.objects.get(code=code) for code in ("shrimp", "crab"))
    set_allergies(
        customer=guest,
        by=floor,
        state="listed",
        items=[AllergyInput(shrimp, "trace_ok", "出汁は可"), AllergyInput(crab, "severe")],
    )
    response = client.post(
        reverse("customers:point", args=[guest.pk]), sent | {f"allergen_{shrimp.pk}": "on", "diet_halal": "on"}
    )
    assert (response.status_code, response.context["is_conflict"]) == (422, True)
    assert response.context["form"][f"allergen_{crab.pk}"].value() is True
    assert {each.allergen.code for each in guest.allergies.all()} == {"shrimp", "crab"}


def test_what_the_law_asks_for_first_stands_first(client, floor):
    """The mandatory ones in the order of the law, then the recommended ones, then the house's own."""
    form = client.get(reverse("customers:pointing")).context["form"]
    listed = AllergenList.objects.in_force(timezone.localdate()).items.select_related("allergen")
    by_class = [
        [item.allergen.name_ja for item in listed.filter(allergen_class=each).order_by("position")]
        for each in ("mandatory", "recommended")
    ]
    shown = [choice.ja for choice in form.allergens()]
    legal = [*by_class[0], *by_class[1]]
    assert shown[: len(legal)] == legal
    assert len(by_class[0]) > 1
    assert len(shown) > len(legal)


def test_who_may_show_it(client, venue, guest):
    """The floor; a look at a guest's card is noted. Neither the kitchen nor strangers."""
    url = reverse("customers:point", args=[guest.pk])
    client.force_login(person("floor", venue))
    client.get(url)
    assert AuditEntry.objects.about(guest).filter(action=Action.VIEWED).count() == 1
    for user in (person("kitchen", venue), UserFactory.create()):
        client.force_login(user)
        assert client.get(url).status_code == 403
        assert client.get(reverse("customers:pointing")).status_code == 403

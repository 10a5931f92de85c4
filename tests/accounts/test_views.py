"""The settings: only who manages the house, and nobody raises their own rights another way."""

import pytest
from django.urls import reverse

from crm_project.core.accounts.active_venue import SESSION_KEY
from crm_project.core.accounts.models import House, Membership, Role, User, Venue
from crm_project.core.accounts.services import assign_role
from crm_project.core.rights import Right
from tests.factories.accounts import PASSWORD, UserFactory, VenueFactory, person

pytestmark = pytest.mark.django_db

SETTINGS = reverse("accounts:settings")


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def admin(venue):
    return person("admin", venue)


@pytest.fixture
def managing(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def cook(venue):
    return person("kitchen", venue, display_name="板長")


def url(name: str, *args: int) -> str:
    return reverse(f"accounts:{name}", args=args)


def role(code: str) -> Role:
    return Role.objects.get(code=code)


def addresses(venue: Venue, user: User) -> dict[str, str]:
    """Every settings page of this app, by its name."""
    pages = ("house", "venues", "create_venue", "people", "create_person", "roles", "create_role")
    member = Membership.objects.filter(user=user).get()
    return {name: url(name) for name in pages} | {
        "venue": url("venue", venue.pk),
        "person": url("person", user.pk),
        "password": url("password", user.pk),
        "role": url("role", role("kitchen").pk),
        "add_role": url("add_role", user.pk),
        "set_access": url("set_access", user.pk),
        "remove_role": url("remove_role", member.pk),
    }


@pytest.mark.parametrize("code", ["floor", "manager", "okami", "kitchen", "desk", "sales", "president"])
def test_nobody_else_opens_the_settings_or_sends_to_them(client, venue, admin, cook, code):
    user = person(code, venue)
    client.force_login(user)
    before = User.objects.get(pk=user.pk).rights_by_venue
    for name, address in addresses(venue, user).items():
        assert client.get(address).status_code in (403, 405), name
        data = {"venue": venue.pk, "role": role("admin").pk, "rights": Right.values, "name": "x"}
        assert client.post(address, data).status_code in (403, 405), name
    assert User.objects.get(pk=user.pk).rights_by_venue == before


def test_the_administrator_opens_them_all(managing, venue, admin, cook):
    for name, address in addresses(venue, cook).items():
        expected = 405 if name in ("add_role", "set_access", "remove_role") else 200
        assert managing.get(address).status_code == expected, name


def test_the_index_lists_what_this_person_may_set_up(client, venue, managing):
    html = managing.get(SETTINGS).content.decode()
    for address in (url("house"), url("people"), reverse("audit:list"), reverse("jobs:list"), reverse("deals:stages")):
        assert f'href="{address}"' in html
    client.force_login(person("okami", venue))
    html = client.get(SETTINGS).content.decode()
    assert f'href="{reverse("audit:list")}"' in html
    assert f'href="{url("people")}"' not in html


def test_the_menu_leads_there_who_has_something_to_set_up(client, venue, admin):
    for code, there in [("admin", True), ("okami", True), ("floor", False)]:
        client.force_login(person(code, venue))
        assert (f'href="{SETTINGS}"' in client.get(SETTINGS).content.decode()) is there


def test_the_house(managing):
    values = {"name": "京 松風", "guest_scope": "venue", "currency": "JPY", "went_live_on": "2026-11-01"}
    assert managing.post(url("house"), values).status_code == 302
    house = House.current()
    assert (house.name, house.guest_scope, str(house.went_live_on)) == ("京 松風", "venue", "2026-11-01")
    assert managing.post(url("house"), values | {"currency": "円だと思う"}).status_code == 422
    assert "京 松風" in managing.get(url("house")).content.decode()


def test_opening_and_changing_a_venue(managing, admin):
    values = {
        "name": "木屋町店",
        "code": "kiyamachi",
        "closing_hour": 28,
        "dinner_from_hour": 16,
        "timezone": "Asia/Tokyo",
        "position": 5,
    }
    assert managing.post(url("create_venue"), values).status_code == 302
    venue = Venue.objects.get(code="kiyamachi")
    assert User.objects.get(pk=admin.pk).has_right(Right.MANAGE_HOUSE, venue)
    assert managing.post(url("venue", venue.pk), values | {"closing_hour": 40}).status_code == 422
    assert managing.post(url("venue", venue.pk), values | {"timezone": "Kyoto"}).status_code == 422
    assert managing.post(url("venue", venue.pk), values | {"closing_hour": 24}).status_code == 302
    changed = Venue.objects.get(pk=venue.pk)
    assert (changed.closing_hour, changed.dinner_from_hour) == (24, 16)


def new_person(venue, **values):
    return {
        "display_name": "井上 花",
        "kana": "いのうえ はな",
        "username": "inoue",
        "password": PASSWORD,
        "venue": venue.pk,
        "role": role("floor").pk,
    } | values


def test_somebody_new_can_sign_in(managing, client, venue):
    assert managing.post(url("create_person"), new_person(venue)).status_code == 302
    user = User.objects.get(username="inoue")
    assert user.has_right(Right.LOG_VISITS, venue)
    client.logout()
    assert client.post(reverse("account_login"), {"login": "inoue", "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize(
    ("values", "field"),
    [({"password": "short"}, "password"), ({"username": ""}, "username"), ({"display_name": ""}, "display_name")],
)
def test_what_is_missing_for_somebody_new_is_said_at_its_field(managing, venue, values, field):
    response = managing.post(url("create_person"), new_person(venue, **values))
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not User.objects.filter(username="inoue").exists()


def test_a_sign_in_name_that_is_taken_is_said(managing, venue, cook):
    response = managing.post(url("create_person"), new_person(venue, username=cook.username))
    assert "username" in response.context["form"].errors


def test_roles_are_given_and_taken(managing, venue, cook):
    managing.post(url("add_role", cook.pk), {"venue": venue.pk, "role": role("floor").pk})
    assert User.objects.get(pk=cook.pk).has_right(Right.LOG_VISITS, venue)
    managing.post(url("remove_role", Membership.objects.get(user=cook, role__code="floor").pk))
    assert not User.objects.get(pk=cook.pk).has_right(Right.LOG_VISITS)


def test_roles_are_given_at_one_s_own_venues_only(managing, admin, cook):
    elsewhere = VenueFactory.create()
    response = managing.post(url("add_role", admin.pk), {"venue": elsewhere.pk, "role": role("admin").pk})
    assert response.status_code == 422
    assert User.objects.get(pk=admin.pk).venues_with(Right.MANAGE_HOUSE) == list(admin.rights_by_venue)
    member = Membership.objects.get(user=person("floor", elsewhere))
    assert managing.post(url("remove_role", member.pk)).status_code == 403


def test_the_last_who_manages_is_told_so(managing, venue, admin):
    member = Membership.objects.get(user=admin)
    for address, data in [(url("remove_role", member.pk), {}), (url("set_access", admin.pk), {"access": "close"})]:
        response = managing.post(address, data, follow=True)
        assert len(list(response.context["messages"])) == 1
    response = managing.post(url("role", role("admin").pk), {"name": "管理", "start_page": "settings", "rights": []})
    assert response.status_code == 422
    assert User.objects.get(pk=admin.pk).has_right(Right.MANAGE_HOUSE, venue)


def test_closing_and_opening_the_access(managing, cook):
    managing.post(url("set_access", cook.pk), {"access": "close"})
    assert not User.objects.get(pk=cook.pk).is_active
    managing.post(url("set_access", cook.pk), {"access": "open"})
    assert User.objects.get(pk=cook.pk).is_active


def test_a_new_initial_password(managing, cook):
    assert managing.post(url("password", cook.pk), {"password": "short"}).status_code == 422
    assert managing.post(url("password", cook.pk), {"password": "another-long-one-7"}).status_code == 302
    assert User.objects.get(pk=cook.pk).check_password("another-long-one-7")


@pytest.mark.parametrize("name", ["person", "password", "set_access"])
def test_nobody_takes_over_the_sign_in_of_another_venue_s_people(managing, admin, name):
    elsewhere = person("president", VenueFactory.create())
    owner = UserFactory.create(is_superuser=True)
    for target in (elsewhere, owner):
        address = reverse(f"accounts:{name}", args=[target.pk])
        assert managing.post(address, {"password": "a-new-sign-in-word", "username": "mine"}).status_code == 403
        page = managing.get(reverse("accounts:person", args=[target.pk])).content.decode()
        assert reverse("accounts:password", args=[target.pk]) not in page
    admin_of_both = admin.memberships.get().role
    assign_role(user=admin, venue=elsewhere.memberships.get().venue, role=admin_of_both, by=User.objects.system())
    assert managing.post(reverse("accounts:set_access", args=[elsewhere.pk]), {"access": "close"}).status_code == 302


def test_the_system_user_is_nobody_s_to_change(managing):
    system = User.objects.system()
    for name in ("person", "password"):
        assert managing.get(url(name, system.pk)).status_code == 404
    assert managing.post(url("set_access", system.pk), {"access": "open"}).status_code == 404
    assert system not in managing.get(url("people")).context["page"].rows


def test_a_role_of_the_house_s_own_and_its_start_page(managing):
    values = {"name": "下足番", "start_page": "dashboard", "rights": ["view_notes"]}
    response = managing.post(url("create_role"), values)
    assert "start_page" in response.context["form"].errors
    assert managing.post(url("create_role"), values | {"start_page": "today"}).status_code == 302
    made = Role.objects.get(name="下足番")
    assert (made.rights, made.code) == (["view_notes"], "role")
    managing.post(url("role", made.pk), values | {"start_page": "today", "rights": ["view_notes", "log_visits"]})
    assert Role.objects.get(pk=made.pk).rights == ["view_notes", "log_visits"]


def test_who_manages_one_venue_of_several_reads_a_role_and_does_not_change_it(client, venue, admin, cook):
    elsewhere = VenueFactory.create()
    owner = person("admin", elsewhere)
    address, before = url("role", role("floor").pk), role("floor").rights
    values = {"name": "x", "start_page": "today", "rights": Right.values}
    client.force_login(admin)
    page = client.get(address)
    assert page.status_code == 200
    assert all(field.field.disabled for field in page.context["form"])
    assert "data-guard-unsaved" not in page.content.decode()
    assert client.post(address, values).status_code == 403
    assert client.post(address).status_code == 403
    assert (role("floor").rights, role("floor").name != "x") == (before, True)
    assign_role(user=owner, venue=venue, role=role("admin"), by=User.objects.system())
    client.force_login(owner)
    assert "data-guard-unsaved" in client.get(address).content.decode()
    assert client.post(address, values).status_code == 302
    assert role("floor").rights == Right.values


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_people(managing, venue, count, django_assert_num_queries):
    for _ in range(count):
        person("floor", venue)
    with django_assert_num_queries(9):
        managing.get(url("people"))


@pytest.mark.parametrize("name", ["venues", "roles"])
def test_queries_of_venues_and_roles(managing, name, django_assert_num_queries):
    VenueFactory.create_batch(3)
    with django_assert_num_queries(7):
        managing.get(url(name))


# The venue worked at


def test_working_at_another_of_one_s_venues(client, venue):
    other, foreign = VenueFactory.create(), VenueFactory.create()
    user = person("floor", venue)
    Membership.objects.create(user=user, venue=other, role=role("floor"))
    client.force_login(user)
    for chosen, expected in [(other.pk, other.pk), (foreign.pk, other.pk), ("x", other.pk), (venue.pk, venue.pk)]:
        assert client.post(url("switch_venue"), {"venue": chosen}).status_code == 302
        assert client.session[SESSION_KEY] == expected


@pytest.mark.parametrize(
    ("code", "page"),
    [
        ("floor", "visits:today"),
        ("manager", "comments:unanswered"),
        ("kitchen", "visits:kitchen"),
        ("desk", "customers:list"),
        ("sales", "deals:board"),
        ("admin", "accounts:settings"),
        ("president", "reports:dashboard"),
    ],
)
def test_everybody_lands_on_their_own_page(client, venue, code, page):
    client.force_login(person(code, venue))
    assert client.get("/").url == reverse(page)


def test_somebody_who_works_nowhere_lands_somewhere(client):
    client.force_login(UserFactory.create())
    assert client.get("/").status_code == 302

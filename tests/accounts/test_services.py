"""Rights follow roles at once, and somebody always can manage the house."""

import pytest
from django.core.exceptions import ValidationError

from crm_project.core.accounts.choices import GuestScope
from crm_project.core.accounts.models import House, Membership, Role, User, Venue
from crm_project.core.accounts.roles import SHIPPED_ROLES
from crm_project.core.accounts.services import (
    NobodyManages,
    assign_role,
    change_house,
    change_person,
    change_role,
    change_venue,
    create_person,
    create_role,
    create_shipped_roles,
    create_venue,
    deactivate_person,
    reactivate_person,
    remove_role,
    set_initial_password,
)
from crm_project.core.audit.models import AuditEntry
from crm_project.core.rights import Right
from tests.factories.accounts import PASSWORD, UserFactory, VenueFactory, person

pytestmark = pytest.mark.django_db


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def admin(venue):
    return person("admin", venue)


def role(code: str) -> Role:
    return Role.objects.get(code=code)


def test_a_new_house_has_its_roles_in_japanese():
    assert list(Role.objects.values_list("code", "name")) == [
        (shipped.code, shipped.name_ja) for shipped in SHIPPED_ROLES
    ]
    Role.objects.filter(code="sales").delete()
    create_shipped_roles()
    assert not Role.objects.filter(code="sales").exists()


def test_rights_are_held_at_the_venue_of_the_role(venue):
    other = VenueFactory.create()
    user = person("floor", venue)
    assert user.has_right(Right.LOG_VISITS, venue)
    assert user.has_right(Right.LOG_VISITS)
    assert not user.has_right(Right.LOG_VISITS, other)
    assert not user.has_right(Right.VIEW_MONEY)
    assert user.venues_with(Right.LOG_VISITS) == [venue.pk]


def test_two_roles_are_the_union_and_taking_one_leaves_the_other(venue, admin):
    user = person("floor", venue)
    assign_role(user=user, venue=venue, role=role("kitchen"), by=admin)
    assert fresh(user).has_right(Right.EDIT_MENUS)
    remove_role(membership=Membership.objects.get(user=user, role__code="floor"), by=admin)
    held = fresh(user)
    assert held.has_right(Right.EDIT_MENUS)
    assert not held.has_right(Right.LOG_VISITS)


def test_a_role_that_changes_changes_for_everybody(venue, admin):
    cook, elsewhere = person("kitchen", venue), person("kitchen")
    change_role(role=role("kitchen"), by=admin, rights=[Right.EDIT_MENUS, Right.VIEW_NOTES])
    assert fresh(cook).has_right(Right.VIEW_NOTES)
    assert fresh(elsewhere).has_right(Right.VIEW_NOTES)
    change_role(role=role("kitchen"), by=admin, rights=[])
    assert fresh(cook).rights_by_venue == {}
    changes = [entry.changes for entry in AuditEntry.objects.filter(subject_type="accounts.role").order_by("pk")]
    assert changes == [
        {"rights": [["edit_menus"], ["edit_menus", "view_notes"]]},
        {"rights": [["edit_menus", "view_notes"], []]},
    ]


def test_somebody_without_access_holds_nothing(venue):
    user = person("admin", venue)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not fresh(user).has_right(Right.MANAGE_HOUSE)


def test_the_last_who_manages_stays(venue, admin):
    membership = Membership.objects.get(user=admin)
    for change in (
        lambda: remove_role(membership=membership, by=admin),
        lambda: deactivate_person(user=fresh(admin), by=admin),
        lambda: change_role(role=role("admin"), by=admin, rights=[Right.VIEW_AUDIT]),
    ):
        with pytest.raises(NobodyManages):
            change()
        assert fresh(admin).has_right(Right.MANAGE_HOUSE, venue)


def test_one_who_manages_may_go_when_another_stays(venue, admin):
    other = person("admin", venue)
    remove_role(membership=Membership.objects.get(user=admin), by=other)
    assert not fresh(admin).has_right(Right.MANAGE_HOUSE)


def test_one_who_manages_elsewhere_does_not_count(venue, admin):
    person("admin")
    with pytest.raises(NobodyManages):
        deactivate_person(user=admin, by=admin)


def test_a_superuser_can_always_manage(venue, admin):
    UserFactory.create(is_superuser=True)
    remove_role(membership=Membership.objects.get(user=admin), by=admin)


def test_a_venue_is_managed_by_who_opens_it(admin):
    venue = create_venue(by=admin, code="kiyamachi", name="木屋町", closing_hour=28, timezone="Asia/Tokyo")
    assert fresh(admin).has_right(Right.MANAGE_HOUSE, venue)
    change_venue(venue=venue, by=admin, closing_hour=27)
    assert Venue.objects.get(pk=venue.pk).closing_hour == 27
    assert AuditEntry.objects.about(venue)[0].changes == {"closing_hour": [28, 27]}


@pytest.mark.parametrize("hour", [17, 31])
def test_a_closing_hour_nobody_keeps_is_refused(venue, admin, hour):
    with pytest.raises(ValidationError):
        change_venue(venue=venue, by=admin, closing_hour=hour)


def test_a_person_with_a_first_password(admin):
    user = create_person(by=admin, username="inoue", display_name="井上", kana="イノウエ", password=PASSWORD)
    assert user.check_password(PASSWORD)
    assert PASSWORD not in str([entry.changes for entry in AuditEntry.objects.all()])
    set_initial_password(user=user, by=admin, password="another-long-one-7")
    assert fresh(user).check_password("another-long-one-7")
    assert "another" not in str([entry.changes for entry in AuditEntry.objects.all()])


@pytest.mark.parametrize("password", ["short", "password123456"[:10], ""])
def test_a_weak_password_is_refused(admin, password):
    with pytest.raises(ValidationError) as refused:
        create_person(by=admin, username="inoue", display_name="井上", password=password)
    assert "password" in refused.value.error_dict
    assert not User.objects.filter(username="inoue").exists()


def test_a_sign_in_name_is_one_person(admin):
    with pytest.raises(ValidationError):
        create_person(by=admin, username=admin.username, display_name="井上", password=PASSWORD)


def test_a_person_changes_their_name(admin):
    user = UserFactory.create(display_name="井上")
    change_person(user=user, by=admin, display_name="井上 花", kana="")
    assert AuditEntry.objects.about(user).get().changes == {"display_name": ["井上", "井上 花"]}


def test_closing_the_access_ends_the_sessions_for_good(client, venue, admin):
    user = person("floor", venue)
    client.force_login(user)
    assert client.get("/settings/").status_code == 200
    deactivate_person(user=user, by=admin)
    assert client.get("/settings/").status_code == 302
    reactivate_person(user=fresh(user), by=admin)
    assert client.get("/settings/").status_code == 302
    client.force_login(fresh(user))
    assert client.get("/settings/").status_code == 200


def test_closing_one_access_leaves_the_others_signed_in(client, venue, admin):
    client.force_login(admin)
    deactivate_person(user=person("floor", venue), by=admin)
    assert client.get("/settings/").status_code == 200


def test_a_new_password_ends_the_sessions(client, venue, admin):
    user = person("floor", venue)
    client.force_login(user)
    set_initial_password(user=user, by=admin, password="another-long-one-7")
    assert client.get("/settings/").status_code == 302


def test_a_role_of_the_house_s_own(admin):
    made = create_role(code="doorman", by=admin, name="下足番", rights=[Right.VIEW_NOTES], start_page="today")
    assert Role.objects.last() == made
    assert AuditEntry.objects.about(made).count() == 1


def test_the_house_changes_its_decisions(admin):
    change_house(by=admin, name="京 松風", guest_scope=GuestScope.VENUE)
    assert (House.current().name, House.current().guest_scope) == ("京 松風", "venue")
    change_house(by=admin, name="京 松風")
    assert AuditEntry.objects.filter(subject_type="accounts.house").count() == 1

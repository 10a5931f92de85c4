"""Who works where, as what."""

from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from guardian.models import UserObjectPermission

from crm_project.core.accounts.models import House, Membership, Role, User, Venue
from crm_project.core.accounts.roles import SHIPPED_ROLES
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record, snapshot
from crm_project.core.rights import Right


@transaction.atomic
def create_shipped_roles() -> None:
    """Make the house and its first roles while it has none; roles that the house removed stay removed."""
    House.current()
    if Role.objects.exists():
        return
    for position, shipped in enumerate(SHIPPED_ROLES):
        Role.objects.create(
            code=shipped.code,
            name=shipped.name_ja,
            rights=[right.value for right in shipped.rights],
            start_page=shipped.start_page,
            position=position,
        )


@transaction.atomic
def assign_role(*, user: User, venue: Venue, role: Role, by: Any) -> Membership:
    """Let the person work at the venue in the role; the rights follow at once."""
    membership, made = Membership.objects.get_or_create(user=user, venue=venue, role=role)
    if made:
        record(by=by, action=Action.CHANGED, subject=user, changes={"role": [None, f"{venue.code}: {role.name}"]})
    sync_rights(user=user, venue=venue)
    return membership


@transaction.atomic
def remove_role(*, membership: Membership, by: Any) -> None:
    """Take the role away; the rights follow at once."""
    user, venue = membership.user, membership.venue
    record(by=by, action=Action.CHANGED, subject=user, changes={"role": [f"{venue.code}: {membership.role.name}", None]})
    membership.delete()
    sync_rights(user=user, venue=venue)


@transaction.atomic
def change_role(*, role: Role, by: Any, **values: Any) -> Role:
    """Change a role's name, rights or start page, for everybody who holds it."""
    before = snapshot(role, values)
    for name, value in values.items():
        setattr(role, name, value)
    role.full_clean()
    role.save(update_fields=list(values))
    record(by=by, action=Action.CHANGED, subject=role, changes=difference(before, snapshot(role, values)))
    for membership in role.memberships.select_related("user", "venue"):
        sync_rights(user=membership.user, venue=membership.venue)
    return role


@transaction.atomic
def change_house(*, by: Any, **values: Any) -> House:
    """Change the house's name or one of its decisions."""
    house = House.current()
    before = snapshot(house, values)
    for name, value in values.items():
        setattr(house, name, value)
    house.full_clean()
    house.save(update_fields=list(values))
    record(by=by, action=Action.CHANGED, subject=house, changes=difference(before, snapshot(house, values)))
    return house


def sync_rights(*, user: User, venue: Venue) -> None:
    """Make the guardian permissions on the venue equal to the union of the person's roles there."""
    wanted: set[str] = set()
    for rights in Membership.objects.filter(user=user, venue=venue).values_list("role__rights", flat=True):
        wanted.update(rights)
    content_type = ContentType.objects.get_for_model(Venue)
    held = UserObjectPermission.objects.filter(user=user, content_type=content_type, object_pk=str(venue.pk))
    held.exclude(permission__codename__in=wanted).delete()
    missing = wanted - set(held.values_list("permission__codename", flat=True))
    permissions = Permission.objects.filter(content_type=content_type, codename__in=missing & set(Right.values))
    UserObjectPermission.objects.bulk_create(
        UserObjectPermission(user=user, content_type=content_type, object_pk=str(venue.pk), permission=permission)
        for permission in permissions
    )
    user.__dict__.pop("rights_by_venue", None)

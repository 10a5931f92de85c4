"""The house, its venues, its people; who works where, as what."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Permission
from django.contrib.auth.password_validation import validate_password
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermission

from crm_project.core.accounts.models import (
    DeviceSignIn,
    House,
    Membership,
    QuickPin,
    Role,
    User,
    Venue,
    forget_house,
)
from crm_project.core.accounts.roles import SHIPPED_ROLES
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record, snapshot
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right

HIDDEN = "***"


class NobodyManages(InputProblem):
    """The change would leave a venue without anybody who may manage it."""


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
        record(by=by, action=Action.CHANGED, subject=user, changes={"role": [None, f"{venue}: {role.name}"]})
    sync_rights(user=user, venue=venue)
    return membership


@transaction.atomic
def remove_role(*, membership: Membership, by: Any) -> None:
    """Take the role away; the rights follow at once. Raises NobodyManages."""
    user, venue = membership.user, membership.venue
    with _somebody_still_manages():
        before = f"{venue}: {membership.role.name}"
        record(by=by, action=Action.CHANGED, subject=user, changes={"role": [before, None]})
        membership.delete()
        sync_rights(user=user, venue=venue)


@transaction.atomic
def change_role(*, role: Role, by: Any, **values: Any) -> Role:
    """Change a role's name, rights or start page, for everybody who holds it. Raises NobodyManages, ValidationError."""
    with _somebody_still_manages():
        _change(role, by=by, values=values)
        for membership in role.memberships.select_related("user", "venue"):
            sync_rights(user=membership.user, venue=membership.venue)
    return role


@transaction.atomic
def create_role(*, code: str, by: Any, **values: Any) -> Role:
    """Add a role of the house's own, behind the others. Raises ValidationError."""
    role = Role(code=code, position=Role.objects.count(), **values)
    role.full_clean()
    role.save(force_insert=True)
    _record_creation(role, by=by, names=values)
    return role


@transaction.atomic
def change_house(*, by: Any, **values: Any) -> House:
    """Change the house's name or one of its decisions. Raises ValidationError."""
    house = House.current()
    _change(house, by=by, values=values)
    forget_house()
    return house


@transaction.atomic
def create_venue(*, by: User, **values: Any) -> Venue:
    """Open a venue; whoever opens it manages it, in the roles that manage the other venues. Raises ValidationError."""
    venue = Venue(**values)
    venue.full_clean()
    venue.save(force_insert=True)
    _record_creation(venue, by=by, names=values)
    held = Role.objects.filter(memberships__user=by).distinct()
    for role in held:
        if Right.MANAGE_HOUSE in role.rights:
            assign_role(user=by, venue=venue, role=role, by=by)
    return venue


@transaction.atomic
def change_venue(*, venue: Venue, by: Any, **values: Any) -> Venue:
    """Change a venue's name, closing hour or time zone; days already recorded stay. Raises ValidationError."""
    _change(venue, by=by, values=values)
    return venue


@transaction.atomic
def create_person(*, by: Any, username: str, password: str, **values: Any) -> User:
    """Add somebody with an initial password; roles follow with `assign_role`. Raises ValidationError."""
    user = User(username=username, **values)
    user.set_password(password)
    user.full_clean()
    _check_password(password, user)
    user.save(force_insert=True)
    _record_creation(user, by=by, names=["username", *values])
    return user


@transaction.atomic
def change_person(*, user: User, by: Any, **values: Any) -> User:
    """Change a person's name, reading, sign-in name or address for mail. Raises ValidationError."""
    _change(user, by=by, values=values)
    return user


@transaction.atomic
def set_initial_password(*, user: User, by: Any, password: str) -> None:
    """Give somebody a new initial password; whoever is signed in as them is signed out. Raises ValidationError."""
    _check_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    record(by=by, action=Action.CHANGED, subject=user, changes={"password": [HIDDEN, HIDDEN]})


@transaction.atomic
def deactivate_person(*, user: User, by: Any) -> None:
    """Close somebody's access; their sessions end now, what they wrote stays. Raises NobodyManages."""
    with _somebody_still_manages():
        _change(user, by=by, values={"is_active": False})
    _end_sessions(user)


def manages_all_venues_of(by: User, person: User) -> bool:
    """Whether one may change sign-in and access of a person, which open every venue where the person works."""
    return by.is_superuser or (
        not person.is_superuser and set(person.venue_ids) <= set(by.venues_with(Right.MANAGE_HOUSE))
    )


@transaction.atomic
def let_go(*, user: User, by: User) -> None:
    """Somebody leaves the house: roles, loans, PIN and sessions end now, the access is closed; what they wrote stays.

    Raises PermissionDenied for who does not manage every venue where the person works, NobodyManages.
    """
    if not manages_all_venues_of(by, user):
        raise PermissionDenied
    with _somebody_still_manages():
        memberships = list(user.memberships.select_related("venue", "role"))
        for membership in memberships:
            before = f"{membership.venue}: {membership.role.name}"
            record(by=by, action=Action.CHANGED, subject=user, changes={"role": [before, None]})
        user.memberships.all().delete()
        for venue in {membership.venue for membership in memberships}:
            sync_rights(user=user, venue=venue)
        now = timezone.now()
        user.loans.filter(starts_at__gte=now).delete()
        user.loans.filter(ends_at__gt=now).update(ends_at=now)
        QuickPin.objects.filter(user=user).delete()
        DeviceSignIn.objects.filter(user=user).delete()
        _change(user, by=by, values={"is_active": False})
    _end_sessions(user)


@transaction.atomic
def reactivate_person(*, user: User, by: Any) -> None:
    """Open somebody's access again, in the roles they had."""
    _change(user, by=by, values={"is_active": True})


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
    user.forget_rights()


@transaction.atomic
def sync_all_rights() -> None:
    """Make the permissions of everybody equal to their roles: after a migration that adds a right to roles."""
    held: dict[tuple[int, str], set[str]] = {}
    content_type = ContentType.objects.get_for_model(Venue)
    permissions = UserObjectPermission.objects.filter(content_type=content_type)
    for user_id, venue_pk, codename in permissions.values_list("user_id", "object_pk", "permission__codename"):
        held.setdefault((user_id, venue_pk), set()).add(codename)
    wanted: dict[tuple[int, str], set[str]] = {}
    for user_id, venue_id, rights in Membership.objects.values_list("user_id", "venue_id", "role__rights"):
        wanted.setdefault((user_id, str(venue_id)), set()).update(rights)
    for user_id, venue_pk in wanted:
        if wanted[user_id, venue_pk] & set(Right.values) != held.get((user_id, venue_pk), set()):
            sync_rights(user=User.objects.get(pk=user_id), venue=Venue.objects.get(pk=venue_pk))


def _change(row: Any, *, by: Any, values: dict[str, Any]) -> None:
    """Write the values that differ, with one audit entry when any does. Raises ValidationError."""
    before = snapshot(row, values)
    for name, value in values.items():
        setattr(row, name, value)
    row.full_clean()
    changes = difference(before, snapshot(row, values))
    if changes:
        row.save(update_fields=list(changes))
        record(by=by, action=Action.CHANGED, subject=row, changes=changes)


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as refused:
        raise ValidationError({"password": refused.messages}) from refused


def _record_creation(row: Any, *, by: Any, names: Any) -> None:
    written = {name: [None, value] for name, value in snapshot(row, names).items() if value not in (None, "")}
    record(by=by, action=Action.CREATED, subject=row, changes=written)


@contextmanager
def _somebody_still_manages() -> Iterator[None]:
    """Refuse a change after which a venue that somebody could manage has nobody left. Raises NobodyManages."""
    # One such change at a time: two administrators must not take the right from each other at the same moment.
    House.objects.select_for_update().get(pk=House.current().pk)
    before = _managed_venues()
    yield
    if before - _managed_venues():
        raise NobodyManages(_("Somebody must be left who can manage the house."))


def _managed_venues() -> set[str]:
    if User.objects.filter(is_superuser=True, is_active=True).exists():
        return set()
    held = UserObjectPermission.objects.filter(
        user__is_active=True,
        content_type=ContentType.objects.get_for_model(Venue),
        permission__codename=Right.MANAGE_HOUSE,
    )
    return set(held.values_list("object_pk", flat=True))


def _end_sessions(user: User) -> None:
    mine = [
        session.pk
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if session.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    Session.objects.filter(pk__in=mine).delete()

"""People and venues. `person("floor", venue)` is somebody of the shipped role working there."""

from typing import Any

from factory.declarations import Sequence
from factory.django import DjangoModelFactory, Password

from crm_project.core.accounts.models import Role, User, Venue
from crm_project.core.accounts.services import assign_role

PASSWORD = "matsukaze-2026"


class VenueFactory(DjangoModelFactory[Venue]):
    """A shop of the house."""

    class Meta:
        model = Venue

    code = Sequence(lambda number: f"V{number}")
    name = Sequence(lambda number: f"松風 {number}号店")
    position = Sequence(int)


class UserFactory(DjangoModelFactory[User]):
    """A person who works nowhere yet: a stranger. Signs in with PASSWORD."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = Sequence(lambda number: f"person{number}")
    display_name = Sequence(lambda number: f"係 {number}")
    password = Password(PASSWORD)


def person(role_code: str, venue: Venue | None = None, **values: Any) -> User:
    """Somebody with a shipped role (floor, manager, okami, kitchen, desk, sales, admin, president) at the venue."""
    user = UserFactory.create(**values)
    venue = venue or VenueFactory.create()
    assign_role(user=user, venue=venue, role=Role.objects.get(code=role_code), by=User.objects.system())
    return User.objects.get(pk=user.pk)

"""Somebody else has this open: who is at a guest's form right now, and what was changed since a page was opened."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.models import User
from customers.history import ChangedBy
from customers.models import Company, Customer, OpenCard

# A form says every few seconds that it is open; after a minute of silence it is closed.
STAYS: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LiveState:
    """What an open page says of others. `version` and `mark` (an audit entry) are those the page was opened with."""

    subject: Customer | Company
    version: int
    mark: int
    is_form: bool
    people: Sequence[User]
    changes: Sequence[ChangedBy] = field(default=())

    @property
    def shown(self) -> str:
        """Equal as long as there is nothing new to say."""
        return shown(self.subject, self.people)

    @property
    def address(self) -> str:
        """Where the open page asks."""
        name = "live_company" if isinstance(self.subject, Company) else "live"
        return reverse(f"customers:{name}", args=[self.subject.pk])


def shown(subject: Customer | Company, people: Sequence[User]) -> str:
    """What the page shows, in short: the version of the card and who is at its form."""
    return f"{subject.version}.{'-'.join(str(person.pk) for person in people)}"


def people_at(subject: Customer | Company, user: User) -> list[User]:
    """Others who have the form of the guest open, one query; of companies nobody says so."""
    if isinstance(subject, Company):
        return []
    there = OpenCard.objects.filter(customer=subject, seen_at__gte=timezone.now() - STAYS).exclude(user=user)
    return list(User.objects.filter(pk__in=there.values("user")).order_by("kana", "username"))


def opened(
    subject: Customer | Company, user: User, *, mark: int, is_form: bool = False, version: int | None = None
) -> LiveState:
    """What a page says of others when it is opened; `version` where the page shows an older one than stands now."""
    return LiveState(
        subject=subject,
        version=subject.version if version is None else version,
        mark=mark,
        is_form=is_form,
        people=people_at(subject, user),
    )

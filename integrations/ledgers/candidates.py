"""Whom a row may be about: stored as ids, told by name only to those who may open the guest."""

from collections.abc import Iterable, Sequence

from crm_project.core.accounts.models import User
from crm_project.core.rights import Right
from customers.models import Customer
from integrations.ledgers.entries import Message

# How many guests a sentence names.
NAMED = 5


def candidate_names(rows: Iterable[Sequence[Message]], user: User | None) -> dict[str, str]:
    """Stored id -> how a person tells the guest from another of the same name. `user` None sees everybody (a shell).

    The code tells them apart; without one, a number or an address, for those who may see contacts.
    """
    wanted = {pk for messages in rows for message in messages for pk in message.get("guests", "").split()}
    if not wanted:
        return {}
    guests = Customer.objects.all() if user is None else Customer.objects.visible_to(user)
    sees_contacts = user is None or user.has_right(Right.VIEW_CONTACTS)
    names = {}
    for guest in guests.filter(pk__in=wanted).prefetch_related("phones", "addresses"):
        contacts = [phone.digits for phone in guest.phones.all()] + [place.text for place in guest.addresses.all()]
        told_apart = [guest.code, *(contacts if sees_contacts else ())]
        names[str(guest.pk)] = f"{guest.name} ({next(filter(None, told_apart), f'#{guest.pk}')})"
    return names


def told(message: Message, names: dict[str, str]) -> str:
    """The sentence, and the guests that are meant as far as they may be named."""
    named = [names[pk] for pk in message.get("guests", "").split() if pk in names]
    return " ".join(filter(None, [message["message"], "、".join(named)]))

"""Who changed what of a guest, and who looked at it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.history import HISTORY_LENGTH, HistoryLine, in_words
from crm_project.core.audit.models import AuditEntry, AuditQuerySet
from crm_project.core.rights import Right
from customers.guest_values import COMPANY_CONTACTS, CONTACTS
from customers.models import Company, Customer
from customers.wording import JOINED, readable

# What a ledger said and no field could take may be any of them.
CONTACT_FIELDS = CONTACTS | {"unread", "special_days"}
READS_SHOWN = 20
# Changes that say in words which other guests a card belongs to.
NAMING = frozenset(("relations", "successor", "absorbed", "another_person"))
# A name of one or two signs stands in many words: there only what names a guest is taken off.
SHORTEST_NAME_IN_ANY_TEXT = 3


@dataclass(frozen=True, slots=True)
class ChangedBy:
    """Who changed which fields of a card, and when."""

    who: str
    at: datetime
    what: str
    fields: str


def changes_of(customer: Customer, user: User) -> list[HistoryLine]:
    """The newest changes in words; what a person may not see of the guest is not told here either."""
    newest = _unnamed(user, list(_trail(customer).changes()[:HISTORY_LENGTH]))
    return in_words(_without(_hidden_from(user, customer), newest))


def changes_since(subject: Customer | Company, user: User, mark: int) -> list[ChangedBy]:
    """What others changed since the audit entry `mark`, newest first, as far as the person may see it."""
    newest = list(AuditEntry.objects.about(subject).changes()[:HISTORY_LENGTH])
    # An entry may be numbered before the page looked and be written after it: then the newest is the one.
    since = [entry for entry in newest if entry.pk > mark] or newest[:1]
    others = [entry for entry in since if entry.actor_id != user.pk]
    hidden = _hidden_from(user, subject)
    told = [entry for entry, was_blank in _seen_and_blank(others, hidden) if entry.changes or was_blank]
    return [
        ChangedBy(line.who, line.at, line.what, JOINED.join(dict.fromkeys(change.label for change in line.changes)))
        for line in in_words(told)
    ]


def _seen_and_blank(entries: list[AuditEntry], hidden: Collection[str]) -> list[tuple[AuditEntry, bool]]:
    """The entries as the person may see them, and whether there was nothing to hide in the first place."""
    blank = [not entry.changes for entry in entries]
    return list(zip(_without(hidden, entries), blank, strict=True))


def _hidden_from(user: User, subject: Customer | Company) -> set[str]:
    """The values that the person may not know."""
    if isinstance(subject, Company):
        return set() if user.has_right(Right.VIEW_CONTACTS) else {*COMPANY_CONTACTS}
    hidden = set() if user.has_right(Right.VIEW_CONTACTS) else {*CONTACT_FIELDS}
    return hidden if user.has_right(Right.VIEW_NOTES) else hidden | {"note"}


def _unnamed(user: User, entries: list[AuditEntry]) -> list[AuditEntry]:
    """The entries without what names a guest who was sealed since and whom the person may not know of. One query at most."""
    if not any(NAMING & entry.changes.keys() for entry in entries):
        return entries
    sealed = list(Customer.objects.sealed_cards(user).values_list("name", flat=True))
    for entry in entries:
        entry.changes = {
            name: pair
            for name, pair in entry.changes.items()
            if name not in NAMING or not any(known in str(pair) for known in sealed)
        }
    return entries


def take_sealed_names_off(user: User, entries: Sequence[AuditEntry]) -> None:
    """Take off entries of the house's trail what names a guest who is sealed from the person. One query.

    A relation, a seat that was given to somebody else since, a successor: what was written before the guest was sealed.
    """
    sealed = [name for name in Customer.objects.sealed_cards(user).values_list("name", flat=True) if name]
    if not sealed:
        return
    for entry in entries:
        entry.changes = {
            field: pair
            for field, pair in entry.changes.items()
            if not any(
                name in str(pair) for name in sealed if field in NAMING or len(name) >= SHORTEST_NAME_IN_ANY_TEXT
            )
        }
        for name in sealed:
            if len(name) >= SHORTEST_NAME_IN_ANY_TEXT or entry.subject_name == name:
                entry.subject_name = entry.subject_name.replace(name, _("Guest"))


def _without(hidden: Collection[str], entries: list[AuditEntry]) -> list[AuditEntry]:
    for entry in entries:
        entry.changes = {
            name: [readable(name, value) for value in pair] if isinstance(pair, list) else pair
            for name, pair in entry.changes.items()
            if name not in hidden
        }
    return entries


def reads_of(customer: Customer, user: User) -> list[HistoryLine] | None:
    """Who looked at the card, newest first; None for a person who may not see the trail."""
    if not user.has_right(Right.VIEW_AUDIT):
        return None
    return in_words(_trail(customer).filter(action=Action.VIEWED)[:READS_SHOWN])


def last_change(customer: Customer) -> AuditEntry | None:
    """The newest change of the card: who and when."""
    return AuditEntry.objects.about(customer).changes().first()


def _trail(customer: Customer) -> AuditQuerySet:
    """The entries of the card and of those that were merged into it: each keeps its own."""
    merged = Customer.objects.filter(merged_into=customer).values_list("pk", flat=True)
    return AuditEntry.objects.about_any(Customer, [customer.pk, *merged])

"""Who changed what of a guest, and who looked at it."""

from dataclasses import dataclass
from datetime import datetime

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.history import HISTORY_LENGTH, HistoryLine, in_words
from crm_project.core.audit.models import AuditEntry, AuditQuerySet
from crm_project.core.rights import Right
from customers.guest_values import CONTACTS
from customers.models import Customer
from customers.wording import JOINED, readable

# What a ledger said and no field could take may be any of them.
CONTACT_FIELDS = CONTACTS | {"unread", "special_days"}
READS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ChangedBy:
    """Who changed which fields of a card, and when."""

    who: str
    at: datetime
    what: str
    fields: str


def changes_of(customer: Customer, user: User) -> list[HistoryLine]:
    """The newest changes in words; what a person may not see of the guest is not told here either."""
    return in_words(_as_seen_by(user, list(_trail(customer).changes()[:HISTORY_LENGTH])))


def changes_since(customer: Customer, user: User, mark: int) -> list[ChangedBy]:
    """What others changed since the audit entry `mark`, newest first, as far as the person may see it."""
    newest = list(AuditEntry.objects.about(customer).changes()[:HISTORY_LENGTH])
    # An entry may be numbered before the page looked and be written after it: then the newest is the one.
    since = [entry for entry in newest if entry.pk > mark] or newest[:1]
    others = [entry for entry in since if entry.actor_id != user.pk]
    told = [entry for entry, was_blank in _seen_and_blank(user, others) if entry.changes or was_blank]
    return [
        ChangedBy(line.who, line.at, line.what, JOINED.join(dict.fromkeys(change.label for change in line.changes)))
        for line in in_words(told)
    ]


def _seen_and_blank(user: User, entries: list[AuditEntry]) -> list[tuple[AuditEntry, bool]]:
    """The entries as the person may see them, and whether there was nothing to hide in the first place."""
    blank = [not entry.changes for entry in entries]
    return list(zip(_as_seen_by(user, entries), blank, strict=True))


def _as_seen_by(user: User, entries: list[AuditEntry]) -> list[AuditEntry]:
    hidden = set() if user.has_right(Right.VIEW_CONTACTS) else {*CONTACT_FIELDS}
    hidden |= set() if user.has_right(Right.VIEW_NOTES) else {"note"}
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

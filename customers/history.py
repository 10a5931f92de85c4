"""Who changed what of a guest, and who looked at it."""

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.history import HISTORY_LENGTH, HistoryLine, in_words
from crm_project.core.audit.models import AuditEntry, AuditQuerySet
from crm_project.core.rights import Right
from customers.guest_values import CONTACTS
from customers.models import Customer
from customers.wording import readable

# What a ledger said and no field could take may be any of them.
CONTACT_FIELDS = CONTACTS | {"unread", "special_days"}
READS_SHOWN = 20


def changes_of(customer: Customer, user: User) -> list[HistoryLine]:
    """The newest changes in words; what a person may not see of the guest is not told here either."""
    entries = list(_trail(customer).changes()[:HISTORY_LENGTH])
    hidden = set() if user.has_right(Right.VIEW_CONTACTS) else {*CONTACT_FIELDS}
    hidden |= set() if user.has_right(Right.VIEW_NOTES) else {"note"}
    for entry in entries:
        entry.changes = {
            name: [readable(name, value) for value in pair] if isinstance(pair, list) else pair
            for name, pair in entry.changes.items()
            if name not in hidden
        }
    return in_words(entries)


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

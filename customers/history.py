"""Who changed what of a guest, and who looked at it."""

from dataclasses import replace

from django.utils.translation import gettext as _

from crm_project.core.accounts.models import User
from crm_project.core.allergens.choices import Severity
from crm_project.core.audit.choices import Action
from crm_project.core.audit.history import HISTORY_LENGTH, HistoryLine, in_words
from crm_project.core.audit.models import AuditEntry
from crm_project.core.rights import Right
from customers.choices import PhoneLabel
from customers.models import Customer

# What a ledger said and no field could take may be any of them.
CONTACT_FIELDS = frozenset({"phones", "email", "birthday", "postal_code", "address", "unread"})
READS_SHOWN = 20


def changes_of(customer: Customer, user: User) -> list[HistoryLine]:
    """The newest changes in words; what a person may not see of the guest is not told here either."""
    entries = list(AuditEntry.objects.about(customer).changes()[:HISTORY_LENGTH])
    hidden = set() if user.has_right(Right.VIEW_CONTACTS) else {*CONTACT_FIELDS}
    hidden |= set() if user.has_right(Right.VIEW_NOTES) else {"note"}
    for entry in entries:
        entry.changes = {
            name: [_readable(name, value) for value in pair] if isinstance(pair, list) else pair
            for name, pair in entry.changes.items()
            if name not in hidden
        }
    labels = _labels()
    return [
        replace(
            line, changes=[replace(change, label=labels.get(change.label, change.label)) for change in line.changes]
        )
        for line in in_words(entries)
    ]


def reads_of(customer: Customer, user: User) -> list[HistoryLine] | None:
    """Who looked at the card, newest first; None for a person who may not see the trail."""
    if not user.has_right(Right.VIEW_AUDIT):
        return None
    return in_words(AuditEntry.objects.about(customer).filter(action=Action.VIEWED)[:READS_SHOWN])


def last_change(customer: Customer) -> AuditEntry | None:
    """The newest change of the card: who and when."""
    return AuditEntry.objects.about(customer).changes().first()


def _labels() -> dict[str, str]:
    """Words for values of a guest that are no fields of the table."""
    return {
        "phones": _("phones"),
        "company_name": _("company"),
        "postal_code": _("postcode"),
        "address": _("address"),
        "allergies": _("listed allergies"),
    }


def _readable(name: str, value: object) -> object:
    """Phones and allergies in one line each; other values as they are."""
    if name == "phones" and isinstance(value, list):
        return "、".join(f"{PhoneLabel(label).label} {number}" for label, number in value)
    if name == "allergies" and isinstance(value, list):
        return "、".join(" ".join(filter(None, [what, str(Severity(how).label), note])) for what, how, note in value)
    return value

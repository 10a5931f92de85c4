"""What became of a booking, as its trail tells it to somebody: without what the person may not know."""

from crm_project.core.accounts.models import User
from crm_project.core.audit.history import HistoryLine, in_words
from crm_project.core.audit.models import AuditEntry
from crm_project.core.rights import Right
from customers.models import Customer
from visits.models import Visit

NAMING_PEOPLE = ("attendances", "contact")


def changes_for(visit: Visit, user: User, *, after: int = 0, at_most: int | None = None) -> list[HistoryLine]:
    """The changes in words, those behind the entry `after` alone; newest first, in the order of the trail.

    Without amounts for who may not see money, without notes for who may not read them, and without lines that name a guest
    who is sealed from the person, also one who was taken off the booking long ago. At most two queries.
    """
    entries = list(AuditEntry.objects.about(visit).changes().filter(pk__gt=after)[:at_most])
    hidden = [] if user.has_right(Right.VIEW_MONEY, visit.venue_id) else ["amount"]
    hidden += [] if user.has_right(Right.VIEW_NOTES, visit.venue_id) else ["notes"]
    names_people = any(key in entry.changes for entry in entries for key in NAMING_PEOPLE)
    sealed = list(Customer.objects.sealed_from(user).values_list("name", flat=True)) if names_people else []
    for entry in entries:
        named = [key for key in NAMING_PEOPLE if any(name in str(entry.changes.get(key, "")) for name in sealed)]
        for key in (*hidden, *named):
            entry.changes.pop(key, None)
    return in_words(entries)

"""Confidential visits and guests (お忍び) on pages that others need too: a room is taken, and by whom stays unsaid.

What protects the guest is never hidden: the kitchen goes on seeing dishes and allergies.
"""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from crm_project.core.accounts.confidential import seal, unseal
from crm_project.core.accounts.models import User
from visits.models import Visit
from visits.services import plan_follow_ups, refresh_visit_figures


@transaction.atomic
def seal_visit(*, visit: Visit, by: User, people: Iterable[User] | None) -> None:
    """Make a visit confidential for the named people (None: one like all others again).

    The figures on the guests' cards are counted anew: a confidential evening is no "last visit" for everybody to read. Nor
    does the house write letters of thanks for it.
    """
    if people is None:
        unseal(record=visit, by=by)
    else:
        seal(record=visit, by=by, people=people)
    visit.refresh_from_db(fields=["is_confidential"])
    plan_follow_ups(visit)
    guests = visit.attendances.exclude(customer=None).values_list("customer_id", flat=True)
    refresh_visit_figures(customer_ids={pk for pk in guests if pk})


def mask(visit: Visit) -> None:
    """Take the names off a visit (people prefetched) that is sealed from the reader, in memory."""
    visit.is_sealed = True
    for row in visit.attendances.all():
        row.label = _("Guest")
        if row.customer is not None:
            guest = row.customer
            guest.is_sealed = True
            guest.name, guest.kana, guest.company, guest.title, guest.department = _("Guest"), "", None, "", ""
            guest.allergy_answered_by = guest.allergy_note = ""

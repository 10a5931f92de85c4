"""Verbs of ranks."""

from django.db import transaction

from crm_project.core import text
from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record
from customers.models import Rank


@transaction.atomic
def write_rank(*, rank: Rank, by: User, name: str, position: int) -> Rank:
    """Enter a rank or change its name and place. Who holds it is computed elsewhere."""
    stored = Rank.objects.filter(pk=rank.pk).first() if rank.pk else None
    before = {"name": stored.name, "position": stored.position} if stored else {}
    rank.name, rank.position = text.tidy(name), position
    rank.full_clean()
    rank.save()
    changes = difference(before, {"name": rank.name, "position": rank.position})
    if changes:
        record(by=by, action=Action.CHANGED if stored else Action.CREATED, subject=rank, changes=changes)
    return rank

"""Keeping people or firms apart (鉢合わせを避ける). Who holds no KEEP_APART learns nothing of it."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core import text
from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from customers.models import Company, Customer, KeepApart

Side = Customer | Company


def keep_apart(*, one: Side, other: Side, by: User, note: str = "") -> KeepApart:
    """Note that two guests or firms must not meet in the house. What stands already, from either side, is not written twice.

    Raises PermissionDenied without KEEP_APART, InputProblem for somebody and themselves or for a card that was merged.
    """
    _require(by)
    if type(one) is type(other) and one.pk == other.pk:
        raise InputProblem(_("Choose somebody else: nobody is kept apart from themselves."))
    if any(isinstance(side, Customer) and side.merged_into_id is not None for side in (one, other)):
        raise InputProblem(_("Choose the guest again: that card was merged."))
    try:
        with transaction.atomic():
            if (there := find_pair(one, other)) is not None:
                return there
            pair = KeepApart(**_columns(one, ""), **_columns(other, "other_"), note=text.tidy(note)[:200], noted_by=by)
            pair.save()
            record(by=by, action=Action.CREATED, subject=pair, changes={"note": [None, pair.note]} if pair.note else {})
            return pair
    except IntegrityError:
        # The other of two simultaneous taps was first.
        there = find_pair(one, other)
        if there is None:
            raise
        return there


@transaction.atomic
def end_keep_apart(*, pair: KeepApart, by: User) -> KeepApart:
    """They may meet again; the trail keeps it. Twice is once. Raises PermissionDenied."""
    _require(by)
    row = KeepApart.objects.select_for_update(of=("self",)).get(pk=pair.pk)
    if row.ended_at is None:
        row.ended_at, row.ended_by = timezone.now(), by
        row.save(update_fields=["ended_at", "ended_by"])
        record(by=by, action=Action.CHANGED, subject=row, changes={"ended_at": [None, row.ended_at.isoformat()]})
    return row


def find_pair(one: Side, other: Side) -> KeepApart | None:
    """The pair in force, from whichever side it was noted."""
    there = Q(**_columns(one, ""), **_columns(other, "other_"))
    turned = Q(**_columns(other, ""), **_columns(one, "other_"))
    return KeepApart.objects.in_force().filter(there | turned).first()


def _columns(side: Side, prefix: str) -> dict[str, Side]:
    return {f"{prefix}{'customer' if isinstance(side, Customer) else 'company'}": side}


def _require(by: User) -> None:
    if not by.has_right(Right.KEEP_APART):
        raise PermissionDenied

"""Verbs of the plan: write it down, publish it, take it back."""

from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record, snapshot
from crm_project.core.problems import InputProblem
from integrations.models import LedgerPlan

FIELDS: Final = ("note", "guests", "guests_by", "visits", "visits_by", "deals", "deals_by")


class PlanChangedMeanwhile(InputProblem):
    """Somebody else wrote the plan since the person saw it."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else changed the plan meanwhile: this is what stands now. Save again to write over it.")
        )


def the_plan() -> LedgerPlan:
    """The plan of the house; unsaved while nobody has written one."""
    return LedgerPlan.objects.order_by("pk").first() or LedgerPlan()


@transaction.atomic
def save_plan(*, by: User, version: int, publish: bool | None = None, **values: Any) -> LedgerPlan:
    """Write the plan down; with `publish` show it to everybody, or no longer. Raises PlanChangedMeanwhile.

    `version` is the one the person saw.
    """
    plan = LedgerPlan.objects.select_for_update(of=("self",)).order_by("pk").first() or LedgerPlan()
    if plan.version != version:
        raise PlanChangedMeanwhile
    watched = (*FIELDS, "published_at")
    is_new = plan.pk is None
    before = {} if is_new else snapshot(plan, watched)
    for name in FIELDS:
        if name in values:
            setattr(plan, name, values[name])
    if publish is not None and publish != (plan.published_at is not None):
        plan.published_at, plan.published_by = (timezone.now(), by) if publish else (None, None)
    changes = difference(before, snapshot(plan, watched))
    if changes or is_new:
        plan.version += 0 if is_new else 1
        plan.save()
        record(by=by, action=Action.CREATED if is_new else Action.CHANGED, subject=plan, changes=changes)
    return plan

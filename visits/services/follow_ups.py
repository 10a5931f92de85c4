"""Reminders and thanks by the house's rules: planned with the booking, done or not needed in one tap."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from customers.models import Customer
from visits.choices import FollowUpMoment, FollowUpState, Responsible, VisitStatus
from visits.models import FollowUp, FollowUpRule, Visit

PLANNED_FOR = (VisitStatus.RESERVED, VisitStatus.ARRIVED, VisitStatus.SEATED, VisitStatus.COMPLETED)


class FollowUpClosed(InputProblem):
    """Somebody has closed it meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("Somebody has done this already, or said that it is not needed."))


def plan_follow_ups(visit: Visit) -> None:
    """Bring a visit's open follow-ups in line with the house's rules and the visit's day; closed ones stay as they are.

    A confidential evening (お忍び) has none, nor has a tentative booking; thanks are planned once the evening took place.
    """
    rules = FollowUpRule.objects.filter(venue=visit.venue_id, is_active=True)
    wanted = {rule.pk: rule for rule in rules if _applies(rule, visit)}
    planned = {row.rule_id: row for row in visit.follow_ups.all()}
    visit.follow_ups.filter(state=FollowUpState.OPEN).exclude(rule__in=wanted).delete()
    for pk, rule in wanted.items():
        row = planned.get(pk)
        if row is not None and row.state != FollowUpState.OPEN:
            continue
        due = visit.business_date + timedelta(days=rule.days if rule.moment == FollowUpMoment.AFTER else -rule.days)
        FollowUp.objects.update_or_create(
            visit=visit,
            rule=rule,
            defaults={"name": rule.name, "kind": rule.kind, "due_on": due, "assigned_to": _responsible(rule, visit)},
        )


def _applies(rule: FollowUpRule, visit: Visit) -> bool:
    if visit.is_confidential or visit.status not in PLANNED_FOR:
        return False
    host = _host(visit)
    if host is None or host.is_confidential:
        return False
    return rule.moment == FollowUpMoment.BEFORE or visit.status == VisitStatus.COMPLETED


def _host(visit: Visit) -> Customer | None:
    """The first known guest."""
    row = visit.attendances.select_related("customer").exclude(customer=None).first()
    return row.customer if row is not None else None


def _responsible(rule: FollowUpRule, visit: Visit) -> User | None:
    guest = _host(visit)
    people = {
        Responsible.ATTENDANT: visit.staff,
        Responsible.GUEST_STAFF: guest.staff if guest else None,
        Responsible.SALES: guest.sales_staff if guest else None,
        Responsible.BOOKED_BY: visit.recorded_by,
        Responsible.DESK: None,
    }
    return people[Responsible(rule.responsible)]


@transaction.atomic
def close_follow_up(*, follow_up: FollowUp, by: User, state: str) -> FollowUp:
    """It is done, or not needed (不要). Raises FollowUpClosed when somebody was faster, PermissionDenied for others."""
    row = FollowUp.objects.select_for_update(of=("self",)).select_related("visit").get(pk=follow_up.pk)
    may = by.has_right(Right.LOG_VISITS, row.visit.venue_id) or by.has_right(Right.TAKE_BOOKINGS, row.visit.venue_id)
    if not may:
        raise PermissionDenied
    if state not in (FollowUpState.DONE, FollowUpState.NOT_NEEDED):
        raise InputProblem(_("A follow-up is done, or not needed."))
    if row.state != FollowUpState.OPEN:
        raise FollowUpClosed
    row.state, row.closed_by, row.closed_at = state, by, timezone.now()
    row.save(update_fields=["state", "closed_by", "closed_at"])
    record(by=by, action=Action.CHANGED, subject=row.visit, changes={"follow_up": [row.name, str(state)]})
    return row


def waive_follow_ups(visit: Visit, by: User) -> None:
    """What was planned for a booking that is cancelled is not needed any more."""
    visit.follow_ups.filter(state=FollowUpState.OPEN).update(
        state=FollowUpState.NOT_NEEDED, closed_by=by, closed_at=timezone.now()
    )

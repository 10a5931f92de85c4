"""Reminders and thanks by the house's rules: planned with the booking, done or not needed in one tap."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.dates import business_date
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from customers.models import Customer
from visits.choices import FollowUpMoment, FollowUpState, Responsible, VisitStatus
from visits.models import Attendance, FollowUp, FollowUpRule, Visit

PLANNED_FOR = (VisitStatus.RESERVED, VisitStatus.ARRIVED, VisitStatus.SEATED, VisitStatus.COMPLETED)
WRITTEN_AT_ONCE = 1000


class FollowUpClosed(InputProblem):
    """Somebody has closed it meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("Somebody has done this already, or said that it is not needed."))


def plan_follow_ups(visit: Visit) -> None:
    """Bring a visit's open follow-ups in line with the house's rules and the visit's day; closed ones stay as they are.

    A confidential evening (お忍び) has none, nor has a tentative booking; thanks are planned once the evening took place. Who
    books when the day of a reminder is over (for tonight, say) needs no reminder.
    """
    rules = list(FollowUpRule.objects.filter(venue=visit.venue_id, is_active=True))
    host = _host(visit.attendances.select_related("customer")) if rules else None
    wanted = {rule.pk: rule for rule in rules if _applies(rule, visit, host)}
    planned = {row.rule_id: row for row in visit.follow_ups.all()}
    today = business_date(timezone.now(), visit.venue.closing_hour, visit.venue.zone)
    visit.follow_ups.filter(state=FollowUpState.OPEN).exclude(rule__in=wanted).delete()
    for pk, rule in wanted.items():
        row, values = planned.get(pk), _planned(rule, visit, host)
        if row is not None and row.state != FollowUpState.OPEN:
            continue
        if row is None and rule.moment == FollowUpMoment.BEFORE and values["due_on"] < today:
            continue
        FollowUp.objects.update_or_create(visit=visit, rule=rule, defaults=values)


def follow_the_rule(rule: FollowUpRule) -> None:
    """Bring what is planned by a rule and not yet done in line with it; what it asks before the day counts for bookings ahead.

    A fixed number of queries, however many bookings.
    """
    open_ones = FollowUp.objects.filter(rule=rule, state=FollowUpState.OPEN)
    if not rule.is_active:
        open_ones.delete()
        return
    today = business_date(timezone.now(), rule.venue.closing_hour, rule.venue.zone)
    of_the_rule = Q(pk__in=open_ones.values("visit"))
    if rule.moment == FollowUpMoment.BEFORE:
        closed = FollowUp.objects.filter(rule=rule).exclude(state=FollowUpState.OPEN)
        of_the_rule |= Q(venue=rule.venue, business_date__gte=today) & ~Q(pk__in=closed.values("visit"))
    visits = (
        Visit.objects.filter(of_the_rule)
        .select_related("staff", "recorded_by")
        .prefetch_related(
            Prefetch("attendances", Attendance.objects.select_related("customer__staff", "customer__sales_staff"))
        )
    )
    planned = {row.visit_id: row for row in open_ones}
    new: list[FollowUp] = []
    for visit in visits:
        host = _host(visit.attendances.all())
        if not _applies(rule, visit, host):
            continue
        row = planned.pop(visit.pk, None) or FollowUp(visit=visit, rule=rule)
        for name, value in _planned(rule, visit, host).items():
            setattr(row, name, value)
        new.append(row)
    FollowUp.objects.filter(pk__in=[row.pk for row in planned.values()]).delete()
    FollowUp.objects.bulk_update(
        [row for row in new if row.pk], ["name", "kind", "due_on", "assigned_to"], batch_size=WRITTEN_AT_ONCE
    )
    FollowUp.objects.bulk_create([row for row in new if not row.pk], batch_size=WRITTEN_AT_ONCE)


def _planned(rule: FollowUpRule, visit: Visit, host: Customer | None) -> dict[str, Any]:
    days = timedelta(days=rule.days if rule.moment == FollowUpMoment.AFTER else -rule.days)
    return {
        "name": rule.name,
        "kind": rule.kind,
        "due_on": visit.business_date + days,
        "assigned_to": _responsible(rule, visit, host),
    }


def _applies(rule: FollowUpRule, visit: Visit, host: Customer | None) -> bool:
    if visit.is_confidential or visit.status not in PLANNED_FOR or host is None or host.is_confidential:
        return False
    return rule.moment == FollowUpMoment.BEFORE or visit.status == VisitStatus.COMPLETED


def _host(people: Iterable[Attendance]) -> Customer | None:
    """The first known guest."""
    return next((row.customer for row in people if row.customer is not None), None)


def _responsible(rule: FollowUpRule, visit: Visit, guest: Customer | None) -> User | None:
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
    _require(by, row.visit.venue_id)
    if state not in (FollowUpState.DONE, FollowUpState.NOT_NEEDED):
        raise InputProblem(_("A follow-up is done, or not needed."))
    if row.state != FollowUpState.OPEN:
        raise FollowUpClosed
    row.state, row.closed_by, row.closed_at = state, by, timezone.now()
    row.save(update_fields=["state", "closed_by", "closed_at"])
    record(by=by, action=Action.CHANGED, subject=row.visit, changes={"follow_up": [row.name, str(state)]})
    return row


@transaction.atomic
def reopen_follow_up(*, follow_up: FollowUp, by: User) -> FollowUp:
    """Take back that it is done, or not needed; one that is open stays so. Raises PermissionDenied, InputProblem.

    What a cancelled booking or a confidential evening no longer wants stays closed.
    """
    row = FollowUp.objects.select_for_update(of=("self",)).select_related("visit").get(pk=follow_up.pk)
    _require(by, row.visit.venue_id)
    if row.state == FollowUpState.OPEN:
        return row
    if row.visit.is_confidential or row.visit.status not in PLANNED_FOR:
        raise InputProblem(_("Nothing follows this booking any more."))
    before = row.state
    row.state, row.closed_by, row.closed_at = FollowUpState.OPEN, None, None
    row.save(update_fields=["state", "closed_by", "closed_at"])
    record(by=by, action=Action.CHANGED, subject=row.visit, changes={"follow_up": [f"{row.name}: {before}", row.name]})
    return row


def _require(by: User, venue_id: int) -> None:
    if not (by.has_right(Right.LOG_VISITS, venue_id) or by.has_right(Right.TAKE_BOOKINGS, venue_id)):
        raise PermissionDenied


def waive_follow_ups(visit: Visit, by: User) -> None:
    """What was planned for a booking that is cancelled (since `cancelled_at`) is not needed any more."""
    visit.follow_ups.filter(state=FollowUpState.OPEN).update(
        state=FollowUpState.NOT_NEEDED, closed_by=by, closed_at=visit.cancelled_at or timezone.now()
    )


def want_again(visit: Visit, cancelled_at: datetime | None) -> None:
    """What the cancellation waived is open again, to be planned anew; what a person closed before it stays closed.

    Nobody closes or reopens anything while a booking is cancelled: what was closed since then was closed with it.
    """
    if cancelled_at is not None:
        visit.follow_ups.filter(state=FollowUpState.NOT_NEEDED, closed_at__gte=cancelled_at).update(
            state=FollowUpState.OPEN, closed_by=None, closed_at=None
        )

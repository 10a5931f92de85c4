"""Lending a colleague to another venue for one evening (応援): the rights of a role there, which end by themselves."""

from datetime import date, datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import Loan, LoanQuerySet, Role, User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.dates import business_day_bounds, refuse_far_ahead
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right


def running_and_coming(venue_ids: list[int]) -> LoanQuerySet:
    """Loans to these venues that are not over, in the order of their times. One query."""
    loans = Loan.objects.filter(venue__in=venue_ids, ends_at__gt=timezone.now())
    return loans.select_related("user", "venue", "role", "lent_by").order_by("starts_at", "pk")


def lend(
    *, by: User, user: User, venue: Venue, role: Role, on: date, from_time: time, until_time: time | None = None
) -> Loan:
    """Lend somebody to a venue on a business day, in a role; times on the venue's clock, blank until the day ends.

    An earlier loan of that day which is over is used again. Raises PermissionDenied without MANAGE_HOUSE at the venue,
    InputProblem for times that make no sense or a person who is lent there already.
    """
    if not by.has_right(Right.MANAGE_HOUSE, venue):
        raise PermissionDenied
    refuse_far_ahead(on, timezone.localdate())
    starts_at, ends_at = _hours(venue, on, from_time, until_time)
    now = timezone.now()
    if ends_at <= now:
        raise InputProblem(_("That time is over."))
    if not user.is_active:
        raise InputProblem(_("%(name)s has no access."), {"name": str(user)})
    if user.memberships.filter(venue=venue, role=role).exists():
        raise InputProblem(_("%(name)s works there already in that role."), {"name": str(user)})
    already = InputProblem(_("%(name)s is lent there on that day already."), {"name": str(user)})
    try:
        with transaction.atomic():
            there = Loan.objects.select_for_update().filter(user=user, venue=venue, business_date=on).first()
            if there is not None and there.ends_at > now:
                raise already
            loan = there or Loan(user=user, venue=venue, business_date=on)
            loan.role, loan.starts_at, loan.ends_at, loan.lent_by = role, starts_at, ends_at, by
            loan.save()
            record(by=by, action=Action.CHANGED, subject=user, changes={"loan": [None, in_words(loan)]})
            return loan
    except IntegrityError:
        # The other of two simultaneous taps was first.
        raise already from None


@transaction.atomic
def end_loan(*, loan: Loan, by: User) -> None:
    """End a loan now: the rights go at once; one that has not begun is taken back. Twice is once. Raises PermissionDenied."""
    if not by.has_right(Right.MANAGE_HOUSE, loan.venue_id):
        raise PermissionDenied
    rows = Loan.objects.select_for_update(of=("self",)).select_related("user", "venue", "role")
    row = rows.filter(pk=loan.pk).first()
    now = timezone.now()
    if row is None or row.ends_at <= now:
        return
    before = in_words(row)
    if row.starts_at >= now:
        row.delete()
        after = None
    else:
        row.ends_at = now
        row.save(update_fields=["ends_at"])
        after = in_words(row)
    record(by=by, action=Action.CHANGED, subject=row.user, changes={"loan": [before, after]})


def in_words(loan: Loan) -> str:
    """A loan as the trail tells it: venue, role and hours on the venue's clock."""
    begins, ends = (moment.astimezone(loan.venue.zone) for moment in (loan.starts_at, loan.ends_at))
    return f"{loan.venue}: {loan.role} {begins:%Y-%m-%d %H:%M}–{ends:%H:%M}"


def _hours(venue: Venue, on: date, from_time: time, until_time: time | None) -> tuple[datetime, datetime]:
    """From when until when on the venue's clock; a time before the closing hour after midnight belongs to the night."""
    day_starts, day_ends = business_day_bounds(on, venue.closing_hour, venue.zone)

    def moment(at: time) -> datetime:
        local = datetime.combine(on, at, tzinfo=venue.zone)
        return local if local >= day_starts else local + timedelta(days=1)

    starts_at = moment(from_time)
    ends_at = day_ends if until_time is None else moment(until_time)
    # Until the very hour at which the house closes is until the day ends.
    if ends_at == day_starts:
        ends_at = day_ends
    if ends_at <= starts_at:
        raise InputProblem(_("The end must be later than the beginning."))
    return starts_at, ends_at

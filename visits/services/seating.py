"""Deciding who sits where: saved as a proposal (案) or confirmed (確定), or left to the rules again."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from visits.models import SeatingPlan, Visit
from visits.refusals import SeatingChangedMeanwhile
from visits.seating import sitters_of
from visits.seating_order import Places, fingerprint, misplaced


@transaction.atomic
def set_seating(
    *, visit: Visit, by: User, version: int, upper: Sequence[str], lower: Sequence[str], confirm: bool
) -> SeatingPlan:
    """Keep who sits where, by references from the far end to the door ("" is a free place).

    Raises PermissionDenied without LOG_VISITS or TAKE_BOOKINGS at the venue, SeatingChangedMeanwhile when `version` has passed,
    InputProblem when somebody has no place or two, or is not at the table.
    """
    visit = _locked(visit, by)
    saved = SeatingPlan.objects.filter(visit=visit).first()
    if (saved.version if saved else 0) != version:
        raise SeatingChangedMeanwhile
    sitters = {one.person.ref: one for one in sitters_of(visit)}
    places = Places(tuple(upper), tuple(lower))
    without, twice, unknown = misplaced(places, sitters)
    if unknown:
        raise InputProblem(_("Somebody of this plan is not at the table any more. Place everybody again."))
    if twice:
        names = "、".join(sitters[ref].name for ref in twice)
        raise InputProblem(_("More than one place: %(names)s"), {"names": names})
    if without:
        raise InputProblem(_("No place yet: %(names)s"), {"names": "、".join(sitters[ref].name for ref in without)})
    before = _told(saved)
    plan = saved or SeatingPlan(visit=visit, version=0)
    plan.upper, plan.lower = list(places.upper), list(places.lower)
    plan.is_confirmed = confirm
    plan.confirmed_for = fingerprint([one.person for one in sitters.values()], visit.room_id)
    plan.decided_by, plan.decided_at = by, timezone.now()
    plan.version += 1
    plan.save()
    told = [sitters[ref].name for ref in places.seated]
    changes = difference(before, _told(plan) | {"seating": told})
    if changes:
        record(by=by, action=Action.CHANGED, subject=visit, changes=changes)
    return plan


@transaction.atomic
def forget_seating(*, visit: Visit, by: User, version: int) -> None:
    """Leave the seats to the rules again. Twice is once.

    Raises PermissionDenied, SeatingChangedMeanwhile when `version` of the plan has passed.
    """
    visit = _locked(visit, by)
    saved = SeatingPlan.objects.filter(visit=visit).first()
    if saved is not None:
        if saved.version != version:
            raise SeatingChangedMeanwhile
        record(by=by, action=Action.CHANGED, subject=visit, changes={"seating": [_told(saved)["seating_state"], None]})
        saved.delete()


def _locked(visit: Visit, by: User) -> Visit:
    if not (by.has_right(Right.LOG_VISITS, visit.venue_id) or by.has_right(Right.TAKE_BOOKINGS, visit.venue_id)):
        raise PermissionDenied
    locked = Visit.objects.select_for_update(of=("self",)).select_related("room")
    return locked.prefetch_related("attendances__customer").get(pk=visit.pk)


def _told(plan: SeatingPlan | None) -> dict[str, object]:
    state = None if plan is None else "confirmed" if plan.is_confirmed else "proposed"
    return {"seating_state": state}

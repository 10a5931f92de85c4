"""Who attends a table: its attendant (係), who helps (補佐), who writes the evening down (記録担当)."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record
from crm_project.core.rights import Right
from visits.choices import Duty
from visits.models import TableDuty, Visit
from visits.queries import people_on
from visits.refusals import RecordingRefused, VisitChangedMeanwhile
from visits.services.follow_ups import plan_follow_ups


@transaction.atomic
def set_duties(
    *,
    visit: Visit,
    by: User,
    version: int,
    staff: User | None,
    assistants: Collection[User] = (),
    recorder: User | None = None,
) -> Visit:
    """Say who attends a table, who helps and who writes it down; what stays the same writes nothing.

    Raises PermissionDenied without LOG_VISITS or TAKE_BOOKINGS at the venue, VisitChangedMeanwhile when `version` has passed,
    RecordingRefused for somebody who does not work there that day, for an attendant who helps too, or when the evening is over.
    """
    if not (by.has_right(Right.LOG_VISITS, visit.venue_id) or by.has_right(Right.TAKE_BOOKINGS, visit.venue_id)):
        raise PermissionDenied
    visit = Visit.objects.select_for_update(of=("self",), no_key=True).select_related("venue", "staff").get(pk=visit.pk)
    if visit.version != version:
        raise VisitChangedMeanwhile
    if not visit.holds_its_room:
        raise RecordingRefused(_("Who attends is decided before the evening is over."))
    before = _told(visit)
    named = {user.pk for user in (staff, recorder, *assistants) if user is not None}
    already = {visit.staff_id, *visit.duties.values_list("user_id", flat=True)}
    if named - already - set(people_on(visit.venue, visit.business_date).values_list("pk", flat=True)):
        raise RecordingRefused(_("Choose somebody who works at the venue on that day."))
    if staff is not None and staff.pk in {user.pk for user in assistants}:
        raise RecordingRefused(_("%(name)s attends the table already."), {"name": str(staff)})
    visit.staff = staff
    wanted = {(user.pk, Duty.ASSISTANT) for user in assistants} | (
        {(recorder.pk, Duty.RECORDER)} if recorder is not None else set()
    )
    there = {(duty.user_id, duty.duty): duty.pk for duty in visit.duties.all()}
    visit.duties.filter(pk__in=[pk for key, pk in there.items() if key not in wanted]).delete()
    TableDuty.objects.bulk_create(
        TableDuty(visit=visit, user_id=user_id, duty=duty)
        for user_id, duty in sorted(wanted)
        if (user_id, duty) not in there
    )
    changes = difference(before, _told(visit))
    if changes:
        visit.version += 1
        visit.save(update_fields=["staff", "version"])
        plan_follow_ups(visit)
        record(by=by, action=Action.CHANGED, subject=visit, changes=changes)
    return visit


def _told(visit: Visit) -> dict[str, object]:
    duties = list(visit.duties.select_related("user").order_by("user__kana", "pk"))
    return {
        "staff": str(visit.staff) if visit.staff else None,
        "assistants": [str(duty.user) for duty in duties if duty.duty == Duty.ASSISTANT],
        "recorder": next((str(duty.user) for duty in duties if duty.duty == Duty.RECORDER), None),
    }

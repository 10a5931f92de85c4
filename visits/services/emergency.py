"""お出ししてしまった: an allergen reached a guest. The card comes first (`visits.emergency`); then it is reported."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import Membership, User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.rights import Right
from crm_project.core.text import tidy
from visits.models import Attendance, Complaint, Visit
from visits.refusals import RecordingRefused
from visits.services.complaints import report_complaint
from visits.services.kitchen import notify_tables


@transaction.atomic
def report_served_allergen(*, visit: Visit, by: User, text: str, attendance: Attendance | None = None) -> Complaint:
    """Tell the mishap as anything that went wrong (困った), and give the managers and the table a notice at once.

    Each report is a complaint of its own, first in the queue, whatever else was told of the visit and whatever lines its
    check sheet has. About the guest of the seat, else the first one at the table. Raises PermissionDenied without
    LOG_VISITS at the venue, RecordingRefused.
    """
    if not by.has_right(Right.LOG_VISITS, visit.venue_id):
        raise PermissionDenied
    words = tidy(text, lines=True)
    if not words:
        raise RecordingRefused(_("Write what was served to whom, and how the guest is."))
    visit = Visit.objects.select_for_update(of=("self",)).select_related("venue", "room").get(pk=visit.pk)
    about = attendance or visit.attendances.exclude(customer=None).first()
    with override(settings.LANGUAGE_CODE):
        at = f"{timezone.now().astimezone(visit.venue.zone):%H:%M}"
        complaint = report_complaint(
            by=by,
            venue=visit.venue,
            what=gettext("Allergen served (%(at)s): %(text)s") % {"at": at, "text": words},
            place=" ".join(filter(None, (visit.room.name if visit.room else "", str(attendance or "")))),
            visit=visit,
            customer=about.customer if about else None,
        )
    answering = [
        member.user_id
        for member in Membership.objects.filter(venue=visit.venue, user__is_active=True).select_related("role")
        if Right.ANSWER_NOTES.value in member.role.rights
    ]
    notify_tables([visit], by, gettext("An allergen was served. Read the report."), also=answering, urgent=True)
    record(by=by, action=Action.CHANGED, subject=visit, changes={"served_allergen": [None, words[:200]]})
    return complaint

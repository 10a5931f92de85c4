"""お出ししてしまった: an allergen reached a guest. The card comes first (`visits.emergency`); then it is reported."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import Membership, User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.rights import Right
from crm_project.core.text import tidy
from visits.entries import NoteEntry
from visits.models import Attendance, Note, NoteCategory, Visit
from visits.refusals import RecordingRefused
from visits.services.check_sheet import write_notes
from visits.services.kitchen import notify_tables


@transaction.atomic
def report_served_allergen(*, visit: Visit, by: User, text: str, attendance: Attendance | None = None) -> Note:
    """Write the mishap on the check sheet, where the managers answer it, and give them and the table a notice at once.

    What was noted there before stays. Raises PermissionDenied without LOG_VISITS at the venue, RecordingRefused.
    """
    if not by.has_right(Right.LOG_VISITS, visit.venue_id):
        raise PermissionDenied
    words = tidy(text, lines=True)
    if not words:
        raise RecordingRefused(_("Write what was served to whom, and how the guest is."))
    visit = Visit.objects.select_for_update(of=("self",)).select_related("venue", "room").get(pk=visit.pk)
    category = NoteCategory.objects.filter(is_bad_news=True, is_active=True).first()
    if category is None:
        raise RecordingRefused(_("The check sheet has no line for complaints and mishaps: add one in the settings."))
    at = f"{timezone.now().astimezone(visit.venue.zone):%H:%M}"
    told = gettext("Allergen served (%(at)s): %(text)s") % {"at": at, "text": words}
    there = visit.notes.filter(category=category).first()
    entry = NoteEntry(
        text=f"{there.text}\n{told}" if there else told,
        is_standing=there.is_standing if there else False,
        customer=attendance.customer if attendance and attendance.customer else (there.customer if there else None),
    )
    write_notes(visit, by, list(visit.attendances.select_related("customer")), {category.code: entry})
    answering = [
        member.user_id
        for member in Membership.objects.filter(venue=visit.venue, user__is_active=True).select_related("role")
        if Right.ANSWER_NOTES.value in member.role.rights
    ]
    notify_tables([visit], by, gettext("An allergen was served. Read the report."), also=answering, urgent=True)
    record(by=by, action=Action.CHANGED, subject=visit, changes={"served_allergen": [None, words[:200]]})
    return visit.notes.get(category=category)

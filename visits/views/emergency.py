"""お出ししてしまった: the emergency card, and the report behind it. One tap away, and without scripts."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from visits import services
from visits.emergency import card_of
from visits.evening import evenings_of
from visits.evening_forms import ReportForm
from visits.views.evening import table_of


def emergency(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom to call, what was served, where the house is; below it the report."""
    user = as_user(request.user)
    visit = table_of(user, pk)
    can_report = user.has_right(Right.LOG_VISITS, visit.venue_id) and not visit.is_sealed
    # A sealed evening is reported by those who are named on it.
    if request.method == "POST" and not can_report:
        raise PermissionDenied
    form = ReportForm(request.POST or None, people=visit.attendances.all())
    if form.is_bound and form.is_valid():
        try:
            services.report_served_allergen(
                visit=visit, by=user, text=form.cleaned_data["text"], attendance=form.cleaned_data["attendance"]
            )
        except InputProblem as problem:
            form.add_error("text", str(problem))
        else:
            messages.success(request, _("Reported to the managers."))
            return redirect("visits:emergency", visit.pk)
    evening = evenings_of([visit], visit.venue, visit.business_date)[visit.pk]
    record(by=user, action=Action.VIEWED, subject=visit)
    context = {
        "visit": visit,
        "evening": evening,
        "card": card_of(visit, evening, user),
        "form": form if can_report else None,
    }
    with timezone.override(visit.venue.zone):
        return render_page(request, "visits/emergency.html", context, status=422 if form.is_bound else 200)

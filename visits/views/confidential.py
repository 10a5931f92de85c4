"""Sealing a single visit (お忍び)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_project.core.accounts.confidential import ConfidentialForm
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.rights import Right
from crm_project.core.ui.display_dates import format_date
from crm_project.core.ui.htmx import render_page
from visits.discretion import seal_visit
from visits.models import Visit


@right_required(Right.LOG_VISITS)
def confidential(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a visit confidential, or one like all others again."""
    user = as_user(request.user)
    visits = Visit.objects.visible_to(user).filter(venue__in=user.venues_with(Right.LOG_VISITS))
    visit = get_object_or_404(visits, pk=pk)
    form = ConfidentialForm(request.POST if request.method == "POST" else None, record=visit, by=user)
    if request.method == "POST" and form.is_valid():
        people = form.cleaned_data["people"] if form.cleaned_data["is_confidential"] else None
        seal_visit(visit=visit, by=user, people=people)
        messages.success(request, _("Saved."))
        still_there = Visit.objects.visible_to(user).filter(pk=pk).exists()
        return redirect("visits:detail", pk) if still_there else redirect("visits:today")
    back = reverse("visits:detail", args=[pk])
    title = _("Confidential (お忍び): %(day)s %(venue)s") % {
        "day": format_date(visit.business_date),
        "venue": visit.venue,
    }
    context = {"form": form, "title": title, "back": back}
    return render_page(request, "customers/confidential.html", context, status=422 if form.is_bound else 200)

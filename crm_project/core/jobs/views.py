"""How far background work is."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

from crm_project.core.jobs import registry
from crm_project.core.jobs.models import Job
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from crm_project.core.ui.paging import cursor_page


@require_GET
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One job, for the person who asked for it and for administrators: a page, and the part of it that moves."""
    user: Any = request.user
    job = get_object_or_404(Job.objects.select_related("created_by"), pk=pk)
    if job.created_by_id != user.pk and not user.has_right(Right.MANAGE_HOUSE):
        raise Http404
    context = {
        "job": job,
        "label": registry.label(job.name),
        "poll_url": request.get_full_path(),
        "next": _next_page(request),
    }
    return render_page(request, "jobs/progress.html", context, fragment="job")


@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    """All background work, newest first, for administrators."""
    user: Any = request.user
    # The guard of accounts lies above this app; the right is asked for here.
    if not user.has_right(Right.MANAGE_HOUSE):
        raise PermissionDenied
    page = cursor_page(Job.objects.select_related("created_by"), request.GET.get("after", ""), at="created_at", size=50)
    labelled = [(job, registry.label(job.name)) for job in page.rows]
    return render_page(request, "jobs/list.html", {"page": page, "jobs": labelled})


def _next_page(request: HttpRequest) -> str:
    """Where the person goes on when the work is done: a page of ours named in `?next=`."""
    target = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if ours else ""

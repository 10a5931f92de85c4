"""Follow-ups (お礼・ご連絡): what is due, mine, the desk's or all; done or not needed in one tap, and taken back in one."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import is_fragment, render_page
from crm_project.core.ui.paging import numbered_page
from visits import services
from visits.day import today_of
from visits.follow_up_list import AHEAD, ALL, DESK, MINE, by_urgency, due_counts, open_for, tasks_of, with_guests
from visits.models import FollowUp

follows_up = right_required(Right.LOG_VISITS, Right.TAKE_BOOKINGS)
PAGE = 50
TITLES = {"late": _("Late"), "today": _("Today"), "coming": _("Coming")}


@follows_up
def follow_ups(request: HttpRequest) -> HttpResponse:
    """What is to be done in the next weeks, the late ones first."""
    user, venue = as_user(request.user), active_venue(request)
    today = today_of(venue) if venue is not None else timezone.localdate()
    asked = request.GET.get("who", MINE)
    whose = asked if asked in (MINE, DESK, ALL) else MINE
    rows = open_for(user, whose).filter(due_on__lte=today + AHEAD).order_by("due_on", "visit__starts_at", "pk")
    page = numbered_page(with_guests(rows, user), request.GET.get("page"), size=PAGE)
    due = by_urgency(tasks_of(page.rows, user, today))
    counts = due_counts(user, today)
    context = {
        "page": page,
        "groups": [(name, TITLES[name], tasks) for name, tasks in due.groups()],
        "whose": whose,
        "chips": [
            (MINE, _("Mine"), counts.mine),
            (DESK, _("Front desk"), counts.desk),
            (ALL, _("All"), counts.all),
        ],
    }
    return render_page(request, "visits/follow_ups.html", context)


@follows_up
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Done, or not needed."""
    state = request.POST.get("state", "")
    return _move(
        request, pk, lambda row: services.close_follow_up(follow_up=row, by=as_user(request.user), state=state)
    )


@follows_up
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """To do again."""
    return _move(request, pk, lambda row: services.reopen_follow_up(follow_up=row, by=as_user(request.user)))


def _move(request: HttpRequest, pk: int, verb: Callable[[FollowUp], FollowUp]) -> HttpResponse:
    user = as_user(request.user)
    row = get_object_or_404(FollowUp.objects.visible_to(user), pk=pk)
    problem = ""
    try:
        verb(row)
    except InputProblem as refused:
        problem = str(refused)
    if is_fragment(request):
        again = with_guests(FollowUp.objects.filter(pk=pk), user).get()
        (task,) = tasks_of([again], user, today_of(again.visit.venue))
        html = render_to_string("visits/_follow_up.html", {"task": task, "problem": problem}, request)
        return HttpResponse(html)
    if problem:
        messages.warning(request, problem)
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return redirect(target)
    return redirect(reverse("visits:follow_ups"))

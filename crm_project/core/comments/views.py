"""The queue 返事待ち, one entry with its answers, and one's own entries."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.comments import services
from crm_project.core.comments.forms import AnswerForm
from crm_project.core.comments.models import Thread
from crm_project.core.comments.queries import queue_figures
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import is_fragment, render_page
from crm_project.core.ui.paging import cursor_page, numbered_page

QUEUE_PAGE = 30


@require_GET
@right_required(Right.ANSWER_NOTES)
def unanswered(request: HttpRequest) -> HttpResponse:
    """What waits for an answer of this person: bad news first, then the oldest."""
    return _queue(request)


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """What the person wrote: who has read it, who has answered."""
    rows = Thread.objects.visible_to(as_user(request.user)).filter(author=as_user(request.user)).with_answers()
    page = cursor_page(rows, request.GET.get("after", ""), at="opened_at")
    return render_page(request, "comments/mine.html", {"page": page})


@require_GET
def thread(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry with its answers; opening it counts as reading it."""
    user = as_user(request.user)
    found = _readable(user, pk)
    services.mark_read(thread=found, by=user)
    record(
        by=user,
        action=Action.VIEWED,
        subject_type=found.parent_label,
        subject_id=found.object_id,
        subject_name=str(found),
    )
    return render_page(request, "comments/thread.html", {"thread": _readable(user, pk)})


@require_POST
def react(request: HttpRequest, pk: int) -> HttpResponse:
    """React with one tap."""
    user = as_user(request.user)
    found = _readable(user, pk)
    try:
        services.react(thread=found, by=user, kind=request.POST.get("kind", ""))
    except InputProblem as problem:
        return _refused(request, found, str(problem))
    return _answered(request, found)


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Write an answer."""
    user = as_user(request.user)
    found = _readable(user, pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _refused(request, found, str(form.errors["text"][0]))
    services.answer(thread=found, by=user, text=form.cleaned_data["text"])
    return _answered(request, found)


def _readable(user: User, pk: int) -> Thread:
    """The thread, or 404 for those who may not read its entry."""
    return get_object_or_404(Thread.objects.visible_to(user).with_answers(), pk=pk)


def _answered(request: HttpRequest, found: Thread) -> HttpResponse:
    """Back to where the answer was given: the queue without the entry, or the entry with the answer."""
    if request.POST.get("queue"):
        messages.success(request, _("Answered: %(title)s") % {"title": found.title})
        return _queue(request) if is_fragment(request) else redirect("comments:unanswered")
    if is_fragment(request):
        return _fragment(request, found)
    return redirect(f"{_back(request, found)}#thread-{found.pk}")


def _refused(request: HttpRequest, found: Thread, reason: str) -> HttpResponse:
    """The same place again with the reason beside the answer."""
    problem = {"refused_thread": found.pk, "refused_because": reason}
    if request.POST.get("queue"):
        return _queue(request, problem, status=422)
    if is_fragment(request):
        return _fragment(request, found, problem, status=422)
    return render_page(
        request, "comments/thread.html", problem | {"thread": found, "back": _back(request, found)}, status=422
    )


def _queue(request: HttpRequest, extra: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    user, now = as_user(request.user), timezone.now()
    waiting = Thread.objects.awaiting_reply(user).select_related("author")
    figures = queue_figures(user=user, now=now)
    context = {
        "page": numbered_page(waiting, request.GET.get("page", 1), size=QUEUE_PAGE),
        "figures": figures,
        "longest_wait": figures.oldest_opened_at and timesince(figures.oldest_opened_at, now, depth=1),
        "today": timezone.localdate(now),
        "queue": True,
        # The count in the menu stands outside of the queue and goes along with it.
        "fragment": is_fragment(request),
        **(extra or {}),
    }
    return render_page(request, "comments/unanswered.html", context, fragment="queue", status=status)


def _fragment(
    request: HttpRequest, found: Thread, extra: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    fresh = _readable(as_user(request.user), found.pk)
    context = {"thread": fresh, "back": _back(request, found), **(extra or {})}
    return HttpResponse(render_to_string("comments/_thread.html", context, request), status=status)


def _back(request: HttpRequest, found: Thread) -> str:
    """The page the answer was written on, when it is one of ours; else the entry's own."""
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return found.url

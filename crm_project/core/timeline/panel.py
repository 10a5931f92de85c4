"""The timeline of a card: newest first, by kind, page by page."""

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm_project.core.accounts.models import as_user
from crm_project.core.timeline.choices import EntryKind
from crm_project.core.timeline.models import TimelineEntry
from crm_project.core.ui.paging import cursor_page
from crm_project.core.ui.registry import register_panel

ROWS = 10
PANEL, MORE = "timeline", "timeline-more"


def timeline_panel(request: HttpRequest, subject: models.Model) -> dict[str, Any]:
    """What the person may read of the subject: `kind` and `after` of the address narrow and page it."""
    told = TimelineEntry.objects.about(subject).visible_to(as_user(request.user))
    there = set(told.order_by().values_list("kind", flat=True).distinct())
    kinds = [kind for kind in EntryKind if kind in there]
    chosen = request.GET.get("kind", "")
    chosen = chosen if chosen in EntryKind.values else ""
    rows = told.filter(kind=chosen) if chosen else told
    page = cursor_page(rows, request.GET.get("after", ""), at="at", size=ROWS)
    return {"timeline": page, "kinds": kinds, "chosen_kind": chosen}


def timeline_fragment(request: HttpRequest, subject: models.Model) -> HttpResponse | None:
    """The answer when htmx asks a card for its timeline alone, else None. The card's view has guarded the subject."""
    target = request.headers.get("HX-Target", "")
    if not request.headers.get("HX-Request") or target not in (PANEL, MORE):
        return None
    template = "timeline/_panel.html" if target == PANEL else "timeline/_rows.html"
    return render(request, template, timeline_panel(request, subject))


def register() -> None:
    """Called once, when the app is ready: guests and companies have a timeline."""
    for page in ("customer", "company"):
        register_panel(page, key="timeline", order=80, template="timeline/_panel.html", context=timeline_panel)

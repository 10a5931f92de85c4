"""The timeline of a card: newest first, by kind, page by page."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

from crm_project.core.accounts.models import as_user
from crm_project.core.timeline.choices import EntryKind
from crm_project.core.timeline.models import TimelineEntry
from crm_project.core.timeline.pages import timeline_page
from crm_project.core.timeline.sources import TimelineSource, sources_of
from crm_project.core.ui.registry import register_panel

ROWS = 16
PANEL, MORE = "timeline", "timeline-more"
SEPARATOR = ":"


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """A chip over the timeline: a kind, or one category of the check sheet."""

    value: str
    label: str | Promise


def timeline_panel(request: HttpRequest, subject: models.Model) -> dict[str, Any]:
    """What the person may read of the subject: `kind` and `after` of the address narrow and page it.

    `kind` is a kind ("visit") or a category of the check sheet ("note:ご要望"); nonsense narrows nothing.
    """
    user = as_user(request.user)
    told = TimelineEntry.objects.about(subject).visible_to(user)
    readable = [(source, source.rows(user, subject)) for source in sources_of(subject)]
    sources = [(source, rows) for source, rows in readable if rows is not None]
    filters = _filters(told, sources)
    chosen = request.GET.get("kind", "")
    chosen = chosen if any(one.value == chosen for one in filters) else ""
    kind, _separator, category = chosen.partition(SEPARATOR)
    if chosen:
        told = told.filter(kind=kind, category=category) if category else told.filter(kind=kind)
        sources = [(source, rows) for source, rows in sources if source.kind == kind]
    page = timeline_page(told, sources, cursor=request.GET.get("after", ""), size=ROWS)
    return {"timeline": page, "kinds": filters, "chosen_kind": chosen}


def _filters(
    told: models.QuerySet[TimelineEntry], sources: list[tuple[TimelineSource, models.QuerySet[Any]]]
) -> list[TimelineFilter]:
    there = set(told.order_by().values_list("kind", "category").distinct())
    kinds = {kind for kind, _category in there} | {source.kind for source, rows in sources if rows.exists()}
    filters = []
    for kind in EntryKind:
        if kind == EntryKind.NOTE:
            names = sorted(category for other, category in there if other == kind and category)
            filters += [TimelineFilter(f"{kind.value}{SEPARATOR}{name}", name) for name in names]
        elif kind in kinds:
            filters.append(TimelineFilter(kind.value, kind.label))
    return filters


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

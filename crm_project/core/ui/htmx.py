"""One view for page and fragment: htmx gets the part it asked for, everybody else the whole page."""

from collections.abc import Mapping
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page (a boosted link asks for the whole page)."""
    details = getattr(request, "htmx", None)
    return details is not None and bool(details) and not details.boosted


def render_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    fragment: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render a template as a page, or for htmx only its partial `fragment` (`{% partialdef fragment %}`).

    Messages that wait are sent along with a fragment, to the place where the page shows them.
    """
    values = dict(context or {})
    if fragment and is_fragment(request):
        html = render_to_string(f"{template}#{fragment}", values, request)
        if waiting := list(get_messages(request)):
            html += render_to_string("ui/toasts_oob.html", {"messages": waiting})
        response = HttpResponse(html, status=status)
    else:
        response = HttpResponse(render_to_string(template, values, request), status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response

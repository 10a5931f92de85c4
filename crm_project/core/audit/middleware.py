"""Gives every request an id, shown on error pages and written to every audit entry it causes."""

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from crm_project.core.audit.request import Origin, origin


class RequestIdMiddleware:
    """Outermost of ours: sets `request.request_id`, the X-Request-Id header and the audit origin."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        token = origin.set(Origin(request_id, request.META.get("REMOTE_ADDR") or None))
        try:
            response = self.get_response(request)
        finally:
            origin.reset(token)
        response["X-Request-Id"] = request_id
        return response

"""What every page knows: the house, the person's venues and the one worked at."""

from typing import Any

from django.http import HttpRequest

from crm_project.core.accounts.active_venue import active_venue, venues_of
from crm_project.core.accounts.models import House


def house(request: HttpRequest) -> dict[str, Any]:
    """Context of the base template."""
    context: dict[str, Any] = {"house": House.current()}
    if getattr(request, "user", None) is not None and request.user.is_authenticated:
        context |= {"active_venue": active_venue(request), "my_venues": venues_of(request)}
    return context

"""What every request knows of the house: it is read once, and the venue worked at decides the time zone of the page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.models import house_read_once


class OneHouseMiddleware:
    """Every page of a request belongs to the house as it was read once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with house_read_once():
            return self.get_response(request)


class VenueTimezoneMiddleware:
    """Activates the time zone of the venue a signed-in person works at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        venue = active_venue(request)
        if venue is None:
            return self.get_response(request)
        with timezone.override(venue.zone):
            return self.get_response(request)

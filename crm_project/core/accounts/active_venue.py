"""The venue a person is working at now: chosen once, kept in the session."""

from django.http import HttpRequest

from crm_project.core.accounts.models import Venue, as_user

SESSION_KEY = "venue"


def venues_of(request: HttpRequest) -> list[Venue]:
    """Venues where the signed-in person works, in the house's order; read once per request."""
    if not hasattr(request, "_venues"):
        user = as_user(request.user)
        venues = Venue.objects.all() if user.is_superuser else Venue.objects.in_order(user.venue_ids)
        request._venues = list(venues)  # type: ignore[attr-defined]
    return request._venues  # type: ignore[attr-defined,no-any-return]


def active_venue(request: HttpRequest) -> Venue | None:
    """The chosen venue, else the first one of the person, None for somebody who works nowhere."""
    venues = venues_of(request)
    chosen = request.session.get(SESSION_KEY)
    return next((venue for venue in venues if venue.pk == chosen), venues[0] if venues else None)


def choose_venue(request: HttpRequest, venue_id: int) -> None:
    """Work at another of one's venues from now on; ids of other venues change nothing."""
    if any(venue.pk == venue_id for venue in venues_of(request)):
        request.session[SESSION_KEY] = venue_id

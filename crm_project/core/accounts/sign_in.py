"""Who has tried to sign in too often: one name at one address after a few wrong passwords, an address after many names."""

from allauth.account.adapter import get_adapter
from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The address of the browser: the one a trusted proxy saw, not one the browser names. None without a connection."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return None


def tried_name(request: HttpRequest, credentials: dict[str, str | None] | None = None) -> str | None:
    """The name somebody tries: in small letters, as sign-in does not tell letters apart by size either."""
    name = (credentials or {}).get("username") or request.POST.get("login")
    return name.lower() if name else None


class HouseAxesHandler(AxesDatabaseHandler):
    """axes with a second limit: what it counts per name would let one address try a password on every name."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, str | None] | None = None) -> bool:
        """Whether the name has failed too often from this address, or the address with whatever names."""
        if super().is_locked(request, credentials):
            return True
        # Nobody adds more than AXES_FAILURE_LIMIT with one name: a colleague who has forgotten a password locks no office.
        lately = AccessAttempt.objects.filter(
            ip_address=request.axes_ip_address,  # type: ignore[attr-defined]
            attempt_time__gte=get_cool_off_threshold(request),
        )
        failures = lately.aggregate(failures=Sum("failures_since_start"))["failures"] or 0
        return bool(failures >= settings.SIGN_IN_FAILURES_PER_ADDRESS)

"""What every page knows: the house, the person's venues and the one worked at."""

import base64
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.functional import SimpleLazyObject

from crm_project.core.accounts.active_venue import active_venue, venues_of
from crm_project.core.accounts.models import House, User
from crm_project.core.accounts.screen_lock import is_locked
from crm_project.core.rights import Right


def house(request: HttpRequest) -> dict[str, Any]:
    """Context of the base template; what only whole pages show is worked out when one asks for it."""
    context: dict[str, Any] = {"house": SimpleLazyObject(House.current)}
    if getattr(request, "user", None) is not None and request.user.is_authenticated:
        context |= {"active_venue": active_venue(request), "my_venues": venues_of(request)}
        if isinstance(request.user, User) and not is_locked(request):
            keys = SimpleLazyObject(partial(draft_keys, request.user))
            context["draft_owner"] = SimpleLazyObject(lambda: keys[1])
            # Who records no visits has no drafts; their pages wipe another's all the same.
            if request.user.has_right(Right.LOG_VISITS):
                context["draft_key"] = SimpleLazyObject(lambda: keys[0])
    return context


def draft_keys(user: User) -> tuple[str, str]:
    """(key, owner): what seals unsent words on the device, and a mark that tells the person's from another's.

    Only pages of the signed-in person hold the key; a new password makes a new one.
    """
    whose = f"{user.pk}:{user.get_session_auth_hash()}"
    key, owner = (
        salted_hmac(f"okami.{salt}", whose, algorithm="sha256").digest() for salt in ("draft-key", "draft-owner")
    )
    return base64.b64encode(key).decode(), base64.b64encode(owner[:12]).decode()

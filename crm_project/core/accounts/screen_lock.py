"""A short screen lock: one tap when leaving the tablet, one's own password when coming back; what was typed stays.

The person stays signed in, so that drafts are kept; nothing but the lock, signing out and the language answers meanwhile.
"""

from collections.abc import Callable
from typing import Final

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User

LOCKED: Final = "screen_locked_at"
OPEN_WHILE_LOCKED: Final = ("lock", "switch", "account_logout", "choose_language", "set_theme", "healthz")


class UnlockForm(forms.Form):
    """The password of whoever is signed in."""

    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True})
    )

    def __init__(self, *args: object, request: HttpRequest, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.request, self.user = request, user

    def clean_password(self) -> str:
        """Refuse a wrong password, and every one after too many wrong ones: tries count as those of signing in."""
        password: str = self.cleaned_data["password"]
        try:
            known = authenticate(self.request, username=self.user.username, password=password)
        except PermissionDenied:
            known = None
        if known is None or known.pk != self.user.pk:
            raise forms.ValidationError(_("This is not the password of %(name)s."), params={"name": str(self.user)})
        return password


def lock_screen(request: HttpRequest, *, page: str) -> None:
    """Lock this session; `page` is where the person goes on afterwards."""
    safe = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    request.session[LOCKED] = page if safe else reverse("home")


def unlock_screen(request: HttpRequest) -> str:
    """Unlock this session; where the person was."""
    return str(request.session.pop(LOCKED, "") or reverse("home"))


def is_locked(request: HttpRequest) -> bool:
    """Whether this session is locked."""
    return LOCKED in request.session


class ScreenLockMiddleware:
    """Sends every page of a locked session to the lock."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._open: frozenset[str] | None = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or not is_locked(request) or request.path in self._open_paths():
            return self.get_response(request)
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": reverse("lock")})
        return redirect("lock")

    def _open_paths(self) -> frozenset[str]:
        if self._open is None:
            self._open = frozenset(reverse(name) for name in OPEN_WHILE_LOCKED)
        return self._open

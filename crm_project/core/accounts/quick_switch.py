"""A shared tablet: after one full sign-in per shift a person takes over with a PIN, so that one ID per person stays true.

Who has signed in with the password on a device may take it over there until the venue's business day ends; the fifth wrong PIN
asks for the password again, and so do signing out, a new password and the end of the day.
"""

import uuid
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import authenticate, login
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.models import DeviceSignIn, QuickPin, User, as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.dates import business_date, business_day_bounds
from crm_project.core.problems import InputProblem

COOKIE: Final = "okami_device"
SALT: Final = "okami.device"
WRONG_PINS: Final = 5
SHORTEST_PIN, LONGEST_PIN = 4, 8
COOKIE_SECONDS: Final = 400 * 24 * 3600
BACKEND: Final = "crm_project.core.accounts.backends.HouseBackend"
DIGITS: Final = "01234567890 9876543210"
HIDDEN: Final = "***"


class PinRefused(InputProblem):
    """The PIN does not let the person in; `is_closed` when only the password does from now on."""

    def __init__(self, message: Any, *, is_closed: bool) -> None:
        super().__init__(message)
        self.is_closed = is_closed


def weakness_of(pin: str) -> Any:
    """What is wrong with a PIN, "" when nothing is."""
    if not (pin.isascii() and pin.isdecimal() and SHORTEST_PIN <= len(pin) <= LONGEST_PIN):
        return _("A PIN has 4 to 8 digits.")
    if len(set(pin)) == 1 or pin in DIGITS:
        return _("This PIN is the first one guesses. Take other digits.")
    return ""


@transaction.atomic
def set_pin(*, user: User, pin: str) -> None:
    """Give oneself a PIN. Raises InputProblem."""
    if weakness := weakness_of(pin):
        raise InputProblem(weakness)
    QuickPin.objects.update_or_create(user=user, defaults={"pin": make_password(pin)})
    record(by=user, action=Action.CHANGED, subject=user, changes={"pin": [HIDDEN, HIDDEN]})


@transaction.atomic
def drop_pin(*, user: User) -> None:
    """Do without a PIN again; the same twice is once."""
    gone, _kinds = QuickPin.objects.filter(user=user).delete()
    if gone:
        record(by=user, action=Action.CHANGED, subject=user, changes={"pin": [HIDDEN, None]})


def device_of(request: HttpRequest) -> uuid.UUID | None:
    """The device by its signed cookie; None for one where nobody has signed in yet."""
    try:
        return uuid.UUID(request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=COOKIE_SECONDS) or "")
    except ValueError:
        return None


def remember_sign_in(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """A full sign-in on a device counts there until the business day ends."""
    venue = active_venue(request)
    if venue is None:
        return
    now = timezone.now()
    day = business_date(now, venue.closing_hour, venue.zone)
    ends_at = business_day_bounds(day, venue.closing_hour, venue.zone)[1]
    device = device_of(request) or uuid.uuid4()
    DeviceSignIn.objects.filter(ends_at__lte=now).delete()
    DeviceSignIn.objects.update_or_create(
        device=device,
        user=user,
        defaults={"ends_at": ends_at, "auth_hash": user.get_session_auth_hash(), "wrong_pins": 0},
    )
    response.set_signed_cookie(
        COOKIE,
        str(device),
        salt=SALT,
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def forget_sign_in(request: HttpRequest, user: User) -> None:
    """Whoever signs out has finished on this device."""
    device = device_of(request)
    if device is not None:
        DeviceSignIn.objects.filter(device=device, user=user).delete()


def may_take_over(request: HttpRequest) -> list[User]:
    """Colleagues with a PIN who signed in fully on this device today, in their order. One query."""
    device = device_of(request)
    if device is None:
        return []
    rows = _open_rows(device).exclude(user=request.user.pk).select_related("user")
    people = [row.user for row in rows if row.auth_hash == row.user.get_session_auth_hash()]
    return sorted(people, key=lambda user: (user.kana, str(user)))


def take_over(request: HttpRequest, *, user_id: int, pin: str) -> User:
    """Go on as somebody else: a new session with their rights alone, until the business day ends. Raises PinRefused."""
    device, before = device_of(request), request.user
    # Counted and committed whatever follows: a refusal must not take back its own count.
    with transaction.atomic():
        rows = _open_rows(device).select_for_update(of=("self",)) if device is not None else DeviceSignIn.objects.none()
        row = rows.select_related("user__quick_pin").filter(user=user_id).first()
        is_known = row is not None and row.auth_hash == row.user.get_session_auth_hash()
        is_right = row is not None and is_known and check_password(pin, row.user.quick_pin.pin)
        if row is not None and not is_right:
            _count_wrong(row)
    if row is None or not is_known:
        raise PinRefused(_("Sign in with the password first."), is_closed=True)
    if not is_right:
        if row.wrong_pins >= WRONG_PINS:
            raise PinRefused(_("Wrong PIN five times: sign in with the password."), is_closed=True)
        raise PinRefused(_("This is not the PIN."), is_closed=False)
    DeviceSignIn.objects.filter(pk=row.pk).update(wrong_pins=0)
    # Nothing of the session goes over: neither the lock, nor the venue, nor what was chosen.
    request.session.flush()
    login(request, row.user, backend=BACKEND)
    request.session.set_expiry(_expiry(row.ends_at))
    record(
        by=row.user,
        action=Action.CHANGED,
        subject=row.user,
        changes={"quick_switch": [str(before), str(row.user)]},
    )
    return row.user


def make_room(request: HttpRequest) -> None:
    """Let somebody else sign in with the password: the session ends, and who leaves may take the tablet over again."""
    user = as_user(request.user)
    record(by=user, action=Action.SIGNED_OUT, subject=user)
    # Not Django's logout: its signal is for who has finished on this device.
    request.session.flush()


def knows_password(request: HttpRequest, user: User, password: str) -> bool:
    """Whether this is the person's password; tries count as those of signing in."""
    try:
        known = authenticate(request, username=user.username, password=password)
    except PermissionDenied:
        return False
    return known is not None and known.pk == user.pk


def _open_rows(device: uuid.UUID) -> models.QuerySet[DeviceSignIn]:
    return DeviceSignIn.objects.filter(
        device=device,
        ends_at__gt=timezone.now(),
        wrong_pins__lt=WRONG_PINS,
        user__is_active=True,
        user__quick_pin__isnull=False,
    )


def _count_wrong(row: DeviceSignIn) -> None:
    row.wrong_pins += 1
    row.save(update_fields=["wrong_pins"])


def _expiry(ends_at: datetime) -> int:
    """Seconds of the session: until the day ends, never longer than a full sign-in's."""
    left = int((ends_at - timezone.now()).total_seconds())
    longest: int = settings.SESSION_COOKIE_AGE
    return max(1, min(left, longest))

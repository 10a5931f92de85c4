"""Signing in, out and failing to: Django's own signals are the only place that sees all of them."""

from typing import Any

from django.contrib.auth import signals

from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record


def _signed_in(sender: Any, user: Any, **kwargs: Any) -> None:
    record(by=user, action=Action.SIGNED_IN, subject=user)


def _signed_out(sender: Any, user: Any, **kwargs: Any) -> None:
    if user is not None:
        record(by=user, action=Action.SIGNED_OUT, subject=user)


def _failed(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    name = str(credentials.get("username") or credentials.get("login") or "")
    record(by=None, action=Action.SIGN_IN_FAILED, subject_type="accounts.user", subject_name=name)


def connect() -> None:
    """Listen to Django's signals (called once, when the app is ready)."""
    signals.user_logged_in.connect(_signed_in, dispatch_uid="audit_signed_in")
    signals.user_logged_out.connect(_signed_out, dispatch_uid="audit_signed_out")
    signals.user_login_failed.connect(_failed, dispatch_uid="audit_sign_in_failed")

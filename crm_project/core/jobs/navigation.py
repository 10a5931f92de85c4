"""The entry of the background work among the settings."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm_project.core.rights import Right
from crm_project.core.ui.registry import register_action


def register() -> None:
    """Called once, when the app is ready."""
    register_action(
        "settings",
        key="jobs",
        order=85,
        label=_("Background work"),
        icon="refresh",
        url=lambda subject: reverse("jobs:list"),
        visible=lambda user, subject: user.has_right(Right.MANAGE_HOUSE),
    )

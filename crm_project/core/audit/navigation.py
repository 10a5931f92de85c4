"""The entry of the trail among the settings."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm_project.core.rights import Right
from crm_project.core.ui.registry import register_action


def register() -> None:
    """Called once, when the app is ready."""
    register_action(
        "settings",
        key="audit",
        order=80,
        label=_("Who read and changed what"),
        icon="history",
        url=lambda subject: reverse("audit:list"),
        visible=lambda user, subject: user.has_right(Right.VIEW_AUDIT),
    )

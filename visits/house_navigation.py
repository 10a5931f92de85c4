"""What the house's decisions about rooms and bookings add to the settings."""

from functools import partial

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm_project.core.rights import Right
from crm_project.core.ui.registry import register_action


def _address(name: str, subject: object) -> str:
    return reverse(f"visits:{name}")


def register() -> None:
    """Called once, when the app is ready."""
    for key, order, label, icon in (
        ("rooms", 42, _("Rooms"), "room"),
        ("terms", 43, _("Terms of booking"), "clock"),
        ("closed_days", 44, _("Closed days"), "calendar"),
        ("sources", 45, _("Sources of bookings"), "phone"),
        ("rules", 46, _("Follow-up rules"), "thanks"),
    ):
        register_action(
            "settings",
            key=key,
            order=order,
            label=label,
            icon=icon,
            url=partial(_address, key),
            visible=lambda user, subject: user.has_right(Right.MANAGE_HOUSE),
        )

"""The menu entry of the settings, and the entries of this app on that page."""

from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm_project.core.rights import Right
from crm_project.core.ui.registry import actions_for, register_action, register_nav

SETTINGS = "settings"


def has_settings(user: Any) -> bool:
    """Whether there is anything this person may set up."""
    return bool(actions_for(SETTINGS, user, None))


def _address(name: str, subject: Any) -> str:
    return reverse(f"accounts:{name}")


def register() -> None:
    """Called once, when the app is ready."""
    register_nav(
        key="settings",
        label=_("Settings"),
        url_name="accounts:settings",
        icon="settings",
        order=90,
        visible=has_settings,
    )
    entries = (
        ("house", 10, _("House"), "home"),
        ("venues", 20, _("Venues"), "building"),
        ("people", 30, _("People"), "people"),
        ("loans", 35, _("Help from other venues"), "people"),
        ("roles", 40, _("Roles and rights"), "lock"),
    )
    for key, order, label, icon in entries:
        register_action(
            SETTINGS,
            key=key,
            order=order,
            label=label,
            icon=icon,
            url=partial(_address, key),
            visible=lambda user, subject: user.has_right(Right.MANAGE_HOUSE),
        )

"""The menu entry of the dishes."""

from django.utils.translation import gettext_lazy as _

from crm_project.core.ui.registry import register_nav


def register() -> None:
    """Called once, when the app is ready."""
    register_nav(key="menus", label=_("Menus"), url_name="menus:list", icon="dish", order=40, visible=lambda user: True)

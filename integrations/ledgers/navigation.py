"""What the ledgers add to the menu."""

from django.utils.translation import gettext_lazy as _

from crm_project.core.rights import Right
from crm_project.core.ui.registry import register_nav


def register() -> None:
    """Called once, when the app is ready."""
    register_nav(
        key="ledgers",
        label=_("Ledgers"),
        url_name="integrations:ledgers",
        icon="import",
        order=85,
        visible=lambda user: user.has_right(Right.IMPORT_LEDGERS),
    )

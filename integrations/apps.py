from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    """What comes in from outside."""

    name = "integrations"
    verbose_name = _("Ledgers and accounting")

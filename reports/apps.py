from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """What is computed from it: ranks, sales and profit per rank."""

    name = "reports"
    verbose_name = _("Figures")

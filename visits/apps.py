from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VisitsConfig(AppConfig):
    """Who came, what was served, what was noticed."""

    name = "visits"
    verbose_name = _("Visits")

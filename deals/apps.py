from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DealsConfig(AppConfig):
    """Banquet inquiries from the first call to won or lost."""

    name = "deals"
    verbose_name = _("Banquets")

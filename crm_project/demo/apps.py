from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    """The demo house: sees all apps, seen by none."""

    name = "crm_project.demo"
    label = "demo"
    verbose_name = _("Demo house")

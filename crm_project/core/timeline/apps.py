from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TimelineConfig(AppConfig):
    """One row per thing worth telling about a guest."""

    name = "crm_project.core.timeline"
    label = "timeline"
    verbose_name = _("Timeline")

    def ready(self) -> None:
        from crm_project.core.timeline import panel

        panel.register()

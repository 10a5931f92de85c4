from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    """What comes in from outside."""

    name = "integrations"
    verbose_name = _("Ledgers and accounting")

    def ready(self) -> None:
        # Web and command line start jobs too: their names must be known there, not only in a worker.
        from integrations import tasks  # noqa: F401
        from integrations.ledgers import navigation as ledgers
        from integrations.sources import navigation as sources

        ledgers.register()
        sources.register()

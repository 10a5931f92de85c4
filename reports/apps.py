from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """What is computed from it: ranks, sales and profit per rank."""

    name = "reports"
    verbose_name = _("Figures")

    def ready(self) -> None:
        from reports import navigation
        from reports.defaults import ensure_rank_policy

        navigation.register()

        post_migrate.connect(
            lambda **kwargs: ensure_rank_policy(), sender=self, weak=False, dispatch_uid="shipped_rank_policy"
        )

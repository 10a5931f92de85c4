from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReportsConfig(AppConfig):
    """What is computed from it: ranks, sales and profit per rank."""

    name = "reports"
    verbose_name = _("Figures")

    def ready(self) -> None:
        from crm_project.core.audit.history import register_words
        from reports import merging, navigation
        from reports.defaults import ensure_rank_policy

        merging.register()
        navigation.register()
        register_words(
            "reports.rankrun",
            labels=lambda: {"customers": _("guests"), "changed": pgettext_lazy("rank run", "Changed")},
            values={},
        )
        post_migrate.connect(
            lambda **kwargs: ensure_rank_policy(), sender=self, weak=False, dispatch_uid="shipped_rank_policy"
        )

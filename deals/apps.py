from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class DealsConfig(AppConfig):
    """Banquet inquiries from the first call to won or lost."""

    name = "deals"
    verbose_name = _("Banquets")

    def ready(self) -> None:
        from deals import handover, merging, navigation
        from deals.defaults import create_shipped_labels

        post_migrate.connect(
            lambda **kwargs: create_shipped_labels(), sender=self, weak=False, dispatch_uid="shipped_stage_labels"
        )
        merging.register()
        navigation.register()
        handover.register()

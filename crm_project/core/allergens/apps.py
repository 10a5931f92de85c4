from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AllergensConfig(AppConfig):
    """The legal lists by date, and the house's own items."""

    name = "crm_project.core.allergens"
    label = "allergens"
    verbose_name = _("Allergens")

    def ready(self) -> None:
        from crm_project.core.allergens.legal_lists import ensure_legal_lists

        post_migrate.connect(lambda **kwargs: ensure_legal_lists(), sender=self, weak=False, dispatch_uid="legal_lists")

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People, venues (店舗), roles and what they may see."""

    name = "crm_project.core.accounts"
    label = "accounts"
    verbose_name = _("People and venues")

    def ready(self) -> None:
        from crm_project.core.accounts import navigation
        from crm_project.core.accounts.services import create_shipped_roles, sync_all_rights

        post_migrate.connect(
            lambda **kwargs: create_shipped_roles(), sender=self, weak=False, dispatch_uid="shipped_roles"
        )
        post_migrate.connect(lambda **kwargs: sync_all_rights(), sender=self, weak=False, dispatch_uid="all_rights")
        navigation.register()

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People, venues (店舗), roles and what they may see."""

    name = "crm_project.core.accounts"
    label = "accounts"
    verbose_name = _("People and venues")

    def ready(self) -> None:
        from allauth.account.signals import user_logged_in, user_logged_out

        from crm_project.core.accounts import navigation
        from crm_project.core.accounts.quick_switch import forget_sign_in, remember_sign_in
        from crm_project.core.accounts.services import create_shipped_roles, sync_all_rights

        post_migrate.connect(
            lambda **kwargs: create_shipped_roles(), sender=self, weak=False, dispatch_uid="shipped_roles"
        )
        post_migrate.connect(lambda **kwargs: sync_all_rights(), sender=self, weak=False, dispatch_uid="all_rights")
        # A sign-in by the form alone; taking over with a PIN is none.
        user_logged_in.connect(
            lambda request, response, user, **kwargs: remember_sign_in(request, response, user),
            weak=False,
            dispatch_uid="device_sign_in",
        )
        user_logged_out.connect(
            lambda request, user, **kwargs: forget_sign_in(request, user) if user is not None else None,
            weak=False,
            dispatch_uid="device_sign_out",
        )
        navigation.register()

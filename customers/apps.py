from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    """Guests, companies and what is known of them."""

    name = "customers"
    verbose_name = _("Guests")

    def ready(self) -> None:
        from customers import navigation

        navigation.register()

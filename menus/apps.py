from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MenusConfig(AppConfig):
    """Dishes, courses and what they contain."""

    name = "menus"
    verbose_name = _("Menus")

    def ready(self) -> None:
        from menus import navigation

        navigation.register()

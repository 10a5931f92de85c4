from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MenusConfig(AppConfig):
    """Dishes, courses and what they contain."""

    name = "menus"
    verbose_name = _("Menus")

    def ready(self) -> None:
        from crm_project.core.allergens.choices import Presence
        from crm_project.core.allergens.models import Allergen
        from crm_project.core.audit.history import register_words
        from menus import navigation

        navigation.register()
        register_words(
            "menus.dish",
            labels=lambda: {allergen.code: allergen.name for allergen in Allergen.objects.all()},
            values=dict(Presence.choices),
        )
        register_words("menus.course", labels=lambda: {"dishes": _("dishes")}, values={})

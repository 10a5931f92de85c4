from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    """The demo house: sees all apps, seen by none."""

    name = "crm_project.demo"
    label = "demo"
    verbose_name = _("Demo house")

    def ready(self) -> None:
        from crm_project.core.audit.history import register_words

        register_words(
            "accounts.house",
            labels=lambda: {
                "customers": _("guests"),
                "visits": _("visits"),
                "reservations": _("reservations"),
                "deals": _("banquet inquiries"),
                "documents": _("documents"),
                "seconds": _("seconds"),
                "years": _("years"),
                "seed": _("number of the draw"),
            },
            values={},
        )

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """Who read and who changed what."""

    name = "crm_project.core.audit"
    label = "audit"
    verbose_name = _("Audit")

    def ready(self) -> None:
        from crm_project.core.audit import navigation, sign_ins

        sign_ins.connect()
        navigation.register()

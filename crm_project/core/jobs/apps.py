from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """Background work that survives a killed worker."""

    name = "crm_project.core.jobs"
    label = "jobs"
    verbose_name = _("Jobs")

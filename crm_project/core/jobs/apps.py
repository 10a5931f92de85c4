from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    """Background work that survives a killed worker."""

    name = "crm_project.core.jobs"
    label = "jobs"
    verbose_name = _("Jobs")

    def ready(self) -> None:
        from crm_project.core.jobs import navigation

        # Whoever starts work must know its name: the registry is filled in web processes and commands too.
        autodiscover_modules("tasks")
        navigation.register()

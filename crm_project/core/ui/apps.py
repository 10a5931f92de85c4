"""The app of the user interface: components, registries, paging, fragments."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Screens are built on this app; it has no tables of its own."""

    name = "crm_project.core.ui"
    label = "ui"
    verbose_name = "Okami"

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    """Every entry of the floor gets an answer."""

    name = "crm_project.core.comments"
    label = "comments"
    verbose_name = _("Comments")

    def ready(self) -> None:
        from crm_project.core.comments import navigation

        navigation.register()

from django.apps import AppConfig
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    """What comes in from outside."""

    name = "integrations"
    verbose_name = _("Ledgers and accounting")

    def ready(self) -> None:
        from crm_project.core.audit.history import register_words

        # Web and command line start jobs too: their names must be known there, not only in a worker.
        from integrations import tasks  # noqa: F401
        from integrations.ledgers import navigation as ledgers
        from integrations.models import NotebookPage
        from integrations.notebooks.photos import forget_file
        from integrations.sources import merging
        from integrations.sources import navigation as sources

        # A photo goes with its page, also when the page goes with its notebook.
        post_delete.connect(
            lambda instance, **kwargs: forget_file(instance),
            sender=NotebookPage,
            weak=False,
            dispatch_uid="notebook_photos",
        )
        ledgers.register()
        sources.register()
        merging.register()
        counts = {
            "rows": _("rows"),
            "created": _("new"),
            "updated": _("updated"),
            "unchanged": _("unchanged"),
            "errors": _("set aside"),
        }
        turned = {"restored": _("put back"), "removed": _("removed"), "kept": _("left as changed since")}
        register_words("integrations.ledgerimport", labels=lambda: {**counts, **turned}, values={})
        register_words(
            "integrations.notebook",
            labels=lambda: {
                "pages": _("pages added"),
                "page_done": _("page done"),
                "page_removed": _("page taken away"),
                "photos": _("photos"),
            },
            values={},
        )
        register_words(
            "integrations.source",
            labels=lambda: {
                **counts,
                "file": _("file"),
                "lines": _("lines"),
                "amount_total": _("net amount"),
                "unmatched_partners": _("not matched yet"),
            },
            values={},
        )

from django.apps import AppConfig
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
        from integrations.sources import merging
        from integrations.sources import navigation as sources

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

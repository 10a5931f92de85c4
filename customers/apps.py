from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    """Guests, companies and what is known of them."""

    name = "customers"
    verbose_name = _("Guests")

    def ready(self) -> None:
        from crm_project.core.audit.history import register_words

        # Web and command line start jobs too: their names must be known there, not only in a worker.
        from customers import apart_navigation, handover, handover_navigation, navigation, search_tables, tasks  # noqa: F401
        from customers.merging import own_rows
        from customers.wording import CODED, company_labels, labels

        def ensure_search(using: str, **kwargs: Any) -> None:
            search_tables.ensure(connections[using])

        own_rows.register()
        navigation.register()
        apart_navigation.register()
        handover.register()
        handover_navigation.register()
        register_words("customers.customer", labels=labels, values=CODED)
        register_words("customers.company", labels=company_labels, values=CODED)
        register_words(
            "customers.handover", labels=lambda: {"guests": _("guests"), "assigned": _("handed over")}, values={}
        )
        post_migrate.connect(ensure_search, sender=self, weak=False, dispatch_uid="search_tables")

"""What becomes of accounting's partners and their documents when two cards are made one, and two again."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from customers.merging.later import register_kind, register_refresh
from integrations.models import PartnerLink, Source
from integrations.sources.partners import attribute_documents


def documents_follow(guest_ids: Iterable[int]) -> None:
    """Write on the documents of the guests' partners whose they are now; also on those pulled since a merge."""
    links: dict[int, list[int]] = {}
    for source_id, pk in PartnerLink.objects.filter(customer__in=list(guest_ids)).values_list("source_id", "pk"):
        links.setdefault(source_id, []).append(pk)
    for source in Source.objects.filter(pk__in=links):
        attribute_documents(source=source, partner_ids=links[source.pk])


def partners_seen(user: Any, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Partners of the sources the person may work on."""
    return rows.filter(source__in=Source.objects.manageable_by(user)).select_related("source")


def register() -> None:
    """Called once, when the app is ready."""
    register_refresh(documents_follow)
    register_kind(
        "integrations.partnerlink", visible=partners_seen, words=lambda link: f"{link.source} {link.code} {link.name}"
    )

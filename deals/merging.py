"""What becomes of banquet inquiries when one card becomes two again."""

from typing import Any

from django.db import models

from customers.merging.later import register_kind, register_reteller
from deals.models import Deal
from deals.story import retell_many


def inquiries_seen(user: Any, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Inquiries the person may read."""
    return rows.filter(pk__in=Deal.objects.visible_to(user))


def register() -> None:
    """Called once, when the app is ready."""
    register_kind("deals.deal", visible=inquiries_seen)
    register_reteller("deals.deal", retell_many)

"""Counts about what went wrong: the same cause, and the same question asked again. Never about persons."""

from collections.abc import Collection
from datetime import date

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from crm_project.core.accounts.models import User
from visits.models import Complaint, RepeatedQuestion

CAUSES_SHOWN = 8
MONTHS_SHOWN = 12
CAUSES_OFFERED = 30


def causes(user: User, venue_ids: Collection[int]) -> list[tuple[str, int]]:
    """Causes that were written down, the most frequent first, with how often; as far as the person may read them."""
    rows = Complaint.objects.visible_to(user).filter(venue__in=venue_ids).exclude(cause="")
    counted = rows.values_list("cause").annotate(times=Count("pk")).order_by("-times", "cause")
    return [(cause, times) for cause, times in counted[:CAUSES_SHOWN]]


def known_causes(user: User, venue_ids: Collection[int]) -> list[str]:
    """The words for causes that a venue uses, to be picked again; as far as the person may read them."""
    rows = Complaint.objects.visible_to(user).filter(venue__in=venue_ids).exclude(cause="").order_by("cause")
    return list(rows.values_list("cause", flat=True).distinct()[:CAUSES_OFFERED])


def asked_again_by_month(venue_ids: Collection[int]) -> list[tuple[str, date, int]]:
    """(venue, first day of the month, how often a guest was asked the same again), the newest month first. One query."""
    rows = (
        RepeatedQuestion.objects.filter(venue__in=venue_ids)
        .annotate(month=TruncMonth("business_date"))
        .values_list("venue__name", "month", "venue__position")
        .annotate(times=Sum("count"))
        .order_by("-month", "venue__position", "venue__name")
    )
    return [(name, month, times) for name, month, _position, times in rows[: MONTHS_SHOWN * max(1, len(venue_ids))]]

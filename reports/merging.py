"""The rank of a card that was made of two, or became two again: at once, not only in the night."""

from collections.abc import Iterable

from customers.merging.later import register_refresh
from customers.models import Customer
from reports.models import RankRun
from reports.services import explain_rank


def rank_again(guest_ids: Iterable[int]) -> None:
    """Give the guests the rank of their figures as of the latest run; ranks that nobody has computed yet stay.

    Sales per rank and month follow with the next run.
    """
    if not RankRun.objects.exists():
        return
    for guest in Customer.objects.present().filter(pk__in=list(guest_ids)):
        Customer.objects.filter(pk=guest.pk).update(rank=explain_rank(guest).rank_id)


def register() -> None:
    """Called once, when the app is ready."""
    register_refresh(rank_again)

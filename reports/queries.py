"""Reads of the figures shared by screens, jobs and the command line."""

from django.db.models import Count

from customers.models import Customer, Rank


def rank_counts() -> dict[str, int]:
    """Rank name -> how many guests hold it, best rank first, with zeros; guests without a rank are not in it."""
    holders = dict(Customer.objects.present().exclude(rank=None).order_by().values_list("rank").annotate(Count("pk")))
    return {rank.name: holders.get(rank.pk, 0) for rank in Rank.objects.all()}

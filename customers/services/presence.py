"""Who has a guest's form open. Nothing of it is history: no audit entry, and a minute later it means nothing."""

from django.utils import timezone

from crm_project.core.accounts.models import User
from customers.models import Customer, OpenCard
from customers.presence import STAYS


def announce_open(*, customer: Customer, by: User) -> None:
    """The person has the form open now; called again while it stays open. One query."""
    OpenCard.objects.bulk_create(
        [OpenCard(customer=customer, user=by, seen_at=timezone.now())],
        update_conflicts=True,
        unique_fields=["customer", "user"],
        update_fields=["seen_at"],
    )


def forget_open(*, customer: Customer, by: User) -> None:
    """The person has saved; with it goes what others left behind when they closed their browsers."""
    OpenCard.objects.filter(customer=customer, user=by).delete()
    OpenCard.objects.filter(seen_at__lt=timezone.now() - STAYS).delete()

"""The figures of a guest that follow from visits."""

from django.db.models import Count, Max, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from customers.models import Customer
from visits.choices import VisitStatus
from visits.models import Attendance


def refresh_visit_figures(*, customer_ids: set[int]) -> None:
    """Count completed visits anew and find the last one, for these guests, in one statement; confidential ones apart."""
    took_place = (
        Attendance.objects.filter(
            customer=OuterRef("pk"), visit__status=VisitStatus.COMPLETED, visit__is_confidential=False
        )
        .order_by()
        .values("customer")
    )
    Customer.objects.filter(pk__in=customer_ids).update(
        visit_count=Coalesce(Subquery(took_place.annotate(n=Count("visit", distinct=True)).values("n")), Value(0)),
        last_visit_on=Subquery(took_place.annotate(last=Max("visit__business_date")).values("last")),
    )

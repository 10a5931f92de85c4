"""What accounting adds to the menu and to the guest's card."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm_project.core.audit.scopes import register_scope
from crm_project.core.money import format_amount
from crm_project.core.rights import Right
from crm_project.core.timeline.choices import EntryKind
from crm_project.core.timeline.models import TimelineEntry
from crm_project.core.timeline.sources import TimelineSource, register_timeline_source
from crm_project.core.ui.registry import register_nav
from integrations.models import ActualDocument, Source
from visits.models import Visit


def bills_of(user: Any, customer: Any) -> QuerySet[ActualDocument] | None:
    """The posted documents of a guest; None for those who may see no money.

    The bill of an evening that is sealed from the person would tell its day: it is left out.
    """
    if not user.has_right(Right.VIEW_MONEY):
        return None
    sealed = Visit.objects.sealed_from(user).filter(attendances__customer=customer).values("business_date")
    bills = ActualDocument.objects.posted().money_visible_to(user).filter(customer=customer)
    return bills.exclude(posting_date__in=sealed).select_related("venue")


def told_bill(bill: ActualDocument) -> TimelineEntry:
    """A document as the timeline tells it: number, amount net of tax in its currency, venue."""
    return TimelineEntry(
        kind=EntryKind.BILL,
        title=gettext("Bill %(number)s") % {"number": bill.doc_no},
        aside=str(bill.venue or ""),
        details=[[gettext("Amount"), format_amount(bill.net_amount, bill.currency)]],
        url=reverse("integrations:document", args=[bill.pk]),
    )


def audited_sources(user: Any) -> QuerySet[Source] | None:
    """Sources whose trail, with the totals of their pulls, the person may read; None for all."""
    if user.has_right_everywhere(Right.VIEW_AUDIT):
        return None
    return Source.objects.filter(default_venue__in=user.venues_with(Right.VIEW_AUDIT))


def register() -> None:
    """Called once, when the app is ready."""
    register_scope("integrations.source", audited_sources)
    register_nav(
        key="accounting",
        label=_("Accounting"),
        url_name="integrations:sources",
        icon="yen",
        order=80,
        visible=lambda user: user.has_right(Right.MANAGE_SOURCES),
    )
    register_timeline_source(
        "customer",
        TimelineSource(key="bills", order=10, kind=EntryKind.BILL, day="posting_date", rows=bills_of, tell=told_bill),
    )

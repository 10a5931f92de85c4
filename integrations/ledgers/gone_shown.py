"""What stood in the former copy of a ledger and does not any more, as far as a person may know it."""

from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from crm_project.core.accounts.models import User
from crm_project.core.ui.display_dates import format_date
from customers.models import Customer
from deals.models import Deal
from integrations.choices import LedgerTarget
from integrations.models import LedgerImport
from visits.models import Attendance, Visit

SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class GoneLine:
    """One guest, visit or inquiry: a code or day, and who or what it is ("" where the person may not open it)."""

    mark: str
    words: str = ""
    url: str = ""


def gone_lines(ledger_import: LedgerImport, user: User) -> list[GoneLine]:
    """The first ones. Visits and inquiries that the person may not open are not among them; of guests the code is."""
    first = ledger_import.gone[:SHOWN]
    if not first:
        return []
    if ledger_import.target == LedgerTarget.VISITS:
        return _visits(first, user)
    if ledger_import.target == LedgerTarget.DEALS:
        return _deals(first, user)
    return _guests(first, user)


def _guests(codes: list[str], user: User) -> list[GoneLine]:
    found = Customer.objects.visible_to(user).filter(code__in=codes).only("pk", "code", "name", "honorific")
    lines = {
        guest.code: GoneLine(
            str(guest.code), f"{guest.name} {guest.honorific}", reverse("customers:card", args=[guest.pk])
        )
        for guest in found
    }
    return [lines.get(code, GoneLine(code)) for code in codes]


def _visits(ids: list[int], user: User) -> list[GoneLine]:
    visits = Visit.objects.visible_to(user).filter(pk__in=ids).select_related("venue").order_by("business_date", "pk")
    sat = Attendance.objects.filter(visit__in=ids, customer__isnull=False).select_related("customer")
    hosts = {row.visit_id: row.customer for row in sat.order_by("-position")}
    return [
        GoneLine(
            format_date(visit.business_date),
            " ".join(filter(None, (_named(hosts.get(visit.pk)), str(visit.venue)))),
            reverse("visits:detail", args=[visit.pk]),
        )
        for visit in visits
    ]


def _named(guest: Customer | None) -> str:
    return f"{guest.name} {guest.honorific}" if guest is not None else ""


def _deals(ids: list[int], user: User) -> list[GoneLine]:
    deals = Deal.objects.visible_to(user).filter(pk__in=ids).select_related("company", "customer")
    return [
        GoneLine(
            format_date(deal.event_date) if deal.event_date else deal.event_date_text,
            f"{deal.title} {deal.asked_by}",
            reverse("deals:card", args=[deal.pk]),
        )
        for deal in deals.order_by("event_date", "pk")
    ]

"""How far the house has come with its ledgers, phase by phase, and what is still missing. Counts only: no guest is named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_project.core.allergens.choices import AllergyState
from customers.models import Customer, Phone, Relation
from deals.models import Deal
from integrations.choices import PartnerStatus
from integrations.models import ActualDocument, LedgerPlan, PartnerLink
from visits.models import Attendance, Visit

YEARS: Final = 5


@dataclass(frozen=True)
class Missing:
    """Something that is not known yet, of how many of how many."""

    label: str | Promise
    count: int
    of: int

    @property
    def percent_known(self) -> int:
        """Of all of them, rounded down: 100 is all."""
        return 100 if not self.of else (self.of - self.count) * 100 // self.of


@dataclass(frozen=True)
class Phase:
    """One phase of the plan."""

    name: str | Promise
    label: str | Promise
    reached: int
    target: int | None
    until: date | None
    missing: Sequence[Missing]

    @property
    def percent(self) -> int | None:
        """Of the target, at most 100; None where there is no target."""
        return min(100, self.reached * 100 // self.target) if self.target else None

    def is_late(self, today: date) -> bool:
        """Whether its day has passed and the target is not reached."""
        return self.until is not None and self.until < today and (self.percent or 0) < 100


def phases(plan: LedgerPlan, today: date) -> list[Phase]:
    """The three phases as they stand today, in a fixed number of queries."""
    since = today - timedelta(days=365 * YEARS + 1)
    came = Attendance.objects.filter(customer=OuterRef("pk"), visit__business_date__gte=since)
    bought = ActualDocument.objects.filter(customer=OuterRef("pk"), posting_date__gte=since)
    recent = Q(Exists(came)) | Q(Exists(bought)) | Q(since__gte=since)
    guests = Customer.objects.present().aggregate(
        all=Count("pk"),
        recent=Count("pk", filter=recent),
        no_kana=Count("pk", filter=Q(kana="")),
        no_phone=Count("pk", filter=~Q(Exists(Phone.objects.filter(customer=OuterRef("pk"))))),
        not_asked=Count("pk", filter=Q(allergy_state=AllergyState.NOT_ASKED)),
        unread=Count("pk", filter=~Q(unread={})),
        no_visit=Count("pk", filter=Q(visit_count=0)),
        no_staff=Count("pk", filter=Q(staff=None)),
        alone=Count("pk", filter=Q(company=None) & ~Q(Exists(Relation.objects.filter(customer=OuterRef("pk"))))),
    )
    everybody = guests["all"]
    visits = Visit.objects.took_place().aggregate(all=Count("pk"), no_amount=Count("pk", filter=Q(amount=None)))
    partners = PartnerLink.objects.aggregate(
        all=Count("pk"), open=Count("pk", filter=Q(status=PartnerStatus.UNMATCHED))
    )
    deals = Deal.objects.open().aggregate(all=Count("pk"), no_step=Count("pk", filter=Q(next_step="")))
    return [
        Phase(
            _("1 Basic data"),
            _("Guests of the last five years"),
            guests["recent"],
            plan.guests,
            plan.guests_by,
            [
                Missing(_("without a reading"), guests["no_kana"], everybody),
                Missing(_("without a phone"), guests["no_phone"], everybody),
                Missing(_("not asked about allergies"), guests["not_asked"], everybody),
                Missing(_("with words of the ledger nobody could read"), guests["unread"], everybody),
            ],
        ),
        Phase(
            _("2 Purchases"),
            _("Visits on file"),
            visits["all"],
            plan.visits,
            plan.visits_by,
            [
                Missing(_("guests without any visit"), guests["no_visit"], everybody),
                Missing(_("visits without an amount"), visits["no_amount"], visits["all"]),
                Missing(_("partners of accounting not matched"), partners["open"], partners["all"]),
            ],
        ),
        Phase(
            _("3 Relationships"),
            _("Running banquet inquiries"),
            deals["all"],
            plan.deals,
            plan.deals_by,
            [
                Missing(_("guests without an attendant"), guests["no_staff"], everybody),
                Missing(_("guests with neither company nor family"), guests["alone"], everybody),
                Missing(_("inquiries without a next step"), deals["no_step"], deals["all"]),
            ],
        ),
    ]

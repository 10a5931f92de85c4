"""Running inquiries in a handover: told under their guest, and moved to who takes over."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import build, record_many
from crm_project.core.rights import Right
from crm_project.core.ui.display_dates import format_date
from customers.handover_parts import Line, Transfer, register_part, register_work
from deals.models import Deal, DealQuerySet
from deals.queries import stage_words
from deals.story import address_of, day


def running_of(user: User, guest_ids: Sequence[int]) -> dict[int, list[Line]]:
    """Inquiries neither won nor lost, the next event first. Two queries, without amounts."""
    if not user.has_right(Right.VIEW_DEALS):
        return {}
    deals = Deal.objects.visible_to(user).open().filter(customer__in=list(guest_ids)).select_related("owner")
    found: dict[int, list[Line]] = defaultdict(list)
    labels = stage_words()
    for deal in deals.order_by(F("event_date").asc(nulls_last=True), "pk"):
        next_step = " ".join(
            filter(None, (deal.next_step, format_date(deal.next_step_on, "short") if deal.next_step_on else ""))
        )
        aside = "・".join(filter(None, (labels[deal.stage].label, str(deal.owner), next_step)))
        found[deal.customer_id or 0].append(Line(f"{deal.title} {day(deal)}", aside, address_of(deal)))
    return dict(found)


def move_deals(transfer: Transfer) -> int:
    """Running inquiries, where the successor may work on them."""
    rows = _running(transfer.giver, transfer.by).filter(
        venue__in=transfer.taker.venues_with(Right.EDIT_DEALS),
        pk__in=Deal.objects.visible_to(transfer.taker).values("pk"),
    )
    if transfer.guests is not None:
        rows = rows.filter(customer__in=transfer.guests)
    found = list(rows.order_by("pk").values_list("pk", "title"))
    Deal.objects.filter(pk__in=[pk for pk, _title in found]).update(owner=transfer.taker, version=F("version") + 1)
    record_many(
        build(
            by=transfer.by,
            action=Action.CHANGED,
            subject_type=Deal._meta.label_lower,
            subject_id=pk,
            subject_name=title,
            changes={"owner": [transfer.giver.pk, transfer.taker.pk]},
        )
        for pk, title in found
    )
    return len(found)


def _running(giver: User, reader: User) -> DealQuerySet:
    return Deal.objects.visible_to(reader).open().filter(owner=giver)


def register() -> None:
    """Called once, when the app is ready."""
    register_part(key="deals", order=50, title=_("Running inquiries"), find=running_of)
    register_work(
        key="deals",
        order=40,
        title=_("Running inquiries"),
        waiting=_running,
        move=move_deals,
    )

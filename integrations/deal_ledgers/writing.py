"""Writing a planned batch of inquiries: inquiries, stages, contacts, threads, the timeline, the trail and the rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import models
from django.db.models import F, Max
from django.utils import timezone

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import build, record_many
from crm_project.core.comments.models import Thread
from crm_project.core.comments.services import open_thread
from crm_project.core.rights import Right
from customers.models import Company
from customers.services import find_or_create_company
from deals import story
from deals.choices import OPEN_STAGES, Stage
from deals.models import Activity, Deal, StageChange
from integrations import bulk
from integrations.choices import RowOutcome
from integrations.deal_ledgers.planning import PlannedDeal, PlannedDealRow
from integrations.deal_ledgers.reading import NAMELESS, loss_reason, noon, said_of
from integrations.ledgers.guests_of_file import GuestWriter
from integrations.ledgers.images import ImageBook
from integrations.ledgers.planning import PlannedRow
from integrations.ledgers.target_imports import RowsWatched
from integrations.ledgers.writing import VERSION_STEP
from integrations.models import LedgerImport

BATCH: Final = 1000
# What hangs on an inquiry, for the images of an import.
PARTS: Final[dict[type[models.Model], str]] = {StageChange: "deal_id", Activity: "deal_id"}


class DealWriter:
    """Writes the batches of one import, each inside the caller's transaction."""

    def __init__(self, *, ledger_import: LedgerImport, by: User) -> None:
        self.ledger_import = ledger_import
        self.by = by
        self.guests = GuestWriter(ledger_import=ledger_import, by=by)
        self._people = User.objects.in_bulk()
        self._companies: dict[str, Company] = {}
        self._row_of_company: dict[str, int] = {}
        self._images = ImageBook(ledger_import)

    def forget(self) -> None:
        """The batch was not written: what was made for it is not there."""
        self._companies.clear()

    def write(self, planned: Sequence[PlannedDealRow], plans: Sequence[PlannedRow]) -> dict[int, int]:
        """Write what the batch plans; first row of a guest in the file -> the guest's id."""
        ids = self.guests.ids_of(plans)
        for one in planned:
            if one.guest.plan is not None and one.guest.pk is None and one.outcome is not RowOutcome.ERROR:
                one.guest.pk = ids[one.guest.first_row]
        deals = list({id(one.deal): one.deal for one in planned if one.deal is not None}.values())
        new = [deal for deal in deals if deal.is_new and deal.pk is None]
        changed = [deal for deal in deals if deal.pk is not None and (deal.changes or deal.contacts)]
        self._images.clear()
        watched = RowsWatched(Deal, PARTS)
        watched.before([deal.written_pk for deal in changed])
        row_of_deal = {id(one.deal): one.row.number for one in reversed(planned) if one.deal is not None}
        self._row_of_company = {
            one.deal.entry.company: one.row.number for one in reversed(planned) if one.deal is not None
        }
        self._create(new)
        self._change(changed)
        Activity.objects.bulk_create(
            (self._activity(deal, at) for deal in deals for at in range(len(deal.contacts))), batch_size=BATCH
        )
        self._tell([deal.written_pk for deal in (*new, *changed)])
        watched.tell(self._images, {deal.written_pk: row_of_deal[id(deal)] for deal in (*new, *changed)})
        self._image_threads({deal.written_pk: row_of_deal[id(deal)] for deal in new})
        self._images.write()
        return ids

    def _create(self, planned: Sequence[PlannedDeal]) -> None:
        now = timezone.now()
        rows = [self._deal(one, now) for one in planned]
        for deal, pk in zip(rows, bulk.reserve_ids(Deal, len(rows)), strict=True):
            deal.pk = pk
        Deal.objects.bulk_create(rows, batch_size=BATCH)
        stages, trail = [], []
        for one, deal in zip(planned, rows, strict=True):
            one.pk = deal.pk
            stages.append(StageChange(deal=deal, to_stage=Stage.INQUIRY, at=deal.created_at, by=self.by))
            if deal.stage != Stage.INQUIRY:
                stages.append(
                    StageChange(deal=deal, from_stage=Stage.INQUIRY, to_stage=deal.stage, at=deal.moved_at, by=self.by)
                )
            told = said_of(one.entry) | {
                "title": deal.title,
                "stage": deal.stage,
                "contacts": len(one.contacts) or None,
            }
            changes = {name: [None, value] for name, value in told.items() if value is not None}
            trail.append(build(by=self.by, action=Action.CREATED, subject=deal, changes=changes))
        StageChange.objects.bulk_create(stages, batch_size=BATCH)
        record_many(trail)

    def _deal(self, planned: PlannedDeal, now: datetime) -> Deal:
        entry = planned.entry
        days = [contact.day for contact in planned.contacts if contact.day is not None]
        created = (
            noon(min([*([entry.asked_on] if entry.asked_on else []), *days]), entry.venue)
            if days or entry.asked_on
            else now
        )
        moved = max(created, noon(max(days), entry.venue)) if days else created
        stage = entry.stage or Stage.INQUIRY.value
        return Deal(
            venue=entry.venue,
            title=entry.title or NAMELESS,
            customer_id=planned.guest.pk,
            company=self._company(entry.company),
            contact_text=entry.contact,
            stage=stage,
            event_date=entry.date,
            event_date_text=entry.date_text,
            party_size=entry.people,
            amount=entry.amount,
            next_step=entry.next_step,
            next_step_on=entry.next_step_on,
            owner_id=entry.owner_id or self.by.pk,
            note=entry.wants,
            created_at=created,
            moved_at=moved,
            closed_at=None if stage in OPEN_STAGES else moved,
            **(self._loss(planned) if stage == Stage.LOST else {}),
        )

    @staticmethod
    def _loss(planned: PlannedDeal) -> dict[str, str]:
        entry = planned.entry
        return {
            "loss_reason": loss_reason(entry.why_lost).value,
            "loss_detail": entry.why_lost,
            "lost_to": entry.lost_to,
        }

    def _company(self, name: str) -> Company | None:
        if not name:
            return None
        if name not in self._companies:
            newest = Company.objects.aggregate(newest=Max("pk"))["newest"] or 0
            company = self._companies[name] = find_or_create_company(by=self.by, name=name)
            if company.pk > newest:
                self._images.created(self._row_of_company[name], Company, company.pk)
        return self._companies[name]

    def _change(self, planned: Sequence[PlannedDeal]) -> None:
        """Inquiries that are running are few: each is written for itself."""
        now, trail = timezone.now(), []
        for one in planned:
            deal = one.known or Deal.objects.get(pk=one.written_pk)
            values: dict[str, Any] = dict(one.attributes)
            if values:
                values["version"] = F("version") + VERSION_STEP
            days = [noon(contact.day, deal.venue) for contact in one.contacts if contact.day is not None]
            if one.contacts:
                values["moved_at"] = max([deal.moved_at, *days])
            if "stage" in one.attributes:
                StageChange.objects.create(
                    deal=deal, from_stage=deal.stage, to_stage=one.attributes["stage"], at=now, by=self.by
                )
                values |= {"moved_at": now, "closed_at": None if one.attributes["stage"] in OPEN_STAGES else now}
                values |= (
                    self._loss(one)
                    if one.attributes["stage"] == Stage.LOST
                    else {"loss_reason": "", "loss_detail": "", "lost_to": ""}
                )
            Deal.objects.filter(pk=deal.pk).update(**values)
            changes = one.changes | {
                f"contact {at}": [None, contact.text] for at, contact in enumerate(one.contacts, start=1)
            }
            trail.append(build(by=self.by, action=Action.CHANGED, subject=deal, changes=changes))
        record_many(trail)

    def _image_threads(self, row_of: Mapping[int, int]) -> None:
        """The threads of inquiries that were made; they are told by kind and number, not by a foreign key."""
        threads = Thread.objects.filter(content_type=Thread.type_of(Deal), object_id__in=list(row_of))
        for pk, deal_id in threads.values_list("pk", "object_id"):
            self._images.created(row_of[deal_id], Thread, pk)

    def _activity(self, planned: PlannedDeal, at: int) -> Activity:
        contact = planned.contacts[at]
        when = noon(contact.day, planned.entry.venue) if contact.day else timezone.now()
        return Activity(
            deal_id=planned.written_pk,
            text=contact.text,
            author=self._people.get(contact.author_id or 0, self.by),
            at=when,
        )

    def _tell(self, ids: Sequence[int]) -> None:
        """The queue of answers hears of inquiries that run; the timelines of all."""
        deals = Deal.objects.filter(pk__in=ids).select_related("venue", "customer", "company").order_by("pk")
        latest = dict(Activity.objects.filter(deal__in=ids).order_by("at", "pk").values_list("deal_id", "text"))
        for deal in deals:
            if deal.is_open:
                open_thread(
                    parent=deal,
                    venue=deal.venue,
                    author=self.by,
                    read_right=Right.VIEW_DEALS,
                    url=story.address_of(deal),
                    opened_at=deal.created_at,
                    **story.thread_words(deal, latest.get(deal.pk, deal.note)),  # type: ignore[arg-type]
                )
        story.retell_many(ids)

"""Verbs of a banquet inquiry, from the first call to won or lost."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record, snapshot
from crm_project.core.comments.services import open_thread
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.timeline.services import replace_rows
from customers.conflicts import VersionConflict, find_conflicts
from customers.models import Company, Customer
from customers.services import find_or_create_company
from deals import story
from deals.choices import OPEN_STAGES, LossReason, Stage
from deals.models import Activity, Deal, StageChange, StageLabel
from deals.queries import stage_words

DETAILS = (
    "venue",
    "title",
    "customer",
    "company",
    "contact_text",
    "event_date",
    "event_date_text",
    "party_size",
    "amount",
    "next_step",
    "next_step_on",
    "owner",
    "note",
)


@transaction.atomic
def create_deal(
    *,
    by: User,
    venue: Venue,
    title: str,
    customer: Customer | None = None,
    company: Company | None = None,
    company_name: str = "",
    contact_text: str = "",
    event_date: date | None = None,
    event_date_text: str = "",
    party_size: int | None = None,
    amount: Decimal | None = None,
    next_step: str = "",
    next_step_on: date | None = None,
    owner: User | None = None,
    note: str = "",
    form_token: UUID | None = None,
) -> Deal:
    """Report an inquiry at its earliest stage; managers see it in their queue. `amount` is without tax and service.

    A second call with the same `form_token` (a double tap) returns the inquiry of the first.
    """
    now = timezone.now()
    deal = Deal(
        venue=venue,
        title=title.strip(),
        customer=customer,
        company=company or _company(company_name, by=by),
        contact_text=contact_text,
        event_date=event_date,
        event_date_text=event_date_text,
        party_size=party_size,
        amount=amount,
        next_step=next_step,
        next_step_on=next_step_on,
        owner=owner or by,
        note=note,
        created_at=now,
        moved_at=now,
    )
    if form_token is not None:
        deal.form_token = form_token
    try:
        with transaction.atomic():
            deal.save(force_insert=True)
    except IntegrityError:
        already = Deal.objects.filter(form_token=deal.form_token).first()
        if already is None:
            raise
        return already
    StageChange.objects.create(deal=deal, to_stage=deal.stage, at=now, by=by)
    written = {name: [None, value] for name, value in snapshot(deal, DETAILS).items() if value not in (None, "")}
    record(by=by, action=Action.CREATED, subject=deal, changes=written)
    _tell(deal, by=by)
    return deal


@transaction.atomic
def change_deal(*, deal: Deal, by: User, version: int, company_name: str | None = None, **values: Any) -> Deal:
    """Change details of an inquiry (the names of `create_deal`).

    Raises VersionConflict, and writes nothing, when somebody changed the inquiry after the person saw `version`.
    """
    current = _locked(deal)
    if company_name is not None:
        values["company"] = _company(company_name, by=by)
    unknown = values.keys() - set(DETAILS)
    if unknown:
        raise TypeError(f"An inquiry has no {', '.join(sorted(unknown))}.")
    before = snapshot(current, DETAILS)
    for name, value in values.items():
        setattr(current, name, value)
    after = snapshot(current, DETAILS)
    changes = difference(before, after)
    if current.version != version and changes:
        mine = {name: after[name] for name in changes}
        raise VersionConflict(version=current.version, conflicts=find_conflicts(theirs=before, mine=mine, base=None))
    if not changes:
        return current
    current.version += 1
    current.save(update_fields=[*changes, "version"])
    record(by=by, action=Action.CHANGED, subject=current, changes=changes)
    _tell(current, by=by)
    return current


@transaction.atomic
def move_stage(*, deal: Deal, by: User, stage: Stage | str) -> Deal:
    """Move an inquiry to a stage; an earlier one too, and a closed one back. Losing it goes through `lose_deal`.

    Raises InputProblem for an unknown stage and for 見送り, which wants a reason.
    """
    if stage not in Stage.values:
        raise InputProblem(_("This stage is not known."))
    if stage == Stage.LOST:
        raise InputProblem(_("Say why it was lost."))
    return _move(_locked(deal), by=by, stage=Stage(stage), loss_reason="", loss_detail="", lost_to="")


def win_deal(*, deal: Deal, by: User) -> Deal:
    """Close an inquiry as won (ご成約)."""
    return move_stage(deal=deal, by=by, stage=Stage.WON)


@transaction.atomic
def lose_deal(*, deal: Deal, by: User, reason: LossReason | str, detail: str = "", lost_to: str = "") -> Deal:
    """Close an inquiry as lost (見送り), with the reason, what was learnt, and the house that won. Raises InputProblem."""
    if reason not in LossReason.values:
        raise InputProblem(_("Say why it was lost."))
    return _move(_locked(deal), by=by, stage=Stage.LOST, loss_reason=str(reason), loss_detail=detail, lost_to=lost_to)


@transaction.atomic
def add_activity(
    *, deal: Deal, by: User, text: str, next_step: str | None = None, next_step_on: date | None = None
) -> Activity:
    """Write down what happened (a call, a visit); with `next_step` what comes next, and when. Raises InputProblem."""
    text = text.strip()
    if not text:
        raise InputProblem(_("Write a few words."))
    current, now = _locked(deal), timezone.now()
    before = snapshot(current, ("next_step", "next_step_on"))
    activity = Activity.objects.create(deal=current, author=by, text=text, at=now)
    if next_step is not None:
        current.next_step, current.next_step_on = next_step, next_step_on
    current.moved_at = now
    current.save(update_fields=["next_step", "next_step_on", "moved_at"])
    changes = {"activity": [None, text]} | difference(before, snapshot(current, ("next_step", "next_step_on")))
    record(by=by, action=Action.CHANGED, subject=current, changes=changes)
    _tell(current, by=by)
    return activity


@transaction.atomic
def change_stage_labels(*, by: User, labels: Mapping[str, Mapping[str, Any]]) -> None:
    """Give stages the house's own words and chances: {stage: {"label": ..., "probability": percent}}."""
    for stage, words in labels.items():
        row = StageLabel.objects.filter(stage=stage).first() or StageLabel(stage=stage)
        before = snapshot(row, words)
        row.label, row.probability = words["label"], words["probability"]
        row.full_clean()
        changes = difference(before, snapshot(row, words))
        if changes or row.pk is None:
            row.save()
            record(by=by, action=Action.CHANGED, subject=row, changes=changes)


def _locked(deal: Deal) -> Deal:
    return Deal.objects.select_for_update(of=("self",)).select_related("venue", "customer", "company").get(pk=deal.pk)


def _company(name: str, *, by: User) -> Company | None:
    return find_or_create_company(by=by, name=name) if name.strip() else None


def _move(deal: Deal, *, by: User, stage: Stage, **loss: str) -> Deal:
    """Write the stage with its day; moving to where it already stands changes nothing but the reason of a loss."""
    fields = ("stage", *loss)
    before, now = snapshot(deal, fields), timezone.now()
    deal.stage = stage
    for name, value in loss.items():
        setattr(deal, name, value)
    changes = difference(before, snapshot(deal, fields))
    if not changes:
        return deal
    if "stage" in changes:
        StageChange.objects.create(deal=deal, from_stage=before["stage"], to_stage=stage, at=now, by=by)
        deal.moved_at = now
        deal.closed_at = None if stage in OPEN_STAGES else now
    deal.save(update_fields=[*changes, "moved_at", "closed_at"])
    record(by=by, action=Action.CHANGED, subject=deal, changes=changes)
    _tell(deal, by=by)
    return deal


def _tell(deal: Deal, *, by: User) -> None:
    """Bring the queue of answers and the timelines up to date."""
    latest = deal.activities.values_list("text", flat=True).first() or deal.note
    open_thread(
        parent=deal,
        venue=deal.venue,
        author=by,
        read_right=Right.VIEW_DEALS,
        url=story.address_of(deal),
        opened_at=deal.created_at,
        **story.thread_words(deal, latest),  # type: ignore[arg-type]
    )
    labels = {stage: words.label for stage, words in stage_words().items()}
    replace_rows(parent=deal, rows=story.timeline_rows(deal, labels))

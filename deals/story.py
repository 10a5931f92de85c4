"""How an inquiry is told elsewhere: in the queue of answers and on the cards of its guest and company.

The words are stored, so they are written in the house's language, whatever the language of who writes.
"""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext

from crm_project.core.rights import Right
from crm_project.core.timeline.choices import EntryKind
from crm_project.core.timeline.models import TimelineEntry
from crm_project.core.timeline.services import BATCH
from crm_project.core.ui.display_dates import format_date
from deals.choices import Stage
from deals.models import Deal
from deals.queries import stage_words


def address_of(deal: Deal) -> str:
    """The inquiry's own page."""
    return reverse("deals:card", args=[deal.pk])


def party(deal: Deal) -> str:
    """The size of the party in words, "" while it is open."""
    if deal.party_size is None:
        return ""
    return ngettext("%(n)s guest", "%(n)s guests", deal.party_size) % {"n": deal.party_size}


def day(deal: Deal) -> str:
    """The day of the event: a date, what was told of it, or that it is open."""
    if deal.event_date is not None:
        return format_date(deal.event_date)
    return deal.event_date_text or _("Date open")


def thread_words(deal: Deal, latest: str) -> dict[str, str]:
    """What the queue of answers says of the inquiry; `latest` is what was written last."""
    with override(settings.LANGUAGE_CODE):
        return {
            "label": _("Banquet"),
            "title": deal.asked_by,
            "detail": " ".join(part for part in (deal.title, party(deal)) if part),
            "excerpt": latest,
        }


def timeline_rows(deal: Deal, labels: dict[str, str]) -> list[TimelineEntry]:
    """The rows of the inquiry on the cards of its guest and company: asked, and won or lost. Amounts are not told."""
    with override(settings.LANGUAGE_CODE):
        facts = [
            [_("Date"), day(deal)],
            [pgettext("party size", "Guests"), party(deal)],
            [_("What they want"), deal.note],
        ]
        told = [(deal.created_at, labels[Stage.INQUIRY], [fact for fact in facts if fact[1]])]
        if deal.closed_at is not None:
            told.append((deal.closed_at, labels[deal.stage], _closing_facts(deal)))
    return [
        TimelineEntry(
            subject_type=subject._meta.label_lower,
            subject_id=subject.pk,
            at=at,
            kind=EntryKind.DEAL,
            venue=deal.venue,
            read_right=Right.VIEW_DEALS,
            title=deal.title,
            aside=label[:120],
            details=details,
            url=address_of(deal),
        )
        for subject in (deal.customer, deal.company)
        if subject is not None
        for at, label, details in told
    ]


def _closing_facts(deal: Deal) -> list[list[str]]:
    facts = [
        [_("Why lost"), deal.get_loss_reason_display() if deal.loss_reason else ""],
        [_("Who won"), deal.lost_to],
        [_("What we learnt"), deal.loss_detail],
    ]
    return [[label, text] for label, text in facts if text]


def retell_many(ids: Iterable[int]) -> None:
    """Write the rows of inquiries anew, in place of what they told before. A fixed number of queries."""
    parent_type = Deal._meta.label_lower
    labels = {stage: words.label for stage, words in stage_words().items()}
    rows = []
    for deal in Deal.objects.filter(pk__in=list(ids)).select_related("venue", "customer", "company").order_by("pk"):
        for row in timeline_rows(deal, labels):
            row.parent_type, row.parent_id = parent_type, deal.pk
            rows.append(row)
    TimelineEntry.objects.filter(parent_type=parent_type, parent_id__in=list(ids)).delete()
    TimelineEntry.objects.bulk_create(rows, batch_size=BATCH)

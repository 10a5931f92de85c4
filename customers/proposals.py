"""Reads of possible duplicates and of merges: which pairs a person may decide about, and what the two cards say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import User
from crm_project.core.audit.history import in_words_of
from crm_project.core.rights import Right
from crm_project.core.ui.display_dates import format_date
from customers.history import CONTACT_FIELDS
from customers.merging.card import ABSORBED, BOTH, KEPT, can_be_both, differing, suggested, written_fields
from customers.merging.columns import columns_of
from customers.models import Customer, DistinctPair, DuplicateProposal, Merge
from customers.wording import birthday_in_words

_SHOWN_WITH = ("allergies__allergen", "phones", "addresses")


def open_proposals(user: User) -> QuerySet[DuplicateProposal]:
    """Pairs that nobody has decided about, of guests the person may open both, the likeliest first."""
    visible = Customer.objects.visible_to(user).values("pk")
    told_apart = DistinctPair.objects.filter(first=OuterRef("first"), second=OuterRef("second"))
    return (
        DuplicateProposal.objects.filter(~Exists(told_apart), first__in=visible, second__in=visible)
        .select_related("first__company", "second__company")
        .order_by("-probability", "pk")
    )


def proposal_of(user: User, one: int, other: int) -> DuplicateProposal | None:
    """The open proposal of a pair."""
    first, second = sorted((one, other))
    return open_proposals(user).filter(first=first, second=second).first()


def next_proposal(user: User, after: DuplicateProposal | None) -> DuplicateProposal | None:
    """The proposal behind one in the list; the first one when there is none before."""
    proposals = open_proposals(user)
    if after is None:
        return proposals.first()
    less = Q(probability__lt=after.probability) | Q(probability=after.probability, pk__gt=after.pk)
    return proposals.filter(less).first()


def pair_for(user: User, one: int, other: int) -> tuple[Customer, Customer] | None:
    """Both cards with what the comparison shows, in this order; None unless the person may open both."""
    cards = Customer.objects.visible_to(user).select_related("company", "rank", "staff").prefetch_related(*_SHOWN_WITH)
    # Each by itself: a number no table can hold then finds nothing instead of being refused by SQLite.
    found = {card.pk: card for card in cards.filter(Q(pk=one) | Q(pk=other))}
    return (found[one], found[other]) if len(found) == 2 else None


def card_to_keep(one: Customer, other: Customer) -> Customer:
    """The card that is proposed to stay: of the guest who came more often, then the one with a code, then the older one."""
    return max(one, other, key=lambda card: (card.visit_count, bool(card.code), -card.pk))


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """What both cards say of one thing, as people read it ("" = nothing is known); phone numbers one to a line."""

    label: str
    answers: tuple[str, str]
    are_numbers: bool = False

    @property
    def differs(self) -> bool:
        """Whether both say something, and not the same."""
        return all(self.answers) and self.answers[0] != self.answers[1]


def compared(user: User, cards: tuple[Customer, Customer]) -> list[ComparedLine]:
    """What at least one of the cards says, line by line; phones, address and birthday for who may see contacts."""
    phones = _("Phone")
    lines: list[tuple[str, Callable[[Customer], object]]] = [
        (_("Code"), lambda card: card.code),
        (_("Visits"), _visits),
        (_("Company"), lambda card: " ".join(filter(None, (str(card.company or ""), card.department, card.title)))),
    ]
    if user.has_right(Right.VIEW_CONTACTS):
        lines += [
            (phones, lambda card: "\n".join(phone.written for phone in card.phones.all())),
            (_("Address"), lambda card: " ".join(address.text for address in card.addresses.all())),
            (_("Birthday"), birthday_in_words),
        ]
    lines.append((_("Rank"), lambda card: card.rank))
    one, other = cards
    both = [
        ComparedLine(label, (str(said(one) or ""), str(said(other) or "")), are_numbers=label is phones)
        for label, said in lines
    ]
    return [line for line in both if any(line.answers)]


def _visits(card: Customer) -> str:
    last = format_date(card.last_visit_on) if card.last_visit_on else ""
    return "・".join(filter(None, (str(card.visit_count), last)))


@dataclass(frozen=True, slots=True)
class Said:
    """One answer to a field: `value` is what the form sends, `text` what a person reads ("" = nothing is known)."""

    value: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field about which the cards differ, with what each says."""

    name: str
    label: str
    answers: list[Said]


def field_choices(
    user: User, keep: Customer, absorb: Customer, cards: tuple[Customer, Customer], sent: Mapping[str, str]
) -> list[FieldChoice]:
    """The choices of the form in the order of the card; what the person may not see is chosen by what is known."""
    kept, absorbed = (columns_of(card, written_fields()) for card in (keep, absorb))
    proposed = suggested(kept, absorbed)
    hidden = set() if user.has_right(Right.VIEW_CONTACTS) else {*CONTACT_FIELDS}
    hidden |= set() if user.has_right(Right.VIEW_NOTES) else {"note"}
    choices = []
    for group in differing(kept, absorbed):
        name = group[0]
        if name in hidden:
            continue
        default = {KEPT: str(keep.pk), ABSORBED: str(absorb.pk), BOTH: BOTH}[proposed[name]]
        chosen = sent.get(name, default)
        answers = [_said(card, group, chosen) for card in cards]
        if can_be_both(group) and all(answer.text for answer in answers):
            answers.append(Said(BOTH, "", chosen == BOTH))
        choices.append(FieldChoice(name, _label(group), answers))
    return choices


def choices_from(sent: Mapping[str, str], keep: Customer, absorb: Customer) -> dict[str, str]:
    """What `services.merge_guests` takes, from a form that names cards by their numbers."""
    names = {str(keep.pk): KEPT, str(absorb.pk): ABSORBED, BOTH: BOTH}
    return {
        name.removeprefix("choose-"): names[value]
        for name, value in sent.items()
        if name.startswith("choose-") and value in names
    }


def merges_of(user: User) -> QuerySet[Merge]:
    """Merges of cards the person may open, the newest first, with those that were undone."""
    visible = Customer.objects.visible_to(user).values("pk")
    seen = Q(kept__in=visible) | Q(kept__merged_into__in=visible)
    return Merge.objects.filter(seen).select_related("kept", "absorbed", "merged_by", "undone_by").order_by("-pk")


def _said(card: Customer, group: tuple[str, ...], chosen: str) -> Said:
    columns = columns_of(card, group)
    texts = [in_words_of(Customer, _field(name), value)[1] for name, value in columns.items()]
    return Said(str(card.pk), " ".join(filter(None, texts)), chosen == str(card.pk))


def _label(group: tuple[str, ...]) -> str:
    return capfirst(str(Customer._meta.get_field(_field(group[0])).verbose_name))  # type: ignore[union-attr]


def _field(column: str) -> str:
    return column.removesuffix("_id")

"""What a handover shows: its guests with all that is open about them, how far it is, what is still with the colleague."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from crm_project.core.audit.services import build, record_many
from crm_project.core.ui.display_dates import format_date
from customers.choices import AttributeUse
from customers.handover_parts import Line, Part, Transfer, parts, register_part, register_work, work
from customers.models import Allergy, AttributeValue, Contact, Customer, GuestDiet, Handover, HandoverGuest
from customers.wording import answer_in_words

COMPANIES_SHOWN = 12
HISTORY_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestLines:
    """A guest of the handover with the lines of each part that has any."""

    row: HandoverGuest
    parts: list[tuple[Part, Sequence[Line]]]
    # Whether the reader is the successor, who ticks.
    is_mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many guests somebody takes over, and how many of them are ticked."""

    successor_id: int
    name: str
    guests: int
    taken: int


@dataclass(kw_only=True)
class State:
    """How far a handover is, as far as one person may know of it."""

    guests: int = 0
    without: int = 0
    taken: int = 0
    successors: list[Progress] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Who looked after a guest, until when, and who does since."""

    what: str | Promise
    before: str
    after: str
    at: Any
    by: str


def guests_for(handover: Handover, user: User, *, leads: bool) -> QuerySet[HandoverGuest]:
    """The guests one may read of: all for who leads or hands over, one's own for a successor; by rank, then by reading."""
    rows = HandoverGuest.objects.filter(handover=handover).visible_to(user)
    if not leads and handover.from_user_id != user.pk:
        rows = rows.filter(successor=user)
    allergies = Prefetch("customer__allergies", Allergy.objects.select_related("allergen"))
    return (
        rows.select_related("customer__company", "customer__rank", "successor")
        .defer("customer__search_key", "customer__grams")
        .prefetch_related(allergies)
        .order_by(F("customer__rank__position").asc(nulls_last=True), "customer__sort_key", "pk")
    )


def lines_of(rows: Sequence[HandoverGuest], user: User) -> list[GuestLines]:
    """Each guest with what is told of it; every look at a guest's file is noted. A fixed number of queries."""
    ids = [row.customer_id for row in rows]
    told: list[tuple[Part, Mapping[int, Sequence[Line]]]] = [(part, part.find(user, ids)) for part in parts()]
    record_many(build(by=user, action=Action.VIEWED, subject=row.customer) for row in rows)
    return [
        GuestLines(
            row=row,
            parts=[(part, found[row.customer_id]) for part, found in told if found.get(row.customer_id)],
            is_mine=row.successor_id == user.pk,
        )
        for row in rows
    ]


def state_of(rows: QuerySet[HandoverGuest]) -> State:
    """Counts of a handover's guests, and of each successor's. One query."""
    state = State()
    counted = (
        rows.order_by()
        .values("successor", "successor__display_name")
        .annotate(guests=Count("pk"), taken=Count("taken_over_at"))
        .order_by("successor__kana", "successor")
    )
    for line in counted:
        state.guests += line["guests"]
        state.taken += line["taken"]
        if line["successor"] is None:
            state.without = line["guests"]
        else:
            state.successors.append(
                Progress(
                    successor_id=line["successor"],
                    name=line["successor__display_name"],
                    guests=line["guests"],
                    taken=line["taken"],
                )
            )
    return state


def still_held(handover: Handover, reader: User) -> list[tuple[str | Promise, int]]:
    """Open work that is still with the colleague, by kind. One query."""
    kinds = work()
    counts = [
        kind.waiting(handover.from_user, reader)
        .order_by()
        .annotate(of_kind=Value(place))
        .values("of_kind")
        .annotate(left=Count("pk"))
        .values_list("of_kind", "left")
        for place, kind in enumerate(kinds)
    ]
    first, *others = counts
    found = dict(first.union(*others, all=True))
    return [(kind.title, found[place]) for place, kind in enumerate(kinds) if found.get(place)]


def companies_in(rows: QuerySet[HandoverGuest]) -> Sequence[Any]:
    """The firms most of the guests belong to, with how many. One query."""
    return list(
        rows.order_by()
        .filter(customer__company__isnull=False)
        .values("customer__company", "customer__company__name")
        .annotate(guests=Count("pk"))
        .order_by("-guests", "customer__company__name")[:COMPANIES_SHOWN]
    )


def held_by(customer: Customer) -> list[Held]:
    """Who looked after the guest, the newest change first, from the trail. Two queries, one where nobody changed."""
    labels = {"staff": _("Attendant"), "sales_staff": _("Banquet sales")}
    merged = Customer.objects.filter(merged_into=customer).values_list("pk", flat=True)
    entries = list(
        AuditEntry.objects.about_any(Customer, [customer.pk, *merged])
        .filter(Q(changes__has_key="staff") | Q(changes__has_key="sales_staff"))
        .order_by("-pk")[:HISTORY_SHOWN]
    )
    pairs = [
        (entry, value, entry.changes[value])
        for entry in entries
        for value in labels
        if isinstance(entry.changes.get(value), list) and len(entry.changes[value]) == 2
    ]
    names = User.objects.in_bulk({pk for _entry, _value, pair in pairs for pk in pair if isinstance(pk, int)})
    return [
        Held(
            what=labels[value],
            before=str(names.get(pair[0], "")),
            after=str(names.get(pair[1], "")),
            at=entry.at,
            by=entry.actor_name,
        )
        for entry, value, pair in pairs
        if any(pair)
    ]


def care_of(user: User, guest_ids: Sequence[int]) -> dict[int, list[Line]]:
    """What to avoid and to prepare by the house's own items, and what a guest does not eat. Two queries."""
    found: dict[int, list[Line]] = defaultdict(list)
    values = AttributeValue.objects.filter(customer__in=list(guest_ids), attribute__is_active=True)
    for value in (
        values.exclude(attribute__use=AttributeUse.CARD)
        .select_related("attribute")
        .order_by("-attribute__use", "attribute__position", "pk")
    ):
        words = f"{value.attribute.name}: {answer_in_words(value.attribute, value.text)}"
        found[value.customer_id].append(Line(words, is_urgent=value.attribute.use == AttributeUse.CAUTION))
    for diet in GuestDiet.objects.filter(customer__in=list(guest_ids)):
        found[diet.customer_id].append(Line(" ".join(filter(None, (diet.get_rule_display(), diet.note)))))
    return dict(found)


def calls_of(user: User, guest_ids: Sequence[int]) -> dict[int, list[Line]]:
    """Contacts that wait for an answer. One query."""
    found: dict[int, list[Line]] = defaultdict(list)
    for contact in Contact.objects.visible_to(user).still_open().filter(customer__in=list(guest_ids)):
        day = format_date(timezone.localtime(contact.at).date())
        found[contact.customer_id or 0].append(
            Line(contact.asked, day, reverse("customers:contact", args=[contact.pk]))
        )
    return dict(found)


def _calls_waiting(giver: User, reader: User) -> QuerySet[Contact]:
    return Contact.objects.visible_to(reader).still_open().filter(assigned_to=giver)


def move_calls(transfer: Transfer) -> int:
    """Contacts that wait for the colleague's answer."""
    rows = _calls_waiting(transfer.giver, transfer.by).filter(
        pk__in=Contact.objects.visible_to(transfer.taker).values("pk")
    )
    if transfer.guests is not None:
        rows = rows.filter(customer__in=transfer.guests)
    found = list(rows.order_by("pk").values_list("pk", flat=True))
    Contact.objects.filter(pk__in=found).update(assigned_to=transfer.taker, version=F("version") + 1)
    record_many(
        build(
            by=transfer.by,
            action=Action.CHANGED,
            subject_type=Contact._meta.label_lower,
            subject_id=pk,
            changes={"assigned_to": [transfer.giver.pk, transfer.taker.pk]},
        )
        for pk in found
    )
    return len(found)


def register() -> None:
    """Called once, when the app is ready."""
    register_part(key="care", order=10, title=_("To be minded"), find=care_of)
    register_part(key="calls", order=25, title=_("Contacts to answer"), find=calls_of)
    register_work(key="calls", order=50, title=_("Contacts to answer"), waiting=_calls_waiting, move=move_calls)

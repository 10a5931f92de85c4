"""Who accounting's partners are for us: by a person's decision, else by exactly the same code, never by likeness."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import build, record_many
from crm_project.core.text import tidy
from customers.models import Customer
from customers.search_index import search_fields
from integrations import bulk
from integrations.choices import MatchMethod, PartnerStatus
from integrations.models import ActualDocument, PartnerLink, Source
from integrations.sources.documents import Document

CHUNK = 2000
LINK_COLUMNS = ("id", "source_id", "key", "code", "name", "status", "customer_id", "method")
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner as a file names it, and the venue of its first document there."""

    key: str
    code: str
    name: str
    venue_id: int | None


@dataclass(frozen=True, slots=True)
class Attribution:
    """What a document of a partner gets."""

    partner_id: int | None
    customer_id: int | None
    is_customer: bool


NOBODY = Attribution(None, None, True)


def partners_of(documents: Iterable[Document]) -> dict[str, Partner]:
    """The partners that the documents name, by key."""
    found: dict[str, Partner] = {}
    for document in documents:
        key, header = document.partner_key, document.header
        if key and (key not in found or (header.partner_name and not found[key].name)):
            found[key] = Partner(key, header.partner_code, header.partner_name, header.venue_id)
    return found


def match_partners(
    *, source: Source, partners: dict[str, Partner], create_customers: bool, by: Any
) -> tuple[dict[str, Attribution], bool]:
    """Bring the source's links up to date and return whom each key stands for, and whether a known link changed.

    A link that a person decided stays as it is. Call inside a transaction that holds the source.
    """
    links = {
        link.key: link
        for keys in chunks(list(partners))
        for link in PartnerLink.objects.filter(source=source, key__in=keys)
    }
    open_partners = [
        partner
        for key, partner in partners.items()
        if partner.code and (key not in links or _waits_for_a_code(links[key]))
    ]
    guests = customers_by_code({partner.code for partner in open_partners})
    made: set[str] = set()
    if create_customers:
        unknown = [partner for partner in open_partners if partner.code not in guests]
        made = create_customers_of(source=source, partners=unknown, by=by)
        guests |= customers_by_code({partner.code for partner in unknown})
    new, changed, renamed = [], [], []
    for key, partner in partners.items():
        link = links.get(key)
        guest = guests.get(partner.code) if partner.code else None
        method = MatchMethod.CREATED if partner.code in made else MatchMethod.CODE
        if link is None:
            link = PartnerLink(source=source, key=key, code=partner.code, name=partner.name)
            if guest is not None:
                link.status, link.customer_id, link.method = PartnerStatus.MATCHED, guest, method
            new.append(link)
            links[key] = link
            continue
        if guest is not None and _waits_for_a_code(link):
            link.status, link.customer_id, link.method = PartnerStatus.MATCHED, guest, method
            changed.append(link)
        if partner.name and partner.name != link.name:
            link.name = partner.name
            renamed.append(link)
    for link, pk in zip(new, bulk.reserve_ids(PartnerLink, len(new)), strict=True):
        link.pk = pk
    bulk.insert(PartnerLink, LINK_COLUMNS, [[getattr(link, column) for column in LINK_COLUMNS] for link in new])
    PartnerLink.objects.bulk_update(changed, ["status", "customer", "method"], batch_size=CHUNK)
    PartnerLink.objects.bulk_update(renamed, ["name"], batch_size=CHUNK)
    for some in chunks(changed):
        attribute_documents(source=source, partner_ids=[link.pk for link in some])
    attributions = {
        key: Attribution(link.pk, link.customer_id, link.status != PartnerStatus.NOT_A_CUSTOMER)
        for key, link in links.items()
    }
    return attributions, bool(changed)


def _waits_for_a_code(link: PartnerLink) -> bool:
    """Whether nobody has decided about the partner yet."""
    return link.status == PartnerStatus.UNMATCHED and link.decided_at is None


def match_waiting_partners(*, source: Source) -> bool:
    """Match waiting partners whose code a guest has got since; True when one was. Inside a transaction, as above."""
    waiting = PartnerLink.objects.filter(
        source=source, status=PartnerStatus.UNMATCHED, decided_at=None, code__in=Customer.objects.values("code")
    ).exclude(code="")
    found = list(waiting)
    guests = customers_by_code({link.code for link in found})
    for link in found:
        link.status, link.customer_id, link.method = PartnerStatus.MATCHED, guests[link.code], MatchMethod.CODE
    PartnerLink.objects.bulk_update(found, ["status", "customer", "method"], batch_size=CHUNK)
    for some in chunks(found):
        attribute_documents(source=source, partner_ids=[link.pk for link in some])
    return bool(found)


def attribute_documents(*, source: Source, partner_ids: Sequence[int]) -> int:
    """Write on the partners' documents what their links say now; one statement. Returns how many documents."""
    link = PartnerLink.objects.filter(pk=OuterRef("partner_id"))
    return ActualDocument.objects.filter(source=source, partner__in=partner_ids).update(
        customer_id=Subquery(link.values("customer_id")[:1]),
        is_customer=~Exists(link.filter(status=PartnerStatus.NOT_A_CUSTOMER)),
    )


def customers_by_code(codes: set[str]) -> dict[str, int]:
    """Code -> id of the guest who has exactly that code, or who took in the card that has it."""
    return {
        code: pk
        for some in chunks(sorted(codes))
        for code, pk in Customer.objects.filter(code__in=some).values_list("code", Coalesce("merged_into", "pk"))
        if code is not None
    }


def create_customers_of(*, source: Source, partners: Sequence[Partner], by: Any) -> set[str]:
    """Make a guest of each partner; returns the codes that were made. A code that appears meanwhile is left to its guest."""
    wanted = {partner.code: partner for partner in partners}
    made = {str(customer.code): customer for customer in _insert_customers([_customer(one) for one in wanted.values()])}
    known_at = Customer.known_at.through
    known_at.objects.bulk_create(
        [
            known_at(customer_id=customer.pk, venue_id=venue_id)
            for code, customer in made.items()
            if (venue_id := wanted[code].venue_id or source.default_venue_id)
        ],
        batch_size=CHUNK,
        ignore_conflicts=True,
    )
    record_many(
        build(
            by=by,
            action=Action.CREATED,
            subject=customer,
            changes={"code": [None, code], "source": [None, source.name]},
        )
        for code, customer in made.items()
    )
    return set(made)


def _insert_customers(customers: list[Customer]) -> list[Customer]:
    """Write the guests and return those that were; somebody may just have entered a guest with one of the codes."""
    for customer, pk in zip(customers, bulk.reserve_ids(Customer, len(customers)), strict=True):
        customer.pk = pk
    fields = [field for field in Customer._meta.concrete_fields if not field.has_db_default()]
    values = ((getattr(customer, field.attname) for field in fields) for customer in customers)
    rows = [[json.dumps(value) if isinstance(value, dict) else value for value in row] for row in values]
    try:
        with transaction.atomic():
            bulk.insert(Customer, [field.name for field in fields], rows)
    except IntegrityError:
        for some in chunks(customers):
            Customer.objects.bulk_create(some, ignore_conflicts=True)
        written = {pk for some in chunks([one.pk for one in customers]) for pk in Customer.objects.in_bulk(some)}
        return [customer for customer in customers if customer.pk in written]
    return customers


def _customer(partner: Partner) -> Customer:
    name = tidy(partner.name) or partner.code
    found_by = search_fields(name=name, code=partner.code)
    return Customer(
        code=partner.code,
        name=name,
        search_key=found_by.search_key,
        grams=found_by.grams,
        sort_key=found_by.sort_key,
    )


def chunks(items: Sequence[Item], size: int = CHUNK) -> Iterator[Sequence[Item]]:
    """The items in pieces that fit one statement."""
    for start in range(0, len(items), size):
        yield items[start : start + size]

"""Who belongs to a guest, read from both sides, as far as the reader may know of the others."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F, Q

from crm_project.core.accounts.models import User
from customers.choices import INVERSE_RELATION, RelationKind
from customers.models import Company, Customer, Post, Relation
from customers.queries import visible_ids

RELATIONS_SHOWN = 40
POSTS_SHOWN = 20
# The databases disagree where a post without a first day stands: here behind the others.
NEWEST_FIRST = (F("since").desc(nulls_last=True), "-pk")


@dataclass(frozen=True, slots=True)
class RelatedPerson:
    """One line of the panel: who it is to the guest, and the card where there is one."""

    relation: Relation
    kind: RelationKind
    guest: Customer | None
    name: str
    phone: str


def related_people(customer: Customer, user: User) -> list[RelatedPerson]:
    """The guest's relations in the order of their kinds; guests the reader may not open are left out. Two queries."""
    rows = list(
        Relation.objects.filter(Q(customer=customer) | Q(other=customer))
        .select_related("customer__company", "other__company")
        .order_by("pk")[:RELATIONS_SHOWN]
    )
    others = {row.pk: row.other if row.customer_id == customer.pk else row.customer for row in rows}
    visible = visible_ids(user, [other.pk for other in others.values() if other])
    order = list(RelationKind)
    people = []
    for row in rows:
        other = others[row.pk]
        if other is not None and other.pk not in visible:
            continue
        kind = RelationKind(row.kind)
        read = kind if row.customer_id == customer.pk else INVERSE_RELATION[kind]
        people.append(RelatedPerson(row, read, other, row.other_name, row.other_phone))
    return sorted(people, key=lambda person: order.index(person.kind))


def people_beside(user: User, numbers: Collection[str], size: int) -> list[Relation]:
    """Secretaries, relatives ... without a card who have one of the numbers, of guests the reader may open. One query."""
    return list(
        Relation.objects.filter(other_phone__in=numbers, customer__in=Customer.objects.visible_to(user))
        .select_related("customer")
        .order_by("customer__sort_key", "pk")[:size]
    )


def posts_of(customer: Customer, user: User) -> list[Post]:
    """The posts a guest holds and held, the newest first; a predecessor the reader may not open is not named. Two queries."""
    posts = list(
        Post.objects.filter(customer=customer)
        .select_related("company", "predecessor")
        .order_by(*NEWEST_FIRST)[:POSTS_SHOWN]
    )
    visible = visible_ids(user, [post.predecessor_id for post in posts])
    for post in posts:
        if post.predecessor_id not in visible:
            post.predecessor = None
    return posts


def successor_of(customer: Customer, user: User) -> Post | None:
    """The post in which somebody succeeded the guest, as far as the reader may open that card. One query."""
    return (
        Post.objects.filter(predecessor=customer, customer__in=Customer.objects.visible_to(user))
        .select_related("customer", "company")
        .order_by(*NEWEST_FIRST)
        .first()
    )


def former_people(company: Company, user: User) -> list[Post]:
    """Posts at a company that have ended, the latest first, of guests the reader may open. One query."""
    return list(
        Post.objects.filter(company=company, until__isnull=False, customer__in=Customer.objects.visible_to(user))
        .select_related("customer__company")
        .order_by("-until", "-pk")[:POSTS_SHOWN]
    )

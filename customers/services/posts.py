"""Verbs of posts: the April transfers that keep the past, and successors who inherit the relationship."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crm_project.core import text
from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from customers.choices import RelationKind
from customers.models import Customer, Post, Relation
from customers.services.companies import find_or_create_company
from customers.services.guests import change_customer
from customers.services.indexing import locked_card

# What belongs to the post rather than to the person: the next one in it finds the same people beside it.
HANDED_ON = (RelationKind.SECRETARY, RelationKind.ARRANGER, RelationKind.SUPERIOR, RelationKind.SUBORDINATE)


@transaction.atomic
def transfer(
    *,
    customer: Customer,
    by: User,
    on: date,
    company_name: str = "",
    department: str = "",
    title: str = "",
    successor: Customer | None = None,
    note: str = "",
) -> Post | None:
    """Move a guest to another post on a day (blank company: the guest leaves without a new one).

    The former post is kept as history, visits and notes stay with the guest. `successor` takes the former post over.
    Returns the new post. Raises ValidationError when the day lies before the former post began, or nothing changes.
    """
    current = locked_card(customer)
    name = text.tidy(company_name)
    wanted = (name, text.tidy(department), text.tidy(title))
    if wanted == (current.company.name if current.company else "", current.department, current.title):
        raise ValidationError({"title": _("This is the post the guest holds already.")})
    former = _end_post(current, on=on, note=note)
    if former is not None and successor is not None:
        succeed(post=former, successor=successor, by=by, on=on)
    change_customer(
        customer=current,
        by=by,
        version=current.version,
        company_name=name,
        department=wanted[1],
        title=wanted[2],
    )
    if not name:
        return None
    company = find_or_create_company(by=by, name=name)
    return Post.objects.create(customer=current, company=company, department=wanted[1], title=wanted[2], since=on)


@transaction.atomic
def succeed(*, post: Post, successor: Customer, by: User, on: date) -> Post:
    """Let somebody take over a post that has ended: company, department and title, and the relationship with it.

    The attendant and banquet sales come along where the successor has none, secretary and arranger of the post too, and
    both cards point at each other. Raises ValidationError when somebody would succeed oneself.
    """
    if successor.pk == post.customer_id:
        raise ValidationError({"successor": _("Nobody succeeds oneself: choose another guest.")})
    heir = locked_card(successor)
    _end_post(heir, on=on)
    inherited: dict[str, Any] = {}
    if heir.staff_id is None and post.customer.staff is not None:
        inherited["staff"] = post.customer.staff
    if heir.sales_staff_id is None and post.customer.sales_staff is not None:
        inherited["sales_staff"] = post.customer.sales_staff
    change_customer(
        customer=heir,
        by=by,
        version=heir.version,
        company_name=post.company.name,
        department=post.department,
        title=post.title,
        **inherited,
    )
    _hand_on_relations(post.customer, heir)
    taken = Post.objects.create(
        customer=heir,
        company=post.company,
        department=post.department,
        title=post.title,
        since=on,
        predecessor=post.customer,
    )
    for guest in (heir, post.customer):
        record(
            by=by,
            action=Action.CHANGED,
            subject=guest,
            changes={"successor": [_told_to(guest, post.customer), _told_to(guest, heir)]},
        )
    return taken


def _told_to(guest: Customer, somebody: Customer) -> str | None:
    """A name for the trail of the guest: no confidential guest is named on a card that others read."""
    return None if somebody.is_confidential and not guest.is_confidential else str(somebody)


def _end_post(customer: Customer, *, on: date, note: str = "") -> Post | None:
    """End the post the guest holds on the day before; one that only the card knows is written down as ended."""
    last_day = on - timedelta(days=1)
    post = Post.objects.filter(customer=customer, until=None).first()
    if post is None:
        if customer.company is None:
            return None
        post = Post(customer=customer, company=customer.company, department=customer.department, title=customer.title)
    if post.since is not None and post.since > last_day:
        raise ValidationError({"on": _("The post before began only on %(day)s.") % {"day": post.since.isoformat()}})
    post.until, post.note = last_day, text.tidy(note) or post.note
    post.save()
    return post


def _hand_on_relations(former: Customer, heir: Customer) -> None:
    there = set(Relation.objects.filter(customer=heir).values_list("kind", "other", "other_name"))
    for relation in Relation.objects.filter(customer=former, kind__in=HANDED_ON):
        key = (relation.kind, relation.other_id, relation.other_name)
        if key in there or relation.other_id == heir.pk:
            continue
        Relation.objects.create(
            customer=heir,
            kind=relation.kind,
            other=relation.other,
            other_name=relation.other_name,
            other_phone=relation.other_phone,
            note=relation.note,
        )

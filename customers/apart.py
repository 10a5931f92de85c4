"""Who must not meet (鉢合わせを避ける), as the entitled read it: from one side, and all of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from crm_project.core.accounts.models import User
from customers.models import Company, Customer, KeepApart


@dataclass(frozen=True, slots=True)
class Apart:
    """One pair as it reads from one side."""

    pair: KeepApart
    other: Customer | Company
    is_firm: bool


def pairs_for(user: User) -> QuerySet[KeepApart]:
    """The pairs in force the person may know of, with both sides. One query; none without the right."""
    sides = ("customer__company", "company", "other_customer__company", "other_company", "noted_by")
    return KeepApart.objects.in_force().visible_to(user).select_related(*sides).order_by("-noted_at", "-pk")


def apart_from(subject: Customer | Company, user: User) -> list[Apart]:
    """Whom a guest, or a firm, must not meet; for a guest also whom the guest's firm must not. One query."""
    if isinstance(subject, Customer):
        mine = Q(customer=subject) | Q(other_customer=subject)
        if subject.company_id is not None:
            mine |= Q(company=subject.company_id) | Q(other_company=subject.company_id)
    else:
        mine = Q(company=subject) | Q(other_company=subject)
    return _from_one_side(pairs_for(user).filter(mine), subject)


def _from_one_side(pairs: Iterable[KeepApart], subject: Customer | Company) -> list[Apart]:
    found: dict[tuple[bool, int], Apart] = {}
    for pair in pairs:
        sides = (pair.customer or pair.company, pair.other_customer or pair.other_company)
        ours = [_is_ours(side, subject) for side in sides]
        other = sides[1] if ours[0] else sides[0]
        if other is not None:
            is_firm = isinstance(other, Company)
            # Two cards made one may leave the same pair from both sides: it is told once.
            found.setdefault((is_firm, other.pk), Apart(pair, other, is_firm))
    return list(found.values())


def _is_ours(side: Customer | Company | None, subject: Customer | Company) -> bool:
    if isinstance(side, Customer):
        return isinstance(subject, Customer) and side.pk == subject.pk
    firm = subject.company_id if isinstance(subject, Customer) else subject.pk
    return side is not None and side.pk == firm

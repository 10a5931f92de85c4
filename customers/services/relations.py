"""Verbs of how people belong together: relations and special days."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crm_project.core import text
from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.dates import days_in_month
from customers.choices import INVERSE_RELATION, RelationKind, SpecialDayKind
from customers.models import Company, Customer, Relation, SpecialDay
from customers.services.indexing import next_version

# Any year with a 29 February: a birthday may fall on it.
LEAP_YEAR = 2024


@transaction.atomic
def relate(
    *,
    customer: Customer,
    by: User,
    kind: str,
    other: Customer | None = None,
    other_name: str = "",
    other_phone: str = "",
    note: str = "",
) -> Relation:
    """Write that `other` (a guest, or a name with a number) is the customer's spouse, secretary, introducer ...

    The other one's card reads the same row from its side. What stands already, from either side, is not written twice.
    Raises ValidationError when nobody is named, or the guest is named for oneself.
    """
    name = "" if other else text.tidy(other_name)
    if other is not None and (known := find_relation(customer, kind, other)) is not None:
        return known
    if other is None and not name:
        raise ValidationError({"other_name": _("Choose a guest, or write a name.")})
    if other is not None and other.pk == customer.pk:
        raise ValidationError({"other_name": _("This is the guest whose card it is: choose somebody else.")})
    relation = Relation(
        customer=customer,
        kind=kind,
        other=other,
        other_name=name,
        other_phone=text.format_phone(text.phone_digits(other_phone)) if not other else "",
        note=text.tidy(note),
    )
    relation.full_clean()
    relation.save()
    for guest in filter(None, (customer, other)):
        next_version(guest)
        told = _told_to(guest, relation)
        record(by=by, action=Action.CHANGED, subject=guest, changes={"relations": [None, told]})
    return relation


def find_relation(customer: Customer, kind: str, other: Customer) -> Relation | None:
    """The row that says the same already, written on either card."""
    inverse = INVERSE_RELATION[RelationKind(kind)]
    return (
        Relation.objects.filter(customer=customer, kind=kind, other=other).first()
        or Relation.objects.filter(customer=other, kind=inverse, other=customer).first()
    )


def _told_to(guest: Customer, relation: Relation) -> str:
    """The relation from one side, for that one's trail: it names no confidential guest on a card that others read."""
    kind = RelationKind(relation.kind)
    if guest.pk == relation.customer_id:
        another = relation.other
    else:
        kind, another = INVERSE_RELATION[kind], relation.customer
    if another is None:
        return f"{kind.label} {relation.other_name}"
    return f"{kind.label} {another}" if guest.is_confidential or not another.is_confidential else str(kind.label)


@transaction.atomic
def end_relation(*, relation: Relation, by: User) -> None:
    """Take a relation off both cards; the trail keeps it."""
    for guest in filter(None, (relation.customer, relation.other)):
        next_version(guest)
        told = _told_to(guest, relation)
        record(by=by, action=Action.CHANGED, subject=guest, changes={"relations": [told, None]})
    relation.delete()


@transaction.atomic
def add_special_day(
    *,
    by: User,
    kind: str,
    month: int,
    day: int,
    year: int | None = None,
    note: str = "",
    customer: Customer | None = None,
    company: Company | None = None,
) -> SpecialDay:
    """Write a day of the year that matters to a guest or a company. Raises ValidationError for a day no year has."""
    if not 1 <= month <= 12 or not 1 <= day <= days_in_month(year or LEAP_YEAR, month):
        raise ValidationError({"date": _("There is no such day.")})
    special = SpecialDay(
        customer=customer, company=company, kind=kind, month=month, day=day, year=year, note=text.tidy(note)
    )
    special.full_clean()
    special.save()
    next_version(_whose(special))
    record(by=by, action=Action.CHANGED, subject=_whose(special), changes={"special_days": [None, str(special)]})
    return special


@transaction.atomic
def remove_special_day(*, special: SpecialDay, by: User) -> None:
    """Take a day off the card; the trail keeps it."""
    next_version(_whose(special))
    record(by=by, action=Action.CHANGED, subject=_whose(special), changes={"special_days": [str(special), None]})
    special.delete()


def _whose(special: SpecialDay) -> Customer | Company:
    whose = special.customer or special.company
    assert whose is not None  # the table's constraint
    return whose


def day_kinds_of(subject: Customer | Company) -> list[SpecialDayKind]:
    """The occasions that suit a guest, or a company."""
    if isinstance(subject, Company):
        return [SpecialDayKind.FOUNDING, SpecialDayKind.OTHER]
    return [kind for kind in SpecialDayKind if kind != SpecialDayKind.FOUNDING]

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

    The other one's card reads the same row from its side. What stands already, from either side, is not written twice;
    another note or number than stands there takes its place. Raises ValidationError when nobody is named, or the guest is
    named for oneself.
    """
    name = "" if other else text.tidy(other_name)
    phone = "" if other else text.format_phone(text.phone_digits(other_phone))
    _hold(customer, other)
    if known := find_relation(customer, kind, other, name):
        return _completed(known, by=by, other_phone=phone, note=text.tidy(note))
    if other is None and not name:
        raise ValidationError({"other_name": _("Choose a guest, or write a name.")})
    if other is not None and other.pk == customer.pk:
        raise ValidationError({"other_name": _("This is the guest whose card it is: choose somebody else.")})
    relation = Relation(
        customer=customer, kind=kind, other=other, other_name=name, other_phone=phone, note=text.tidy(note)
    )
    relation.full_clean()
    relation.save()
    for guest in filter(None, (customer, other)):
        _note(guest, by=by, before=None, after=_told_to(guest, relation))
    return relation


def _hold(*guests: Customer | None) -> None:
    """Let others who write of these guests wait: a second tap then finds what the first has written."""
    held = Customer.objects.filter(pk__in=[guest.pk for guest in guests if guest]).order_by("pk")
    list(held.select_for_update(of=("self",)).values_list("pk"))


def find_relation(customer: Customer, kind: str, other: Customer | None, name: str = "") -> Relation | None:
    """The row that says the same already, written on either card; without a card of the other one, by the name."""
    if other is None:
        return Relation.objects.filter(customer=customer, kind=kind, other=None, other_name=name).first()
    inverse = INVERSE_RELATION[RelationKind(kind)]
    return (
        Relation.objects.filter(customer=customer, kind=kind, other=other).first()
        or Relation.objects.filter(customer=other, kind=inverse, other=customer).first()
    )


def _completed(relation: Relation, *, by: User, **values: str) -> Relation:
    """The relation that stands, with what was written about it anew."""
    new = {name: value for name, value in values.items() if value and value != getattr(relation, name)}
    if not new:
        return relation
    for name, value in new.items():
        setattr(relation, name, value)
    relation.full_clean()
    relation.save(update_fields=list(new))
    for guest in filter(None, (relation.customer, relation.other)):
        told = _told_to(guest, relation)
        _note(guest, by=by, before=told, after=" ".join((told, *new.values())))
    return relation


def _note(guest: Customer, *, by: User, before: str | None, after: str | None) -> None:
    next_version(guest)
    record(by=by, action=Action.CHANGED, subject=guest, changes={"relations": [before, after]})


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
        _note(guest, by=by, before=_told_to(guest, relation), after=None)
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
    """Write a day of the year that matters to a guest or a company; the same day twice is one.

    Raises ValidationError for a day no year has.
    """
    if not 1 <= month <= 12 or not 1 <= day <= days_in_month(year or LEAP_YEAR, month):
        raise ValidationError({"date": _("There is no such day.")})
    special = SpecialDay(
        customer=customer, company=company, kind=kind, month=month, day=day, year=year, note=text.tidy(note)
    )
    special.full_clean()
    whose = _whose(special)
    type(whose)._default_manager.select_for_update(of=("self",)).get(pk=whose.pk)
    names = ("customer", "company", "kind", "month", "day", "year", "note")
    if known := SpecialDay.objects.filter(**{name: getattr(special, name) for name in names}).first():
        return known
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

"""Verbs of the house's own items and of what is known under them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_project.core import text
from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record
from crm_project.core.problems import InputProblem
from customers.attribute_values import read_answer
from customers.choices import AttributeKind, AttributeUse
from customers.guest_values import attribute_of, attribute_value
from customers.models import Attribute, AttributeValue, Customer, FieldPurpose
from customers.services.indexing import next_version

ATTRIBUTE_FIELDS = ("name", "purpose", "kind", "choices", "term_months", "use", "is_active", "position")


@transaction.atomic
def write_attribute(
    *,
    by: User,
    name: str,
    kind: str = AttributeKind.TEXT,
    purpose: str = "",
    choices: Sequence[str] = (),
    term_months: int | None = None,
    use: str = AttributeUse.CARD,
    is_active: bool = True,
    position: int | None = None,
    attribute: Attribute | None = None,
) -> Attribute:
    """Define an item, or change `attribute`; without a position a new one comes last.

    Raises ValidationError for a name that is taken, a choice without answers, and a kind that no longer fits what is written.
    """
    if attribute is None:
        written = Attribute(position=(Attribute.objects.aggregate(last=Max("position"))["last"] or 0) + 1)
    else:
        written = Attribute.objects.select_for_update().get(pk=attribute.pk)
    before = {field: getattr(written, field) for field in ATTRIBUTE_FIELDS} if written.pk else {}
    answers = list(dict.fromkeys(filter(None, map(text.tidy, choices))))
    if kind == AttributeKind.CHOICE and not answers:
        raise ValidationError({"choices": _("Write the answers to choose from, one on each line.")})
    written.name, written.purpose, written.kind = text.tidy(name), text.tidy(purpose), kind
    written.choices = answers if kind == AttributeKind.CHOICE else []
    written.term_months, written.use, written.is_active = term_months, use, is_active
    if position is not None:
        written.position = position
    written.full_clean()
    if before and before["kind"] != kind and written.values.exists():
        raise ValidationError({"kind": _("Guests have values of the old kind. Retire this item and define a new one.")})
    written.save()
    after = {field: getattr(written, field) for field in ATTRIBUTE_FIELDS}
    changes = difference(before, after) if before else {field: [None, value] for field, value in after.items() if value}
    if changes:
        record(by=by, action=Action.CHANGED if before else Action.CREATED, subject=written, changes=changes)
    return written


@transaction.atomic
def move_attribute(*, attribute: Attribute, by: User, up: bool) -> None:
    """Change places with the item before (or behind); nothing happens at the ends."""
    items = list(Attribute.objects.select_for_update().order_by("position", "pk"))
    place = next(place for place, item in enumerate(items) if item.pk == attribute.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(items):
        return
    before = items[place].position
    items[place], items[other] = items[other], items[place]
    for position, item in enumerate(items, start=1):
        item.position = position
    Attribute.objects.bulk_update(items, ["position"])
    record(by=by, action=Action.CHANGED, subject=attribute, changes={"position": [before, items[other].position]})


@transaction.atomic
def write_purposes(*, by: User, purposes: Mapping[str, str]) -> None:
    """The house's lines at the labels of built-in fields; a blank one brings back the shipped line."""
    known = {line.field: line for line in FieldPurpose.objects.select_for_update()}
    for field, given in purposes.items():
        line, written = known.get(field), text.tidy(given)
        before = line.text if line else ""
        if written == before:
            continue
        if not written and line:
            record(by=by, action=Action.CHANGED, subject=line, changes={"text": [before, ""]})
            line.delete()
            continue
        line = line or FieldPurpose(field=field)
        line.text = written
        line.full_clean()
        line.save()
        record(by=by, action=Action.CHANGED, subject=line, changes={"text": [before, written]})


@transaction.atomic
def confirm_attribute(*, customer: Customer, by: User, attribute: Attribute) -> None:
    """Note that what is known under an item still holds today. Nothing is written when nothing is known."""
    answer = AttributeValue.objects.select_for_update().filter(customer=customer, attribute=attribute).first()
    if answer is None:
        return
    before = timezone.localtime(answer.confirmed_at).date()
    answer.confirmed_at, answer.confirmed_by = timezone.now(), by
    answer.save(update_fields=["confirmed_at", "confirmed_by"])
    record(
        by=by,
        action=Action.CHANGED,
        subject=customer,
        changes={f"{attribute_value(attribute.pk)}_confirmed": [before.isoformat(), timezone.localdate().isoformat()]},
    )
    next_version(customer)


def write_answers(customer: Customer, values: Mapping[str, Any], *, by: User) -> None:
    """What is known under the items that are given (`attribute_<pk>`); called by the verbs of the card.

    Raises ValidationError for an answer that does not fit the kind of its item.
    """
    given = {pk: str(value or "") for name, value in values.items() if (pk := attribute_of(name)) is not None}
    if not given:
        return
    items = Attribute.objects.in_bulk(given)
    known = {answer.attribute_id: answer for answer in customer.attribute_values.all()}
    for pk, written in given.items():
        if pk not in items:
            raise ValidationError(_("One of the items of the house is gone."))
        try:
            answer = read_answer(items[pk], written)
        except InputProblem as problem:
            raise ValidationError(str(problem)) from problem
        value = known.get(pk)
        if not answer.text:
            if value is not None:
                value.delete()
            continue
        if value is not None and value.text == answer.text:
            continue
        value = value or AttributeValue(customer=customer, attribute_id=pk)
        value.text, value.number, value.day = answer.text, answer.number, answer.day
        value.confirmed_at, value.confirmed_by = timezone.now(), by
        value.save()


def plain_answers(values: Mapping[str, Any]) -> dict[str, str]:
    """Given answers as they would be kept, to be compared with what stands; unreadable ones as they are."""
    given = {pk: name for name in values if (pk := attribute_of(name)) is not None}
    if not given:
        return {}
    items = Attribute.objects.in_bulk(given)
    plain: dict[str, str] = {}
    for pk, name in given.items():
        written = str(values[name] or "")
        try:
            plain[name] = read_answer(items[pk], written).text if pk in items else written
        except InputProblem:
            plain[name] = written
    return plain

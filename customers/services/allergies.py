"""Verbs of a guest's allergies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crm_project.core import text
from crm_project.core.accounts.models import User
from crm_project.core.allergens.choices import AllergyState, Severity
from crm_project.core.allergens.models import Allergen
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record
from customers.choices import AskedHow
from customers.conflicts import FieldConflict, VersionConflict
from customers.models import Allergy, Customer
from customers.services.indexing import next_version


@dataclass(frozen=True, slots=True)
class AllergyInput:
    """One thing that harms the guest."""

    allergen: Allergen
    severity: str = Severity.MODERATE
    note: str = ""


@transaction.atomic
def set_allergies(
    *,
    customer: Customer,
    by: User,
    state: str,
    items: Sequence[AllergyInput] = (),
    asked_how: str = "",
    answered_by: str = "",
    asked_on: date | None = None,
    note: str = "",
    version: int | None = None,
) -> Customer:
    """Write what is known of a guest's allergies, in place of what was known before.

    Raises ValidationError when the list does not fit the state, VersionConflict when `version` is given and passed.
    """
    if (state == AllergyState.LISTED) != bool(items):
        raise ValidationError(_("Name the allergies, or choose “not asked” or “none, confirmed”."))
    if len({item.allergen.pk for item in items}) != len(items):
        raise ValidationError(_("An allergen stands twice in the list."))
    if asked_how and asked_how not in AskedHow.values:
        raise ValidationError(_("Say how it was asked: in person, by phone, by mail or from the ledger."))
    current = Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    before = allergy_values(current)
    if version is not None and current.version != version:
        mine = _allergy_values(state, items, asked_how, answered_by, asked_on, note)
        conflicts = [FieldConflict(name, before[name], mine[name]) for name in mine if before[name] != mine[name]]
        if conflicts:
            raise VersionConflict(version=current.version, conflicts=conflicts)
    current.allergy_state = state
    current.allergy_note = text.tidy(note, lines=True)
    current.allergy_asked_on = asked_on
    current.allergy_asked_how = asked_how
    current.allergy_answered_by = text.tidy(answered_by)
    current.allergies.exclude(allergen__in=[item.allergen for item in items]).delete()
    for item in items:
        Allergy.objects.update_or_create(
            customer=current,
            allergen=item.allergen,
            defaults={"severity": item.severity, "note": text.tidy(item.note)},
        )
    current.save(
        update_fields=[
            "allergy_state",
            "allergy_note",
            "allergy_asked_on",
            "allergy_asked_how",
            "allergy_answered_by",
        ]
    )
    changes = difference(before, allergy_values(current))
    if changes:
        next_version(current)
        record(by=by, action=Action.CHANGED, subject=current, changes=changes)
    return current


def allergy_values(customer: Customer) -> dict[str, Any]:
    """What is known of a guest's allergies, as plain values."""
    items = [
        AllergyInput(allergy.allergen, allergy.severity, allergy.note)
        for allergy in Allergy.objects.filter(customer=customer)
        .select_related("allergen")
        .order_by("allergen__position")
    ]
    return _allergy_values(
        customer.allergy_state,
        items,
        customer.allergy_asked_how,
        customer.allergy_answered_by,
        customer.allergy_asked_on,
        customer.allergy_note,
    )


def _allergy_values(
    state: str, items: Sequence[AllergyInput], asked_how: str, answered_by: str, asked_on: date | None, note: str
) -> dict[str, Any]:
    listed = sorted(items, key=lambda item: (item.allergen.position, item.allergen.pk))
    return {
        "allergy_state": str(state),
        "allergies": [[item.allergen.name_ja, str(item.severity), item.note] for item in listed],
        "allergy_asked_how": str(asked_how),
        "allergy_answered_by": answered_by,
        "allergy_asked_on": asked_on.isoformat() if asked_on else None,
        "allergy_note": note,
    }

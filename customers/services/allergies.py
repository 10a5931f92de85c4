"""Verbs of a guest's allergies."""

from collections.abc import Mapping, Sequence
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
from customers.conflicts import VersionConflict, find_conflicts
from customers.models import Allergy, Customer
from customers.services.indexing import locked_card, next_version


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
    base: Mapping[str, Any] | None = None,
) -> Customer:
    """Write what is known of a guest's allergies, in place of what was known before.

    Raises ValidationError when the list does not fit the state. `version` is the one the person saw, `base` what stood
    there (`allergy_statement`): allergies are one statement, so VersionConflict is raised for everything that somebody
    else changed meanwhile and this list would undo.
    """
    if (state == AllergyState.LISTED) != bool(items):
        raise ValidationError(_("Name the allergies, or choose “not asked” or “none, confirmed”."))
    if len({item.allergen.pk for item in items}) != len(items):
        raise ValidationError(_("An allergen stands twice in the list."))
    if asked_how and asked_how not in AskedHow.values:
        raise ValidationError(_("Say how it was asked: in person, by phone, by mail or from the ledger."))
    current = locked_card(customer)
    if current.pk != customer.pk:
        version = version or 0  # an answer given for one card does not take the place of what both cards knew
    before = allergy_values(current)
    if version is not None and current.version != version:
        theirs = allergy_statement(current)
        mine = statement_of(state, items, asked_how, answered_by, asked_on, note)
        blank = dict.fromkeys(theirs.keys() | mine.keys())
        conflicts = find_conflicts(theirs=blank | theirs, mine=blank | mine, base=base)
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
    """What is known of a guest's allergies, as plain values for the trail."""
    return _allergy_values(*_known(customer))


def allergy_statement(customer: Customer) -> dict[str, Any]:
    """The same with a value for each allergen (`allergen_<pk>`: severity and note), to compare what two people wrote."""
    return statement_of(*_known(customer))


def allergen_value(pk: int) -> str:
    """The name of an allergen in a statement."""
    return f"allergen_{pk}"


def _known(customer: Customer) -> tuple[str, list[AllergyInput], str, str, date | None, str]:
    items = [
        AllergyInput(allergy.allergen, allergy.severity, allergy.note)
        for allergy in Allergy.objects.filter(customer=customer)
        .select_related("allergen")
        .order_by("allergen__position")
    ]
    return (
        customer.allergy_state,
        items,
        customer.allergy_asked_how,
        customer.allergy_answered_by,
        customer.allergy_asked_on,
        customer.allergy_note,
    )


def statement_of(
    state: str,
    items: Sequence[AllergyInput] = (),
    asked_how: str = "",
    answered_by: str = "",
    asked_on: date | None = None,
    note: str = "",
) -> dict[str, Any]:
    """The statement (`allergy_statement`) that these values of `set_allergies` make."""
    values = _allergy_values(state, items, asked_how, text.tidy(answered_by), asked_on, text.tidy(note, lines=True))
    del values["allergies"]
    listed = {allergen_value(item.allergen.pk): [str(item.severity), text.tidy(item.note)] for item in items}
    return values | listed


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

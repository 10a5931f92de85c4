"""Verbs of companies."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record
from customers.conflicts import VersionConflict, find_conflicts
from customers.models import Company, Customer
from customers.names import company_identity
from customers.normalising import COMPANY_NORMALISERS, kept
from customers.services.indexing import index_guests


@transaction.atomic
def find_or_create_company(*, by: User, name: str) -> Company:
    """The company of that written name, entered when it is new. Raises ValidationError for a blank name."""
    written = kept("company_name", name)
    if not written:
        raise ValidationError(_("Write the company's name."))
    company, made = Company.objects.get_or_create(key=company_identity(written), defaults={"name": written})
    if made:
        record(by=by, action=Action.CREATED, subject=company, changes={"name": [None, written]})
    return company


@transaction.atomic
def change_company(
    *, company: Company, by: User, version: int | None = None, base: Mapping[str, Any] | None = None, **values: Any
) -> Company:
    """Change a company's code, name, kana, phone, address or note; its guests are found under the new name at once.

    `version` is the one the person saw, `base` the values of that moment: VersionConflict is raised when somebody else
    changed the same meanwhile. Raises ValidationError for a blank name and for one that another company has.
    """
    current = Company.objects.select_for_update().get(pk=company.pk)
    before = {name: getattr(current, name) for name in values}
    written = {name: kept(COMPANY_NORMALISERS.get(name, name), value or "") for name, value in values.items()}
    if version is not None and current.version != version:
        conflicts = find_conflicts(theirs=before, mine=written, base=base)
        if conflicts:
            raise VersionConflict(version=current.version, conflicts=conflicts)
    for name, value in written.items():
        setattr(current, name, value)
    current.key = company_identity(current.name)
    if Company.objects.filter(key=current.key).exclude(pk=current.pk).exists():
        raise ValidationError({"name": _("Another company has this name.")})
    current.full_clean()
    changes = difference(before, {name: getattr(current, name) for name in values})
    if not changes:
        return current
    current.version += 1
    current.save(update_fields=[*values, "key", "version"])
    record(by=by, action=Action.CHANGED, subject=current, changes=changes)
    if {"name", "kana"} & changes.keys():
        index_guests(Customer.objects.filter(company=current))
    return current

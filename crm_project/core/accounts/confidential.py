"""Sealing a record: it is then there for the named staff alone. One form and one verb for guests and visits."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record as record_entry
from crm_project.core.sealed import name_staff, named_staff
from crm_project.core.ui.row_fields import RowsField


class ConfidentialForm(forms.Form):
    """Whether a record is confidential, and who is named for it."""

    is_confidential = forms.BooleanField(label=_("Confidential"), required=False)
    people = RowsField(
        label=_("Staff who know"), queryset=User.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, record: models.Model, by: User, **kwargs: Any) -> None:
        known = named_staff(record) or [by.pk]
        kwargs.setdefault("initial", {}).update(is_confidential=getattr(record, "is_confidential"), people=known)  # noqa: B009
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = User.objects.people().filter(is_active=True).order_by("kana", "username")  # type: ignore[attr-defined]


@transaction.atomic
def seal(*, record: models.Model, by: User, people: Iterable[User]) -> None:
    """Make a record confidential and name the staff who go on seeing it; whoever seals it is one of them.

    The record has a field `is_confidential`. Also changes who is named for a record that is sealed already.
    """
    current = _locked(record)
    named = {person.pk: person for person in people} | ({} if current.is_confidential else {by.pk: by})
    before: dict[str, Any] = {"is_confidential": current.is_confidential, "named": sorted(named_staff(current))}
    name_staff(current, named.values())
    type(current)._default_manager.filter(pk=current.pk).update(is_confidential=True)
    _record(current, by=by, before=before, is_confidential=True)


@transaction.atomic
def unseal(*, record: models.Model, by: User) -> None:
    """Make a record one like all others again."""
    current = _locked(record)
    before: dict[str, Any] = {"is_confidential": current.is_confidential, "named": sorted(named_staff(current))}
    name_staff(current, [])
    type(current)._default_manager.filter(pk=current.pk).update(is_confidential=False)
    _record(current, by=by, before=before, is_confidential=False)


def _locked(record: models.Model) -> Any:
    return type(record)._default_manager.select_for_update(of=("self",)).get(pk=record.pk)


def _record(record: models.Model, *, by: User, before: dict[str, Any], is_confidential: bool) -> None:
    after: dict[str, Any] = {"is_confidential": is_confidential, "named": sorted(named_staff(record))}
    everybody: set[int] = {*before["named"], *after["named"]}
    names = dict(User.objects.filter(pk__in=everybody).values_list("pk", "display_name"))
    told = {
        name: [_in_words(before[name], names), _in_words(value, names)]
        for name, value in after.items()
        if before[name] != value
    }
    if told:
        record_entry(by=by, action=Action.CHANGED, subject=record, changes=told)


def _in_words(value: Any, names: dict[int, str]) -> Any:
    return "、".join(names.get(pk, str(pk)) for pk in value) if isinstance(value, list) else value

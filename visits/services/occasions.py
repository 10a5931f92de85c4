"""Bookings of one occasion: a wedding's rooms, the three evenings of a delegation."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record, snapshot
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.text import tidy
from visits.models import Occasion, Visit
from visits.refusals import SettingChangedMeanwhile


@transaction.atomic
def create_occasion(*, by: User, venue: Venue, name: str, note: str = "", visit: Visit | None = None) -> Occasion:
    """Begin an occasion, with its first booking where there is one. Raises PermissionDenied, InputProblem."""
    _require(by, venue.pk)
    values = _checked(name, note)
    occasion = Occasion.objects.create(venue=venue, made_by=by, **values)
    told = {key: [None, value] for key, value in values.items() if value}
    record(by=by, action=Action.CREATED, subject=occasion, changes=told)
    if visit is not None:
        add_to_occasion(occasion=occasion, visit=visit, by=by)
    return occasion


@transaction.atomic
def change_occasion(*, occasion: Occasion, by: User, version: int, name: str, note: str) -> Occasion:
    """Change name and note. Raises PermissionDenied, SettingChangedMeanwhile, InputProblem."""
    _require(by, occasion.venue_id)
    row = Occasion.objects.select_for_update(of=("self",)).get(pk=occasion.pk)
    if row.version != version:
        raise SettingChangedMeanwhile
    values = _checked(name, note)
    before = snapshot(row, values)
    row.name, row.note = values["name"], values["note"]
    if changes := difference(before, snapshot(row, values)):
        row.version += 1
        row.save(update_fields=["name", "note", "version"])
        record(by=by, action=Action.CHANGED, subject=row, changes=changes)
    return row


@transaction.atomic
def add_to_occasion(*, occasion: Occasion, visit: Visit, by: User) -> Visit:
    """A booking of the same venue belongs to the occasion. Twice is once.

    Raises PermissionDenied, InputProblem when it belongs to another one: it is taken out there first.
    """
    row = _locked(visit, by)
    if row.venue_id != occasion.venue_id:
        raise InputProblem(_("The booking is at another venue."))
    if row.occasion_id not in (None, occasion.pk):
        raise InputProblem(_("This booking belongs to “%(name)s” already."), {"name": str(row.occasion)})
    return _set(row, occasion, by)


@transaction.atomic
def take_out_of_occasion(*, visit: Visit, by: User) -> Visit:
    """The booking stands alone again. Twice is once. Raises PermissionDenied."""
    return _set(_locked(visit, by), None, by)


def _locked(visit: Visit, by: User) -> Visit:
    _require(by, visit.venue_id)
    rows = Visit.objects.select_for_update(of=("self",), no_key=True).select_related("venue", "occasion")
    return rows.get(pk=visit.pk)


def _set(row: Visit, occasion: Occasion | None, by: User) -> Visit:
    if row.occasion_id == (occasion.pk if occasion else None):
        return row
    before, row.occasion = row.occasion, occasion
    row.version += 1
    row.save(update_fields=["occasion", "version"])
    told = [str(one) if one else None for one in (before, occasion)]
    record(by=by, action=Action.CHANGED, subject=row, changes={"occasion": told})
    return row


def _require(by: User, venue_id: int) -> None:
    if not (by.has_right(Right.TAKE_BOOKINGS, venue_id) or by.has_right(Right.LOG_VISITS, venue_id)):
        raise PermissionDenied


def _checked(name: str, note: str) -> dict[str, str]:
    values = {"name": tidy(name)[:120], "note": tidy(note)[:300]}
    if not values["name"]:
        raise InputProblem(_("Write what the occasion is called."))
    return values

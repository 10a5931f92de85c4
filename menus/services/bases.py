"""Writing base preparations (出汁, 割り醤油, 練り物) with their allergens."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record, snapshot
from crm_project.core.problems import InputProblem
from crm_project.core.text import tidy, tidy_kana
from menus.models import BasePreparation
from menus.refusals import MenuChangedMeanwhile
from menus.services.stated import Presences, write_presences
from menus.services.taken import unless_taken

BASE_FIELDS = ("name", "kana")


@transaction.atomic
def create_base(*, by: User, name: str, kana: str = "", presences: Presences | None = None) -> BasePreparation:
    """Enter a base preparation. An allergen that `presences` leaves out is not checked. Raises InputProblem."""
    base = BasePreparation()
    _name(base, name, kana)
    with unless_taken(_taken(base)):
        base.save(force_insert=True)
    changes = write_presences(base, presences or {})
    record(by=by, action=Action.CREATED, subject=base, changes=changes)
    return base


@transaction.atomic
def change_base(
    *,
    base: BasePreparation,
    by: User,
    version: int,
    name: str,
    kana: str = "",
    presences: Presences | None = None,
) -> BasePreparation:
    """Change a base preparation; what is said of its allergens counts in every dish at once.

    `version` is the one the person saw. Raises MenuChangedMeanwhile when it has passed, else InputProblem.
    """
    base = BasePreparation.objects.select_for_update().get(pk=base.pk)
    if base.version != version:
        raise MenuChangedMeanwhile
    before = snapshot(base, BASE_FIELDS)
    _name(base, name, kana)
    changes = difference(before, snapshot(base, BASE_FIELDS))
    if presences is not None:
        changes |= write_presences(base, presences)
    if changes:
        base.version += 1
        with unless_taken(_taken(base)):
            base.save(update_fields=[*BASE_FIELDS, "version"])
        record(by=by, action=Action.CHANGED, subject=base, changes=changes)
    return base


def _name(base: BasePreparation, name: str, kana: str) -> None:
    base.name, base.kana = tidy(name), tidy_kana(kana)
    if not base.name:
        raise InputProblem(_("Write the name."))
    if BasePreparation.objects.exclude(pk=base.pk).filter(name=base.name).exists():
        raise _taken(base)


def _taken(base: BasePreparation) -> InputProblem:
    return InputProblem(_("There is already a base preparation “%(name)s”."), {"name": base.name})

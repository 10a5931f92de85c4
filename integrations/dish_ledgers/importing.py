"""A ledger of dishes becomes dishes, foods and what the kitchen says of allergens. The same file twice changes nothing.

A row adds: a dish that is new, a food (with its portion) that the dish had not, an allergen's word that differs. It takes
nothing away, and a blank cell says nothing. Rows that cannot be used are set aside whole; all others are written, at once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import User
from crm_project.core.allergens.choices import Presence
from crm_project.core.allergens.models import Allergen
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import build, record_many
from crm_project.core.problems import InputProblem
from crm_project.core.tables import SHEET_HEADING
from crm_project.core.text import nfkc, tidy_kana
from integrations.choices import LedgerTarget
from integrations.dish_ledgers.keeping import images_of_dishes, keep_import
from integrations.dish_ledgers.reading import DishRow, DishTable
from integrations.dish_ledgers.rows_done import RowsDone
from integrations.models import LedgerImport
from menus.choices import ProposalState
from menus.models import Dish, DishAllergen, DishFamily, DishFood, Food, ProposedAllergen
from menus.search_index import search_key
from menus.services import propose

BATCH: Final = 1000
# Where an upload lies until it is imported or thrown away.
FOLDER: Final = "dish_ledgers"
Portion = tuple[str, str, str]


@dataclass
class Outcome(RowsDone):
    """What an import did, or would do."""

    dishes: int = 0
    foods: int = 0
    dishes_total: int = 0
    foods_total: int = 0
    proposals: int = 0
    # What each column was taken for: (heading, field or allergen), and the headings of those of which nothing is taken.
    taken: list[tuple[str, str]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The command line's answer."""
        return super().as_json() | {
            "dishes": self.dishes,
            "foods": self.foods,
            "dishes_total": self.dishes_total,
            "foods_total": self.foods_total,
            "proposals": self.proposals,
        }


@dataclass
class _Planned:
    """What the file says of one dish beyond what is known."""

    name: str
    pk: int | None
    # Where the file speaks of it first.
    row: int
    kana: str = ""
    family: str = ""
    family_is_new: bool = False
    portions: dict[Portion, None] = field(default_factory=dict)
    presences: dict[Allergen, Presence] = field(default_factory=dict)
    said_in_row: dict[Allergen, tuple[int, Presence]] = field(default_factory=dict)

    @property
    def dish_id(self) -> int:
        """Of a dish that is written."""
        assert self.pk is not None, self.name
        return self.pk


class DishPlan:
    """What the rows of a file do; nothing is written before `write`."""

    def __init__(self) -> None:
        self._dishes: dict[str, _Planned] = {}
        self._known = {
            _key(name): (pk, name, family)
            for pk, name, family in Dish.objects.order_by("-pk").values_list("pk", "name", "family__name")
        }
        self._foods = {_key(name): name for name in Food.objects.order_by("-pk").values_list("name", flat=True)}
        self._portions = {
            (dish, _key(food), quantity, unit)
            for dish, food, quantity, unit in DishFood.objects.values_list("dish", "food__name", "quantity", "unit")
        }
        self._said: dict[tuple[int, int], str] = {
            (dish, allergen): presence
            for dish, allergen, presence in DishAllergen.objects.values_list("dish", "allergen", "presence")
        }

    def take(self, rows: Iterable[DishRow], outcome: Outcome) -> None:
        """Decide each row and count it."""
        for row in rows:
            problem = row.problem or self._contradiction(row)
            if problem:
                outcome.problems.append((row.number, problem))
                outcome.set_aside[row.number] = row.cells
            elif not row.dish or not self._add(row):
                outcome.unchanged += 1
            elif self._dishes[_key(row.dish)].pk is None:
                outcome.created += 1
            else:
                outcome.updated += 1

    def _contradiction(self, row: DishRow) -> str:
        planned = self._dishes.get(_key(row.dish))
        for allergen, presence in row.presences.items():
            number, said = planned.said_in_row.get(allergen, (0, presence)) if planned else (0, presence)
            if said != presence:
                return _("%(allergen)s: row %(row)s of the file says something else of this dish") % {
                    "allergen": allergen.name,
                    "row": number,
                }
        return ""

    def _add(self, row: DishRow) -> bool:
        """Take a row in; whether it adds anything."""
        key = _key(row.dish)
        planned = self._dishes.get(key)
        adds = False
        if planned is None:
            pk, name, family = self._known.get(key, (None, row.dish, None))
            planned = self._dishes[key] = _Planned(name, pk, row.number, kana=row.kana, family=family or "")
            adds = pk is None
        if row.family and row.family != planned.family:
            planned.family, planned.family_is_new, adds = row.family, True, True
        for written in row.foods:
            food = self._foods.setdefault(_key(written), written)
            portion = (food, row.quantity, row.unit)
            if (
                portion not in planned.portions
                and (planned.pk, _key(food), row.quantity, row.unit) not in self._portions
            ):
                planned.portions[portion] = None
                adds = True
        for allergen, presence in row.presences.items():
            planned.said_in_row[allergen] = (row.number, presence)
            held = planned.presences.get(allergen) or self._said.get((planned.pk or 0, allergen.pk))
            if held != presence:
                planned.presences[allergen] = presence
                adds = True
        return adds

    @property
    def _changed(self) -> list[_Planned]:
        return [one for one in self._dishes.values() if one.pk is None or _says_more(one)]

    def write_for(self, kept: LedgerImport, by: User) -> None:
        """Write everything in the caller's transaction, and keep what an undo of the import needs."""
        changed = self._changed
        known = [one.pk for one in changed if one.pk is not None]
        named: dict[type[models.Model], set[str]] = {
            DishFamily: {one.family for one in changed if one.family_is_new},
            Food: {food for one in changed for food, _quantity, _unit in one.portions},
        }
        rows: dict[int, int] = {}
        with images_of_dishes(kept, known, rows, named):
            self.write(by)
            rows.update((one.dish_id, one.row) for one in changed)

    @transaction.atomic
    def write(self, by: User) -> None:
        """Write everything, with one entry of the trail a dish, and propose what the foods suggest."""
        changed = self._changed
        new = {one.name for one in changed if one.pk is None}
        self._write_dishes(changed)
        self._write_foods(changed)
        DishAllergen.objects.bulk_create(
            (
                DishAllergen(dish_id=one.dish_id, allergen=allergen, presence=presence)
                for one in changed
                for allergen, presence in one.presences.items()
            ),
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["dish", "allergen"],
            update_fields=["presence"],
        )
        ids = [one.dish_id for one in changed]
        for some in _batched(ids, BATCH):
            propose(some)
        for some in _batched([one.dish_id for one in changed if one.name not in new], BATCH):
            Dish.objects.filter(pk__in=some).update(version=F("version") + 1)
        record_many(
            build(
                by=by,
                action=Action.CREATED if one.name in new else Action.CHANGED,
                subject_type="menus.dish",
                subject_id=one.pk,
                subject_name=one.name,
                changes=self._told(one),
            )
            for one in changed
        )

    def _told(self, one: _Planned) -> dict[str, Any]:
        changes: dict[str, Any] = {
            allergen.code: [self._said.get((one.pk or 0, allergen.pk)), presence.value]
            for allergen, presence in one.presences.items()
        }
        if one.portions:
            foods = (f"{food} {quantity}{unit}".strip() for food, quantity, unit in one.portions)
            changes["foods"] = [None, "、".join(foods)]
        return changes

    def _write_dishes(self, changed: list[_Planned]) -> None:
        names = {one.family for one in changed if one.family_is_new}
        DishFamily.objects.bulk_create((DishFamily(name=name) for name in sorted(names)), ignore_conflicts=True)
        families = dict(DishFamily.objects.filter(name__in=names).values_list("name", "pk"))
        made = Dish.objects.bulk_create(
            (
                Dish(
                    name=one.name,
                    kana=tidy_kana(one.kana),
                    family_id=families.get(one.family),
                    search_key=search_key(one.name, tidy_kana(one.kana)),
                )
                for one in changed
                if one.pk is None
            ),
            batch_size=BATCH,
        )
        by_name = {dish.name: dish.pk for dish in made}
        moved = []
        for one in changed:
            if one.pk is None:
                one.pk = by_name[one.name]
            elif one.family_is_new:
                moved.append(Dish(pk=one.pk, family_id=families[one.family]))
        Dish.objects.bulk_update(moved, ["family"], batch_size=BATCH)

    @staticmethod
    def _write_foods(changed: list[_Planned]) -> None:
        wanted = {food for one in changed for food, _quantity, _unit in one.portions}
        Food.objects.bulk_create((Food(name=name) for name in sorted(wanted)), ignore_conflicts=True, batch_size=BATCH)
        ids = dict(Food.objects.values_list("name", "pk"))
        DishFood.objects.bulk_create(
            (
                DishFood(dish_id=one.dish_id, food_id=ids[food], quantity=quantity, unit=unit)
                for one in changed
                for food, quantity, unit in one.portions
            ),
            batch_size=BATCH,
            ignore_conflicts=True,
        )


def import_dishes(ledger: DishTable, *, by: User, dry_run: bool = False) -> Outcome:
    """Read the whole file, then write it at once; with `dry_run` nothing is written. Raises InputProblem."""
    outcome = Outcome()
    plan = DishPlan()
    plan.take(ledger, outcome)
    outcome.blank_rows, outcome.reading = ledger.table.blank_rows, ledger.log.as_json()
    outcome.dishes, outcome.foods = len(ledger.dish_cells), len(ledger.food_cells)
    outcome.taken = ledger.dish_map.taken(ledger.table.headings)
    known = {*dict(outcome.taken), SHEET_HEADING}
    outcome.left = [heading for heading in ledger.table.headings if heading and heading not in known]
    if not dry_run:
        try:
            with transaction.atomic():
                plan.write_for(keep_import(target=LedgerTarget.DISHES, table=ledger.table, outcome=outcome, by=by), by)
        except IntegrityError as error:
            raise InputProblem(_("Somebody else entered the same dishes meanwhile: import the file again.")) from error
    outcome.dishes_total, outcome.foods_total = Dish.objects.count(), Food.objects.count()
    outcome.proposals = ProposedAllergen.objects.filter(state=ProposalState.OPEN).count()
    return outcome


def _says_more(one: _Planned) -> bool:
    return bool(one.portions or one.presences or one.family_is_new)


def _key(name: str) -> str:
    return nfkc(name)


def _batched(ids: list[int], size: int) -> Iterator[list[int]]:
    rest = iter(ids)
    while some := list(islice(rest, size)):
        yield some

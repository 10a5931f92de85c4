"""A ledger of foods alone: a row for each food, as the supplier names it. What the house has already is unchanged."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import build, record_many
from crm_project.core.column_map import Column, ColumnMap, MapError, load_map
from crm_project.core.tables import Table
from crm_project.core.text import cell_text, compare_key, nfkc, tidy
from integrations.choices import LedgerTarget
from integrations.dish_ledgers.keeping import keep_import
from integrations.dish_ledgers.reading import NAME_LENGTH, menu_table
from integrations.dish_ledgers.rows_done import RowsDone
from integrations.ledgers.change_report import ChangeReport
from integrations.ledgers.changed_values import ChangeKind, ChangeLog, ValueChange, column_name
from integrations.ledgers.images import ImageBook
from integrations.models import LedgerImport
from menus.models import Food

BATCH: Final = 1000
_USUAL: Final = (
    "食材名 食材 食品名 食品 材料名 材料 原材料 原材料名 品名 品目 商品名 名称 "
    "foodName food ingredient ingredients name item"
)


@dataclass
class FoodOutcome(RowsDone):
    """What an import did, or would do."""

    foods: int = 0
    foods_total: int = 0

    def as_json(self) -> dict[str, Any]:
        """The command line's answer."""
        return super().as_json() | {"foods": self.foods, "foods_total": self.foods_total}


def food_map(text: str) -> ColumnMap:
    """The map of a ledger of foods, read from TOML; `name` is another word for `food`. Raises MapError."""
    columns = load_map(text, known_fields=["food", "name"], required=(("food", "name"),))
    return ColumnMap({"food": next(iter(columns.columns.values()))}, options=columns.options)


def guessed_foods(headings: Sequence[str]) -> ColumnMap:
    """A map from the headings alone. Raises MapError when none of them is a food."""
    by_key = {compare_key(heading).lower(): heading for heading in reversed(headings) if heading}
    heading = next((by_key[key] for word in _USUAL.split() if (key := compare_key(word).lower()) in by_key), None)
    if heading is None:
        raise MapError(
            _("no heading of the file is known as a food; write a map, with food as one of: %(headings)s"),
            {"headings": ", ".join(filter(None, headings))},
        )
    return ColumnMap({"food": Column((heading,))})


@contextmanager
def opened_foods(
    path: Path, name: str, sheet: str = "", columns: ColumnMap | None = None
) -> Iterator[tuple[Table, ColumnMap]]:
    """Open a ledger of foods. Raises TableError or MapError with one sentence when it cannot be used."""
    with menu_table(path, name, sheet, columns) as table:
        found = columns or guessed_foods(table.headings)
        found.resolve(table.headings, sheet=table.sheet)
        table.require_rows()
        yield table, found


def import_foods(
    table: Table, columns: ColumnMap, *, by: User, dry_run: bool = False, report: ChangeReport | None = None
) -> FoodOutcome:
    """Read the whole file, then write what is new at once; with `dry_run` nothing is written."""
    outcome = FoodOutcome()
    resolver = columns.resolve(table.headings, sheet=table.sheet)
    take = resolver.getter("food")
    assert take is not None
    log = ChangeLog({"food": column_name(resolver, "food", table.headings, table.first_column)})
    if report:
        report.attach(log, table)
    known = {nfkc(name) for name in Food.objects.values_list("name", flat=True)}
    # Key -> the name and its row.
    new: dict[str, tuple[str, int]] = {}
    cells: set[str] = set()
    for number, row in table:
        written = cell_text(take(row))
        cells.add(written)
        food = tidy(written)
        if len(food) <= NAME_LENGTH:
            log.compare(number, "food", written, food)
        if not food:
            outcome.problems.append((number, _("the row names no food")))
            outcome.set_aside[number] = row
        elif len(food) > NAME_LENGTH:
            log.add(ValueChange(number, "food", ChangeKind.UNREAD, written, ""))
            sentence = _("the name of the food has more than %(longest)s characters: shorten it")
            outcome.problems.append((number, sentence % {"longest": NAME_LENGTH}))
            outcome.set_aside[number] = row
        elif nfkc(food) in known:
            outcome.unchanged += 1
        else:
            known.add(nfkc(food))
            new[nfkc(food)] = food, number
            outcome.created += 1
    if report:
        report.flush()
    outcome.blank_rows, outcome.foods, outcome.reading = table.blank_rows, len(cells), log.as_json()
    if not dry_run:
        with transaction.atomic():
            kept = keep_import(target=LedgerTarget.FOODS, table=table, outcome=outcome, by=by)
            _write(kept, new, by)
    outcome.foods_total = Food.objects.count() + (len(new) if dry_run else 0)
    return outcome


def _write(kept: LedgerImport, new: Mapping[str, tuple[str, int]], by: User) -> None:
    """Write the foods with one entry of the trail each; one that somebody entered meanwhile stays as it is."""
    there = set(Food.objects.values_list("pk", flat=True))
    Food.objects.bulk_create((Food(name=name) for name, _row in new.values()), ignore_conflicts=True, batch_size=BATCH)
    ids = {name: pk for pk, name in Food.objects.values_list("pk", "name") if pk not in there}
    book = ImageBook(kept)
    for name, row in new.values():
        if name in ids:
            book.created(row, Food, ids[name])
    book.write()
    record_many(
        build(by=by, action=Action.CREATED, subject_type="menus.food", subject_id=ids[name], subject_name=name)
        for name, _row in new.values()
        if name in ids
    )

"""What an import of the kitchen's ledgers has done, kept so that it can be taken back: its counts, rows set aside, and images."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.db import models
from django.utils import timezone

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.tables import Table
from integrations import bulk
from integrations.choices import LedgerState, LedgerTarget, RowOutcome
from integrations.dish_ledgers.rows_done import RowsDone
from integrations.ledgers.cells_kept import kept_cells
from integrations.ledgers.entries import ERROR
from integrations.ledgers.images import Image, ImageBook
from integrations.models import LedgerImport, LedgerRow
from menus.models import Dish, DishAllergen, DishFood, ProposedAllergen

COUNTED: Final = ("created", "updated", "unchanged")
OF_DISHES: Final[Sequence[type[models.Model]]] = (DishFood, DishAllergen, ProposedAllergen)
Rows = dict[type[models.Model], dict[int, dict[str, Any]]]


def keep_import(*, target: LedgerTarget, table: Table, outcome: RowsDone, by: User) -> LedgerImport:
    """Keep what a file did, with the rows that were set aside, inside the transaction that writes it; one entry of the trail."""
    counts = {name: getattr(outcome, name) for name in COUNTED} | {"errors": len(outcome.problems)}
    counts["rows"] = sum(counts.values())
    kept = LedgerImport.objects.create(
        target=target,
        file_name=table.name[-200:],
        sheet=table.sheet[:120],
        state=LedgerState.APPLIED,
        started_by=by,
        applied_at=timezone.now(),
        applied_to_row=table.last_row or counts["rows"],
        blank_rows=outcome.blank_rows,
        reading=outcome.reading,
        headings=list(table.headings),
        keeps_images=True,
        **counts,
    )
    LedgerRow.objects.bulk_create(
        (
            LedgerRow(
                ledger_import=kept,
                row_number=number,
                outcome=RowOutcome.ERROR,
                messages=[{"level": ERROR, "field": "", "message": problem}],
                cells=kept_cells(outcome.set_aside[number]),
            )
            for number, problem in outcome.problems
        ),
        batch_size=500,
    )
    changes = {name: [None, count] for name, count in counts.items()}
    record(by=by, action=Action.IMPORTED, subject=kept, changes=changes)
    outcome.import_id = kept.pk
    return kept


@contextmanager
def images_of_dishes(
    kept: LedgerImport,
    known: Sequence[int],
    written: Mapping[int, int],
    named: Mapping[type[models.Model], Collection[str]],
) -> Iterator[None]:
    """Keep what the block does to dishes and what hangs on them.

    `known`: ids of the dishes that are there already. `written` is filled by the block: id of a dish -> row of the ledger.
    `named`: of models of which the block only creates rows (families, foods) the names it may give them.
    """
    newest = {model: model._base_manager.aggregate(last=models.Max("pk"))["last"] or 0 for model in named}
    before = _rows_of(known)
    yield
    after = _rows_of(list(written))
    first = min(written.values(), default=0)
    book = ImageBook(kept)
    for model, names in named.items():
        made = model._base_manager.filter(pk__gt=newest[model]).order_by("pk").values_list("pk", "name")
        for pk in [pk for pk, name in made if name in names]:
            book.created(first, model, pk)
    for model in after:
        for image, dish in _changes(model, before.get(model, {}), after[model]):
            book.add(written[dish], [image])
    book.write()


def _rows_of(dishes: Sequence[int]) -> Rows:
    found: Rows = {Dish: bulk.read(Dish, dishes)}
    for model in OF_DISHES:
        keys = model._base_manager.filter(dish__id__any_of=set(dishes)).values_list("pk", flat=True)
        found[model] = bulk.read(model, list(keys))
    return found


def _changes(
    model: type[models.Model], before: Mapping[int, dict[str, Any]], after: Mapping[int, dict[str, Any]]
) -> Iterator[tuple[Image, int]]:
    """Each row that is new, gone or changed, with its dish."""
    label = model._meta.label_lower
    for pk in sorted(before.keys() | after.keys()):
        old, now = before.get(pk), after.get(pk)
        dish = pk if model is Dish else (now or old or {})["dish_id"]
        if old is not None and now is not None:
            names = [name for name in old if old[name] != now[name]]
            if not names:
                continue
            old, now = ({name: row[name] for name in names} for row in (old, now))
        yield Image(label, pk, old, now), dish

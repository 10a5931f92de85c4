"""Gathering the rows of one record at another one, with a line in the undo ledger for each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from django.db import models

from customers.merging.columns import columns_of, insert_row, key_from, values_from
from customers.merging.pointers import Key, Pointer, pointers_to
from customers.merging.rows import Circumstances, SideBySide, fold_of, rivals_of
from customers.models import Merge, MergedRow

BATCH = 1000
Item = TypeVar("Item")


def chunks(items: Sequence[Item], size: int = BATCH) -> Iterator[Sequence[Item]]:
    """The items in pieces that fit one statement."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


class Gathering:
    """One merge at work. `save()` writes its ledger at the end, in the order in which things were done."""

    def __init__(self, merge: Merge) -> None:
        self.merge = merge
        self.entries: list[MergedRow] = []

    def save(self) -> None:
        """Write the ledger."""
        MergedRow.objects.bulk_create(self.entries, batch_size=BATCH)

    def gather(self, pointer: Pointer, source: Any, target: Any, *, parent: bool = False) -> None:
        """Move what points to the source to the target; two of a kind become one, or stand side by side.

        `parent`: source and target are no cards, but rows of which one was set aside.
        """
        for key in pointer.keys:
            for row, like in self._two_of_a_kind(pointer, key, source, target):
                self._settle(pointer, row, like, (target, source))
        rows = pointer.rows(source)
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        if not ids:
            return
        rows.update(**{pointer.column: pointer.value(target)})
        ends = {"from": str(source), "to": str(target)} if parent else None
        self.entries += [self._entry(pointer, pk, set_aside=ends) for pk in ids]

    def untie(self, pointers: Sequence[Pointer], pair: tuple[int, int]) -> None:
        """Rows that name both cards would name one card twice: a blank where it may be blank, else set aside."""
        both: dict[type[models.Model], list[Pointer]] = {}
        for pointer in pointers:
            if not pointer.fixed:
                both.setdefault(pointer.model, []).append(pointer)
        for model, of_model in both.items():
            if len(of_model) < 2:
                continue
            names_pair = models.Q(**{f"{pointer.column}__in": pair for pointer in of_model})
            for row in model._base_manager.filter(names_pair).order_by("pk"):
                blank = next((pointer for pointer in of_model if pointer.may_be_blank), None)
                if blank is not None:
                    self.change(blank, row, {blank.column: None})
                else:
                    self.set_aside(of_model[0], row)

    def change(self, pointer: Pointer, row: models.Model, changes: Mapping[str, Any]) -> None:
        """Change columns of a row (JSON values) and note what stood there."""
        before = columns_of(row, changes)
        if before == dict(changes):
            return
        write_columns(type(row), row.pk, changes)
        self.entries.append(self._entry(pointer, row.pk, set_aside={"before": before, "after": dict(changes)}))

    def set_aside(self, pointer: Pointer, row: models.Model, like: models.Model | None = None) -> None:
        """Take a row out of its table; its like, if there is one, says what the rule makes of the two."""
        columns = columns_of(row)
        told: dict[str, Any] = {"row": columns}
        for child in pointers_to(type(row)):
            if like is not None:
                self.gather(child, row.pk, like.pk, parent=True)
            else:
                for each in child.rows(row.pk).order_by("pk"):
                    self.set_aside(child, each)
        fold = fold_of(pointer.label)
        if like is not None and fold is not None:
            after = fold(columns_of(like), columns)
            told |= {"before": columns_of(like, after), "after": after}
            write_columns(type(like), like.pk, after)
        entry = self._entry(pointer, row.pk, set_aside=told)
        entry.like_id = str(like.pk) if like is not None else ""
        self.entries.append(entry)
        type(row)._base_manager.filter(pk=row.pk).delete()

    def _settle(self, pointer: Pointer, row: models.Model, like: models.Model, owners: tuple[Any, Any]) -> None:
        rivals = rivals_of(pointer.label)
        both: SideBySide | None = None
        if rivals is not None:
            # The others decide what is free; they may have changed a moment ago.
            others = tuple(columns_of(other) for owner in owners for other in pointer.rows(owner).order_by("pk"))
            given = Circumstances(self.merge.choices, others)
            both = rivals(columns_of(like), columns_of(row), given)
        if both is None:
            self.set_aside(pointer, row, like)
            return
        if both.kept:
            self.change(pointer, like, both.kept)
        if both.absorbed:
            self.change(pointer, row, both.absorbed)

    def _two_of_a_kind(
        self, pointer: Pointer, key: Key, source: Any, target: Any
    ) -> Iterator[tuple[models.Model, models.Model]]:
        """(row of the source, its like at the target) for each row that has one."""
        here, there = (
            rows.filter(key.condition) if key.condition is not None else rows
            for rows in (pointer.rows(target), pointer.rows(source))
        )
        theirs = [(pk, tuple(rest)) for pk, *rest in _said(there, key)]
        if not theirs:
            return
        likes: dict[tuple[Any, ...], Any] = {}
        for pk, *rest in _said(here, key):
            likes.setdefault(tuple(rest), pk)
        for row_id, said in theirs:
            if None not in said and said in likes:
                # Read now: a rule may have written to it for the row before.
                both = pointer.model._base_manager.in_bulk([row_id, likes[said]])
                yield both[row_id], both[likes[said]]

    def _entry(self, pointer: Pointer, pk: Any, *, set_aside: dict[str, Any] | None = None) -> MergedRow:
        return MergedRow(
            merge=self.merge, model=pointer.label, field=pointer.column, row_id=str(pk), set_aside=set_aside
        )


def _said(rows: models.QuerySet[Any], key: Key) -> list[tuple[Any, ...]]:
    return list(rows.order_by("pk").values_list("pk", *key.columns))


def write_columns(model: type[models.Model], pk: Any, columns: Mapping[str, Any]) -> bool:
    """Write JSON values into columns of a row; whether it is still there."""
    return bool(model._base_manager.filter(pk=pk).update(**values_from(model, columns))) if columns else True


def read_columns(model: type[models.Model], text_key: str) -> dict[str, Any] | None:
    """The columns of a row by the text of its key; None when it is gone."""
    row = model._base_manager.filter(pk=key_from(model, text_key)).first()
    return columns_of(row) if row is not None else None


def present_keys(pointer: Pointer, holder: Any, keys: Iterable[str]) -> list[Any]:
    """Those of the rows that still point to the holder."""
    wanted = [key_from(pointer.model, key) for key in keys]
    return [
        pk
        for some in chunks(wanted)
        for pk in pointer.rows(holder).filter(pk__in=some).order_by("pk").values_list("pk", flat=True)
    ]


__all__ = ["Gathering", "chunks", "insert_row", "present_keys", "read_columns", "write_columns"]

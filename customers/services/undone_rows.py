"""Taking the rows of a merge back: the newest merge of a card first, so that every row is where the ledger left it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction

from customers.merging.columns import insert_row, key_from
from customers.merging.pointers import Pointer, pointers_to_guests
from customers.models import Customer, Merge, MergedRow
from customers.services.merged_rows import chunks, present_keys, read_columns, write_columns

# Told again by what it tells of, or given and taken by those who seal cards.
DERIVED = frozenset({"timeline.timelineentry", "guardian.userobjectpermission"})


@dataclass(slots=True)
class Remains:
    """What did not come back as it was, because people wrote since."""

    # (model, key of the row) -> columns that somebody changed since, with what stands there now.
    written_since: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    # Model -> how many rows were deleted or given to somebody else since.
    gone: dict[str, int] = field(default_factory=dict)

    def miss(self, model: str, count: int = 1) -> None:
        """Count rows that did not come back."""
        if count and model not in DERIVED:
            self.gone[model] = self.gone.get(model, 0) + count


class Returning:
    """One merge taken back, whose kept card is present and has taken in nobody since.

    `for_now`: the merge will be done again in a moment, because an older one is being undone. Rows whose like somebody
    deleted since then stay set aside, or they would come back to life.
    """

    def __init__(self, merge: Merge, *, for_now: bool = False) -> None:
        self.merge = merge
        self.for_now = for_now
        self.remains = Remains()
        self.pointers = {(pointer.label, pointer.column): pointer for pointer in pointers_to_guests()}

    def take_back(self) -> Remains:
        """Everything of the merge: first what moved, so that no two rows of a kind meet at one card."""
        Customer.objects.filter(pk=self.merge.absorbed_id).update(merged_into=None)
        entries = list(MergedRow.objects.filter(merge=self.merge).order_by("pk"))
        moved: dict[tuple[str, str], list[MergedRow]] = {}
        parts: list[MergedRow] = []
        for entry in entries:
            if entry.set_aside is None:
                moved.setdefault((entry.model, entry.field), []).append(entry)
        for place in sorted(moved):
            self._move_back(self._pointer(*place), [entry.row_id for entry in moved[place]])
        stays: list[int] = []
        for entry in reversed(entries):
            told = entry.set_aside
            if told is None:
                continue
            if "row" in told:
                if not self._put_back(entry):
                    stays.append(entry.pk)
            elif "before" in told:
                self._change_back(entry.model, entry.row_id, told)
            else:
                parts.append(entry)
        for entry in parts:
            self._back_to_parent(entry)
        MergedRow.objects.filter(merge=self.merge).exclude(pk__in=stays).delete()
        return self.remains

    def give(self, pointer: Pointer, keys: Collection[Any]) -> int:
        """Give rows to the restored card; one whose like came there meanwhile stays where it is. Returns how many went."""
        rows = pointer.model._base_manager.filter(pk__in=keys)
        try:
            with transaction.atomic():
                return rows.update(**{pointer.column: pointer.value(self.merge.absorbed_id)})
        except IntegrityError:
            return 0 if len(keys) == 1 else sum(self.give(pointer, [key]) for key in keys)

    def _pointer(self, label: str, column: str) -> Pointer:
        """The pointer of an entry; that of a part of a row is none to guests."""
        return self.pointers.get((label, column)) or Pointer(apps.get_model(label), column)

    def _move_back(self, pointer: Pointer, keys: list[str]) -> None:
        there = present_keys(pointer, self.merge.kept_id, keys)
        went = sum(self.give(pointer, some) for some in chunks(there))
        self.remains.miss(pointer.label, len(keys) - went)

    def _put_back(self, entry: MergedRow) -> bool:
        """Write a row again, and let its like say what it said before; False for a row that stays set aside."""
        model = apps.get_model(entry.model)
        told: dict[str, Any] = entry.set_aside or {}
        if self.for_now and entry.like_id and read_columns(model, entry.like_id) is None:
            return False
        if "before" in told:
            self._change_back(entry.model, entry.like_id, told)
        try:
            with transaction.atomic():
                insert_row(model, told["row"])
        except IntegrityError:
            self.remains.miss(entry.model)
        return True

    def _change_back(self, label: str, key: str, told: dict[str, Any]) -> None:
        """Columns return to what they said before, unless somebody wrote to them since."""
        model: type[models.Model] = apps.get_model(label)
        now = read_columns(model, key)
        if now is None:
            return
        before, after = told["before"], told["after"]
        write_columns(
            model, key_from(model, key), {name: value for name, value in before.items() if now[name] == after[name]}
        )
        since = {name: now[name] for name in after if now[name] not in (after[name], before[name])}
        if since:
            self.remains.written_since.setdefault((label, key), {}).update(since)

    def _back_to_parent(self, entry: MergedRow) -> None:
        pointer = self._pointer(entry.model, entry.field)
        told: dict[str, Any] = entry.set_aside or {}
        owner: Any = pointer.field.related_model
        rows = pointer.rows(key_from(owner, told["to"])).filter(pk=key_from(pointer.model, entry.row_id))
        moved = rows.update(**{pointer.column: key_from(owner, told["from"])})
        self.remains.miss(entry.model, 0 if moved else 1)

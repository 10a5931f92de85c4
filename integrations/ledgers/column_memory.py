"""The cells of one field of a ledger, read a batch at a time: what is plain is known at a glance, what repeats is read once.

A ledger repeats most of its words, and most of its cells are kept as they stand. Nothing here changes what a cell is read as.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from crm_project.core.tables import Cell
from crm_project.core.text import compare_key
from integrations.ledgers.cells import ABOVE, LONGEST_SPECIAL, CellReader, Remark, special
from integrations.ledgers.changed_values import ChangeKind

REMEMBERED_CELLS: Final = 16_384
KINDS: Final = tuple(ChangeKind)
# How a value differs from its cell, as a place in KINDS counted from 1: whole numbers are compared much faster than kinds.
AS_IT_STANDS: Final = 0
REMARKED: Final = -1

# The kind of a change of looks from (cell, value); None = none.
Look = Callable[[Cell, Any], ChangeKind | None]


class _Values(dict[Cell, tuple[Any, int]]):
    """Cell -> what it says, and how that differs from it; read when it is first met."""

    def __init__(self, memory: "ColumnMemory") -> None:
        super().__init__()
        self._memory = memory

    def __missing__(self, cell: Cell) -> tuple[Any, int]:
        memory = self._memory
        if isinstance(cell, str) and (not cell or cell.isspace()):
            value = None
        elif isinstance(cell, str) and len(cell) <= LONGEST_SPECIAL and (found := special(cell)):
            value = found
        else:
            value = memory.reader(cell)
        self[cell] = answer = (value, memory.kind_of(cell, value))
        if type(cell) is str and type(value) is str and value == cell:
            memory.kept_cells.add(cell)
        return answer


class ColumnMemory:
    """What is known of the cells of one field. 1, 1.0 and True are different cells.

    `look` tells how a value differs from its cell, for fields of which that is counted. `plain` matches, joined by line breaks,
    cells that are kept as they stand (blank ones among them); `plain_values` reads cells that are all plain, and are not told of
    (None for any others). Cells of which hardly one repeats (`repeats` = False) are not
    remembered: it would cost more than to read them.
    """

    def __init__(
        self,
        reader: CellReader,
        *,
        look: Look | None = None,
        plain: re.Pattern[str] | None = None,
        plain_values: Callable[[Sequence[Cell]], list[Any] | None] | None = None,
        repeats: bool = True,
    ) -> None:
        self.reader = reader
        # Known to be kept as they stand.
        self.kept_cells: set[Cell] = {""}
        self._look, self._plain, self._plain_values, self._repeats = look, plain, plain_values, repeats
        self._texts = _Values(self)
        self._others: dict[type, _Values] = {}

    def keeps(self, cells: Sequence[Cell]) -> bool:
        """Whether all cells are known to be kept as they stand; blank ones are then ""."""
        if self.kept_cells.issuperset(cells):
            return True
        if self._plain is None:
            return False
        try:
            joined = "\n".join(cells)  # type: ignore[arg-type]
        except TypeError:  # numbers among them
            return False
        return joined.count("\n") == len(cells) - 1 and self._plain.fullmatch(joined) is not None

    def read(self, cells: Sequence[Cell]) -> tuple[list[Any], Sequence[int]]:
        """What the cells say, and how each value differs: AS_IT_STANDS, REMARKED, or a place in KINDS counted from 1.

        Of plain values nobody is told anything: () for all of them.
        """
        if self._plain_values is not None and (plain := self._plain_values(cells)) is not None:
            return plain, ()
        if not self._repeats:
            values = list(map(self.reader, cells))
            return values, list(map(self.kind_of, cells, values))
        self._make_room()
        texts = self._texts
        if set(map(type, cells)) == {str}:
            found = [texts[cell] for cell in cells]
        else:
            found = [texts[cell] if type(cell) is str else self._of_type(type(cell))[cell] for cell in cells]
        return [value for value, _kind in found], [kind for _value, kind in found]

    def one(self, cell: Cell) -> Any:
        """What one cell says."""
        return self.read([cell])[0][0]

    def kind_of(self, cell: Cell, value: Any) -> int:
        """How a value differs from its cell."""
        if value is ABOVE or type(value) is Remark:
            return REMARKED
        if self._look is None or cell == "":
            return AS_IT_STANDS
        kind = self._look(cell, value)
        return AS_IT_STANDS if kind is None else KINDS.index(kind) + 1

    def _of_type(self, kind: type) -> _Values:
        return self._others[kind] if kind in self._others else self._others.setdefault(kind, _Values(self))

    def _make_room(self) -> None:
        """Forget everything now and then rather than keep count of what was met when."""
        for values in (self._texts, *self._others.values()):
            if len(values) > REMEMBERED_CELLS:
                values.clear()
        if len(self.kept_cells) > REMEMBERED_CELLS:
            self.kept_cells = {""}


class Keys(dict[str | None, str | None]):
    """A text -> its key by which the same words are the same, width and spaces apart; None for nothing."""

    def of(self, values: Sequence[str | None]) -> Sequence[str | None]:
        """The keys of many texts, of which most repeat."""
        if len(self) > REMEMBERED_CELLS:
            self.clear()
        return list(map(self.__getitem__, values))

    def __missing__(self, value: str | None) -> str | None:
        self[value] = key = compare_key(value) if value else None
        return key

"""What a ledger's values became on the way in: counted by column and kind with examples, and told one by one to who listens.

A change of looks alone (blanks, width, another way to write a date) is counted; one of meaning stands on its row as well
(`entries.LedgerEntry.messages`). What could not be read counts apart.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_project.core.column_map import Resolver
from crm_project.core.text import compare_key


class ChangeKind(StrEnum):
    """How what is kept differs from what was written."""

    SPACES = "spaces"  # blanks around and between
    WIDTH = "width"  # full and half width
    FORM = "form"  # another way to write the same: S63.4.1, 0312345678
    NONE = "none"  # なし, 不明, 非公開, 000-0000-0000
    SPLIT = "split"  # several numbers of one cell
    HONORIFIC = "honorific"  # 様 behind a name
    READING = "reading"  # furigana out of the name
    FORMER = "former"  # 旧姓 out of the name
    ROMAJI = "romaji"  # a reading in Latin letters
    PEOPLE = "people"  # several people of one cell
    ZERO = "zero"  # the 0 that a spreadsheet took
    ABOVE = "above"  # 〃, 同上
    DAY = "day"  # a day that was not written as one: Excel's number, outside of its era
    DECEASED = "deceased"  # 故 beside a name
    POSTCODE = "postcode"  # 〒 out of an address
    UNREAD = "unread"  # kept as written


KIND_LABELS: Final[dict[str, str | Promise]] = {
    ChangeKind.SPACES: _("blanks"),
    ChangeKind.WIDTH: _("full and half width"),
    ChangeKind.FORM: _("written in another way"),
    ChangeKind.NONE: _("says that there is none"),
    ChangeKind.SPLIT: _("several in one cell"),
    ChangeKind.HONORIFIC: _("honorific taken off"),
    ChangeKind.READING: _("reading taken out of the name"),
    ChangeKind.FORMER: _("former name taken out of the name"),
    ChangeKind.ROMAJI: _("reading in Latin letters"),
    ChangeKind.PEOPLE: _("several people in one cell"),
    ChangeKind.ZERO: _("the 0 in front put back"),
    ChangeKind.ABOVE: _("the same as above"),
    ChangeKind.DAY: _("read as a day"),
    ChangeKind.DECEASED: _("is dead: no mail any more"),
    ChangeKind.POSTCODE: _("postcode taken out of the address"),
    ChangeKind.UNREAD: _("could not be read"),
}
_KINDS: Final = tuple(ChangeKind)
# Beside the values: the headings of columns of which the map takes nothing.
NOT_TAKEN: Final = "columns_not_taken"
EXAMPLES: Final = 5
# So much of a value is kept as an example; a report has all of it.
EXAMPLE_LENGTH: Final = 120


class ValueChange(NamedTuple):
    """One cell: what was there and what was made of it ("" = nothing; for an unread one it stays as written)."""

    row: int
    field: str
    kind: ChangeKind
    before: str
    after: str


class ColumnName(NamedTuple):
    """Where a field stands in the file: its headings, and the letters of its columns; both "" for a constant."""

    heading: str = ""
    letters: str = ""

    def __str__(self) -> str:
        return f"{self.heading} ({self.letters})" if self.letters else self.heading


def column_letter(place: int) -> str:
    """The letters of a column of a spreadsheet, counted from 0: A, Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_name(resolver: Resolver, name: str, headings: Sequence[str], first_column: int = 0) -> ColumnName:
    """The headings and letters of a field's columns."""
    places = resolver.indexes.get(name, ())
    named = [headings[place] for place in places if place < len(headings)]
    return ColumnName(
        "・".join(filter(None, named)), ", ".join(column_letter(first_column + place) for place in places)
    )


@lru_cache(maxsize=32_768)
def kind_of_look(before: str, after: str, may_be_split: bool = False) -> ChangeKind | None:
    """How a value differs from its cell, where nothing but its looks may have changed."""
    if before == after:
        return None
    if not after:
        return ChangeKind.NONE if before.strip() else ChangeKind.SPACES
    if "".join(before.split()) == "".join(after.split()):
        return ChangeKind.SPACES
    if may_be_split and "、" in after:
        return ChangeKind.SPLIT
    return ChangeKind.WIDTH if compare_key(before) == compare_key(after) else ChangeKind.FORM


@dataclass(slots=True)
class _Group:
    count: int = 0
    examples: list[tuple[int, str, str]] = field(default_factory=list)


class ChangeLog:
    """All changes of one file. `listener` hears of each as its row is read."""

    def __init__(
        self, columns: Mapping[str, ColumnName], listener: Callable[[ValueChange], None] | None = None
    ) -> None:
        self.columns = columns
        self.listener = listener
        self._groups: dict[tuple[str, ChangeKind], _Group] = {}

    def add(self, change: ValueChange) -> None:
        """Take note of a change."""
        self._count(change.field, change.kind, 1, [change])
        if self.listener:
            self.listener(change)

    def compare(self, row: int, name: str, before: str, after: str, *, may_be_split: bool = False) -> None:
        """Take note of how a value differs from its cell in looks, if it does."""
        if before != after and (kind := kind_of_look(before, after, may_be_split)) is not None:
            self.add(ValueChange(row, name, kind, before, after))

    def add_looks(
        self, name: str, rows: Sequence[int], kinds: Sequence[ChangeKind | None], pairs: Sequence[tuple[str, str]]
    ) -> None:
        """Take note of many changes of one field; a kind of None is none."""
        for kind in set(kinds) - {None}:
            assert kind is not None
            count = kinds.count(kind)
            group = self._groups.get((name, kind))
            if self.listener is None and group is not None and len(group.examples) >= EXAMPLES:
                group.count += count
                continue
            found = zip(rows, kinds, pairs, strict=True)
            changes = [ValueChange(row, name, kind, *pair) for row, its_kind, pair in found if its_kind is kind]
            self._count(name, kind, count, changes)
            if self.listener:
                for change in changes:
                    self.listener(change)

    def count_looks(self, name: str, kinds: Sequence[int]) -> bool:
        """Count changes of one field of which nobody needs to hear more; False where an example is wanted.

        A kind is a place in ChangeKind counted from 1, 0 is none.
        """
        if self.listener is not None:
            return False
        found = [(kind, self._groups.get((name, _KINDS[kind - 1]))) for kind in set(kinds) if kind]
        if any(group is None or len(group.examples) < EXAMPLES for _kind, group in found):
            return False
        for kind, group in found:
            assert group is not None
            group.count += kinds.count(kind)
        return True

    def _count(self, name: str, kind: ChangeKind, count: int, changes: Iterable[ValueChange]) -> None:
        group = self._groups.setdefault((name, kind), _Group())
        group.count += count
        for change in changes:
            if len(group.examples) >= EXAMPLES:
                break
            shown = (change.before[:EXAMPLE_LENGTH], change.after[:EXAMPLE_LENGTH])
            if all(example[1:] != shown for example in group.examples):
                group.examples.append((change.row, *shown))

    @property
    def counted(self) -> Mapping[tuple[str, ChangeKind], "_Group"]:
        """What was counted so far, for a log of the same columns in another process (`take_over`). Picklable."""
        return self._groups

    def take_over(self, counted: Mapping[tuple[str, ChangeKind], "_Group"]) -> None:
        """Know what another log of the same columns has counted, instead of its own."""
        self._groups = dict(counted)

    def as_json(self) -> dict[str, Any]:
        """{"changed_values", "unread_values", "groups"}; a group is {"field", "column", "kind", "count", "examples"}.

        An example is [row, before, after].
        """
        counts = {True: 0, False: 0}
        for (_field, kind), group in self._groups.items():
            counts[kind is ChangeKind.UNREAD] += group.count
        order = list(ChangeKind)
        found = sorted(self._groups.items(), key=lambda item: (-order.index(item[0][1]), -item[1].count))
        return {
            "changed_values": counts[False],
            "unread_values": counts[True],
            "groups": [
                {
                    "field": name,
                    "column": str(self.columns.get(name, "")),
                    "kind": kind.value,
                    "count": group.count,
                    "examples": [list(example) for example in group.examples],
                }
                for (name, kind), group in found
            ],
        }

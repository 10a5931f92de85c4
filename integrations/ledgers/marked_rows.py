"""What stands beside the values of a ledger's rows, as more cells behind them: readings, comments, what a colour means.

So a field reads them like any other cell, and the map stays the one that fits next month's file.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_project.core.column_map import Resolver
from crm_project.core.tables import COMMENTS, READINGS, STRIKE, Cell, SheetMarks, Table
from crm_project.core.tables.marks import Place
from crm_project.core.text import cell_text
from integrations.ledgers.fields import CANCELLED, LEFT, STOP

# Headings of the added cells; nobody types them into a ledger.
READING_HEADING: Final = "ふりがな（セルの読み）"
COMMENT_HEADING: Final = "コメント（セルのメモ）"
STOP_HEADING: Final = "連絡停止（セルの印）"
CANCELLED_HEADING: Final = "取消（セルの印）"
RANK_HEADING: Final = "ランク（セルの色）"
RANK: Final = "rank:"
# Why the house does not contact a guest whose row carries the mark.
STOP_REASONS: Final[dict[str, str | Promise]] = {
    LEFT: _("marked in the ledger as a guest who has left"),
    STOP: _("marked in the ledger: do not contact"),
}
_KANJI: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

# For a row: its cells, its place among the marks of its sheet, and the sheet's column of each place -> one more cell.
Maker = Callable[[list[Cell], SheetMarks, int, Sequence[int]], Cell]


class MarkedFields(NamedTuple):
    """The fields of a ledger that its marks speak of."""

    # Behind which the comments of a row's cells stand.
    comments: str = "note"
    # The state of what a row is about ("" for guests, who are not cancelled), and what the mark "cancelled" makes it.
    state: str = ""
    cancelled: str = ""


OF_GUESTS: Final = MarkedFields()


def with_marks(
    table: Table, resolver: Resolver, legend: Mapping[str, str], fields: MarkedFields = OF_GUESTS
) -> Resolver:
    """The resolver with what the marks of the sheet say. The table gives the cells that are needed from now on.

    The reading of the name's own cell is its kana where the map names no kana; comments stand behind the note; a mark that
    the legend calls a rank fills a blank rank, one that says "cancelled" a blank state.
    """
    names, comments_to = resolver.indexes.get("name", ()), fields.comments
    resolver = with_kept_marks(table.headings, resolver, fields)
    makers: list[tuple[str, Maker]] = []
    indexes = dict(resolver.indexes)
    width = table.width
    if READINGS in table.signs and names and not (_is_mapped(resolver, "kana")):
        indexes["kana"] = (width + len(makers),)
        makers.append((READING_HEADING, _reading_maker(names)))
    if COMMENTS in table.signs and comments_to not in resolver.constants and COMMENT_HEADING not in table.headings:
        indexes[comments_to] = (*indexes.get(comments_to, ()), width + len(makers))
        makers.append((COMMENT_HEADING, _comment_maker(names, table.headings)))
    ranks = {mark: meaning.removeprefix(RANK) for mark, meaning in legend.items() if meaning.startswith(RANK)}
    cancels = {mark: fields.cancelled for mark, meaning in legend.items() if meaning == CANCELLED}
    for name, heading, words in (("rank", RANK_HEADING, ranks), (fields.state, CANCELLED_HEADING, cancels)):
        own = indexes.get(name, ())
        if words and name and name not in resolver.constants and len(own) < 2 and heading not in table.headings:
            indexes[name] = (*own, width + len(makers))
            makers.append((heading, _filling_maker(words, names, own)))
    stops = {mark: STOP_REASONS[meaning] for mark, meaning in legend.items() if meaning in STOP_REASONS}
    if stops and not _is_mapped(resolver, "stop"):
        indexes["stop"] = (width + len(makers),)
        makers.append((STOP_HEADING, _stop_maker(stops, names)))
    if not makers:
        return resolver
    headings = [*table.headings, *[""] * (width - len(table.headings))]
    table.headings = (*headings, *(heading for heading, _maker in makers))

    def append(number: int, cells: list[Cell]) -> list[Cell]:
        marks, row, columns = table.marks_at(number)
        own = [*cells[:width], *[""] * (width - len(cells))]
        return [*own, *(maker(own, marks, row, columns) for _heading, maker in makers)]

    table.appended = append
    return replace(resolver, indexes=indexes)


def is_struck(table: Table, number: int, name_places: Sequence[int]) -> bool:
    """Whether a row, or the name in it, is struck through."""
    marks, row, columns = table.marks_at(number)
    column = columns[name_places[0]] if name_places and name_places[0] < len(columns) else None
    return STRIKE in marks.of_row(row, column)


def with_kept_marks(headings: Sequence[str], resolver: Resolver, fields: MarkedFields = OF_GUESTS) -> Resolver:
    """The resolver of rows that were kept, or put right in a workbook: there the marks stand as columns of their own."""
    comments_to = fields.comments
    places = {heading: place for place, heading in enumerate(headings)}
    found: dict[str, tuple[int, ...]] = {
        field: (places[heading],)
        for field, heading in (("kana", READING_HEADING), ("stop", STOP_HEADING))
        if heading in places and not _is_mapped(resolver, field)
    }
    for name, heading in (("rank", RANK_HEADING), (fields.state, CANCELLED_HEADING)):
        if name and heading in places and name not in resolver.constants:
            found[name] = (*resolver.indexes.get(name, ()), places[heading])
    if COMMENT_HEADING in places and comments_to not in resolver.constants:
        found[comments_to] = (*resolver.indexes.get(comments_to, ()), places[COMMENT_HEADING])
    return replace(resolver, indexes={**resolver.indexes, **found}) if found else resolver


def _is_mapped(resolver: Resolver, name: str) -> bool:
    return name in resolver.indexes or name in resolver.constants


def _reading_maker(names: Sequence[int]) -> Maker:
    def reading(cells: list[Cell], marks: SheetMarks, row: int, columns: Sequence[int]) -> Cell:
        parts = []
        for place in names:
            written = cell_text(cells[place]).strip()
            found = marks.readings.get(Place(row, columns[place]), "") if place < len(columns) else ""
            if not found and _KANJI.search(written):
                return ""  # half a reading is none
            parts.append(found or written)
        return (
            " ".join(filter(None, parts))
            if any(Place(row, columns[place]) in marks.readings for place in names if place < len(columns))
            else ""
        )

    return reading


def _comment_maker(names: Sequence[int], headings: Sequence[str]) -> Maker:
    def comments(cells: list[Cell], marks: SheetMarks, row: int, columns: Sequence[int]) -> Cell:
        found = []
        for place, column in enumerate(columns):
            text = marks.comments.get(Place(row, column))
            if text:
                heading = headings[place] if place < len(headings) and place not in names else ""
                found.append(f"{heading}：{text}" if heading else text)
        return "\n".join(found)

    return comments


def _stop_maker(stops: Mapping[str, str | Promise], names: Sequence[int]) -> Maker:
    def stop(cells: list[Cell], marks: SheetMarks, row: int, columns: Sequence[int]) -> Cell:
        column = columns[names[0]] if names and names[0] < len(columns) else None
        return next((str(stops[mark]) for mark in marks.of_row(row, column) if mark in stops), "")

    return stop


def _filling_maker(words: Mapping[str, str], names: Sequence[int], own: Sequence[int]) -> Maker:
    """A cell behind the field's own that says what the mark means, where that one is blank."""

    def filling(cells: list[Cell], marks: SheetMarks, row: int, columns: Sequence[int]) -> Cell:
        if own and cell_text(cells[own[0]]).strip():
            return ""
        column = columns[names[0]] if names and names[0] < len(columns) else None
        return next((words[mark] for mark in marks.of_row(row, column) if mark in words), "")

    return filling

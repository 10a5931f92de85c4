"""Reads the rows of a file into documents: each complete with its lines, or set aside with its reason. Writes nothing.

The lines of a document may stand anywhere in the file.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_project.core.amounts import LIMIT, SCALE, unscaled
from crm_project.core.column_map import ColumnMap, Constant, MapError
from crm_project.core.problems import InputProblem
from crm_project.core.tables import Cell, Table
from integrations.choices import DocumentStatus
from integrations.sources.cells import cell_parsers
from integrations.sources.documents import (
    EMPTY_HEADER,
    Document,
    Header,
    Line,
    Problem,
    StagedFile,
    content_hash,
    merged_header,
    product,
    product_of_decimals,
    rounded,
    with_keys,
)
from integrations.sources.fields import FIELDS

BAD_ROWS_ALLOWED: Final = Decimal("0.05")
PROBLEMS_KEPT: Final = 1000
PROGRESS_ROWS: Final = 20_000
_TOO_LARGE: Final = int(LIMIT) * SCALE
# In the order of `Header`, the number first.
HEADER_FIELDS: Final = ("document", "date", "partner_code", "partner_name", "venue", "currency", "status")

Progress = Callable[[int, int | None, str], None]
Getter = Callable[[Sequence[Cell]], Cell]


class FileRefused(InputProblem):
    """The file as a whole is not taken; nothing was written."""


def _decimal(factor: int | Decimal) -> Decimal:
    return unscaled(factor) if isinstance(factor, int) else factor


def _nothing(cells: Sequence[Cell]) -> Cell:
    return ""


def read_documents(
    table: Table,
    column_map: ColumnMap,
    *,
    currency: str,
    venues: Mapping[str, int],
    default_venue_id: int | None = None,
    progress: Progress | None = None,
) -> StagedFile:
    """Read the file to its end and return its documents.

    `currency` is the house's, for documents that name none; `venues` maps codes to ids. Raises FileRefused when more than
    5 % of the rows cannot be used or there is none, MapError and TableError when map or file cannot be used.
    """
    reader = _Reader(table, column_map, currency, venues, default_venue_id)
    with _no_garbage_collection():
        reader.read(table, progress)
        return reader.finish()


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Millions of lines and no cycle among them: looking for one takes a quarter of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Reader:
    """Collects the rows of one file."""

    def __init__(
        self,
        table: Table,
        column_map: ColumnMap,
        currency: str,
        venues: Mapping[str, int],
        default_venue_id: int | None,
    ) -> None:
        resolver = column_map.resolve(table.headings)
        self.name = table.name
        self.currency = currency
        self.default_venue_id = default_venue_id
        self.indexes = resolver.indexes
        self.mapped = {*resolver.indexes, *resolver.constants}
        self.headings = {
            name: "+".join(table.headings[index] for index in indexes) for name, indexes in resolver.indexes.items()
        }
        self.has_line_numbers = "line" in self.mapped
        self.get: dict[str, Getter] = {name: resolver.getter(name) or _nothing for name in FIELDS}
        self.parsed = cell_parsers(venues)
        self._check_constants(resolver.constants)
        self.documents: dict[str, Document] = {}
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.rows = self.bad_rows = self.without_number = self.warning_count = 0

    def _check_constants(self, constants: Mapping[str, Constant]) -> None:
        """Raise MapError for a constant that no row could use."""
        for name, value in constants.items():
            try:
                self.parsed[name][value]
            except InputProblem as problem:
                raise MapError(
                    gettext_lazy("the constant “%(field)s” of the map cannot be used: %(reason)s"),
                    {"field": name, "reason": problem},
                ) from problem

    def read(self, rows: Iterable[tuple[int, list[Cell]]], progress: Progress | None) -> None:
        """Take every row. The rows of a document mostly stand together and repeat its header: it is read once for them."""
        header_cells = _cells_of(self.indexes, HEADER_FIELDS)
        line_of = self._line_reader()
        former: Sequence[Cell] | None = None
        document: Document | None = None
        for row, cells in rows:
            self.rows += 1
            if progress is not None and self.rows % PROGRESS_ROWS == 0:
                progress(self.rows, None, _("Reading the file"))
            found = header_cells(cells)
            try:
                if found != former or document is None:
                    former = document = None
                    document = self._document_of(row, cells)
                    self._read_header(row, cells, document)
                    former = found
                document.lines.append(line_of(row, cells, document))
            except _RowProblem as problem:
                self._set_aside(row, problem.document, problem.field_name, problem.problem)

    def _document_of(self, row: int, cells: Sequence[Cell]) -> Document:
        """The document a row belongs to; a row without a number belongs to none and raises."""
        number = self._value(None, cells, "document")
        if not number:
            raise _RowProblem(None, "document", InputProblem(gettext_lazy("the document number is blank")))
        document = self.documents.get(number)
        if document is None:
            self.documents[number] = document = Document(number, row, EMPTY_HEADER)
        return document

    def _read_header(self, row: int, cells: Sequence[Cell], document: Document) -> None:
        header = Header(*(self._value(document, cells, name) for name in HEADER_FIELDS if name != "document"))
        if document.header is EMPTY_HEADER:
            document.header = header
        elif header != document.header:
            try:
                document.header = merged_header(document, header)
            except InputProblem as problem:
                raise _RowProblem(document, "", problem) from problem

    def _value(self, document: Document | None, cells: Sequence[Cell], name: str) -> Any:
        """A field of the row as it is understood. A problem takes the document, and so its other rows, with it."""
        try:
            return self.parsed[name][self.get[name](cells)]
        except InputProblem as problem:
            raise _RowProblem(document, name, problem) from problem

    def _line_reader(self) -> Callable[[int, Sequence[Cell], Document], Line]:
        """A function that reads the line of a row, with everything at hand that does not change from row to row."""
        get_amount, amounts = self.get["amount"], self.parsed["amount"]
        get_quantity, quantities = self.get["quantity"], self.parsed["quantity"]
        get_price, prices = self.get["unit_price"], self.parsed["unit_price"]
        get_item, items = self.get["item"], self.parsed["item"]
        get_description, descriptions = self.get["description"], self.parsed["description"]
        get_tax, taxes = self.get["tax"], self.parsed["tax"]
        get_cost, costs = self.get["cost"], self.parsed["cost"]
        has_item, has_rest = "item" in self.mapped, not self.mapped.isdisjoint(("amount", "tax", "cost"))

        def line_of(row: int, cells: Sequence[Cell], document: Document) -> Line:
            amount = tax = cost = None
            try:
                quantity = quantities[get_quantity(cells)]
                unit_price = prices[get_price(cells)]
                if has_rest:
                    amount, tax, cost = amounts[get_amount(cells)], taxes[get_tax(cells)], costs[get_cost(cells)]
            except InputProblem:
                amount, quantity, unit_price, tax, cost = self._doubtful_amounts(row, cells, document)
            if amount is not None:
                net = amount
            elif quantity is None or unit_price is None:
                raise self._blank_amount(document, quantity)
            else:
                if type(quantity) is int and type(unit_price) is int:
                    net = product(quantity, unit_price)
                else:
                    net = product_of_decimals(_decimal(quantity), _decimal(unit_price))
                if not -_TOO_LARGE < net < _TOO_LARGE:
                    reason = InputProblem(gettext_lazy("quantity times unit price is too large"))
                    raise _RowProblem(document, "", reason)
            key = self._value(document, cells, "line") if self.has_line_numbers else str(len(document.lines) + 1)
            item = items[get_item(cells)] if has_item else ""
            if type(quantity) is not int and quantity is not None:
                quantity = rounded(quantity)
            if type(unit_price) is not int and unit_price is not None:
                unit_price = rounded(unit_price)
            return Line(key, item, descriptions[get_description(cells)], quantity, unit_price, net, tax, cost)

        return line_of

    def _doubtful_amounts(self, row: int, cells: Sequence[Cell], document: Document) -> Sequence[int | None]:
        """Amount, quantity, unit price, tax and cost of a row in which at least one cannot be read."""
        amount = self._value(document, cells, "amount")
        is_needed = amount is None
        return (
            amount,
            self._number(row, cells, document, "quantity", is_needed=is_needed),
            self._number(row, cells, document, "unit_price", is_needed=is_needed),
            self._number(row, cells, document, "tax"),
            self._number(row, cells, document, "cost"),
        )

    def _blank_amount(self, document: Document, quantity: int | None) -> "_RowProblem":
        name = "amount" if "amount" in self.mapped else "quantity" if quantity is None else "unit_price"
        return _RowProblem(
            document, name, InputProblem(gettext_lazy("the cell is blank: write a number, such as 10000"))
        )

    def _number(
        self, row: int, cells: Sequence[Cell], document: Document, name: str, *, is_needed: bool = False
    ) -> int | None:
        """An amount of the row; one that cannot be read and is not needed is left out with a warning."""
        try:
            return self._value(document, cells, name)  # type: ignore[no-any-return]
        except _RowProblem as problem:
            if is_needed:
                raise
            self.warning_count += 1
            if self.warning_count <= PROBLEMS_KEPT:
                sentence = self._sentence(row, name, str(problem.problem))
                self.warnings.append(Problem(row, document.number, sentence, is_warning=True))
            return None

    def _set_aside(self, row: int, document: Document | None, field_name: str, problem: InputProblem) -> None:
        self.bad_rows += 1
        if document is None:
            self.without_number += 1
        else:
            document.is_bad = True
        if len(self.problems) < PROBLEMS_KEPT:
            sentence = self._sentence(row, field_name, str(problem))
            self.problems.append(Problem(row, document.number if document else "", sentence))

    def _sentence(self, row: int, field_name: str, reason: str) -> str:
        """Row, column and what to type."""
        if not field_name:
            return _("row %(row)s: %(reason)s") % {"row": row, "reason": reason}
        column = self.headings.get(field_name) or str(FIELDS[field_name])
        return _("row %(row)s, “%(column)s”: %(reason)s") % {"row": row, "column": column, "reason": reason}

    def finish(self) -> StagedFile:
        """Check what only the whole file tells. Raises FileRefused."""
        if not self.rows:
            raise FileRefused(
                gettext_lazy("“%(name)s” has headings but no rows: nothing was written"), {"name": self.name}
            )
        for document in self.documents.values():
            if not document.is_bad:
                self._complete(document)
        if self.bad_rows > self.rows * BAD_ROWS_ALLOWED:
            raise FileRefused(
                gettext_lazy(
                    "nothing was written: %(bad)s of the %(rows)s rows of “%(name)s” cannot be used, more than 5 %%; "
                    "the first: %(problem)s"
                ),
                {"bad": self.bad_rows, "rows": self.rows, "name": self.name, "problem": self.problems[0].message},
            )
        good = [document for document in self.documents.values() if not document.is_bad]
        staged = StagedFile(
            documents=good,
            set_aside=len(self.documents) - len(good) + self.without_number,
            lines=self.rows,
            bad_rows=self.bad_rows,
            problems=[*self.problems, *self.warnings],
            warnings=self.warning_count,
        )
        if any(abs(total) >= LIMIT for total in staged.totals().values()):
            raise FileRefused(
                gettext_lazy("nothing was written: the sum of “%(name)s” is too large"), {"name": self.name}
            )
        return staged

    def _complete(self, document: Document) -> None:
        header = document.header
        document.net = sum(line.net for line in document.lines)
        if header.date is None:
            self._set_aside(
                document.first_row,
                document,
                "date",
                InputProblem(gettext_lazy("the date is blank: write it like 2026-10-03 or R8.10.3")),
            )
            return
        if not -_TOO_LARGE < document.net < _TOO_LARGE:
            self._set_aside(
                document.first_row, document, "", InputProblem(gettext_lazy("the sum of the document is too large"))
            )
            return
        document.header = header._replace(
            venue_id=header.venue_id or self.default_venue_id,
            currency=header.currency or self.currency,
            status=header.status or DocumentStatus.POSTED,
        )
        document.content_hash = content_hash(document, has_line_numbers=self.has_line_numbers)
        if self.has_line_numbers:
            document.lines = with_keys(document.lines)


class _RowProblem(Exception):
    """A row cannot be used: in which document, which field, and why."""

    def __init__(self, document: Document | None, field_name: str, problem: InputProblem) -> None:
        super().__init__(str(field_name))
        self.document = document
        self.field_name = field_name
        self.problem = problem


def _cells_of(indexes: Mapping[str, tuple[int, ...]], names: Iterable[str]) -> Callable[[Sequence[Cell]], Any]:
    """A function that takes the cells of the named fields out of a row, to be compared as one value."""
    columns = [index for name in names for index in indexes.get(name, ())]
    return itemgetter(*columns) if columns else lambda cells: ()

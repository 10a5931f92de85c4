"""Reads the rows of a file into documents: each complete with its lines, or set aside with its reason. Writes nothing.

The lines of a document may stand anywhere in the file.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_project.core.amounts import LIMIT, SCALE
from crm_project.core.column_map import ColumnMap
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
    with_keys,
)
from integrations.sources.fields import FIELDS

BAD_ROWS_ALLOWED: Final = Decimal("0.05")
PROBLEMS_KEPT: Final = 1000
PROGRESS_ROWS: Final = 20_000
_LARGEST: Final = int(LIMIT) * SCALE

Progress = Callable[[int, int | None, str], None]
Getter = Callable[[Sequence[Cell]], Cell]


class FileRefused(InputProblem):
    """The file as a whole is not taken; nothing was written."""


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
    reader.read(table, progress)
    return reader.finish()


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
        self.headings = {
            name: "+".join(table.headings[index] for index in indexes) for name, indexes in resolver.indexes.items()
        }
        self.has_line_numbers = "line" in self.headings
        self.get: dict[str, Getter] = {name: resolver.getter(name) or _nothing for name in FIELDS}
        self.parsed = cell_parsers(venues)
        self.documents: dict[str, Document] = {}
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.rows = self.bad_rows = self.without_number = self.warning_count = 0

    def read(self, rows: Iterable[tuple[int, list[Cell]]], progress: Progress | None) -> None:
        """Take every row."""
        get, parsed, documents = self.get, self.parsed, self.documents
        get_number, numbers = get["document"], parsed["document"]
        get_date, dates = get["date"], parsed["date"]
        get_code, codes = get["partner_code"], parsed["partner_code"]
        get_name, names = get["partner_name"], parsed["partner_name"]
        get_venue, venues = get["venue"], parsed["venue"]
        get_currency, currencies = get["currency"], parsed["currency"]
        get_status, statuses = get["status"], parsed["status"]
        get_key, keys = get["line"], parsed["line"]
        for row, cells in rows:
            self.rows += 1
            if progress is not None and self.rows % PROGRESS_ROWS == 0:
                progress(self.rows, None, _("Reading the file"))
            document = None
            field_name = "document"
            try:
                number = numbers[get_number(cells)]
                if not number:
                    raise InputProblem(gettext_lazy("the document number is blank"))
                document = documents.get(number)
                # A row that cannot be used leaves its document behind, so that its other rows are set aside with it.
                if document is None:
                    documents[number] = document = Document(number, row, EMPTY_HEADER)
                field_name = "date"
                date = dates[get_date(cells)]
                field_name = "partner_code"
                code = codes[get_code(cells)]
                name = names[get_name(cells)]
                field_name = "venue"
                venue = venues[get_venue(cells)]
                field_name = "currency"
                money = currencies[get_currency(cells)]
                field_name = "status"
                header = Header(date, code, name, venue, money, statuses[get_status(cells)])
                if document.header is EMPTY_HEADER:
                    document.header = header
                elif header != document.header:
                    field_name = ""
                    document.header = merged_header(document, header)
                field_name = "line"
                key = keys[get_key(cells)]
                field_name = "amount"
                document.lines.append(self._line(row, cells, document, key))
            except InputProblem as problem:
                self._set_aside(row, document, field_name, problem)

    def _line(self, row: int, cells: Sequence[Cell], document: Document, key: str) -> Line:
        get, parsed = self.get, self.parsed
        amount = parsed["amount"][get["amount"](cells)]
        quantity = self._number(row, cells, document, "quantity", is_needed=amount is None)
        unit_price = self._number(row, cells, document, "unit_price", is_needed=amount is None)
        if amount is not None:
            net = amount
        elif quantity is not None and unit_price is not None:
            net = product(quantity, unit_price)
        else:
            blank = "amount" if get["amount"] is not _nothing else "quantity" if quantity is None else "unit_price"
            raise _Blank(blank)
        if abs(net) >= _LARGEST:
            raise InputProblem(gettext_lazy("quantity times unit price is too large"))
        return Line(
            key,
            parsed["item"][get["item"](cells)],
            parsed["description"][get["description"](cells)],
            quantity,
            unit_price,
            net,
            self._number(row, cells, document, "tax"),
            self._number(row, cells, document, "cost"),
        )

    def _number(
        self, row: int, cells: Sequence[Cell], document: Document, name: str, *, is_needed: bool = False
    ) -> int | None:
        """An amount of the row; one that cannot be read and is not needed is left out with a warning."""
        try:
            return self.parsed[name][self.get[name](cells)]  # type: ignore[no-any-return]
        except InputProblem as problem:
            if is_needed:
                raise _InField(name, problem) from problem
            self.warning_count += 1
            if self.warning_count <= PROBLEMS_KEPT:
                sentence = self._sentence(row, name, str(problem))
                self.warnings.append(Problem(row, document.number, sentence, is_warning=True))
            return None

    def _set_aside(self, row: int, document: Document | None, field_name: str, problem: InputProblem) -> None:
        self.bad_rows += 1
        if document is None:
            self.without_number += 1
        else:
            document.is_bad = True
        if isinstance(problem, _InField):
            field_name, problem = problem.field_name, problem.problem
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
        return StagedFile(
            documents=good,
            set_aside=len(self.documents) - len(good) + self.without_number,
            lines=self.rows,
            bad_rows=self.bad_rows,
            problems=[*self.problems, *self.warnings],
            warnings=self.warning_count,
        )

    def _complete(self, document: Document) -> None:
        header = document.header
        if header.date is None:
            self._set_aside(
                document.first_row,
                document,
                "date",
                InputProblem(gettext_lazy("the date is blank: write it like 2026-10-03 or R8.10.3")),
            )
            return
        if abs(document.net) >= _LARGEST:
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
        document.lines = with_keys(document.lines)


class _InField(InputProblem):
    """A problem that knows the field it is about."""

    def __init__(self, field_name: str, problem: InputProblem) -> None:
        super().__init__(problem.message, problem.params)
        self.field_name = field_name
        self.problem = problem


class _Blank(_InField):
    """A field that is needed is blank."""

    def __init__(self, field_name: str) -> None:
        super().__init__(field_name, InputProblem(gettext_lazy("the cell is blank: write a number, such as 10000")))

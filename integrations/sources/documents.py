"""The documents of a file: header and lines, what makes two of them equal, and pages of them. Pure.

Amounts are whole ten-thousandths inside this package: adding, multiplying and comparing them is exact and cheap; the
database gets decimals.
"""

import datetime
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Final, NamedTuple

from django.utils.translation import gettext_lazy

from crm_project.core.amounts import SCALE, unscaled
from crm_project.core.problems import InputProblem
from crm_project.core.text import compare_key
from integrations.choices import DocumentStatus

NAME_LENGTH: Final = 200


class Line(NamedTuple):
    """A line of a document; amounts in ten-thousandths, None = not known."""

    key: str
    item: str
    description: str
    quantity: int | None
    unit_price: int | None
    net: int
    tax: int | None
    cost: int | None


class Header(NamedTuple):
    """What a row says about its document; None or "" where it says nothing."""

    date: datetime.date | None
    partner_code: str
    partner_name: str
    venue_id: int | None
    currency: str
    status: DocumentStatus | None


EMPTY_HEADER: Final = Header(None, "", "", None, "", None)


@dataclass(slots=True)
class Problem:
    """A sentence about a row; a warning leaves a value out, any other sets the whole document aside."""

    row: int
    document: str
    message: str
    is_warning: bool = False


@dataclass(slots=True)
class Document:
    """A document as the file has it."""

    number: str
    first_row: int
    header: Header
    lines: list[Line] = field(default_factory=list)
    is_bad: bool = False
    # Known once the whole file has been read.
    net: int = 0
    content_hash: str = ""

    @property
    def partner_key(self) -> str:
        """Who it is for accounting: the code, else the name; "" when the document names nobody."""
        code, name = self.header.partner_code, self.header.partner_name
        return code or (f"name:{compare_key(name)}"[:NAME_LENGTH] if name else "")

    @property
    def status(self) -> DocumentStatus:
        """Posted unless the file says otherwise."""
        return self.header.status or DocumentStatus.POSTED

    @property
    def tax(self) -> int | None:
        """Tax of the lines that name it; None when none does."""
        known = [line.tax for line in self.lines if line.tax is not None]
        return sum(known) if known else None

    @property
    def cost(self) -> int | None:
        """Cost of the lines whose cost is known; None when none is."""
        known = [line.cost for line in self.lines if line.cost is not None]
        return sum(known) if known else None

    @property
    def costed_net(self) -> int | None:
        """Net of just the lines whose cost is known; None when none is."""
        known = [line.net for line in self.lines if line.cost is not None]
        return sum(known) if known else None


@dataclass(slots=True)
class StagedFile:
    """A whole file, read and checked."""

    documents: list[Document]
    set_aside: int
    lines: int
    bad_rows: int
    problems: list[Problem]
    warnings: int

    @property
    def document_count(self) -> int:
        """Documents of the file, those set aside included."""
        return len(self.documents) + self.set_aside

    def totals(self) -> dict[str, Decimal]:
        """Currency -> net of the posted documents."""
        found: dict[str, int] = {}
        for document in self.documents:
            if document.status == DocumentStatus.POSTED:
                found[document.header.currency] = found.get(document.header.currency, 0) + document.net
        return {currency: unscaled(net) for currency, net in sorted(found.items())}

    def months(self) -> dict[str, dict[str, dict[str, int | str]]]:
        """Month -> currency -> number of posted documents and their net, as JSON."""
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for document in self.documents:
            if document.status == DocumentStatus.POSTED and document.header.date is not None:
                key = document.header.date.isoformat()[:7], document.header.currency
                count, net = found.get(key, (0, 0))
                found[key] = count + 1, net + document.net
        months: dict[str, dict[str, dict[str, int | str]]] = {}
        for (month, currency), (count, net) in sorted(found.items()):
            months.setdefault(month, {})[currency] = {"documents": count, "net": f"{unscaled(net):f}"}
        return months


def merged_header(document: Document, header: Header) -> Header:
    """The header of a document after one more row: blanks follow the other rows. Raises InputProblem when two rows differ."""
    known = document.header
    params = {"document": document.number, "row": document.first_row}
    if known.currency and header.currency and known.currency != header.currency:
        raise InputProblem(
            gettext_lazy("document %(document)s is in two currencies, %(one)s and %(other)s"),
            params | {"one": known.currency, "other": header.currency},
        )
    if known.date and header.date and known.date != header.date:
        raise InputProblem(
            gettext_lazy("document %(document)s has two dates, %(one)s (row %(row)s) and %(other)s"),
            params | {"one": known.date.isoformat(), "other": header.date.isoformat()},
        )
    one, other = known.partner_code or known.partner_name, header.partner_code or header.partner_name
    if known.partner_code and not header.partner_code:
        other = ""  # the name alone adds nothing to a code
    elif header.partner_code and not known.partner_code:
        one = ""
    if one and other and compare_key(one) != compare_key(other):
        raise InputProblem(
            gettext_lazy("document %(document)s has two partners, %(one)s (row %(row)s) and %(other)s"),
            params | {"one": one, "other": other},
        )
    if known.venue_id and header.venue_id and known.venue_id != header.venue_id:
        raise InputProblem(gettext_lazy("document %(document)s is of two venues"), params)
    if known.status and header.status and known.status != header.status:
        raise InputProblem(
            gettext_lazy("document %(document)s is both %(one)s and %(other)s"),
            params | {"one": known.status.label, "other": header.status.label},
        )
    return Header(
        known.date or header.date,
        known.partner_code or header.partner_code,
        known.partner_name or header.partner_name,
        known.venue_id or header.venue_id,
        known.currency or header.currency,
        known.status or header.status,
    )


def product(quantity: int, unit_price: int) -> int:
    """Quantity times unit price, in ten-thousandths; what lies behind the fourth decimal is rounded half up, per line."""
    exact = quantity * unit_price
    whole: int = (2 * abs(exact) + SCALE) // (2 * SCALE)
    return whole if exact >= 0 else -whole


def rounded(value: int | Decimal) -> int:
    """A quantity or unit price as it is stored, in ten-thousandths."""
    return value if isinstance(value, int) else product_of_decimals(value, Decimal(1))


def product_of_decimals(quantity: Decimal, unit_price: Decimal) -> int:
    """As `product`, of a quantity or unit price that has more than four decimals."""
    with localcontext(prec=60):
        return int((quantity * unit_price * SCALE).to_integral_value(ROUND_HALF_UP))


def with_keys(lines: list[Line]) -> list[Line]:
    """The lines with keys that are unique in their document.

    Lines that are alike in everything all count, so a number that stands twice, or a blank one, gets a mark.
    """
    taken = {line.key for line in lines}
    if len(taken) == len(lines) and "" not in taken:
        return lines
    used: set[str] = set()
    keyed = []
    for number, line in enumerate(lines, start=1):
        key, mark = line.key, number
        while not key or key in used:
            key = f"{line.key[:50]}#{mark}"
            if key in taken:
                key, mark = "", mark + len(lines)
        used.add(key)
        keyed.append(line._replace(key=key))
    return keyed


def content_hash(document: Document, *, has_line_numbers: bool) -> str:
    """SHA-256 of header and lines, the same however the lines are ordered in the file."""
    header = document.header
    lines = sorted(map(_line_text if has_line_numbers else _line_text_without_key, document.lines))
    date = header.date.isoformat() if header.date else ""
    first = (document.number, document.status.value, date, document.partner_key, header.venue_id or "", header.currency)
    return hashlib.sha256("\x1e".join(["\x1f".join(map(str, first)), *lines]).encode()).hexdigest()


def _line_text(line: Line) -> str:
    return f"{line.key}\x1f{_line_text_without_key(line)}"


def _line_text_without_key(line: Line) -> str:
    _key, item, description, quantity, unit_price, net, tax, cost = line
    return f"{item}\x1f{description}\x1f{quantity}\x1f{unit_price}\x1f{net}\x1f{tax}\x1f{cost}"


def pages(documents: Sequence[Document], *, lines: int) -> Iterator[list[Document]]:
    """The documents in pages of about so many lines, each document whole."""
    page: list[Document] = []
    count = 0
    for document in documents:
        page.append(document)
        count += len(document.lines)
        if count >= lines:
            yield page
            page, count = [], 0
    if page:
        yield page

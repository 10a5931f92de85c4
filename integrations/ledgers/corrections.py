"""Rows that were set aside come back, put right: the workbook that Okami gave out is recognised by its last heading.

That heading names the import, and each cell under it the row of the ledger. Only such rows are taken.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from crm_project.core.text import cell_text, nfkc
from integrations.choices import LedgerState, RowOutcome
from integrations.ledgers.entries import ERROR, LedgerEntry
from integrations.models import LedgerImport, LedgerRow

_MARK: Final = re.compile(r"okami:([0-9]{1,18}):([0-9a-f]{8})")
# Rows that nobody has brought back yet; what a correction brought is open again when that import is taken back.
OPEN: Final = Q(decision="") & (Q(settled_in=None) | Q(settled_in__state=LedgerState.UNDONE))


def mark_of(ledger_import: LedgerImport) -> str:
    """The heading that names the import."""
    return f"okami:{ledger_import.pk}:{ledger_import.sha256[:8] or '0' * 8}"


def corrected_import(headings: Sequence[str]) -> LedgerImport | None:
    """The import whose rows a file with these headings brings back; None for any other file."""
    for heading in reversed(headings):
        match = _MARK.fullmatch(nfkc(heading).strip())
        if match:
            found = LedgerImport.objects.of_guests().filter(state=LedgerState.APPLIED, pk=int(match[1])).first()
            return found if found is not None and mark_of(found) == match[0] else None
    return None


def settled_rows(ledger_import: LedgerImport) -> int:
    """How many rows that were set aside have been brought back, or left out by a person."""
    aside = LedgerRow.objects.filter(ledger_import=ledger_import, outcome=RowOutcome.ERROR)
    return aside.exclude(OPEN).count()


@dataclass
class Corrections:
    """The rows that may come back, and which row of the ledger each row of the file is."""

    original: LedgerImport
    place: int
    _known: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, original: LedgerImport, headings: Sequence[str]) -> "Corrections":
        """For a file with these headings."""
        place = max(at for at, heading in enumerate(headings) if nfkc(heading).strip() == mark_of(original))
        rows = LedgerRow.objects.filter(ledger_import=original).exclude(messages=[])
        return cls(original, place, set(rows.values_list("row_number", flat=True)))

    def headings(self, headings: Sequence[str]) -> list[str]:
        """Those of the ledger itself: without the column that says what to do, and the mark."""
        return list(headings[: max(0, self.place - 1)])

    def check(self, entries: Iterable[LedgerEntry]) -> None:
        """Set aside what is no row of the workbook that was given out."""
        for entry in entries:
            if self.number_of(entry) not in self._known and not entry.is_error:
                entry.say(ERROR, "", _("is no row that was set aside: new rows belong into a ledger of their own"))

    def number_of(self, entry: LedgerEntry) -> int:
        """The row of the ledger; 0 for none."""
        written = cell_text(entry.cells[self.place]).strip() if self.place < len(entry.cells) else ""
        number = written.removesuffix(".0")
        return int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0

    def settle(self, ledger_import: LedgerImport, entries: Iterable[LedgerEntry]) -> None:
        """These rows were written: they wait for nobody any more."""
        numbers = {self.number_of(entry) for entry in entries}
        rows = LedgerRow.objects.filter(ledger_import=self.original, outcome=RowOutcome.ERROR)
        rows.filter(row_number__any_of=numbers).update(settled_in=ledger_import)

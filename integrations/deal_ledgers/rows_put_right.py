"""Rows of a log that come back, put right, without the rows around them: which inquiry stood above each in its ledger."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from integrations.choices import RowOutcome
from integrations.deal_ledgers.planning import DEAL
from integrations.deal_ledgers.reading import DealRow
from integrations.ledgers.corrections import Corrections
from integrations.ledgers.entries import ERROR
from integrations.models import LedgerRow

# Words of a row that begins an inquiry of its own.
NAMES: Final = ("company", "name", "code", "contact", "title")


class _Former(NamedTuple):
    number: int
    outcome: str
    changes: dict[str, Any]
    written: dict[str, str]


class RowsPutRight:
    """Finds the inquiry above each row that names nobody."""

    def __init__(self, corrections: Corrections) -> None:
        self._corrections = corrections
        self._rows: list[_Former] | None = None
        # Rows of the ledger that stand in this file -> whether they go on with the one above.
        self._here: dict[int, bool] = {}

    def place(self, rows: Sequence[DealRow]) -> None:
        """Say of the rows of a batch with what they go on; where that cannot be told, the row is set aside."""
        for row in rows:
            number = self._corrections.number_of(row.guest)
            self._here[number] = row.goes_on
            if row.goes_on and not row.is_error:
                self._look_above(row, number)

    def _look_above(self, row: DealRow, number: int) -> None:
        for above in self._above(number):
            if deal := above.changes.get(DEAL):
                row.goes_on_with = deal["id"]
                return
            if above.number in self._here:
                if self._here[above.number]:
                    continue
                return  # it begins an inquiry, and stands above in this file, too
            if above.outcome != RowOutcome.ERROR or any(above.written.get(name) for name in NAMES):
                break
        sentence = _(
            "the inquiry above this row is not in the file: write who asks, and the name of the event, into the row"
        )
        row.guest.say(ERROR, "company", sentence)

    def _above(self, number: int) -> list[_Former]:
        if self._rows is None:
            rows = LedgerRow.objects.filter(ledger_import=self._corrections.original).order_by("-row_number")
            columns = ("row_number", "outcome", "changes", "written")
            self._rows = [_Former(*values) for values in rows.values_list(*columns)]
        return [one for one in self._rows if one.number < number]

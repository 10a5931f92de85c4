"""Whom people said rows of a ledger are about: of the same words in next month's copy nobody is asked again."""

from collections.abc import Mapping
from typing import Final

from django.db.models.functions import Coalesce

from integrations.choices import LedgerState, LedgerTarget, RowDecision
from integrations.ledgers.former_imports import file_stem
from integrations.models import LedgerRow

# The fields whose words say who it is.
WORDS: Final = ("code", "name", "kana", "company", "phone", "email", "address", "postal_code", "birthday")


class DecidedBefore:
    """The answers about the former copies of a ledger, read when the first row waits."""

    def __init__(self, target: LedgerTarget, file_name: str) -> None:
        self._target, self._key = target, file_stem(file_name)
        self._guests: dict[tuple[str, ...], int] | None = None

    def guest_of(self, written: Mapping[str, str]) -> int | None:
        """The guest of a row with these cells (field -> text), if somebody has said it."""
        if self._guests is None:
            self._guests = self._read() if self._key else {}
        return self._guests.get(_words(written))

    def _read(self) -> dict[tuple[str, ...], int]:
        rows = LedgerRow.objects.filter(
            ledger_import__ledger_key=self._key,
            ledger_import__target=self._target,
            ledger_import__state=LedgerState.APPLIED,
            decision__in=[RowDecision.GUEST, RowDecision.NEW],
            customer__isnull=False,
        ).order_by("pk")
        guests = rows.values_list("written", Coalesce("customer__merged_into", "customer"))
        return {_words(written): guest for written, guest in guests}


def _words(written: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(written.get(name, "") for name in WORDS)

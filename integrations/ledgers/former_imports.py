"""Which ledger a file is a newer copy of, and who stood in the former copy only."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import PurePath
from types import MappingProxyType
from typing import Final, TypeVar

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.text import slugify

from crm_project.core.column_map import ColumnMap, dump_map
from integrations.choices import LedgerState, LedgerTarget, RowOutcome
from integrations.ledgers.fields import ledger_map
from integrations.models import LedgerImport, LedgerRow

KEY_LENGTH: Final = 200
# Of the smaller set of codes, for two files of the same map to be copies of one ledger.
SHARED_CODES: Final = 0.5
# By what a ledger knows what it speaks of: the code of a guest, the id of a visit.
Key = TypeVar("Key", str, int)


def file_stem(file_name: str) -> str:
    """What stays the same in the names of a ledger's copies: food_2023-09-30.xlsx -> food, 顧客名簿 (3).xls -> 顧客名簿."""
    plain = slugify(PurePath(file_name).stem, allow_unicode=True)
    return re.sub(r"[\W\d_]+", "", plain).casefold()[:KEY_LENGTH]


def former_import(
    *, file_name: str, map_text: str, codes: Collection[str], known: Mapping[int, Sequence[str]] = MappingProxyType({})
) -> tuple[LedgerImport | None, Sequence[str]]:
    """The latest applied import of the same ledger of guests with its codes: see `former_copy`. `known`: `likely_codes`."""

    def keys_of(ledger_import: LedgerImport) -> Sequence[str]:
        return known[ledger_import.pk] if ledger_import.pk in known else codes_of(ledger_import)

    return former_copy(LedgerTarget.CUSTOMERS, file_name=file_name, map_text=map_text, keys=codes, keys_of=keys_of)


def likely_codes(*, file_name: str, column_map: ColumnMap | None) -> dict[int, list[str]]:
    """The codes of the import that is likely a file's former copy, by its id: known before the file is read."""
    applied = _applied(LedgerTarget.CUSTOMERS)
    stem = file_stem(file_name)
    likely = applied.filter(ledger_key=stem).first() if stem else None
    if likely is None and column_map is not None:
        likely = applied.filter(map_text=dump_map(column_map)).first()
    return {likely.pk: codes_of(likely)} if likely else {}


def former_copy(
    target: LedgerTarget,
    *,
    file_name: str,
    map_text: str,
    keys: Collection[Key],
    keys_of: Callable[[LedgerImport], Sequence[Key]],
) -> tuple[LedgerImport | None, Sequence[Key]]:
    """The latest applied import of the same ledger with its keys (codes, visits); (None, ()) for one that comes the first time.

    A ledger is known by its file's name without digits and separators; else by its map together with half of its keys.
    """
    applied = _applied(target)
    stem = file_stem(file_name)
    if stem and (same_name := applied.filter(ledger_key=stem).first()):
        return same_name, keys_of(same_name)
    seen: set[str] = set()
    for other in applied.filter(map_text=map_text):
        if other.ledger_key in seen:
            continue
        seen.add(other.ledger_key)
        theirs = keys_of(other)
        if theirs and sum(map(keys.__contains__, theirs)) >= SHARED_CODES * min(len(theirs), len(keys)):
            return other, theirs
    return None, ()


def _applied(target: LedgerTarget) -> QuerySet[LedgerImport]:
    applied = LedgerImport.objects.filter(state=LedgerState.APPLIED, target=target, corrects=None)
    return applied.order_by("-applied_at", "-pk")


def standing_rows(ledger_import: LedgerImport) -> QuerySet[LedgerRow]:
    """Rows of the file that were written, and those that were put right since."""
    corrections = Q(corrects=ledger_import, state=LedgerState.APPLIED)
    # Their keys first: a condition on another table would have every row of the house read.
    imports = list(LedgerImport.objects.filter(Q(pk=ledger_import.pk) | corrections).values_list("pk", flat=True))
    return LedgerRow.objects.filter(ledger_import__in=imports).exclude(outcome=RowOutcome.ERROR)


def codes_of(ledger_import: LedgerImport) -> list[str]:
    """Codes of the guests that stood in the file, in its order; those of rows that were put right since behind them."""
    rows, order = standing_rows(ledger_import).exclude(code=""), ("ledger_import", "row_number")
    if connection.vendor == "postgresql":  # as one value: half a million rows take much longer to be fetched
        codes = rows.aggregate(codes=ArrayAgg("code", order_by=order, default=[]))["codes"]
    else:
        codes = rows.order_by(*order).values_list("code", flat=True)
    return list(dict.fromkeys(codes))


def gone_codes(former: Iterable[str], codes: Collection[str]) -> list[str]:
    """Codes of the former copy that the new one does not hold any more. Their guests stay."""
    return [code for code in former if code not in codes]


def map_before(ledger_import: LedgerImport) -> ColumnMap | None:
    """The map that was chosen for this file, or for the former copy of its ledger; None the first time."""
    text = ledger_import.map_text
    if not text:
        applied = LedgerImport.objects.filter(state=LedgerState.APPLIED, target=ledger_import.target).exclude(
            map_text=""
        )
        former = applied.filter(ledger_key=file_stem(ledger_import.file_name)).order_by("-applied_at", "-pk").first()
        text = former.map_text if former else ""
    return ledger_map(text) if text else None


def former_map(file_name: str, target: LedgerTarget) -> str:
    """The map of the latest import of the ledger that this file is a copy of by its name; "" the first time."""
    stem = file_stem(file_name)
    if not stem:
        return ""
    imports = LedgerImport.objects.filter(target=target, ledger_key=stem, state=LedgerState.APPLIED).exclude(
        map_text=""
    )
    return imports.order_by("-applied_at", "-pk").values_list("map_text", flat=True).first() or ""

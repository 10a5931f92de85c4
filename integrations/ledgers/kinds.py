"""The kinds of ledgers whose rows are more than guests, and how the maps of all kinds are read."""

from collections.abc import Mapping
from typing import Any, Final

from integrations.choices import LedgerTarget
from integrations.deal_ledgers.importing import DEAL_LEDGERS
from integrations.ledgers.ledger_file import GUEST_MAPS, MapKind
from integrations.ledgers.target_imports import TargetKind
from integrations.visit_ledgers.importing import VISIT_LEDGERS

KINDS: Final[Mapping[str, TargetKind[Any, Any]]] = {
    LedgerTarget.VISITS.value: VISIT_LEDGERS,
    LedgerTarget.DEALS.value: DEAL_LEDGERS,
}
MAP_KINDS: Final[Mapping[str, MapKind]] = {
    LedgerTarget.CUSTOMERS.value: GUEST_MAPS,
    **{key: kind.maps for key, kind in KINDS.items()},
}

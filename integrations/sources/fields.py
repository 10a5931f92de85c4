"""The fields a map of actuals may name, and what must be there."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_project.core.column_map import ColumnMap, check_required, load_map

FIELDS: Final[Mapping[str, str | Promise]] = MappingProxyType(
    {
        "document": _("document number"),
        "date": _("date"),
        "partner_code": _("partner code"),
        "partner_name": _("partner name"),
        "amount": _("net amount"),
        "quantity": _("quantity"),
        "unit_price": _("unit price"),
        "tax": _("tax"),
        "cost": _("cost"),
        "item": _("item code"),
        "description": _("description"),
        "line": _("line number"),
        "venue": _("venue code"),
        "currency": _("currency"),
        "status": _("state of the document"),
    }
)
REQUIRED: Final = ("document", "date", ("amount", "quantity+unit_price"))
OPTIONS: Final[Mapping[str, type]] = MappingProxyType({"create_customers": bool})


def load_source_map(text: str) -> ColumnMap:
    """Read a source's map. Raises MapError with one sentence."""
    return load_map(text, known_fields=FIELDS, required=REQUIRED, known_options=OPTIONS)


def check_source_map(column_map: ColumnMap) -> None:
    """Raise MapError when the map leaves out what every document needs."""
    check_required(column_map, REQUIRED)

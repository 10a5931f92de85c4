"""The fields a ledger's map may name, and how a map is read."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_project.core.column_map import ColumnMap, MapError, load_map
from integrations.ledgers.extras import ITEMS, known_items
from integrations.ledgers.match_rules import OPTION, rule_of

FIELD_LABELS: Final[dict[str, str | Promise]] = {
    "code": _("code"),
    "name": _("name"),
    "kana": _("reading (kana)"),
    "company": _("company"),
    "phone": _("phone"),
    "address": _("address"),
    "postal_code": _("postcode"),
    "email": _("e-mail"),
    "department": _("department"),
    "title": _("post"),
    "former_name": _("former name (旧姓)"),
    "birthday": _("birthday"),
    "allergies": _("allergies"),
    "likes": _("likes"),
    "dislikes": _("dislikes"),
    "note": _("note"),
    "since": _("guest since"),
    "rank": _("rank"),
    "staff": _("attendant (係)"),
    "stop": _("do not contact (reason)"),
    "introduced_by": _("introduced by"),
    "family": _("family members"),
    "office_postal_code": _("postcode of the office"),
    "office_address": _("address of the office"),
    "other_postal_code": _("postcode of another address"),
    "other_address": _("another address"),
}
REQUIRED_FIELDS: Final = ("name",)
# What a mark of the file may mean beside a rank: the guest has left; do not contact; the visit or inquiry was cancelled.
LEFT, STOP, CANCELLED = "left", "stop", "cancelled"
MEANINGS: Final = (LEFT, STOP)
# The option of a map that takes hidden rows and columns in.
WITH_HIDDEN: Final = "with_hidden"
OPTIONS: Final[dict[str, type]] = {OPTION: str, WITH_HIDDEN: bool}


def ledger_map(text: str) -> ColumnMap:
    """The map of a ledger, read from TOML. Raises MapError with one sentence."""
    column_map = load_map(
        text,
        known_fields=FIELD_LABELS,
        required=REQUIRED_FIELDS,
        known_options=OPTIONS,
        meanings=MEANINGS,
        column_tables=(ITEMS,),
    )
    check_guests_part(column_map)
    return column_map


def check_guests_part(column_map: ColumnMap) -> None:
    """Raise MapError for items that the house has not, or that stand in a group, and for a rule that does not exist."""
    known_items(column_map.columns)
    for group, one in column_map.groups.items():
        if item := next((name for name in one.columns if name.startswith(f"{ITEMS}.")), ""):
            raise MapError(
                _("“%(word)s” in [groups.%(group)s] is an item of the guest: write it under [attributes] of the map"),
                {"word": item.partition(".")[2], "group": group},
            )
    rule_of(column_map)

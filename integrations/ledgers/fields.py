"""The fields a ledger's map may name, and how a map is read."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_project.core.column_map import ColumnMap, load_map
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
# The option of a map that takes hidden rows and columns in.
WITH_HIDDEN: Final = "with_hidden"
OPTIONS: Final[dict[str, type]] = {WITH_HIDDEN: bool}


def ledger_map(text: str) -> ColumnMap:
    """The map of a ledger, read from TOML. Raises MapError with one sentence."""
    column_map = load_map(
        text,
        known_fields=FIELD_LABELS,
        required=REQUIRED_FIELDS,
        known_options={OPTION: str, **OPTIONS},
        with_legend=True,
        column_tables=(ITEMS,),
    )
    known_items(column_map.columns)
    rule_of(column_map)
    return column_map

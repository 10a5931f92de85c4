"""The columns of a ledger of dishes: fields, one column per allergen, and what their headings usually are."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_project.core.allergens.models import Allergen
from crm_project.core.column_map import Column, ColumnMap, MapError, dump_map, load_map
from crm_project.core.text import compare_key
from menus.queries import allergen_key, allergens_by_name

FIELD_LABELS: Final[dict[str, str | Promise]] = {
    "dish": _("dish"),
    "kana": _("reading (kana)"),
    "food": _("food"),
    "quantity": _("quantity"),
    "unit": _("unit"),
    "family": _("family"),
    "day": _("day"),
}
_USUAL: Final = {
    "dish": "料理名 料理 献立名 献立 メニュー メニュー名 品名 品書き 商品名 menuName dishName dish menu name 名称",
    "kana": "フリガナ ふりがな カナ よみ 読み kana",
    "food": "食材名 食材 食品名 食品 材料名 材料 原材料 foodName food ingredient ingredients",
    "quantity": "分量 数量 使用量 重量 量 グラム quantity amount grams g",
    "unit": "単位 unit",
    "family": "系統 family",
    "day": "提供日 日付 年月日 実施日 日 lunchDay date day",
}
ALLERGENS: Final = "allergens"
_BARE_KEY: Final = re.compile(r"""^([ \t]*)([^\s"'#=\[\]]*[^\x00-\x7f][^\s"'#=\[\]]*)([ \t]*=)""", re.MULTILINE)


@dataclass(frozen=True)
class DishMap:
    """Where the fields stand, and the heading of each allergen's column."""

    columns: ColumnMap
    allergens: Mapping[Allergen, Column]

    @property
    def wanted(self) -> list[tuple[str, ...]]:
        """The headings the file must have."""
        return [*self.columns.wanted, *(column.headings for column in self.allergens.values())]

    def dump(self) -> str:
        """The map as TOML, which `dish_map` reads back."""
        tables = {f"{ALLERGENS}.{allergen.name_ja}": column for allergen, column in self.allergens.items()}
        columns = self.columns
        return dump_map(ColumnMap({**columns.columns, **tables}, columns.constants, columns.options))


def dish_map(text: str) -> DishMap:
    """The map of a ledger of dishes, read from TOML; [allergens] names a heading for each. Raises MapError."""
    # TOML wants quotation marks around a key like 卵; people leave them out.
    text = _BARE_KEY.sub(r'\1"\2"\3', text)
    columns = load_map(
        text, known_fields=[*FIELD_LABELS, "name"], required=(("dish", "name"),), other_tables=(ALLERGENS,)
    )
    known = allergens_by_name()
    found: dict[Allergen, Column] = {}
    for word, heading in tomllib.loads(text.removeprefix("\ufeff")).get(ALLERGENS, {}).items():
        if allergen_key(word) not in known:
            raise MapError(_("the map names “%(word)s”, which is not an allergen of our list"), {"word": word})
        headings = [heading] if isinstance(heading, str) else heading
        if not isinstance(headings, list) or not headings or not all(isinstance(one, str) and one for one in headings):
            raise MapError(_("“%(word)s” in [allergens] must be a heading or a list of headings"), {"word": word})
        found[known[allergen_key(word)]] = Column(tuple(headings))
    return DishMap(_named_dish(columns), found)


def guessed_map(headings: Sequence[str]) -> DishMap:
    """A map from the headings alone. Raises MapError when none of them is a dish."""
    keys = [compare_key(heading).lower() for heading in headings]
    by_key = {key: heading for key, heading in zip(keys, headings, strict=True) if key and keys.count(key) == 1}
    columns = {}
    for name, usual in _USUAL.items():
        heading = next((by_key[key] for word in usual.split() if (key := compare_key(word).lower()) in by_key), None)
        if heading is not None:
            columns[name] = Column((heading,))
    if "dish" not in columns:
        raise MapError(
            _("no heading of the file is known as a dish; write a map, with dish as one of: %(headings)s"),
            {"headings": ", ".join(filter(None, headings))},
        )
    known = allergens_by_name()
    taken = {column.headings[0] for column in columns.values()}
    allergens = {
        known[allergen_key(heading)]: Column((heading,))
        for heading in by_key.values()
        if heading not in taken and allergen_key(heading) in known
    }
    return DishMap(ColumnMap(columns), allergens)


def _named_dish(columns: ColumnMap) -> ColumnMap:
    """`name` is another word for `dish`."""
    if "name" not in columns.columns:
        return columns
    renamed = {("dish" if name == "name" else name): column for name, column in columns.columns.items()}
    return ColumnMap(renamed, columns.constants, columns.options)

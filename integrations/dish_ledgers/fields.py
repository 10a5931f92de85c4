"""The columns of a ledger of dishes: fields, one column per allergen, and what their headings usually are."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_project.core.allergens.models import Allergen
from crm_project.core.column_map import Column, ColumnMap, MapError, dump_map, load_map
from crm_project.core.text import compare_key, nfkc
from menus.queries import allergen_key, allergens_by_name

FIELD_LABELS: Final[dict[str, str | Promise]] = {
    "dish": _("dish"),
    "kana": _("reading (kana)"),
    "food": _("food"),
    "quantity": _("quantity"),
    "unit": _("unit"),
    "family": _("family"),
    "day": _("day"),
    # Allergens named in one cell: 卵・乳・小麦.
    "contains": _("allergens it contains"),
    "may_contain": _("allergens it may contain"),
}
_USUAL: Final = {
    "dish": "料理名 料理 献立名 献立 メニュー メニュー名 品名 品書き 商品名 menuName dishName dish menu name 名称 "
    "お料理名 お料理 料理名称 献立名称 献立内容 メニュー名称 お品書き お品名 料理品名 品目名 商品 品目",
    "kana": "フリガナ ふりがな カナ よみ 読み kana よみがな 読み仮名 料理名カナ",
    "food": "食材名 食材 食品名 食品 材料名 材料 原材料 foodName food ingredient ingredients "
    "使用食材 使用材料 使用食品 原材料名 主な材料 主な食材 主な原材料 主材料 材料一覧 食材料名 食材料 食品名称",
    "quantity": "分量 数量 使用量 重量 量 グラム quantity amount grams g "
    "一人分 1人分 一人当り 一人当たり 1人当たり 純使用量 可食量",
    "unit": "単位 unit",
    "family": "系統 family",
    "day": "提供日 日付 年月日 実施日 日 lunchDay date day 月日 提供日付",
    "contains": "アレルゲン アレルギー アレルギー物質 アレルギー表示 アレルゲン表示 含有アレルゲン 特定原材料 特定原材料等 "
    "アレルギー食材 アレルギー食品 アレルギー情報 アレルゲン情報 allergens contains",
    "may_contain": "コンタミ コンタミネーション 混入の可能性 製造ライン 含む可能性 mayContain",
}
DISH_HEADINGS: Final = tuple(
    dict.fromkeys(spelled for word in _USUAL["dish"].split() for spelled in (word, word.title(), word.upper()))
)
# 卵（鶏卵）, アレルゲン 卵 (of two rows), ※小麦: the allergen's name is what is left.
_BESIDE: Final = re.compile(r"\(.*?\)|〔.*?〕|【.*?】|[※*☆★]")
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

    def taken(self, headings: Sequence[str]) -> list[tuple[str, str]]:
        """What the columns of a table are taken for: (heading, name of the field or allergen)."""
        of_fields = [(column, str(FIELD_LABELS[name])) for name, column in self.columns.columns.items()]
        of_allergens = [(column, allergen.name) for allergen, column in self.allergens.items()]
        return [
            (heading, called)
            for column, called in (*of_fields, *of_allergens)
            for heading in headings
            if heading and _whole(heading) in map(_whole, column.headings)
        ]

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
    by_key = _by_key(headings, (_whole, _bare))
    columns = {}
    for name, usual in _USUAL.items():
        heading = next((by_key[key] for word in usual.split() if (key := _whole(word)) in by_key), None)
        if heading is not None:
            columns[name] = Column((heading,))
    if "dish" not in columns:
        raise MapError(
            _("no heading of the file is known as a dish; write a map, with dish as one of: %(headings)s"),
            {"headings": ", ".join(filter(None, headings))},
        )
    known = allergens_by_name()
    taken = {column.headings[0] for column in columns.values()}
    allergens: dict[Allergen, Column] = {}
    for key, heading in _by_key(headings, (_whole, _bare, _last)).items():
        if heading not in taken and key in known:
            allergens.setdefault(known[key], Column((heading,)))
    return DishMap(ColumnMap(columns), allergens)


def _by_key(headings: Sequence[str], readings: Sequence[Callable[[str], str]]) -> dict[str, str]:
    """Headings by what they may be looked up by, word for word first; one that stands twice is none."""
    found: dict[str, str] = {}
    for read in readings:
        keys = [read(heading) for heading in headings]
        for key, heading in zip(keys, headings, strict=True):
            if key and keys.count(key) == 1:
                found.setdefault(key, heading)
    return found


def _whole(heading: str) -> str:
    return compare_key(heading).lower()


def _bare(heading: str) -> str:
    return compare_key(_BESIDE.sub("", nfkc(heading))).lower()


def _last(heading: str) -> str:
    """The word of the lower row, where headings stand over several: アレルゲン 卵."""
    return _bare(next(iter(reversed(nfkc(heading).split())), ""))


def _named_dish(columns: ColumnMap) -> ColumnMap:
    """`name` is another word for `dish`."""
    if "name" not in columns.columns:
        return columns
    renamed = {("dish" if name == "name" else name): column for name, column in columns.columns.items()}
    return ColumnMap(renamed, columns.constants, columns.options)

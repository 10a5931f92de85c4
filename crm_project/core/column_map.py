"""Which heading of a file fills which field: a small TOML text that a person can read, write and keep beside the file.

    [columns]
    code = "許可番号"
    name = ["営業者名", "営業者名（法人の場合は、法人名）"]      # alternative headings
    address = {join = ["施設所在地１", "施設所在地２"]}           # filled cells, one space between them
    [constants]
    currency = "GBP"                                             # any field may be a constant
    [options]
    create_customers = true

The fields and options that exist are named by the caller; this module knows none of them but in `suggest_map`.
"""

import datetime
import json
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from crm_project.core.problems import InputProblem
from crm_project.core.tables import Cell
from crm_project.core.text import cell_text, compare_key

Constant = str | int | float | bool | datetime.date
Required = str | tuple[str, ...]


class MapError(InputProblem):
    """The map cannot be used, or does not fit the file."""


@dataclass(frozen=True)
class Column:
    """The headings of one field: alternatives, or (`joined`) cells to be joined by a space."""

    headings: tuple[str, ...]
    joined: bool = False


@dataclass(frozen=True)
class ColumnMap:
    """A map that has been checked against the fields that exist."""

    columns: Mapping[str, Column]
    constants: Mapping[str, Constant] = field(default_factory=lambda: MappingProxyType({}))
    options: Mapping[str, Constant] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def wanted(self) -> list[tuple[str, ...]]:
        """The headings a file must have, each with its alternatives, for `read_table`."""
        return [
            alternatives
            for column in self.columns.values()
            for alternatives in ([(one,) for one in column.headings] if column.joined else [column.headings])
        ]

    def resolve(self, headings: Sequence[str]) -> "Resolver":
        """Where the fields stand in a file with these headings.

        Headings are compared without regard to width and blanks. Raises MapError when a heading is missing (with those the
        file has) or stands twice.
        """
        places: dict[str, list[int]] = {}
        for index, heading in enumerate(headings):
            places.setdefault(compare_key(heading), []).append(index)

        def place(name: str, alternatives: Sequence[str]) -> int:
            for heading in alternatives:
                found = places.get(compare_key(heading), [])
                if len(found) > 1:
                    raise MapError(
                        _("the heading “%(heading)s” (%(field)s) stands twice in the file: rename one of them"),
                        {"heading": heading, "field": name},
                    )
                if found:
                    return found[0]
            raise MapError(
                _("the file has no heading “%(heading)s” (%(field)s); it has: %(headings)s"),
                {
                    "heading": "” / “".join(alternatives),
                    "field": name,
                    "headings": ", ".join(heading for heading in headings if heading),
                },
            )

        return Resolver(
            indexes={
                name: tuple(place(name, [heading]) for heading in column.headings)
                if column.joined
                else (place(name, column.headings),)
                for name, column in self.columns.items()
            },
            constants=self.constants,
        )


@dataclass(frozen=True)
class Resolver:
    """Takes the fields out of the rows of one file."""

    indexes: Mapping[str, tuple[int, ...]]
    constants: Mapping[str, Constant]

    def __call__(self, cells: Sequence[Cell]) -> dict[str, Cell]:
        """Field -> cell as it stands in the file ("" when empty); joined cells and constants included."""
        values: dict[str, Cell] = dict(self.constants)
        for name, indexes in self.indexes.items():
            values[name] = cells[indexes[0]] if len(indexes) == 1 else _joined([cells[index] for index in indexes])
        return values

    def getter(self, name: str) -> Callable[[Sequence[Cell]], Cell] | None:
        """A function that takes one field out of a row, for files of many rows; None when the field is not mapped."""
        if name in self.constants:
            constant = self.constants[name]
            return lambda cells: constant
        indexes = self.indexes.get(name)
        if indexes is None:
            return None
        if len(indexes) == 1:
            return itemgetter(indexes[0])
        return lambda cells: _joined([cells[index] for index in indexes])


def _joined(cells: Iterable[Cell]) -> str:
    return " ".join(filter(None, (cell_text(cell).strip() for cell in cells)))


# --- TOML -------------------------------------------------------------------------------------------------------------

_TABLES: Final = ("columns", "constants", "options")


def load_map(
    text: str,
    *,
    known_fields: Collection[str],
    required: Iterable[Required] = (),
    known_options: Mapping[str, type] = MappingProxyType({}),
    other_tables: Collection[str] = (),
) -> ColumnMap:
    """Read a map. `required`: fields that must be there; a tuple holds alternatives, `a+b` in it meaning both.

    `known_options`: option -> its type. `other_tables` the caller reads itself.

    Raises MapError with one sentence that names the field and those that exist.
    """
    try:
        content = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise MapError(_("the map is not valid TOML: %(reason)s"), {"reason": error}) from error
    for table, entries in content.items():
        if table not in (*_TABLES, *other_tables):
            raise MapError(
                _("the map has an unknown table [%(table)s]; it may have: %(known)s"),
                {"table": table, "known": ", ".join(f"[{one}]" for one in (*_TABLES, *other_tables))},
            )
        if not isinstance(entries, dict):
            raise MapError(_("“%(table)s” in the map must be a table: write [%(table)s]"), {"table": table})
    columns = {name: _column(name, value) for name, value in content.get("columns", {}).items()}
    constants = content.get("constants", {})
    options = content.get("options", {})
    for name in [*columns, *constants]:
        if name not in known_fields:
            raise MapError(
                _("the map has an unknown field “%(field)s”; the fields are: %(known)s"),
                {"field": name, "known": ", ".join(known_fields)},
            )
    for name, value in constants.items():
        if name in columns:
            raise MapError(_("the map has “%(field)s” both as a column and as a constant"), {"field": name})
        if not isinstance(value, str | int | float | datetime.date):
            raise MapError(_("the constant “%(field)s” in the map must be one value"), {"field": name})
    for name, value in options.items():
        if name not in known_options:
            raise MapError(
                _("the map has an unknown option “%(option)s”; the options are: %(known)s"),
                {"option": name, "known": ", ".join(known_options) or "-"},
            )
        if type(value) is not known_options[name]:
            raise MapError(
                _("the option “%(option)s” in the map must be %(kind)s"),
                {"option": name, "kind": _KINDS.get(known_options[name], known_options[name].__name__)},
            )
    column_map = ColumnMap(columns, constants, options)
    check_required(column_map, required)
    return column_map


_KINDS: Final = {bool: _("true or false"), str: _("a text in quotation marks"), int: _("a whole number")}


def check_required(column_map: ColumnMap, required: Iterable[Required]) -> None:
    """Raise MapError when a required field has neither a column nor a constant (see `load_map`)."""
    present = {*column_map.columns, *column_map.constants}
    for one in required:
        alternatives = (one,) if isinstance(one, str) else one
        if not any(present.issuperset(alternative.split("+")) for alternative in alternatives):
            raise MapError(
                _("the map names no column for %(fields)s"),
                {"fields": " / ".join(alternative.replace("+", " + ") for alternative in alternatives)},
            )


def _column(name: str, value: object) -> Column:
    if isinstance(value, str) and value.strip():
        return Column((value,))
    if isinstance(value, list) and value and all(isinstance(one, str) and one.strip() for one in value):
        return Column(tuple(value))
    if isinstance(value, dict) and list(value) == ["join"]:
        parts = value["join"]
        if isinstance(parts, list) and parts and all(isinstance(one, str) and one.strip() for one in parts):
            return Column(tuple(parts), joined=True)
    raise MapError(
        _('“%(field)s” in the map must be a heading, a list of headings, or {join = ["heading", "heading"]}'),
        {"field": name},
    )


def dump_map(column_map: ColumnMap) -> str:
    """The map as TOML; `load_map` reads it back to the same map."""
    lines = ["[columns]"]
    for name, column in column_map.columns.items():
        headings = ", ".join(map(_toml, column.headings))
        if column.joined:
            lines.append(f"{name} = {{join = [{headings}]}}")
        else:
            lines.append(f"{name} = {headings}" if len(column.headings) == 1 else f"{name} = [{headings}]")
    for title, entries in (("constants", column_map.constants), ("options", column_map.options)):
        if entries:
            lines += ["", f"[{title}]", *(f"{name} = {_toml(value)}" for name, value in entries.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Constant) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return value.isoformat() if isinstance(value, datetime.date) else repr(value)


# --- suggestions ------------------------------------------------------------------------------------------------------

_USUAL_HEADINGS: Final[Mapping[str, str]] = {
    # people and companies of a ledger
    "code": (
        "顧客コード 顧客番号 顧客ID 顧客No 会員番号 会員コード 会員No お客様番号 お客様コード 得意先コード "
        "許可番号 管理番号 コード 番号 No customer_code customer_id customer_no member_no code id"
    ),
    "name": (
        "氏名 お名前 名前 顧客名 お客様名 お客様氏名 氏名漢字 得意先名 会員名 営業者名 代表者名 name "
        "full_name customer_name customer"
    ),
    "kana": (
        "フリガナ ふりがな カナ かな 氏名カナ 氏名かな 氏名フリガナ 名前カナ お名前カナ お名前フリガナ ヨミ "
        "読み 読み仮名 顧客名カナ 営業者名かな kana furigana reading name_kana"
    ),
    "company": (
        "会社名 会社 勤務先 法人名 企業名 団体名 お勤め先 勤務先名 施設名称 施設名称1 店舗名 company "
        "company_name organization"
    ),
    "department": "部署 部署名 所属 部門 department",
    "title": "役職 役職名 肩書 肩書き title position job_title",
    "phone": (
        "電話番号 電話 携帯 携帯電話 携帯番号 携帯電話番号 TEL 自宅電話 連絡先 連絡先電話番号 お電話番号 "
        "施設電話番号 会社電話 phone mobile telephone tel"
    ),
    "email": "メール メールアドレス Eメール Emailアドレス 電子メール email e-mail mail",
    "postal_code": "郵便番号 〒 郵便 施設郵便番号 postal_code zip zip_code postcode",
    "address": "住所 住所1 ご住所 自宅住所 現住所 所在地 施設所在地1 勤務先住所 address",
    "birthday": "誕生日 生年月日 お誕生日 birthday date_of_birth birth_date dob",
    "allergies": "アレルギー アレルギー情報 アレルギー食材 食物アレルギー allergies allergy",
    "note": "備考 メモ 特記事項 摘要 ご要望 コメント 注意事項 note notes memo remarks",
    "since": "登録日 初回来店日 初来店日 入会日 顧客登録日 取引開始日 since registered first_visit",
    "rank": "ランク 顧客ランク 会員ランク 会員種別 rank grade",
    "staff": "担当 担当者 担当者名 営業担当 担当仲居 staff",
    # documents of accounting
    "document": (
        "伝票番号 伝票No 伝票コード 請求番号 請求書番号 売上番号 注文番号 invoice invoice_no doc_no document order_no"
    ),
    "line": "行番号 行 明細番号 行No 明細行 line line_no",
    "partner_code": (
        "得意先コード 取引先コード 得意先CD 取引先CD 顧客コード 得意先番号 顧客番号 請求先コード "
        "customer_code customer_id partner_code"
    ),
    "partner_name": "得意先名 取引先名 得意先 取引先 顧客名 請求先名 得意先名称 customer_name partner_name customer",
    "date": (
        "日付 売上日 伝票日付 計上日 取引日 売上日付 請求日 年月日 利用日 date doc_date invoice_date posting_date"
    ),
    "amount": "金額 売上金額 税抜金額 売上高 本体金額 税抜額 純売上 税抜売上 net_amount amount net sales",
    "quantity": "数量 個数 人数 quantity qty",
    "unit_price": "単価 販売単価 税抜単価 売上単価 unit_price price",
    "cost": "原価 原価金額 仕入金額 売上原価 原価額 cost cost_amount",
    "tax": "消費税 消費税額 税額 tax tax_amount",
    "description": "品名 商品名 摘要 内容 明細 品目 商品名称 適用 description item_name item",
    "venue": "店舗 店舗コード 部門 部門コード 店舗名 部門名 売上部門 venue store store_code branch",
    "currency": "通貨 通貨コード currency",
}
_JOINED_HEADINGS: Final[Mapping[str, Sequence[tuple[str, ...]]]] = {
    "name": (("姓", "名"), ("氏", "名"), ("苗字", "名前"), ("名字", "名前"), ("last_name", "first_name")),
    "kana": (("セイ", "メイ"), ("姓カナ", "名カナ"), ("姓フリガナ", "名フリガナ"), ("姓かな", "名かな"), ("せい", "めい")),
    "address": (
        ("都道府県", "市区町村", "番地", "建物名"), ("都道府県", "市区町村", "番地"),
        ("住所1", "住所2", "住所3"), ("住所1", "住所2"), ("施設所在地1", "施設所在地2"),
    ),
}  # fmt: skip


def suggest_map(headings: Sequence[str], known_fields: Collection[str]) -> ColumnMap:
    """A first map for a file, from the headings such files usually have; fields without a likely heading are left out.

    A heading serves one field only, and one that stands twice serves none.
    """
    keys = [_usual_key(heading) for heading in headings]
    by_key = {key: heading for key, heading in zip(keys, headings, strict=True) if key and keys.count(key) == 1}
    found: dict[str, Column] = {}
    taken: set[str] = set()

    def take(name: str, wanted: Iterable[str], *, joined: bool) -> None:
        columns = [_usual_key(one) for one in wanted]
        if name not in found and all(key in by_key and key not in taken for key in columns):
            found[name] = Column(tuple(by_key[key] for key in columns), joined=joined)
            taken.update(columns)

    for name in known_fields:
        for parts in _JOINED_HEADINGS.get(name, ()):
            take(name, parts, joined=True)
    usual = {name: _USUAL_HEADINGS.get(name, "").split() for name in known_fields}
    for place in range(max(map(len, usual.values()), default=0)):
        for name, likely in usual.items():
            if place < len(likely):
                take(name, [likely[place]], joined=False)
    for name, likely in usual.items():
        for heading in likely:
            start = _usual_key(heading)
            longer = [key for key in by_key if key not in taken and key.startswith(f"{start}(")]
            if len(longer) == 1:
                take(name, longer, joined=False)
    return ColumnMap({name: found[name] for name in known_fields if name in found})


def _usual_key(heading: str) -> str:
    """Width, case and the marks between words do not matter: ＴＥＬ, Customer ID and customer_id."""
    key = compare_key(heading).casefold()
    return key.translate(dict.fromkeys(map(ord, "_-.・:*※"), None)).removesuffix("(必須)")

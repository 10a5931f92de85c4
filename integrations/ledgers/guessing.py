"""Which column is what, told by what stands in it: for columns whose heading nobody knows. Pure.

A column of dates is a birthday only when its heading says so: 年月日 may be anything. What a heading said is not doubted here.
"""

import datetime
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crm_project.core.column_map import Column, ColumnMap, continued, suggest_map
from crm_project.core.dates import DateError, parse_date
from crm_project.core.tables import Cell
from crm_project.core.text import cell_text, compare_key, nfkc, phone_digits

_FACSIMILE: Final = re.compile("fax|ファックス|ファクス", re.IGNORECASE)
# A number that counts the rows of a file: next month somebody else has it.
_RUNNING: Final = re.compile(r"no|№|#|番号|連番|通番|項番|行番号|通し番号", re.IGNORECASE)
# 許可番号, 医療機関コード: what may tell one row from every other; not where or under which number somebody is reached.
_TELLS_APART: Final = re.compile(r".*(?:番号|コード|id|no)", re.IGNORECASE)
_TELLS_NOT: Final = re.compile(
    r"電話|携帯|fax|tel|内線|郵便|法人番号|都道府県|市区?町村|自治体|公共団体|町字|口座|部屋|卓|席|行番号|poi|予約|伝票|明細",
    re.IGNORECASE,
)
ALMOST_ALL: Final = 0.95
# A list of shops names not everybody who runs one: where so many names are missing, the shops are the guests.
NAMES_MISSING: Final = 0.8
# So many rows are looked at; a column with fewer filled cells than this says nothing.
ROWS_LOOKED_AT: Final = 200
LEAST_FILLED: Final = 3
_POSTCODE: Final = re.compile(r"〒?\d{3}-?\d{4}")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE)
_KANA: Final = re.compile(r"[ァ-ヺぁ-ゖーｦ-ﾟ・]{2,}(?:[ 　][ァ-ヺぁ-ゖーｦ-ﾟ・]+)*")
_NAME: Final = re.compile(r"[々〆一-鿿豈-﫿]{1,4}[ 　]?[々〆一-鿿豈-﫿ぁ-ゖァ-ヺー]{1,4}(?:[ 　]?(?:様|殿|先生))?")
_COMPANY: Final = re.compile(r"株式会社|有限会社|合同会社|㈱|㈲|\((?:株|有)\)|（(?:株|有)）|法人|組合|Co\.|Inc|Ltd")
_ADDRESS: Final = re.compile(
    r"(?:東京都|北海道|(?:京都|大阪)府|.{2,3}県)?.{1,6}[市区町村郡].*[\d０-９一二三四五六七八九十丁番]"
)
_PHONE: Final = re.compile(r"[+(]?[\d()\-\s]{9,17}")


def _is_phone(text: str) -> bool:
    plain = nfkc(text).strip()
    digits = phone_digits(plain)
    if _PHONE.fullmatch(plain) is None or not 9 <= len(digits) <= 11:
        return False
    return digits.startswith("0") or (len(digits) in (9, 10) and digits[0] in "3456789")


def _is_day(cell: Cell) -> bool:
    if isinstance(cell, bool | int | float):
        return False
    try:
        return parse_date(cell) is not None
    except DateError:
        return False


@dataclass(frozen=True)
class _Sign:
    """What the cells of a field look like, and which share of the filled ones must."""

    field: str
    fits: Callable[[str], bool]
    share: float


def _matching(pattern: re.Pattern[str], *, whole: bool = True) -> Callable[[str], bool]:
    return lambda text: bool((pattern.fullmatch if whole else pattern.search)(nfkc(text) if whole else text))


# The surest first: a column serves the first field whose looks it has.
_SIGNS: Final = (
    _Sign("email", _matching(_EMAIL), 0.8),
    _Sign("postal_code", _matching(_POSTCODE), 0.8),
    _Sign("phone", _is_phone, 0.7),
    _Sign("kana", _matching(_KANA), 0.8),
    _Sign("company", _matching(_COMPANY, whole=False), 0.4),
    _Sign("address", _matching(_ADDRESS, whole=False), 0.6),
    _Sign("name", _matching(_NAME), 0.7),
)


def columns_of(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> dict[str, list[Cell]]:
    """Heading -> its filled cells in the first rows; a heading that stands twice, or is blank, is left out."""
    found: dict[str, list[Cell]] = {}
    places = {
        place: heading
        for place, heading in enumerate(headings)
        if heading and [compare_key(one) for one in headings].count(compare_key(heading)) == 1
    }
    for _count, cells in zip(range(ROWS_LOOKED_AT), rows, strict=False):
        for place, heading in places.items():
            if place < len(cells) and cell_text(cells[place]).strip():
                found.setdefault(heading, []).append(cells[place])
    return found


def by_content(
    columns: Mapping[str, Sequence[Cell]], *, taken: Collection[str], wanted: Collection[str]
) -> dict[str, Column]:
    """Fields of `wanted` and the column that looks like each of them, among those whose heading is not `taken`."""
    used = {compare_key(heading) for heading in taken}
    found: dict[str, Column] = {}
    fullest = max(map(len, columns.values()), default=0)
    for sign in _SIGNS:
        if sign.field not in wanted:
            continue
        best: tuple[float, str] | None = None
        for heading, cells in columns.items():
            if compare_key(heading) in used or len(cells) < LEAST_FILLED:
                continue
            texts = [cell_text(cell).strip() for cell in cells]
            if sign.field == "phone" and _FACSIMILE.search(nfkc(heading)):
                continue
            if sign.field == "name" and len(cells) * 2 < fullest:
                continue  # of a ledger's rows most have a name: this is somebody else's, such as a representative's
            if sign.field in ("name", "kana") and len(set(texts)) * 2 < len(texts):
                continue  # a word that returns again and again is a rank or a place
            share = sum(map(sign.fits, texts)) / len(texts)
            if share >= sign.share and (best is None or share > best[0]):
                best = share, heading
        if best is not None:
            found[sign.field] = Column((best[1],))
            used.add(compare_key(best[1]))
    return found


def day_column(columns: Mapping[str, Sequence[Cell]], *, taken: Collection[str], today: datetime.date) -> str | None:
    """The heading under which days of visits stand: dates, most of them of the last fifty years and none far ahead."""
    used = {compare_key(heading) for heading in taken}
    for heading, cells in columns.items():
        if compare_key(heading) in used or len(cells) < LEAST_FILLED or "生" in heading or "誕" in heading:
            continue
        days = [cell for cell in cells if _is_day(cell)]
        if len(days) < 0.8 * len(cells):
            continue
        read = [day for cell in days if (day := parse_date(cell)) is not None]
        late = [day for day in read if today.year - 50 <= day.year <= today.year + 2]
        recent = [day for day in read if day.year >= today.year - 20]
        if len(late) == len(read) and len(recent) * 2 >= len(read):
            return heading
    return None


def guess(headings: Sequence[str], rows: Iterable[Sequence[Cell]], fields: Collection[str]) -> ColumnMap:
    """A map for a ledger: what its headings say, and for the other fields what stands in the other columns."""
    said = suggest_map(headings, fields)
    taken = [heading for column in said.columns.values() for heading in column.headings]
    missing = [name for name in fields if name not in said.columns]
    cells = columns_of(headings, rows)
    by_looks = by_content(cells, taken=taken, wanted=missing)
    if "address" in by_looks:
        others = [heading for column in by_looks.values() for heading in column.headings]
        by_looks["address"] = continued("address", by_looks["address"], headings, [*taken, *others])
    columns = {**said.columns, **by_looks}
    if "code" in fields and (code := _code_column(columns, cells)) is not None:
        columns["code"] = code
    if "name" in fields and "name" not in columns and "company" in columns:
        # A list of shops or companies: they are the guests.
        columns["name"] = columns.pop("company")
    _name_by_house(columns, cells)
    return ColumnMap({name: columns[name] for name in fields if name in columns}, said.constants, said.options)


def _code_column(columns: Mapping[str, Column], cells: Mapping[str, Sequence[Cell]]) -> Column | None:
    """A column that tells the rows apart better than a running number, or where no code is known; None when there is none."""
    known = columns["code"].headings[0] if "code" in columns else ""
    if known and not _RUNNING.fullmatch(compare_key(known).strip(".")):
        return None
    fullest = max(map(len, cells.values()), default=0)
    taken = {heading for column in columns.values() for heading in column.headings}
    for heading, filled in cells.items():
        key = compare_key(heading)
        if heading in taken or len(filled) < LEAST_FILLED or len(filled) < ALMOST_ALL * fullest:
            continue
        is_code = _TELLS_APART.fullmatch(key) and not _TELLS_NOT.search(key) and not _RUNNING.fullmatch(key.strip("."))
        if is_code and len(set(map(cell_text, filled))) >= ALMOST_ALL * len(filled):
            return Column((heading,))
    return None


def _name_by_house(columns: dict[str, Column], cells: Mapping[str, Sequence[Cell]]) -> None:
    """Where many rows have no name but nearly all a shop, the shops are the guests, and the names their companies."""
    fullest = max(map(len, cells.values()), default=0)
    if "name" not in columns or fullest < LEAST_FILLED:
        return

    def share(column: Column) -> float:
        return max((len(cells.get(heading, ())) for heading in column.headings), default=0) / fullest

    if share(columns["name"]) >= NAMES_MISSING:
        return
    taken = {heading for name, column in columns.items() if name != "company" for heading in column.headings}
    houses = suggest_map([heading for heading in cells if heading not in taken], ["company"]).columns
    house = columns.get("company") or houses.get("company")
    if house is not None and share(house) >= ALMOST_ALL:
        columns["name"], columns["company"] = house, columns["name"]

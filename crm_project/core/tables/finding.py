"""Where the table stands on a sheet: its headings over one or several rows, and the rows that are none of its data.

Pure functions over the first rows of a sheet. People put titles, remarks and `#...` lines above a table, write headings over
several rows and merge them, add up below, print the headings again on the next page and number rows they never fill.
"""

import datetime
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from crm_project.core.tables.cells import Cell, Merge, Row, column_letters, filled_places, is_blank
from crm_project.core.text import cell_text, compare_key

# What a row is that is not data.
SUBTOTAL, REPEATED, NUMBERED, SAMPLE, REMARK, SECTION = (
    "subtotal",
    "repeated headings",
    "numbered",
    "sample",
    "remark",
    "section",
)
# A table without headings is taken for one only when it is at least so wide and has so many more rows.
LEAST_COLUMNS, LEAST_ROWS = 3, 2
SPAN_LIMIT: Final = 15  # headings over more rows are none
JOINED_BY: Final = " / "

_WORDS: Final = frozenset(
    """
    no no. № # 番号 連番 通番 項番 id code コード 氏名 名前 お名前 姓 名 氏 カナ かな フリガナ ふりがな ヨミ
    よみ 読み 読み仮名 セイ メイ 性別 年齢 誕生日 生年月日 電話 tel 携帯 fax 〒 郵便 住所 所在地 番地 建物 会社
    勤務先 法人 部署 所属 部門 役職 肩書 備考 メモ 摘要 内容 特記事項 アレルギー 苦手 好み 担当 係 ランク 区分
    種別 分類 業種 敬称 日付 年月日 来店日 初回 人数 金額 単価 数量 個数 売上 料金 合計 小計 消費税 税 原価
    紹介者 紹介 部屋 席 時間 時刻 曜日 回数 ポイント 料理 献立 メニュー 食材 品名 商品 伝票 場所 対象 緯度 経度
    説明 定員 関係 続柄 用途 目的 幹事 状態 状況 登録 更新 月 日 年 件名 案件 確度 期限 結果 理由 url メール
    メールアドレス name kana company department title phone mobile telephone email e-mail mail address birthday
    note notes memo remarks rank staff date time amount quantity qty price unit total description item venue
    currency customer guest since allergies day status type category sex gender age zip postcode postal_code
    """.split()
)
_WORD_ENDS: Final = re.compile(
    r"(?:名|番号|コード|日|年月日|年月|住所|電話|携帯|カナ|かな|ふりがな|フリガナ|区分|種別|金額|数量|人数|備考|メモ|担当|担当者|ランク|率|時刻|時間|"
    r"場所|会社|役職|部署|性別|年齢|摘要|アドレス|情報|連絡先|料金|者|先|歴|欄|事項|方法|所在地|内容|理由|履歴|予定|実績|_?(?:id|no|name|date|code|number))$"
)
_GROUPS: Final = re.compile(
    r"(?:情報|連絡先|基本|お客様|顧客|会員|会社|勤務先|自宅|来店|利用|ご家族|家族|アレルギー|属性|住所|氏名|名前|売上|予約|宴会|担当|年|月|期|その他|内訳|明細)"
)
_UNITS: Final = re.compile(
    r"\(?(?:単位:?)?(?:円|千円|百万円|万円|人|名|件|回|個|本|枚|点|歳|才|年|月|日|時|分|%|％|k?g|m?g|ml|l|m2?|㎡|kj|kcal|[μµ]g|-|\W*g\W*)\)?",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(
    r"[¥￥$\\]?[-+▲△]?\d[\d,]*(?:\.\d+)?\s*(?:円|名様?|人|件|回|個|点|枚|本|才|歳|組|卓|%|kg|g|ml)?"
)
_YEAR: Final = re.compile(r"(?:19|20)\d\d(?:年度?)?|(?:[1-9]|1[0-2])月")
_DATE: Final = re.compile(
    r"(?:(?:明治|大正|昭和|平成|令和|[MTSHR明大昭平令])\.?\s*(?:\d{1,2}|元)|\d{2,4})\s*[-/.年]\s*\d{1,2}\s*(?:[-/.月]\s*(?:\d{1,2}\s*日?)?)?",
    re.IGNORECASE,
)
_VALUE: Final = re.compile(r"[^@\s]+@[^@\s]+|https?://\S+|[\d()+\-−‐ー ]{7,}")
_MARK: Final = re.compile("[○◯〇●◎△▲×✕✓✔☑]")
_SPACED: Final = re.compile(r"(?:[^\x00-\x7f] )+[^\x00-\x7f]")

NUMBER, DATE, VALUE, TEXT = "number", "date", "value", "text"


def heading_text(cell: Cell) -> str:
    """A heading on one line, letters that were only set apart (備　考) together again."""
    written = " ".join(cell_text(cell).split())
    return written.replace(" ", "") if _SPACED.fullmatch(written) else written


@lru_cache(maxsize=4096)
def _role_of_text(cell: str) -> str:
    plain = compare_key(cell)
    if _YEAR.fullmatch(plain):
        return TEXT  # a table by years or months
    if _NUMBER.fullmatch(plain):
        return NUMBER
    if _DATE.fullmatch(plain):
        return DATE
    if _MARK.fullmatch(plain):
        return NUMBER  # an answer of a table of allergens or absences: no heading
    return VALUE if _VALUE.fullmatch(plain) else TEXT


def role(cell: Cell) -> str:
    """What a filled cell is: number, date, value (phone, e-mail, address of the web) or text. A year may head a column."""
    if isinstance(cell, str):
        return _role_of_text(cell)
    if isinstance(cell, bool):
        return VALUE
    if isinstance(cell, int | float):
        return TEXT if 1900 <= cell <= 2100 and cell == int(cell) else NUMBER
    return DATE if isinstance(cell, datetime.date) else VALUE


@lru_cache(maxsize=4096)
def _is_heading_word(cell: str) -> bool:
    key = re.sub(r"\(.*?\)$", "", compare_key(cell).casefold()).strip("*※・:#")
    key = re.sub(r"\d+$", "", key) or key
    return key in _WORDS or (len(key) <= 20 and not key[:1].isdigit() and _WORD_ENDS.search(key) is not None)


def heading_words(cells: Sequence[Cell]) -> int:
    """How many cells hold a word that usually heads a column."""
    return sum(isinstance(cell, str) and bool(cell) and _is_heading_word(cell) for cell in cells)


def looks_like_headings(cells: Sequence[Cell]) -> bool:
    """Whether a row may be headings by its look: texts only, no number, date, phone or e-mail address."""
    places = filled_places(cells)
    return bool(places) and all(role(cells[at]) == TEXT for at in places)


def _is_marked(cells: Sequence[Cell]) -> bool:
    first = next((cell for cell in cells if not is_blank([cell])), "")
    return isinstance(first, str) and first.startswith("#")


@dataclass(frozen=True)
class Headings:
    """The headings of a table: which rows they fill, and one text for each column."""

    first_row: int
    last_row: int
    # Position of `last_row` among the rows that were searched.
    position: int
    headings: tuple[str, ...]
    # The rows as they stand, to know them again where they are repeated.
    rows: tuple[tuple[Cell, ...], ...]


def find_headings(
    rows: Sequence[Row], *, merges: Sequence[Merge] = (), wanted: Sequence[Sequence[str]] = ()
) -> Headings | None:
    """The headings among the first rows of a sheet; None when all are empty.

    `wanted`: headings that a map needs, each with its alternatives: the row, or rows read together, that has most of them
    wins. Without: the first row that is filled like a heading, with what belongs to it above and below.
    """
    needed = [{compare_key(heading) for heading in alternatives} for alternatives in wanted]
    base = _base(rows)
    if base is None:
        return None
    found = _without_headings(rows, base) or _around(rows, base, merges)
    if not needed:
        return found
    hits = _hits(found.headings, needed)
    by_row = [_hits([cell_text(cell) for cell in cells if not is_blank([cell])], needed) for _number, cells in rows]
    best = max(by_row, default=0)
    if hits >= best and hits * 2 >= len(needed):
        return found
    if best * 2 < len(needed):
        return found
    at = by_row.index(best)
    around = _around(rows, at, merges)
    if _hits(around.headings, needed) >= best:
        return around
    return _alone(rows, at, around)


def _without_headings(rows: Sequence[Row], base: int) -> Headings | None:
    """Columns by their letters (列A, 列B) for a table that begins with its data at once; None for every other table.

    What stands in the first row is data when it holds a phone, a postcode, an e-mail address or a day, no word that heads
    a column, and the rows below hold the like in the same places.
    """
    number, cells = rows[base]
    places = filled_places(cells)
    values = [at for at in places if role(cells[at]) in (VALUE, DATE)]
    if base or len(places) < LEAST_COLUMNS or not values or heading_words(cells):
        return None
    following = [row for _number, row in rows[base + 1 : base + 6] if not is_blank(row)]
    if len(following) < LEAST_ROWS or len({_key_of_row(row) for row in (cells, *following)}) <= len(following) / 2:
        return None
    for at in values:
        below = [role(row[at]) for row in following if at < len(row) and not is_blank([row[at]])]
        if sum(one == role(cells[at]) for one in below) * 2 < max(len(following), 1):
            return None
    width = max(places[-1] + 1, *(filled_places(row)[-1] + 1 for row in following))
    headings = tuple(f"列{column_letters(column)}" for column in range(width))
    return Headings(number - 1, number - 1, base - 1, headings, ())


def _key_of_row(cells: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(map(cell_text, cells))


def _hits(headings: Sequence[str], needed: Sequence[set[str]]) -> int:
    keys = {compare_key(heading) for heading in headings if heading}
    keys |= {compare_key(heading.rpartition(JOINED_BY)[2]) for heading in headings if JOINED_BY in heading}
    return sum(not keys.isdisjoint(alternatives) for alternatives in needed)


def headings_at(rows: Sequence[Row], number: int) -> Headings | None:
    """The row of that number as headings; None when it is empty or not there."""
    at = next((at for at, (row, cells) in enumerate(rows) if row == number and not is_blank(cells)), None)
    return None if at is None else _headings(rows, at, at, ())


def _base(rows: Sequence[Row]) -> int | None:
    """The row that is filled like a heading: as wide as the table, texts only, before its data."""
    counts = [len(filled_places(cells)) for _number, cells in rows]
    widest = max(counts, default=0)
    if not widest:
        return None
    wide = [at for at, count in enumerate(counts) if count * 2 > widest]
    first = wide[0]
    words = heading_words(rows[first][1])
    # A title of several cells (作成日 | 2026-10-03) has a word or two as well.
    better = 3 * words if looks_like_headings(rows[first][1]) else words + 1
    for at in wide:
        if at > first + 8:
            break
        if heading_words(rows[at][1]) >= max(2, better, counts[at] / 3) and looks_like_headings(rows[at][1]):
            return at
    if words >= 2 or looks_like_headings(rows[first][1]):
        return first
    return next((at for at in wide if at <= first + 5 and looks_like_headings(rows[at][1]) and counts[at] > 1), first)


def _around(rows: Sequence[Row], base: int, merges: Sequence[Merge]) -> Headings:
    """The headings of which a row is the main part."""
    top = bottom = base
    near = [merge for merge in merges if merge.top <= rows[-1][0]]
    while True:
        before = top, bottom
        top, bottom = _by_merges(rows, top, bottom, near)
        if bottom - top < SPAN_LIMIT and bottom + 1 < len(rows) and _is_below(rows, top, bottom, near):
            bottom += 1
        if bottom - top < SPAN_LIMIT and top > 0 and _is_above(rows, top, bottom, near):
            top -= 1
        if (top, bottom) == before:
            return _headings(rows, top, bottom, near)


def _by_merges(rows: Sequence[Row], top: int, bottom: int, merges: Sequence[Merge]) -> tuple[int, int]:
    """The span with all rows that share a merged cell with it."""
    positions = {number: at for at, (number, _cells) in enumerate(rows)}
    for merge in merges:
        if merge.rows < 2 or merge.top > rows[bottom][0] or merge.bottom < rows[top][0]:
            continue
        first, last = positions.get(merge.top), positions.get(merge.bottom)
        if first is None or last is None or max(bottom, last) - min(top, first) >= SPAN_LIMIT:
            continue
        # A word beside the whole table (本店) is merged down over its data.
        if not all(is_blank(rows[at][1]) or looks_like_headings(rows[at][1]) for at in range(first, last + 1)):
            continue
        top, bottom = min(top, first), max(bottom, last)
    return top, bottom


def _merges_in_row(merges: Sequence[Merge], number: int) -> list[Merge]:
    return [merge for merge in merges if merge.top == number and merge.columns > 1]


def _is_below(rows: Sequence[Row], top: int, bottom: int, merges: Sequence[Merge]) -> bool:
    """Whether the next row still belongs to the headings."""
    number, cells = rows[bottom + 1]
    places = filled_places(cells)
    if number != rows[bottom][0] + 1 or not places or _is_marked(cells) or not looks_like_headings(cells):
        return False
    if any(tuple(cells) == tuple(rows[at][1]) for at in range(top, bottom + 1)):
        return False
    headed = set().union(*(filled_places(rows[at][1]) for at in range(top, bottom + 1)))
    grouped = {
        column
        for at in range(top, bottom + 1)
        for merge in _merges_in_row(merges, rows[at][0])
        for column in range(merge.left, merge.right + 1)
    }
    words = heading_words(cells)
    following = [row for _number, row in rows[bottom + 2 : bottom + 7] if not is_blank(row)]
    if following and words >= max(2, len(places) / 2) and not all(looks_like_headings(row) for row in following[:1]):
        return True
    fills_gaps = all(at in grouped or at not in headed for at in places)
    if following and fills_gaps and (words * 2 >= len(places) or grouped):
        alone = headed - grouped
        return bool(alone) and any(not is_blank([row[at]]) for row in following for at in alone if at < len(row))
    if words >= 2 and words * 3 >= len(places) * 2:
        return bool(following)
    units = sum(_UNITS.fullmatch(compare_key(cell_text(cells[at]))) is not None for at in places)
    if len(places) >= 2 and units * 4 >= len(places) * 3 and following:
        return True
    # Texts over columns of numbers and dates.
    over_values = 0
    for at in places:
        below = [role(row[at]) for row in following if at < len(row) and not is_blank([row[at]])]
        over_values += len(below) >= 2 and all(one in (NUMBER, DATE) for one in below)
    return len(places) >= 3 and over_values * 3 >= len(places) * 2


def _is_above(rows: Sequence[Row], top: int, bottom: int, merges: Sequence[Merge]) -> bool:
    """Whether the row above groups the columns (連絡先 over 電話 and 住所); a title over all of them does not."""
    number, cells = rows[top - 1]
    places = filled_places(cells)
    if number != rows[top][0] - 1 or not places or _is_marked(cells) or not looks_like_headings(cells):
        return False
    headed = filled_places(rows[bottom][1]) or [0]
    width, first = headed[-1] + 1, headed[0]
    groups = [merge for merge in _merges_in_row(merges, number) if merge.right < width and merge.rows == 1]
    if groups:
        return len(places) > 1 or (groups[0].left > first and groups[0].columns < width - first)
    if len(places) < 2 or len(places) >= len(headed) or any(at >= width for at in places):
        return False
    named = sum(_GROUPS.search(compare_key(cell_text(cells[at]))) is not None for at in places)
    return named * 2 >= len(places) and places[0] >= first


def _matrix(rows: Sequence[Row], top: int, bottom: int, merges: Sequence[Merge]) -> list[list[Cell]]:
    """The heading rows, each cell of a merged range with its value, a group's word over all its columns."""
    width = max(len(rows[at][1]) for at in range(top, bottom + 1))
    matrix = [[*rows[at][1], *[""] * (width - len(rows[at][1]))] for at in range(top, bottom + 1)]
    positions = {rows[at][0]: at - top for at in range(top, bottom + 1)}
    for merge in merges:
        if merge.top not in positions or merge.left >= width:
            continue
        value = matrix[positions[merge.top]][merge.left]
        for number in range(merge.top, min(merge.bottom, rows[bottom][0]) + 1):
            for column in range(merge.left, min(merge.right + 1, width)):
                if number in positions and is_blank([matrix[positions[number]][column]]):
                    matrix[positions[number]][column] = value
    if not merges:
        for upper, lower in itertools.pairwise(matrix):
            group: Cell = ""
            for column in range(width):
                if not is_blank([upper[column]]):
                    group = upper[column] if not is_blank([lower[column]]) else ""
                elif is_blank([lower[column]]):
                    group = ""
                elif group != "":
                    upper[column] = group
    return matrix


def _headings(rows: Sequence[Row], top: int, bottom: int, merges: Sequence[Merge]) -> Headings:
    matrix = _matrix(rows, top, bottom, merges) if bottom > top else [list(rows[top][1])]
    joined: list[str] = []
    for column in zip(*matrix, strict=True):
        parts: list[str] = []
        for cell in column:
            part = heading_text(cell)
            if part and (not parts or compare_key(part) != compare_key(parts[-1])):
                parts.append(part)
        joined.append(JOINED_BY.join(parts))
    while joined and not joined[-1]:
        joined.pop()
    return Headings(
        first_row=rows[top][0],
        last_row=rows[bottom][0],
        position=bottom,
        headings=tuple(joined),
        rows=tuple(tuple(rows[at][1]) for at in range(top, bottom + 1)),
    )


def _alone(rows: Sequence[Row], at: int, around: Headings) -> Headings:
    """One row as headings; what belongs to it above and below is no data."""
    alone = _headings(rows, at, at, ())
    return Headings(around.first_row, around.last_row, around.position, alone.headings, around.rows)


# --- several tables ---------------------------------------------------------------------------------------------------


def starts_another_table(rows: Sequence[Row], headings: Headings) -> bool:
    """Whether the rows behind a gap are titles and headings of another table. The same headings again are no other table."""
    width = len(headings.headings)
    own = {compare_key(heading) for heading in headings.headings if heading}
    titles = 0
    for at, (_number, cells) in enumerate(rows):
        places = filled_places(cells)
        if not places:
            continue
        if len(places) <= 2 and len(places) * 3 <= max(width, 3) and titles < 4:
            titles += 1
            continue
        keys = {compare_key(cell_text(cells[place])) for place in places}
        if len(keys & own) * 3 >= len(keys) * 2 and len(keys) * 2 >= len(own):
            return False
        following = next((row for _number, row in rows[at + 1 :] if not is_blank(row)), None)
        words = heading_words(cells)
        if following is None or len(places) < 2 or not looks_like_headings(cells):
            return False
        return words >= 2 and words * 2 >= len(places) and heading_words(following) * 2 < len(filled_places(following))
    return False


def side_blocks(rows: Sequence[Row], found: Headings) -> list[tuple[int, int]]:
    """The column ranges of tables that stand side by side, parted by an empty column; one range for a single table.

    They are several when their headings repeat, or when one of them ends while the other goes on.
    """
    width = max((len(cells) for _number, cells in rows), default=0)
    data = [cells for number, cells in rows if number > found.last_row and not is_blank(cells)]
    used = [
        bool(at < len(found.headings) and found.headings[at]) or any(not is_blank(row[at : at + 1]) for row in data)
        for at in range(width)
    ]
    blocks: list[tuple[int, int]] = []
    for at in range(width):
        if used[at] and (at == 0 or not used[at - 1]):
            blocks.append((at, at + 1))
        elif used[at]:
            blocks[-1] = (blocks[-1][0], at + 1)
    blocks = [(left, right) for left, right in blocks if any(found.headings[left:right])]
    if len(blocks) < 2:
        return [(0, width)]
    parted = [blocks[0]]
    for block in blocks[1:]:
        if _is_apart(parted[0], block, found, data):
            parted.append(block)
        else:
            parted[-1] = (parted[-1][0], block[1])
    return parted if len(parted) > 1 else [(0, width)]


def _is_apart(first: tuple[int, int], other: tuple[int, int], found: Headings, data: Sequence[Sequence[Cell]]) -> bool:
    def keys(block: tuple[int, int]) -> list[str]:
        return [compare_key(heading) for heading in found.headings[block[0] : block[1]] if heading]

    mine, theirs = keys(first), keys(other)
    if len(theirs) < 2:
        return False
    if len(set(mine) & set(theirs)) * 2 >= len(set(theirs)):
        return True
    rows = [not is_blank(row[other[0] : other[1]]) for row in data]
    own = [not is_blank(row[first[0] : first[1]]) for row in data]
    ends = rows.index(False) if False in rows else len(rows)
    return 0 < ends < len(rows) and not any(rows[ends:]) and sum(own[ends:]) >= 2 and all(own[:ends])


# --- rows that are no data --------------------------------------------------------------------------------------------

_ODD: Final = re.compile("計|例|otal|OTAL|サンプル|見本|平均")
_SUBTOTAL: Final = re.compile(
    r"(?:.*[\s:：月年度期日店の)）】・])?(?:合\s*計|小\s*計|総\s*計|総\s*合\s*計|累\s*計|年\s*計|月\s*計|平\s*均)(?:\s*[:：(（].*)?|"
    r"計|.*[月年度期\s　]計|"
    r"(?:grand |sub)?-?\s*total",
    re.IGNORECASE,
)
_SAMPLE: Final = re.compile(
    r"[(（【<＜〔\[]?\s*(?:入力例|記入例|記載例|サンプル|見本|例)\s*[)）】>＞〕\]:：]?(?:[\s　].*)?|"
    r"[(（【](?:例|入力例|記入例|サンプル)[)）】].*"
)
SAMPLE_SHEET: Final = re.compile(r"入力例|記入例|記載例|サンプル|見本|sample", re.IGNORECASE)
_REMARK: Final = re.compile(
    r"(?:[※＊*]|注[)）:：意]|[(（]注|以上$|出典|注記|(?:作成|印刷|出力|更新|記入)(?:日|者)?\s*[:：]).*", re.DOTALL
)
_SECTION: Final = re.compile(
    r"(?:[ぁ-んァ-ン]行?|[A-ZＡ-Ｚ]|(?:(?:19|20)\d\d|(?:平成|令和|昭和)\s*(?:\d+|元))年度?(?:\s*\d{1,2}月)?|"
    r"[■◆●▼◎□◇○▽〇【].+)",
    re.DOTALL,
)


# Headings of numbers that only count the rows; a number of the guest (顧客番号) says who is meant.
_RUNNING: Final = re.compile(r"#.*|no\.?|№|nos?|番号|連番|通番|項番|通し番号|行番号|行|順|序|件数|", re.IGNORECASE)


class RowJudge:
    """Says of each row whether it is data ("") or what else it is. Rows are shown in their order."""

    def __init__(self, headings: Headings) -> None:
        self._headings = [list(row) for row in headings.rows]
        self._width = len(headings.headings)
        self._running = [_RUNNING.fullmatch(compare_key(heading)) is not None for heading in headings.headings]
        self._before: list[Cell] = []

    def repeats(self, cells: Sequence[Cell]) -> bool:
        """Whether a row is one of the heading rows again."""
        return any(len(filled_places(heading)) > 1 and _same(cells, heading) for heading in self._headings)

    def __call__(self, cells: list[Cell]) -> str:
        """The kind of a row that is not blank. Mostly one look at its first cells is enough."""
        before, self._before = self._before, cells
        for heading in self._headings:
            if cells[0] == heading[0] and len(filled_places(heading)) > 1 and _same(cells, heading):
                return REPEATED
        for cell in cells[:4]:
            if isinstance(cell, str) and cell and _ODD.search(cell):
                if kind := self._odd(cells):
                    return kind
                break
        if len(cells) < 2 or cells[0] == "" or cells[1] == "":
            places = filled_places(cells)
            if len(places) == 1 and self._width > 1:
                return self._single(cells, places[0], before)
        return ""

    def _odd(self, cells: list[Cell]) -> str:
        places = filled_places(cells)
        for at in places[:4]:
            cell = cells[at]
            if not isinstance(cell, str):
                continue
            label = " ".join(cell.split())
            if _SAMPLE.fullmatch(label):
                return SAMPLE
            if _SUBTOTAL.fullmatch(label):
                others = [cells[other] for other in places if other != at]
                if all(_adds_up(other) for other in others):
                    return SUBTOTAL
        return ""

    def _single(self, cells: list[Cell], at: int, before: list[Cell]) -> str:
        cell = cells[at]
        number = _whole(cell)
        if number is not None and (at >= self._width or self._running[at]):
            above = _whole(before[at]) if at < len(before) else None
            # A list that begins with empty numbered rows begins with 1.
            return NUMBERED if number - 1 == above or (number == 1 and not before) else ""
        if isinstance(cell, str) and self._width > 2:
            label = cell.strip()
            if _REMARK.fullmatch(label):
                return REMARK
            if _SECTION.fullmatch(label):
                return SECTION
        return ""


def _same(cells: Sequence[Cell], heading: Sequence[Cell]) -> bool:
    longest = max(len(cells), len(heading))
    return [*cells, *[""] * (longest - len(cells))] == [*heading, *[""] * (longest - len(heading))]


def _adds_up(cell: Cell) -> bool:
    """Whether a cell may stand beside 合計: a number, with or without its unit, or another such word."""
    if not isinstance(cell, str):
        return not isinstance(cell, datetime.date)
    plain = compare_key(cell)
    return plain in ("-", "―", "－") or _NUMBER.fullmatch(plain) is not None or _SUBTOTAL.fullmatch(plain) is not None


def _whole(cell: Cell) -> int | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return int(cell) if cell == int(cell) else None
    if isinstance(cell, str) and len(cell) < 10 and cell.strip().isdecimal():
        return int(cell.strip())
    return None

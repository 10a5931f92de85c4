"""The columns of a ledger of visits: whose, when, where, how many, what they had, what was noticed; their usual headings."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_project.core.column_map import (
    DATE,
    SHEET,
    SUM,
    Column,
    ColumnMap,
    Group,
    MapError,
    Resolver,
    headings_by_key,
    load_map,
    suggest_map,
)
from crm_project.core.tables import SHEET_HEADING, Cell
from crm_project.core.text import compare_key
from integrations.ledgers.extras import ITEMS
from integrations.ledgers.fields import CANCELLED, MEANINGS, OPTIONS, check_guests_part
from integrations.ledgers.fields import FIELD_LABELS as GUEST_LABELS
from integrations.ledgers.guessing import by_content, columns_of, day_column
from visits.models import NoteCategory

VISITS: Final = "visits"
NOTES: Final = "notes"
VISIT_LABELS: Final[dict[str, str | Promise]] = {
    "date": _("day"),
    "year": _("year (of days without one)"),
    "time": _("time"),
    "until": _("until"),
    "venue": _("venue"),
    "room": _("room"),
    "people": pgettext_lazy("party size", "guests"),
    "companions": _("companions"),
    "purpose": _("purpose"),
    "status": _("status"),
    "course": _("course"),
    "dishes": _("dishes"),
    "amount": _("amount (tax excluded)"),
    "served_by": _("attendant of the table"),
    "source": _("source"),
    "outside_id": _("number in the former system"),
    "outside_system": _("former system"),
    "allergies_said": _("allergies said that day"),
    "visit_note": _("note on the visit"),
}
FIELD_LABELS: Final[dict[str, str | Promise]] = {**GUEST_LABELS, **VISIT_LABELS}
# In a group every field is one of the visit: there these words need nothing to tell them from the guest's own.
IN_GROUPS: Final = {"staff": "served_by", "note": "visit_note", "allergies": "allergies_said"}
REQUIRED: Final = (("name", "code"),)
_BARE_KEY: Final = re.compile(r"""^([ \t]*)([^\s"'#=\[\]]*[^\x00-\x7f][^\s"'#=\[\]]*)([ \t]*=)""", re.MULTILINE)

_USUAL: Final[Mapping[str, str]] = {
    "date": (
        "来店日 来店日時 ご来店日 利用日 ご利用日 利用日時 予約日 ご予約日 予約日時 来店予定日 宴会日 開催日 日付 年月日 "
        "月日 日時 日 "
        "visit_date visited_on reservation_date booking_date arrival_date date day datetime"
    ),
    "time": (
        "来店時間 来店時刻 ご来店時間 予約時間 予約時刻 ご予約時間 開始時間 開始時刻 時間 時刻 "
        "visit_time reservation_time start_time time"
    ),
    "until": "終了時間 終了時刻 退店時間 退店時刻 お開き end_time until",
    "room": (
        "部屋 お部屋 部屋名 お部屋名 個室 席 お席 座席 席名 テーブル テーブル名 卓 卓番 会場 使用部屋 "
        "room room_name table table_name seat"
    ),
    "people": (
        "人数 ご人数 来店人数 予約人数 利用人数 合計人数 名数 お客様数 客数 "
        "people guests pax party_size party covers number_of_guests headcount"
    ),
    "companions": "同席者 ご同席者 同席 お連れ様 同伴者 ご同伴者 companions",
    "purpose": "目的 ご利用目的 利用目的 来店目的 用途 ご用途 ご用向き 用件 シーン 利用シーン 趣旨 purpose occasion",
    "status": (
        "状態 ステータス 予約状態 予約ステータス 来店状況 状況 区分 "
        "status reservation_status booking_status"
    ),
    "course": "コース コース名 ご利用コース プラン プラン名 course course_name plan",
    "dishes": "料理 お料理 料理名 献立 献立名 お出しした料理 提供料理 メニュー 品書き お品書き dishes dish menu",
    "amount": (
        "金額 売上 売上金額 会計 会計金額 お会計 利用金額 ご利用金額 支払金額 税抜金額 合計金額 総額 "
        "amount total sales spend revenue"
    ),
    "served_by": "係 担当係 担当仲居 接客担当 担当 担当者 担当者名 served_by server staff",
    "source": "予約経路 経路 媒体 予約媒体 来店経路 受付経路 予約方法 source channel",
    "outside_id": "予約番号 予約ID 予約No 来店ID 来店番号 受付番号 reservation_id booking_id reservation_no visit_id",
    "venue": "店舗 店舗名 店舗コード 店名 支店 venue shop store restaurant branch",
    "allergies_said": "当日アレルギー アレルギー申告",
    "visit_note": (
        "備考 メモ 予約メモ 来店メモ ご要望備考 摘要 特記事項 コメント 所見 note notes memo remarks comment"
    ),
    "year": "年 年度 year",
}  # fmt: skip
# The lines of the shipped check sheet that a column of a ledger usually is.
_USUAL_NOTES: Final[Mapping[str, str]] = {
    "requests": "要望 ご要望 リクエスト ご希望 希望 requests special_requests",
    "talk": "会話 ご様子 ご様子・会話 話題 お話 様子 talk",
    "complaint": "クレーム お叱り 苦情 不手際 お叱り・不手際 ご指摘 complaint complaints",
    "next_banquet": "次回宴会 次のご宴会 次回予定",
    "menu_opinion": "料理の感想 献立の評判 ご感想 感想 お料理の感想",
    "handover": "申し送り 申送り 引継 引き継ぎ handover",
    "setting": "しつらい 設え お花 お軸",
    "tableware": "器 うつわ",
}
# The names of the guest that only a ledger of visits gives them.
_USUAL_GUEST: Final = {
    "name": "予約者名 予約者 ご予約者名 来店者 来店者名 代表者 ご芳名 お名前(予約者) booker guest guest_name"
}
_PARTS: Final = (
    ("年", "月", "日"),
    ("来店年", "来店月", "来店日"),
    ("year", "month", "day"),
    ("arrival_date_year", "arrival_date_month", "arrival_date_day_of_month"),
)
_PEOPLE: Final = (
    ("人数（大人）", "人数（子供）"), ("人数(大人)", "人数(子ども)"), ("大人人数", "子供人数"), ("大人", "子供"),
    ("大人", "小人"), ("大人", "子ども"), ("大人数", "子供数"), ("adults", "children"),
)  # fmt: skip
_NUMBERED: Final = re.compile(r"(?P<before>\D*?)[（(]?(?P<number>\d{1,2})[)）]?(?P<after>(?:回目)?\D*)")
_MONTH_AND_DAY: Final = re.compile(r"\d{1,2}(?:[/.-]|月)\d{1,2}日?(?:\(.\))?")
_YEAR_OF_SHEET: Final = re.compile(
    r"(?:(?:19|20)\d{2}|(?:昭和|平成|令和|[shr])(?:\d{1,2}|元))(?:年度?)?", re.IGNORECASE
)
LEAST_REPEATS: Final = 2


def visit_map(text: str) -> ColumnMap:
    """The map of a ledger of visits, read from TOML. Raises MapError.

    [notes] names a heading for each line of the check sheet, by its code or its name; a group may have its own [notes].
    """
    # TOML wants quotation marks around a key like ご要望; people leave them out.
    text = _BARE_KEY.sub(r'\1"\2"\3', text)
    columns = load_map(
        text,
        known_fields=FIELD_LABELS,
        required=REQUIRED,
        known_groups={VISITS: (*VISIT_LABELS, *IN_GROUPS)},
        known_options=OPTIONS,
        meanings=(*MEANINGS, CANCELLED),
        column_tables=(NOTES, ITEMS),
    )
    return checked(columns)


def checked(columns: ColumnMap) -> ColumnMap:
    """The map with the visit's own fields in its groups. Raises MapError when it names a line of the check sheet that the
    house has not, or no day."""
    groups = {
        name: Group({IN_GROUPS.get(field, field): column for field, column in group.columns.items()}, group.pattern)
        for name, group in columns.groups.items()
    }
    columns = replace(columns, groups=groups)
    if "date" not in columns.fields and not any("date" in group.columns for group in groups.values()):
        raise MapError(_("the map names no column for %(fields)s"), {"fields": "date"})
    if "date" in columns.fields and VISITS in groups:
        raise MapError(
            _("“%(field)s” stands in [columns] and in [groups.visits] of the map: keep one of them"), {"field": "date"}
        )
    check_guests_part(columns)
    lines_of_the_sheet(columns)
    return columns


def lines_of_the_sheet(columns: ColumnMap) -> dict[str, int]:
    """Field of [notes] -> line of the check sheet. Raises MapError for one that the house has not."""
    names = [*columns.columns, *(name for group in columns.groups.values() for name in group.columns)]
    wanted = [name for name in names if name.startswith(f"{NOTES}.")]
    if not wanted:
        return {}
    known = {
        key: pk for pk, code, name in NoteCategory.objects.values_list("pk", "code", "name") for key in (code, name)
    }
    found: dict[str, int] = {}
    for name in wanted:
        table, _dot, key = name.partition(".")
        line = known.get(key) or next((pk for word, pk in known.items() if compare_key(word) == compare_key(key)), None)
        if line is None:
            raise MapError(
                _(
                    "[%(table)s] of the map names “%(word)s”, which is no line of the check sheet; the lines are: %(known)s"
                ),
                {"table": table, "word": key, "known": ", ".join(dict.fromkeys(known))},
            )
        found[name] = line
    return found


def guessed_map(headings: Sequence[str], rows: Sequence[Sequence[Cell]] = ()) -> ColumnMap:
    """A map from the headings, and from the content of the first rows. Raises MapError when nothing is a guest, or a day."""
    by_key = headings_by_key(headings, _key)
    taken: set[str] = set()
    columns: dict[str, Column] = {}
    group = _guessed_group(headings)
    if group is not None:
        taken |= {key for column in group.columns.values() for key in _group_keys(group, column, by_key)}
    elif (parts := next((one for one in _PARTS if all(_key(part) in by_key for part in one)), None)) is not None:
        columns["date"] = Column(tuple(by_key[_key(part)] for part in parts), how=DATE, parts=("year", "month", "day"))
        taken |= {_key(part) for part in parts}

    def take(name: str, words: str) -> None:
        key = next((key for word in words.split() if (key := _key(word)) in by_key and key not in taken), None)
        if key is not None and name not in columns:
            columns[name] = Column((by_key[key],))
            taken.add(key)

    for name, words in _USUAL_GUEST.items():
        take(name, words)
    if counted := next((one for one in _PEOPLE if all(_key(part) in by_key for part in one)), None):
        columns["people"] = Column(tuple(by_key[_key(part)] for part in counted), how=SUM)
        taken |= {_key(part) for part in counted}
    for name, words in _USUAL.items():
        if group is None or name not in group.columns:
            take(name, words)
    codes = set(NoteCategory.objects.values_list("code", flat=True))
    for code, words in _USUAL_NOTES.items():
        if code in codes:
            take(f"{NOTES}.{code}", words)
    rest = [heading for heading in headings if _key(heading) not in taken]
    for name, column in suggest_map(rest, [name for name in GUEST_LABELS if name not in columns]).columns.items():
        columns[name] = column
    taken_headings = [heading for heading in headings if _key(heading) in taken]
    taken_headings += [heading for column in columns.values() for heading in column.headings]
    content = columns_of(headings, rows)
    wanted = [name for name in GUEST_LABELS if name not in columns]
    columns |= by_content(content, taken=taken_headings, wanted=wanted)
    if group is None and "date" not in columns:
        taken_headings += [heading for column in columns.values() for heading in column.headings]
        day = day_column(content, taken=taken_headings, today=timezone.localdate())
        if day is not None:
            columns["date"] = Column((day,))
    if "date" in columns and "year" not in columns and _sheets_are_years(headings, rows, columns["date"]):
        columns["year"] = Column((), how=SHEET)
    found = ColumnMap(columns, groups={VISITS: group} if group is not None else {})
    for field, is_there in (("name", {"name", "code"} & found.fields), ("date", group or "date" in columns)):
        if not is_there:
            raise MapError(
                _("no heading of the file is known as “%(field)s”; write a map, with it as one of: %(headings)s"),
                {"field": FIELD_LABELS[field], "headings": ", ".join(filter(None, headings))},
            )
    return checked(found)


def _sheets_are_years(headings: Sequence[str], rows: Sequence[Sequence[Cell]], date: Column) -> bool:
    """Whether days stand without their year, on sheets that are called by it: 2022年, R4, or a business year (2022年度)."""
    if date.how or SHEET_HEADING not in headings or date.headings[0] not in headings:
        return False
    at, sheet = headings.index(date.headings[0]), headings.index(SHEET_HEADING)
    bare = [row for row in rows if len(row) > sheet and _MONTH_AND_DAY.fullmatch(compare_key(str(row[at])))]
    return bool(bare) and all(_YEAR_OF_SHEET.fullmatch(compare_key(str(row[sheet]))) for row in bare)


def _guessed_group(headings: Sequence[str]) -> Group | None:
    """来店日1 人数1 来店日2 ...: the columns that stand several times with a day among them; None when there are none."""
    fields = {_key(word): name for name, words in _USUAL.items() for word in words.split()}
    repeated: dict[tuple[str, str], dict[str, set[str]]] = {}
    for heading in headings:
        match = _NUMBERED.fullmatch(compare_key(heading))
        if match is None:
            continue
        after = match["after"]
        kai = "回目" if after.startswith("回目") else ""
        base = match["before"] or after.removeprefix("回目")
        if not base or (match["before"] and after.removeprefix("回目")):
            continue
        pattern = ("{heading}", "{n}" + kai) if match["before"] else ("{n}" + kai, "{heading}")
        if "(" in compare_key(heading):
            pattern = ("{heading}", "({n})")
        repeated.setdefault(pattern, {}).setdefault(base, set()).add(match["number"])
    for pattern, bases in repeated.items():
        columns: dict[str, Column] = {}
        for base, numbers in bases.items():
            name = fields.get(_key(base))
            if name is not None and name not in columns and len(numbers) >= LEAST_REPEATS:
                columns[name] = Column((base,))
        if "date" in columns:
            return Group(columns, "".join(pattern))
    return _unnumbered_group(headings)


def _unnumbered_group(headings: Sequence[str]) -> Group | None:
    """来店日 人数 来店日 人数 ...: the same words again and again."""
    keys = [_key(heading) for heading in headings]
    columns = {}
    for name, words in _USUAL.items():
        for word in words.split():
            if keys.count(_key(word)) >= LEAST_REPEATS and name not in columns:
                columns[name] = Column((headings[keys.index(_key(word))],))
    return Group(columns, "{heading}") if "date" in columns else None


def _group_keys(group: Group, column: Column, by_key: Mapping[str, str]) -> set[str]:
    if not group.is_numbered:
        return {_key(heading) for heading in column.headings}
    spelled = (
        _key(one) for heading in column.headings for number in range(1, 100) for one in group.heading(heading, number)
    )
    return {key for key in spelled if key in by_key}


def _key(heading: str) -> str:
    return compare_key(heading).casefold().translate(dict.fromkeys(map(ord, "_-.・:*※"), None))


def mapped_fields(resolver: Resolver) -> set[str]:
    """The fields that the map fills in this file, those of its groups included."""
    of_groups = (name for repeats in resolver.groups.values() for one in repeats for name in one.indexes)
    return {*resolver.indexes, *resolver.constants, *of_groups}

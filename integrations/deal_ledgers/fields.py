"""The columns of a ledger of banquet inquiries with their log of contacts, and what their headings usually are."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_project.core.accounts.models import Venue
from crm_project.core.column_map import (
    PRODUCT,
    Column,
    ColumnMap,
    Group,
    MapError,
    headings_by_key,
    load_map,
    suggest_map,
)
from crm_project.core.tables import Cell
from crm_project.core.text import cell_text, compare_key
from integrations.ledgers.extras import ITEMS
from integrations.ledgers.fields import CANCELLED, MEANINGS, OPTIONS, check_guests_part
from integrations.ledgers.fields import FIELD_LABELS as GUEST_LABELS
from integrations.ledgers.guessing import by_content, columns_of

LOG: Final = "log"
LOG_LABELS: Final[dict[str, str | Promise]] = {
    "log_date": _("contact: day"),
    "log_who": _("contact: who"),
    "log_what": _("contact: what"),
}
DEAL_LABELS: Final[dict[str, str | Promise]] = {
    "title": _("event"),
    "date": _("date"),
    "year": _("year (of days without one)"),
    "people": pgettext_lazy("party size", "guests"),
    "amount": _("expected amount (tax and service excluded)"),
    "stage": _("stage"),
    "next_step": _("next step"),
    "next_step_on": _("next step on"),
    "owner": _("in charge"),
    "contact": _("asked by"),
    "asked_on": _("asked on"),
    "wants": _("what they want"),
    "why_lost": _("why lost"),
    "lost_to": _("who won"),
    "venue": _("venue"),
    **LOG_LABELS,
}
FIELD_LABELS: Final[dict[str, str | Promise]] = {**GUEST_LABELS, **DEAL_LABELS}
# In a group every field is one of a contact.
IN_GROUPS: Final = {"date": "log_date", "who": "log_who", "what": "log_what"}
SOMEBODY: Final = ("company", "name", "code", "contact")

_USUAL: Final[Mapping[str, str]] = {
    "title": (
        "宴会名 催事名 件名 案件名 案件 宴席名 会合名 イベント名 ご宴会名 行事名 内容 宴会内容 "
        "ご用件 用件 title event event_name deal subject"
    ),
    "date": "開催日 宴会日 実施日 ご利用日 利用日 開催予定日 希望日 ご希望日 予定日 日程 event_date date",
    "people": "人数 予定人数 ご人数 名数 people guests pax party_size",
    "amount": "見積金額 見込金額 見込み金額 予算 ご予算 予算総額 見積額 金額 amount budget estimate value",
    "stage": "状況 進捗 ステータス 段階 確度 状態 フェーズ stage status phase",
    "next_step": "次の一手 次回対応 次回アクション 次のアクション 今後の対応 対応予定 next_step next_action",
    "next_step_on": "次回連絡日 次回連絡 次回対応日 対応期限 期限 次回予定日 next_step_on due due_date",
    "owner": "営業担当 社内担当 当社担当 担当営業 担当者 担当 owner assigned_to",
    "contact": "先方担当 先方担当者 ご担当者 ご担当 御担当 窓口 幹事 幹事名 ご幹事 contact contact_person",
    "asked_on": "問い合わせ日 お問い合わせ日 問合せ日 問合日 受付日 引合日 初回連絡日 asked_on inquiry_date created",
    "wants": "要望 ご要望 希望 内容詳細 備考 摘要 メモ wants note notes remarks",
    "why_lost": "失注理由 見送り理由 敗因 loss_reason",
    "lost_to": "決定先 競合 競合先 他社 lost_to competitor",
    "venue": "店舗 店舗名 会場 venue",
    "log_date": "連絡日 対応日 接触日 訪問日 電話日 log_date contact_date",
    "log_who": "対応者 連絡者 記入者 log_who contacted_by",
    "log_what": "連絡内容 対応内容 対応履歴 連絡履歴 経過 経緯 やり取り 商談内容 log_what log history",
}  # fmt: skip

_FOR_EACH: Final = re.compile(
    r"(?:ご?予算|料理|コース)?\(?(?:お?一人様?|1人|1名様?)?(?:当たり|あたり)?(?:ご?予算)?(?:単価)\)?|(?:お?一人様|1名様)(?:ご)?予算"
)


def deal_map(text: str) -> ColumnMap:
    """The map of a ledger of inquiries, read from TOML; [groups.log] holds the contacts. Raises MapError."""
    columns = load_map(
        text,
        known_fields=FIELD_LABELS,
        required=(SOMEBODY,),
        known_groups={LOG: (*IN_GROUPS, *LOG_LABELS)},
        known_options=OPTIONS,
        meanings=(*MEANINGS, CANCELLED),
        column_tables=(ITEMS,),
    )
    return checked(columns)


def checked(columns: ColumnMap) -> ColumnMap:
    """The map with the log's fields under their own names. Raises MapError when the log stands twice."""
    groups = {
        name: Group({IN_GROUPS.get(field, field): column for field, column in group.columns.items()}, group.pattern)
        for name, group in columns.groups.items()
    }
    if groups and (twice := [name for name in LOG_LABELS if name in columns.columns]):
        raise MapError(
            _("“%(field)s” stands in [columns] and in [groups.log] of the map: keep one of them"), {"field": twice[0]}
        )
    columns = replace(columns, groups=groups)
    check_guests_part(columns)
    return columns


def guessed_map(headings: Sequence[str], rows: Sequence[Sequence[Cell]] = ()) -> ColumnMap:
    """A map from the headings, and from the content of the first rows. Raises MapError when nothing says who asks."""
    by_key = headings_by_key(headings, _key)
    group, taken = _log_group(headings)
    columns: dict[str, Column] = {}
    for name, words in _USUAL.items():
        if group is not None and name in LOG_LABELS:
            continue
        key = next((key for word in words.split() if (key := _key(word)) in by_key and key not in taken), None)
        if key is not None:
            columns[name] = Column((by_key[key],))
            taken.add(key)
    if "venue" in columns and rows and not _names_a_venue(columns["venue"].headings[0], headings, rows):
        # 会場 may be a room (鶴の間): no row is refused for it.
        taken.discard(_key(columns.pop("venue").headings[0]))
    if "amount" not in columns and "people" in columns:
        # What one person pays, times the people.
        each = next((by_key[key] for key in by_key if key not in taken and _FOR_EACH.fullmatch(key)), None)
        if each is not None:
            columns["amount"] = Column((each, *columns["people"].headings), how=PRODUCT)
            taken.add(_key(each))
    rest = [heading for heading in headings if _key(heading) not in taken]
    wanted = [name for name in GUEST_LABELS if name not in ("note", "staff", "since")]
    columns |= suggest_map(rest, wanted).columns
    taken_headings = [heading for heading in headings if _key(heading) in taken]
    taken_headings += [heading for column in columns.values() for heading in column.headings]
    missing = [name for name in ("company", "phone", "email", "postal_code", "address") if name not in columns]
    columns |= by_content(columns_of(headings, rows), taken=taken_headings, wanted=missing)
    found = ColumnMap(columns, groups={LOG: group} if group is not None else {})
    if not found.fields & set(SOMEBODY):
        raise MapError(
            _("no heading of the file is known as “%(field)s”; write a map, with it as one of: %(headings)s"),
            {"field": FIELD_LABELS["company"], "headings": ", ".join(filter(None, headings))},
        )
    return checked(found)


def _names_a_venue(heading: str, headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether a word below the heading is the name or code of a venue of the house."""
    at = headings.index(heading)
    words = {compare_key(cell_text(row[at])) for row in rows if at < len(row)}
    names = Venue.objects.values_list("name", "code")
    return any(compare_key(word) in words for venue in names for word in venue)


def _log_group(headings: Sequence[str]) -> tuple[Group | None, set[str]]:
    """連絡日1 連絡内容1 連絡日2 ...: the group, and the headings that are its."""
    columns: dict[str, Column] = {}
    taken: set[str] = set()
    keys = {_key(heading) for heading in headings}
    for name in LOG_LABELS:
        for word in _USUAL[name].split():
            spelled = {_key(f"{word}{number}") for number in range(1, 100)} & keys
            if len(spelled) > 1 and name not in columns:
                columns[name] = Column((word,))
                taken |= spelled | ({_key(word)} & keys)
    return (Group(columns), taken) if {"log_what", "log_date"} & columns.keys() else (None, set())


def _key(heading: str) -> str:
    return compare_key(heading).casefold().translate(dict.fromkeys(map(ord, "_-.・:*※"), None))

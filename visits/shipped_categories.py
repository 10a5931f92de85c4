"""The check sheet a new house starts with. Afterwards it is data: the house changes it on its own screen."""

from django.db import transaction

from visits.choices import NoteInput
from visits.models import NoteCategory

# code, name, purpose, entry, required, bad news
SHIPPED_CATEGORIES: tuple[tuple[str, str, str, str, bool, bool], ...] = (
    (
        "allergy_check",
        "着席時のアレルギー確認",
        "お席でお一人ずつ。前回からお変わりがないか、お料理の前に伺います",
        NoteInput.ALLERGY,
        True,
        False,
    ),
    (
        "requests",
        "ご要望",
        "次にお迎えするとき、言われる前にできるように（お席・温度・お飲み物・量）",
        NoteInput.STANDING,
        False,
        False,
    ),
    (
        "talk",
        "ご様子・会話",
        "お祝いごと、ご家族、次のご予定など。次のひと声の種になります",
        NoteInput.TEXT,
        False,
        False,
    ),
    (
        "complaint",
        "お叱り・不手際",
        "なければ「なし」。あればその場の対応まで。早く知るほど、早くお詫びできます",
        NoteInput.YES_NO,
        True,
        True,
    ),
    (
        "next_banquet",
        "次のご宴会のお話",
        "時期・人数・ご用向きを一言。営業がすぐご連絡します",
        NoteInput.YES_NO,
        False,
        False,
    ),
    ("menu_opinion", "献立の評判", "喜ばれた品、残された品と、そのときのお言葉", NoteInput.TEXT, False, False),
    ("handover", "申し送り", "次に係になる人へ（お迎えのしかた、お連れ様のこと）", NoteInput.STANDING, False, False),
    # Times, cars and gifts belong to one evening: a line that is never held for every visit.
    ("evening", "お時間・お車・お土産", "今回限りのこと。次のご来店には持ち越しません", NoteInput.TEXT, False, False),
    (
        "setting",
        "しつらい",
        "床の間のお花・お軸、お席の設え。次にお迎えするとき重ならないように",
        NoteInput.TEXT,
        False,
        False,
    ),
    ("tableware", "器", "お出しした器。次にお迎えするとき違う器でお出しできるように", NoteInput.TEXT, False, False),
)

# Shipped, and asked once the house puts them in use.
OPTIONAL = frozenset({"evening", "setting", "tableware"})

# Said at a host's table: told on that host's card alone.
TABLE_TALK = frozenset({"talk", "next_banquet"})


@transaction.atomic
def ensure_shipped_categories() -> None:
    """Make the first check sheet while the house has none."""
    if NoteCategory.objects.exists():
        return
    for position, (code, name, purpose, entry, is_required, is_bad_news) in enumerate(SHIPPED_CATEGORIES):
        NoteCategory.objects.create(
            code=code,
            name=name,
            purpose=purpose,
            entry=entry,
            is_required=is_required,
            is_bad_news=is_bad_news,
            position=position,
            is_table_talk=code in TABLE_TALK,
            is_active=code not in OPTIONAL,
        )

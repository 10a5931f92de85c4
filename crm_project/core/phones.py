"""The phone numbers of one cell as people wrote it: several in a row, each with its words (携帯, 会社, 内線12), or none (なし).

Pure functions. What one number's digits are, `text.phone_digits` says.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import phonenumbers

from crm_project.core.text import HYPHENS, fold, format_phone, nfkc, phone_digits, repair_phone, tidy

MOBILE, HOME, WORK, SECRETARY, FAX = "mobile", "home", "work", "secretary", "fax"


@dataclass(frozen=True, slots=True)
class WrittenPhone:
    """One number: the digits it is dialled by, how it stood there, whose it is ("" = not said), and what else was written."""

    digits: str
    number: str
    label: str = ""
    words: str = ""
    # A spreadsheet had taken its first 0.
    zero_is_back: bool = False


_KANJI_DIGITS = str.maketrans("〇○一二三四五六七八九", "00123456789")
_GROUP = re.compile(r"\d+", re.ASCII)
_LIGHT = re.compile(rf"[\s\-.,、()・ー{re.escape(HYPHENS)}]{{1,4}}")
_LINE = re.compile(r"[\n\r]")
# ①03-… ②090-…, 1) 03-… 2) 090-…: which number it is in the cell.
_COUNTED = re.compile(r"[\u2460-\u2473\u2776-\u277f]|(?:(?<=^)|(?<=\s))\(?[1-9][.)]\s*(?=[0+(]\d)")
_MOBILE: Final = ("20", "50", "60", "70", "80", "90")
# A gap between two numbers is cut here: what stands in front belongs to the one, what stands behind to the other.
_BETWEEN = re.compile(r"[/、,;|\n\r]|\s{2,}|(?<![a-z])or(?![a-z])|または|又は", re.IGNORECASE)
_BELONGS_BEHIND = re.compile(
    r"(?:\s*(?:\([^()\n]*\)|\[[^\[\]\n]*\]|(?:内線|内|ext\.?|x|#)\s*[:.]?\s*\d{1,7}|~\s*\d{1,4}))+", re.IGNORECASE
)
_LABELS: Final = (
    (FAX, re.compile(r"FAX|ファックス|ファクス|ファツクス", re.IGNORECASE)),
    (SECRETARY, re.compile(r"秘書|秘|secretary", re.IGNORECASE)),
    (MOBILE, re.compile(r"携帯|ケータイ|けいたい|スマホ|mobile|cell|(?<![A-Za-z])M(?![A-Za-z])", re.IGNORECASE)),
    (
        WORK,
        re.compile(
            r"会社|勤務先|勤め先|お?勤め|職場|事務所|オフィス|代表|直通|本社|支店|店舗?|病院|医院|部署|office|work|[(\[]\s*[勤会代]\s*[)\]]",
            re.IGNORECASE,
        ),
    ),
    (HOME, re.compile(r"ご?自宅|ご?実家|御宅|お宅|住居|home|宅|(?<![A-Za-z])H(?![A-Za-z])|家", re.IGNORECASE)),
)
# Words that say nothing but whose number it is, or that it is one.
_BARE_LABEL = re.compile(
    r"携帯(?:電話|番号)?|ケータイ|けいたい|スマホ|mobile|cell|ご?自宅|御宅|お宅|home|会社|勤務先|勤め先|お?勤め|職場|office|work|"
    r"(?:お?電話|連絡先)(?:番号)?|番号|tel(?:ephone)?|phone|℡|☎|☏|📞|📱|[宅勤携会](?=\s*[):\]：]|\s*$)|(?<![a-z])[TMH](?=[:.])",
    re.IGNORECASE,
)
_OUTER_SIGNS: Final = " \t\n\r:：;,、./|・()[]【】<>「」*＊"
# 03-5253-2111、2 / 03-5253-2111~3: the last digits of the next numbers.
_MORE_NUMBERS = re.compile(r"[/、,~]\s*\d{1,4}")
_NONE: Final = frozenset(
    map(
        fold,
        (
            *(
                "",
                "なし",
                "無し",
                "無",
                "ナシ",
                "ありません",
                "未登録",
                "未記入",
                "未",
                "none",
                "no",
                "n/a",
                "null",
                "x",
                "×",
            ),
            *(
                "不明",
                "非公開",
                "未確認",
                "未聴取",
                "わからない",
                "unknown",
                "?",
                "??",
                "電話なし",
                "電話無し",
                "固定なし",
                "携帯なし",
            ),
            *("非通知", "番号非通知", "tel", "携帯", "自宅", "会社", "―", "**", "*"),
        ),
    )
)
_BRACKET = re.compile(r"[()\[\]]")
_NOT_KNOWN = re.compile(r"不明|非公開|非通知|未登録|未記入|未確認")
_ONE_DIGIT_ONLY = re.compile(r"(\d)\1{6,}")


def says_no_number(written: str) -> bool:
    """Whether a cell says that there is no number: なし, 不明, 非公開, 000-0000-0000, a dash."""
    if fold(written) in _NONE:
        return True
    digits = "".join(_GROUP.findall(nfkc(written)))
    if not digits:
        return _NOT_KNOWN.search(written) is not None
    return _ONE_DIGIT_ONLY.fullmatch(digits) is not None and digits[0] in "09"


def read_phones(cell: str) -> list[WrittenPhone]:
    """The numbers of a cell in their order, each once; none for words without a number. See `says_no_number`."""
    text = nfkc(_COUNTED.sub("、", cell)).strip().strip("、").removeprefix("=").strip("\"'’").replace("〜", "~")
    if not any(char.isdigit() for char in text):
        text = text.translate(_KANJI_DIGITS)
    runs = _runs(text)
    large = [run for run in runs if len(run[2]) >= 9]
    if not large:
        digits = phone_digits(text)
        number = tidy(text)
        return [WrittenPhone(digits, number)] if digits else []
    edges = _edges(text, large)
    found: dict[str, WrittenPhone] = {}
    for (start, end, _digits), (head, tail) in zip(large, edges, strict=True):
        number = tidy(text[start:end])
        repaired, zero_is_back = repair_phone(number)
        digits = phone_digits(repaired)
        if digits and digits not in found:
            around = f"{head} {tail}"
            found[digits] = WrittenPhone(digits, repaired, _label(around), _words(head, tail), zero_is_back)
    return list(found.values())


def _runs(text: str) -> list[tuple[int, int, str]]:
    """Stretches of digits that may be one number: (start, end, digits)."""
    runs: list[tuple[int, int, str]] = []
    start = end = 0
    digits = ""
    plus = False
    for group in _GROUP.finditer(text):
        between = text[end : group.start()]
        if digits and _goes_on(digits, plus, between, group[0]):
            digits, end = digits + group[0], group.end()
            continue
        if digits:
            runs.append((start, end, digits))
        lead = re.search(r"[(+\s]*$", between)
        before = lead[0] if lead else ""
        plus = "+" in before
        start = group.start() - (len(before) - before.index("+") if plus else int(before.endswith("(")))
        digits, end = group[0], group.end()
    if digits:
        runs.append((start, end, digits))
    return runs


def _goes_on(digits: str, plus: bool, between: str, group: str) -> bool:
    """Whether the next digits belong to the number that has begun."""
    if not _LIGHT.fullmatch(between) or _is_whole(digits, plus):
        return False
    foreign = (plus and not digits.startswith("81")) or digits.startswith(("00", "010"))
    if group.startswith("0") and len(digits) >= 9 and not foreign:
        return False
    return not (foreign and (_LINE.search(between) or "、" in between or "," in between))


def _is_whole(digits: str, plus: bool) -> bool:
    """Whether the number has all its digits."""
    if plus or digits.startswith(("0081", "01081")):
        code, _found, national = digits.partition("81")
        if code.strip("01"):
            return False
        national = national.lstrip("0")
        return len(national) >= (10 if national.startswith(_MOBILE) else 9)
    if digits.startswith(("00", "010")):
        return False
    if digits.startswith("0"):
        return len(digits) >= (11 if digits[1:].startswith(_MOBILE) or digits.startswith("0800") else 10)
    return len(digits) >= (10 if digits.startswith(_MOBILE) else 9)


def _edges(text: str, runs: list[tuple[int, int, str]]) -> list[tuple[str, str]]:
    """For each number the words in front and behind that are its own."""
    first, last = text[: runs[0][0]], text[runs[-1][1] :]
    words_follow = not first.strip(_OUTER_SIGNS) and bool(last.strip(_OUTER_SIGNS))
    heads, tails = [first], []
    for one, other in pairwise(runs):
        behind, before = _cut(text[one[1] : other[0]], words_follow=words_follow)
        tails.append(behind)
        heads.append(before)
    tails.append(last)
    return list(zip(heads, tails, strict=True))


def _cut(gap: str, *, words_follow: bool) -> tuple[str, str]:
    """A gap between two numbers as the words of the first and those of the second."""
    own = _BELONGS_BEHIND.match(gap)
    at = own.end() if own else 0
    cut = _BETWEEN.search(gap, at)
    if cut:
        return gap[: cut.start()], gap[cut.end() :]
    return (gap, "") if words_follow else (gap[:at], gap[at:])


def _label(words: str) -> str:
    return next((label for label, form in _LABELS if form.search(words)), "")


def _words(head: str, tail: str) -> str:
    """What is written about a number beyond whose it is."""
    bare = [tidy(_BRACKET.sub(" ", _BARE_LABEL.sub(" ", part))) for part in (head, tail)]
    kept = [part if _MORE_NUMBERS.match(part) else part.strip(_OUTER_SIGNS) for part in bare]
    return " ".join(filter(None, kept))


# --- one number, as it goes out of the house ----------------------------------------------------------------------------


def international(digits: str) -> str:
    """Digits as the house keeps them, in the form other systems take: a number abroad gets its +, one of Japan its 0."""
    if digits.startswith("00"):
        abroad = f"+{digits[2:]}"
        return abroad if _is_valid(abroad) else digits
    return digits if digits.startswith("0") or len(digits) < 9 else f"+{digits}"


def _is_valid(number: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return False


def exchange_is_possible(digits: str) -> bool:
    """Whether what follows the area code of a number of Japan begins with 2 to 9, as every exchange does."""
    if len(digits) != 10 or digits.startswith(("0120", "0570", "0800", "0990", "050")):
        return True
    groups = format_phone(digits).split("-")
    return len(groups) != 3 or groups[1][:1] not in ("0", "1")

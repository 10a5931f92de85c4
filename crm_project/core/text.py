"""Names, kana, phone numbers and codes: what is kept as written, and the keys by which the same thing is recognised.

Pure functions. A *key* (`fold`, `company_key`, `reading_key` ...) is for searching and comparing only and is never shown.
"""

import datetime
import re
import unicodedata
from functools import lru_cache

import phonenumbers

from crm_project.core.kanji_variants import KEY_FORMS

_DETACHED_VOICING = str.maketrans({"゛": "\u3099", "゜": "\u309a"})
HYPHENS = "-‐‑‒–—―−﹘﹣⁃─━~〜∼"
_SMALL_KANA = dict(
    zip(
        "ァィゥェォッャュョヮヵヶㇷㇰㇱㇲㇳㇴㇵㇶㇸㇹㇺㇻㇼㇽㇾㇿ",
        "アイウエオツヤユヨワカケフクシストヌハヒヘホムラリルレロ",
        strict=True,
    )
)
_OLD_KANA = {"ヰ": "イ", "ヱ": "エ"}
_HIRAGANA = [*range(0x3041, 0x3097), 0x309D, 0x309E]
_TO_KATAKANA = {code: code + 0x60 for code in _HIRAGANA}
_TO_HIRAGANA = {code + 0x60: code for code in _HIRAGANA}


def nfkc(text: str) -> str:
    """One width for everything (ﾀﾅｶ, Ａ１, ㈱ -> タナカ, A1, (株)); voicing marks that stand alone (カ゛) join their kana."""
    if "゛" in text or "゜" in text:
        text = text.translate(_DETACHED_VOICING)
    return unicodedata.normalize("NFKC", text)


def to_katakana(text: str) -> str:
    """Kana of any width as full-width katakana; everything else as NFKC has it."""
    return nfkc(text).translate(_TO_KATAKANA)


def to_hiragana(text: str) -> str:
    """Kana of any width as hiragana; ヷ-like signs without a hiragana stay."""
    return nfkc(text).translate(_TO_HIRAGANA)


class _FoldTable(dict[int, int | str | None]):
    """What each code point becomes in a search key, filled as characters are met (a miss costs once)."""

    def __missing__(self, code: int) -> int | str | None:
        self[code] = value = self._folded(chr(code))
        return value

    @staticmethod
    def _folded(char: str) -> str | None:
        code = ord(char)
        char = chr(_TO_KATAKANA.get(code, code))
        if char in HYPHENS or char in "ー・･·゠'’‘`\u3099\u309a" or char.isspace():
            return None
        if 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF or unicodedata.category(char) in ("Cc", "Cf", "Cs"):
            return None
        char = _SMALL_KANA.get(char, char)
        return _OLD_KANA.get(char) or KEY_FORMS.get(ord(char)) or char


_FOLD = _FoldTable()


def fold(text: str) -> str:
    """Search key: one width and case, katakana, no spaces, hyphens, middle dots or long vowels, big kana, one kanji per family.

    髙橋・ジョー and 高橋 じょお differ only where a person would say they differ; "" for blanks.
    """
    return nfkc(text).casefold().translate(_FOLD)


def grams(folded: str) -> str:
    """The different 1- and 2-grams of a folded text, joined by spaces; none crosses a space of the text."""
    found: dict[str, None] = {}
    for word in folded.split():
        found.update(dict.fromkeys(word))
        found.update(dict.fromkeys(map(str.__add__, word, word[1:])))
    return " ".join(found)


def needed_grams(folded_query: str) -> list[str]:
    """The grams a text must have to contain the query: its 2-grams, or the one character."""
    if len(folded_query) < 2:
        return [folded_query] if folded_query else []
    return list(dict.fromkeys(map(str.__add__, folded_query, folded_query[1:])))


# --- readings ---------------------------------------------------------------------------------------------------------


def _romaji_table() -> dict[str, str]:
    """Every romaji syllable of Hepburn and Kunrei, and its katakana."""
    rows = {
        "": "アイウエオ", "k": "カキクケコ", "s": "サシスセソ", "t": "タチツテト", "n": "ナニヌネノ", "h": "ハヒフヘホ",
        "m": "マミムメモ", "r": "ラリルレロ", "l": "ラリルレロ", "g": "ガギグゲゴ", "z": "ザジズゼゾ", "d": "ダヂヅデド",
        "b": "バビブベボ", "p": "パピプペポ",
    }  # fmt: skip
    table = {
        consonant + vowel: kana for consonant, row in rows.items() for vowel, kana in zip("aiueo", row, strict=True)
    }
    contracted = {
        "ky": "キ", "gy": "ギ", "sy": "シ", "sh": "シ", "zy": "ジ", "jy": "ジ", "j": "ジ", "ty": "チ", "ch": "チ", "cy": "チ",
        "dy": "ヂ", "ny": "ニ", "hy": "ヒ", "by": "ビ", "py": "ピ", "my": "ミ", "ry": "リ", "ly": "リ",
    }  # fmt: skip
    for start, kana in contracted.items():
        table |= {start + vowel: kana + small for vowel, small in zip("auoe", "ャュョェ", strict=True)}
    table |= {
        "shi": "シ",
        "chi": "チ",
        "ji": "ジ",
        "tsu": "ツ",
        "fu": "フ",
        "ya": "ヤ",
        "yu": "ユ",
        "yo": "ヨ",
        "wa": "ワ",
        "wo": "ヲ",
    }
    table |= {"fa": "ファ", "fi": "フィ", "fe": "フェ", "fo": "フォ"}
    table |= {"va": "ヴァ", "vi": "ヴィ", "vu": "ヴ", "ve": "ヴェ", "vo": "ヴォ"}
    return table | {"n'": "ン", "n": "ン"}


_ROMAJI = _romaji_table()
_ROMAJI_TEXT = re.compile(r"[a-zāīūēōâîûêô'’\- ]+")
_MACRONS = {
    ord(long): short for long, short in zip("āīūēōâîûêô’", "aa ii uu ee ou aa ii uu ee ou '".split(), strict=True)
}
_LONG_OH = re.compile(r"oh(?![aiueoy])")
_N_BEFORE_LIPS = re.compile(r"m(?=[bmp])")
_DOUBLED = re.compile(r"([bcdfgjkprstz])(?=\1)|t(?=ch)")


def kana_from_romaji(text: str) -> str:
    """Katakana of a name typed in Latin letters (Hepburn or Kunrei): takahashi -> タカハシ, ohno -> オオノ.

    "" when the text is not romaji. Long vowels that romaji leaves out (sato) stay out: compare by `reading_key`.
    """
    word = unicodedata.normalize("NFKC", text).casefold().strip()
    if not word or not _ROMAJI_TEXT.fullmatch(word):
        return ""
    word = _LONG_OH.sub("oo", word.translate(_MACRONS))
    word = _DOUBLED.sub("ッ", _N_BEFORE_LIPS.sub("n", word))
    kana: list[str] = []
    position = 0
    while position < len(word):
        if word[position] in "ッ -":
            kana.append({"-": ""}.get(word[position], word[position]))
            position += 1
            continue
        for length in (3, 2, 1):
            syllable = _ROMAJI.get(word[position : position + length])
            if syllable:
                kana.append(syllable)
                position += length
                break
        else:
            return ""
    return "".join(kana)


_O_ROW = "オコソトノホモヨロゴゾドボポ"
_U_ROW = "ウクスツヌフムユルグズブプヴ"
_LONG_VOWEL = re.compile(f"(?<=[{_O_ROW}])[ウオ]+|(?<=[{_U_ROW}])ウ+")
_N_VOWEL = {
    "ンア": "ナ",
    "ンイ": "ニ",
    "ンウ": "ヌ",
    "ンエ": "ネ",
    "ンオ": "ノ",
    "ンヤ": "ニヤ",
    "ンユ": "ニユ",
    "ンヨ": "ニヨ",
}
_N_BEFORE_VOWEL = re.compile("ン[アイウエオヤユヨ]")
_SAME_SOUND = str.maketrans("ヂヅヲ", "ジズオ")


def reading_key(text: str) -> str:
    """Key of a reading, the same for kana and romaji: サトウ ユウコ, さとうゆうこ and sato yuko all give サトユコ.

    Looser than `fold` (小野 and 大野 meet): for searches typed in Latin letters, beside the exact key.
    """
    folded = fold(kana_from_romaji(text) or text).translate(_SAME_SOUND)
    return _LONG_VOWEL.sub("", _N_BEFORE_VOWEL.sub(lambda match: _N_VOWEL[match[0]], folded))


# --- names and companies ----------------------------------------------------------------------------------------------

_LEGAL_FORMS = (
    "株式会社|有限会社|合同会社|合資会社|合名会社|相互会社|(?:社会)?医療法人(?:社団|財団)?|学校法人|社会福祉法人|宗教法人|"
    "(?:一般|公益|特例)?(?:社団|財団)法人|特定非営利活動法人|npo法人|税理士法人|弁護士法人|司法書士法人|監査法人|"
    "(?:地方)?独立行政法人|国立大学法人|農事組合法人|カブシキ[カガ]イシヤ|ユウゲン[カガ]イシヤ|ゴウドウ[カガ]イシヤ|ゴウシ[カガ]イシヤ|"
    "ゴウメイ[カガ]イシヤ|イリヨウホウジン(?:シヤダン|ザイダン)?|ガツコウホウジン|シヤカイフクシホウジン"
)
_SHORT_FORMS = "株|有|同|資|名|医|学|福|宗|社|財|一社|一財|公社|公財|特非|税|弁"
_BANK_FORMS = "カ|ユ|ド|シ|メ|イ|ガク|フク|シユウ|シヤ|ザイ|トクヒ"
_FORM_IN_FRONT = re.compile(rf"^(?:{_LEGAL_FORMS}|\((?:{_SHORT_FORMS})\)|\(?(?:{_BANK_FORMS})\))[\s,.・]*")
_FORM_BEHIND = re.compile(
    rf"[\s,.・]*(?:{_LEGAL_FORMS}|\((?:{_SHORT_FORMS})\)|\((?:{_BANK_FORMS})\)?|"
    r"(?<![a-z])(?:co\.?\s*,?\s*ltd\.?|company\s*,?\s*limited|k\.?k\.?|g\.k\.|inc\.?|corp\.?|corporation|ltd\.?|limited|l\.?l\.?c\.?|"
    r"gmbh|plc))$"
)
_HONORIFIC = re.compile(r"(?<=..)\s*(?:様|サマ|御中|(?<=\s)(?:殿|先生|サン|氏))$")
_KEY_KANA = {ord(small): big for small, big in _SMALL_KANA.items()}


def company_key(text: str) -> str:
    """Search key of a company without its legal form (株式会社, ㈱, カ), Co., Ltd.) in front or behind, without 御中 or 様."""
    name = to_katakana(text).casefold().translate(_KEY_KANA).strip()
    name = _HONORIFIC.sub("", name)
    for _round in range(3):
        shorter = _FORM_BEHIND.sub("", _FORM_IN_FRONT.sub("", name))
        if shorter == name or not fold(shorter):
            break
        name = shorter
    return fold(name)


def without_honorific(text: str) -> str:
    """A person's name in one width and katakana, without an honorific (様, 先生 after a space) behind."""
    return _HONORIFIC.sub("", to_katakana(text).strip())


def person_key(text: str) -> str:
    """Search key of a person, without an honorific behind."""
    return fold(without_honorific(text))


def tidy(text: str, *, lines: bool = False) -> str:
    """The text as written, without outer blanks, control and invisible characters; runs of blanks become one space.

    Variant kanji and their selectors stay. With `lines`, line breaks stay too (notes).
    """
    if lines:
        return "\n".join(tidy(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip("\n")
    text = " ".join(text.split())
    if text.isprintable():
        return text
    return " ".join("".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cf", "Cs")).split())


def tidy_kana(text: str) -> str:
    """A reading as it is stored: tidy, full-width katakana, a hyphen behind kana as a long vowel."""
    return re.sub(rf"(?<=[ァ-ヺ])[{re.escape(HYPHENS)}]", "ー", tidy(to_katakana(text)))


def compare_key(text: str) -> str:
    """One width and no blanks at all: two cells with the same key hold the same value."""
    return "".join(nfkc(text).split())


# --- cells, codes -----------------------------------------------------------------------------------------------------


def cell_text(value: object) -> str:
    """A cell of a spreadsheet as text: 60.0 -> "60", dates as 2026-10-03 (with a time when there is one), None -> ""."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
    return str(value)


_WHOLE_FLOAT = re.compile(r"(\d+)\.0+")


def code_text(value: object) -> str:
    """The code in a cell: 13085.0 and "13085.0" are 13085, "0012" keeps its zeros, full-width is narrowed; "" for blanks."""
    text = tidy(nfkc(cell_text(value)))
    whole = _WHOLE_FLOAT.fullmatch(text)
    return whole[1] if whole else text


def postal_code(value: object) -> str:
    """Seven digits, or "" when it is not a Japanese postal code. A number gets back the zeros a spreadsheet took."""
    if isinstance(value, int | float) and 10_000 <= value <= 9_999_999:
        return f"{int(value):07d}"
    match = re.fullmatch(r"〒?(\d{3})(\d{4})", compare_key(cell_text(value)).translate(_WITHOUT_HYPHENS))
    return match[1] + match[2] if match else ""


# --- phone numbers ----------------------------------------------------------------------------------------------------

_WITHOUT_HYPHENS = {ord(char): None for char in HYPHENS + "ー"}
_KANJI_DIGITS = str.maketrans("〇一二三四五六七八九", "0123456789")
_EXTENSION = re.compile(r"内線|\(?内(?=\d)|ext\.?|\bx(?=\d)|(?<=\d)\s*#", re.IGNORECASE)
# 03-5253-2111（456号室呼出）: the digits of words in brackets are none of the number's.
_WORDS_BEHIND = re.compile(r"(?<=[0-9])\s*\([^()]*[^\W\d_][^()]*\)?")
_NOT_DIGITS = re.compile(r"[^0-9]")
_MOBILE_OR_IP = ("20", "50", "60", "70", "80", "90")


def phone_digits(text: str) -> str:
    """The digits of one number in any width: +81 and 0081 become 0, an extension (内線) is left out, "" for a blank.

    A foreign number keeps its country code and starts without 0.
    """
    number = nfkc(text).strip()
    if not number:
        return ""
    number = _WORDS_BEHIND.split(_EXTENSION.split(number, maxsplit=1)[0], maxsplit=1)[0]
    if not any(char.isdigit() for char in number):
        number = number.translate(_KANJI_DIGITS)
    digits = _NOT_DIGITS.sub("", number)
    if number.startswith(("+81", "(+81")) or (digits.startswith("81") and len(digits) in (11, 12, 13)):
        return "0" + digits.removeprefix("81").lstrip("0")
    if digits.startswith(("0081", "01081")) and len(digits) >= 13:
        return "0" + digits.partition("81")[2].lstrip("0")
    # Dialled from Japan: 010 and the code of the country.
    return digits[3:] if digits.startswith("010") and len(digits) >= 12 else digits


def repair_phone(value: object) -> tuple[str, bool]:
    """The number in a cell as text, and whether the 0 that a spreadsheet took was put back (9012345678.0 -> 09012345678)."""
    text = tidy(cell_text(value))
    number = code_text(text)
    digits = _NOT_DIGITS.sub("", number)
    lost = not number.startswith("+") and (
        (len(digits) == 9 and digits[0] != "0") or (len(digits) == 10 and digits.startswith(_MOBILE_OR_IP))
    )
    return ("0" + number, True) if lost else (number if _WHOLE_FLOAT.fullmatch(text) else text, False)


def dialled(digits: str) -> str:
    """What a telephone dials for the digits of a number: a foreign one has a plus in front."""
    return digits if digits.startswith("0") or len(digits) < 10 else f"+{digits}"


@lru_cache(maxsize=4096)
def format_phone(digits: str) -> str:
    """Digits as people write them: 090-1234-5678, 03-1234-5678, 0120-123-456, +44 20 7946 0018; unknown ones as they are."""
    if digits.startswith("0"):
        if not 10 <= len(digits) <= 11:
            return digits
        written, region, style = digits, "JP", phonenumbers.PhoneNumberFormat.NATIONAL
    elif len(digits) >= 10:
        written, region, style = "+" + digits, None, phonenumbers.PhoneNumberFormat.INTERNATIONAL
    else:
        return digits
    try:
        found = phonenumbers.format_number(phonenumbers.parse(written, region), style)
    except phonenumbers.NumberParseException:
        return digits
    # Of a number that cannot be (090 and seven more) the library leaves the 0 out.
    return found if found.startswith("+") or _NOT_DIGITS.sub("", found) == digits else digits


def phone_tail(digits: str) -> str:
    """The last four digits, by which staff look a guest up; "" for shorter ones."""
    return digits[-4:] if len(digits) >= 4 else ""


_BETWEEN_PHONES = re.compile(r"([/、，,;；|\n\r]|\s+(?:or|または|又は)\s+|\s{2,})")
_PHONE_IN_BRACKETS = re.compile(r"(?<=\d)\s*\(([+\d][\d\-\s]{8,})\)")


def split_phones(text: str) -> list[str]:
    """The numbers written in one cell, each as written; a piece without nine digits stays with its neighbour."""
    pieces = _BETWEEN_PHONES.split(_PHONE_IN_BRACKETS.sub(r"\n\1", nfkc(text)))
    numbers: list[str] = []
    for separator, piece in zip(["", *pieces[1::2]], pieces[::2], strict=True):
        if not piece.strip():
            continue
        if numbers and (len(phone_digits(piece)) < 9 or len(phone_digits(numbers[-1])) < 9):
            numbers[-1] += separator + piece
        else:
            numbers.append(piece)
    return [tidy(number) for number in numbers]

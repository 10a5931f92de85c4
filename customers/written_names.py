"""The people of one cell of a ledger: names without furigana and honorifics, which have fields of their own.

Pure functions. 山田太郎（やまだたろう）様 is 山田太郎, read ヤマダタロウ, addressed 様; 山田太郎・花子ご夫妻 are two.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from crm_project.core import text
from customers import normalising
from customers.names import has_legal_form


@dataclass(frozen=True, slots=True)
class WrittenName:
    """One person, or one house: a name as it is kept, its reading in katakana, and how it was addressed (様, 先生 ...)."""

    name: str
    kana: str = ""
    honorific: str = ""
    # The name of before a marriage, 旧姓 beside the name.
    former: str = ""


@dataclass(frozen=True, slots=True)
class WrittenNames:
    """Everybody whom a cell names."""

    first: WrittenName
    others: tuple[WrittenName, ...] = ()
    # The word that makes them more than one (ご夫妻, ご家族, 他3名); "" when there is none.
    together: str = ""
    # The others share the first one's family name, or are called his family.
    is_family: bool = False

    @property
    def is_couple(self) -> bool:
        """Whether they are husband and wife."""
        return "夫" in self.together

    @property
    def is_plain(self) -> bool:
        """Whether the cell holds one bare name."""
        first = self.first
        return not (self.others or self.together or first.kana or first.honorific or first.former)


_BRACKETS = re.compile(
    r"\s*[(（\[［〔【《〈<＜]\s*([^()（）\[\]［］〔〕【】《》〈〉<>＜＞]+?)\s*[)）\]］〕】》〉>＞]\s*"
)
_KANA = re.compile(r"[\u3041-\u3096\u309d\u309eァ-ヺーｦ-ﾟ゛゜・･\s\u3099\u309a-]+")
_KATAKANA_OR_LATIN = re.compile(r"[ァ-ヺー・･ｦ-ﾟ\sA-Za-zÀ-ɏ.'’\-]+")
_KANJI: Final = r"\u3400-\u9fff々〆\uf900-\ufaff\U00020000-\U0003ffff"
_HAS_KANJI = re.compile(f"[{_KANJI}]")
# A person's name and nothing else: kanji and kana, at most one space.
_PERSONAL = re.compile(rf"[{_KANJI}\u3041-\u3096ァ-ヺーヶ]{{1,8}}(?: [{_KANJI}\u3041-\u3096ァ-ヺーヶ]{{1,8}})?")
_TOGETHER = re.compile(
    r"\s*((?:ご|御)(?:夫妻|夫婦|家族|一家|一行|兄弟|姉妹|親子)|夫妻|夫婦|[(（]?(?:他|外|ほか)\s*[\d０-９一二三四五六七八九十]+\s*[名人][)）]?|"
    rf"(?<=[様{_KANJI}])ほか|(?<=様)\s*(?:奥様|奥さま|令夫人|お連れ様|ご同伴者?様?|ご主人様?)|(?<=\s)(?:他|外|奥様|奥さま|令夫人))$"
)
_HONORIFICS = re.compile(
    rf"(?<=..)(?<![奥嬢れ])\s*(様|さま|サマ|御中|先生)$|(?<=.)\s+(殿|さん|サン|氏|君)$|(?<=...)(殿)$|"
    rf"(?<=[{_KANJI}][{_KANJI}])(さん|氏)$|(?<=[{_KANJI}]{{4}})(君|くん|クン|ちゃん)$"
)
# Mr. John Smith: before a name in Latin letters.
_LATIN_HONORIFIC = re.compile(r"^(?:Mr|Mrs|Ms|Dr|Prof)\.?\s+(?=[A-ZÀ-Þ])")
# 山田花子（旧姓：佐藤）, 山田（旧姓・佐藤）花子, 山田花子 旧姓佐藤.
_FORMER = re.compile(
    rf"\s*[(（\[［]\s*旧(?:姓|氏)?\s*[:：・]?\s*([{_KANJI}\u3041-\u3096ァ-ヺー]{{1,10}})\s*[)）\]］]\s*|"
    rf"\s+旧姓\s*[:：・]?\s*([{_KANJI}\u3041-\u3096ァ-ヺー]{{1,10}})$"
)
# ・山田太郎, ①山田太郎, 1.山田太郎: it stood in a list.
_IN_A_LIST = re.compile(rf"^(?:[・･●]\s*|[\u2460-\u2473]\s*|\d{{1,3}}[.．)）]\s*)(?=[{_KANJI}]{{2}})")
_AT_THE_END = re.compile(rf"(?<=[{_KANJI}][{_KANJI}])[、,，]+$")
# 山田太郎／ヤマダタロウ
_READING_BESIDE = re.compile(rf"^([{_KANJI}][{_KANJI} ]*)\s*[/／|｜]\s*([\u3041-\u3096ァ-ヺー\s]+)$")
_BETWEEN_ADDRESSED = re.compile(r"(?<=様)\s+|(?<=さん)\s+|(?<=先生)\s+")
# 故 山田太郎, 故山田太郎, (故)山田太郎, 山田太郎（逝去）: nobody must write to them.
_DECEASED = re.compile(
    rf"^\s*(?:[(（]\s*故\s*[)）]\s*|故\s+|故(?=[{_KANJI}]{{3}}))(?=..)|(?<=..)\s*[(（]\s*(?:故人?|(?:ご|御)?逝去|死去|死亡|没)\s*[)）]"
)
_TO_A_HOUSE = re.compile(r"(?<=..)\s*(御中|様)$")
_READING_BEHIND = re.compile(r"(?<=..)\s*[(（]([^()（）]{2,})[)）]$")
_BETWEEN = re.compile(r"\s*[、,，/／;；&＆\n\r]\s*")
_MIDDLE_DOT = re.compile(r"\s*[・･]\s*")
_AND = re.compile(rf"(?<=[{_KANJI}])\s*と\s*(?=[{_KANJI}])")
# Who is meant in brackets behind a name: it is not the name's.
_KIN = re.compile(
    r"\s*[(（]\s*(?:ご?主人|夫|妻|奥様|令夫人|ご?令室|父|母|息子|娘|長男|次男|三男|長女|次女|三女|子|兄|弟|姉|妹|孫|ご?本人)\s*様?\s*[)）]"
)
_NICKNAME = re.compile(r"(?:ちゃん|チャン|くん|クン|さん|サン)$")
# Okurigana between two kanji are those of a thing (旬の菜, 旨い酒), but for の, ノ and their like in 木の下, 井ノ上.
_OKURIGANA = re.compile(rf"[{_KANJI}][\u3041-\u306d\u306f-\u3096]+[{_KANJI}]")
_LONGEST_PART, _LONGEST_UNDIVIDED = 4, 6
# What ends so is a house: 山田商店・本店 are no couple.
_HOUSE = re.compile(
    r"(?:店|屋|商会|会社|組合|事務所|ホテル|旅館|寿司|鮨|焼|焼肉|喫茶|酒場|料理|うどん|そば|寺|神社|大学|学校|病院|医院|協会|クラブ|クリニック|センター|サロン|スタジオ|ストア|"
    r"マート|工業|建設|[部課科館亭荘園院局署所社会堂庵寮組])$"
)
# 郷土料理 サヌキウドン is a house.
_TRADE = re.compile(f"料理|食堂|喫茶|酒|中華|美容|理容|旅館|民宿|温泉|商店|工房|食品|専門|牧場|農園|{_HOUSE.pattern}")
_UNDIVIDED = re.compile(f"[{_KANJI}]{{3,5}}")
_NOT_KNOWN: Final = frozenset(
    map(text.fold, "不明 非公開 なし 無し 氏名不明 名前不明 匿名 匿名希望 未定 空欄 (空欄) ? - 未記入".split())
)
_LONG_FAMILY_NAMES: Final = frozenset(
    "佐々木 長谷川 五十嵐 久保田 大久保 小笠原 宇都宮 長谷部 佐久間 小野寺 小野田 大河内 勅使河原 日下部 東海林 小早川 "
    "西大寺 五味川 波多野 曽我部 久保寺 加賀谷 宇佐美 宇田川 海老原 海老名 小田切 小山内 阿久津 大河原 我孫子 伊集院 "
    "三田村 多々良 安孫子 木佐貫 久米田 小泉川 志賀野 曽根田 竹之内 池之上 井之上 山之内 堀之内 竹ノ内 木ノ下 久保木".split()
)
_SHORT_FAMILY_NAMES: Final = frozenset("林森原関東西南北辻堀岡谷泉牧星楠菅畑榊柳梶柴桂岸島沖秦乾都壇")
_ENDS_OF_GIVEN_NAMES: Final = ("子", "美", "代", "江", "香", "郎", "助", "介")
_LONG_GIVEN_NAMES: Final = ("太郎", "次郎", "二郎", "三郎", "一郎", "之助", "之介", "之進", "史郎", "士郎", "四郎")


def says_no_name(written: str) -> bool:
    """Whether a cell says that the name is not known: 不明, 匿名, a dash; a blank says nothing at all."""
    return bool(written.strip()) and text.fold(written) in _NOT_KNOWN


def without_deceased(written: str) -> tuple[str, bool]:
    """A cell without 故 in front or （逝去） behind, and whether it says that the person is dead."""
    bare = _DECEASED.sub("", written)
    return bare, bare != written


def read_names(written: str) -> WrittenNames:
    """Whom a cell names. What cannot be told apart surely stays one name, as written; "" for a blank."""
    lines = _reading_on_its_own_line(written)
    bare, kana = lines or (written, "")
    if lines is None and "\n" in written.strip() and has_legal_form(written):
        bare = " ".join(written.split())
    tidy = normalising.one_width(text.tidy(bare, lines=True)).strip()
    tidy = _IN_A_LIST.sub("", _AT_THE_END.sub("", tidy))
    if has_legal_form(_BRACKETS.sub(" ", tidy)) or has_legal_form(tidy):
        return WrittenNames(_house(" ".join(tidy.split()), kana))
    if beside := _reading_beside(tidy):
        tidy, kana = beside
    pieces = _pieces(tidy)
    if pieces is None:
        one, together = _one(tidy, kana)
        return WrittenNames(one, (), together)
    last, together = _without_together(pieces[-1])
    people = [_one(piece, "")[0] for piece in (*pieces[:-1], last)]
    honorific = people[-1].honorific
    first = people[0]
    if kana:
        first = replace(first, kana=kana)
    family = _family_name(first.name)
    others = [_with_family(other, family, first.name) for other in people[1:]]
    first = replace(first, honorific=first.honorific or honorific)
    is_family = bool(together) or (bool(family) and all(other.name.startswith(family) for other in others))
    return WrittenNames(first, tuple(others), together, is_family)


def _reading_on_its_own_line(written: str) -> tuple[str, str] | None:
    """The name and the reading of a cell of two lines, one of them in kana; None for other cells."""
    lines = [text.tidy(line) for line in written.splitlines() if line.strip()]
    if len(lines) != 2:
        return None
    for name, reading in (lines, lines[::-1]):
        if _KANA.fullmatch(reading) and _HAS_KANJI.search(name):
            return name, text.tidy_kana(_HONORIFICS.sub("", reading))
    return None


def _reading_beside(tidy: str) -> tuple[str, str] | None:
    """Name and reading of 山田太郎／ヤマダタロウ; None where the kana are too few for a reading: 山田太郎／はなこ are two."""
    match = _READING_BESIDE.match(tidy)
    if match is None:
        return None
    signs, kana = len("".join(match[1].split())), len("".join(match[2].split()))
    return (match[1].strip(), text.tidy_kana(match[2])) if kana > signs and (kana >= 5 or signs <= 2) else None


def _one(written: str, kana: str) -> tuple[WrittenName, str]:
    """One person of a piece, and the word that says there are more."""
    former = ""
    if match := _FORMER.search(written):
        former = next(filter(None, match.groups()))
        written = f"{written[: match.start()]}{written[match.end() :]}"
    title = _LATIN_HONORIFIC.match(written)
    if title:
        written = written[title.end() :]
    bare, together = _without_together(" ".join(_KIN.sub("", written).split()))
    bare, honorific = _without_honorific(bare)
    if title and not honorific:
        honorific = title[0].strip()
    bare, inside = _without_reading(bare)
    # 山田太郎様（やまだたろう） has it in front of the brackets.
    bare, more = _without_honorific(bare)
    if not together:
        bare, together = _without_together(bare)
    return WrittenName(bare, kana or inside, honorific or more, former), together


def _house(written: str, kana: str) -> WrittenName:
    """A company: 株式会社サン is not addressed さん, nor is what stands behind its form a reading."""
    match = _TO_A_HOUSE.search(written)
    bare, honorific = (written[: match.start()].rstrip(), match[1]) if match else (written, "")
    behind = _READING_BEHIND.search(bare)
    if behind and _KANA.fullmatch(behind[1]):
        return WrittenName(bare[: behind.start()].rstrip(), kana or text.tidy_kana(behind[1]), honorific)
    return WrittenName(bare, kana, honorific)


def _without_together(written: str) -> tuple[str, str]:
    bare, honorific = _without_honorific(written)
    match = _TOGETHER.search(bare)
    if match is None or not bare[: match.start()].strip():
        return written, ""
    return f"{bare[: match.start()].rstrip()}{honorific}", match[1].strip("()（）")


def _without_honorific(written: str) -> tuple[str, str]:
    match = _HONORIFICS.search(written)
    if match is None:
        return written, ""
    word = next(filter(None, match.groups()))
    bare = written[: match.start()].rstrip()
    return (bare, {"さま": "様", "サマ": "様", "サン": "さん"}.get(word, word)) if bare else (written, "")


def _without_reading(written: str) -> tuple[str, str]:
    """The name without the reading in brackets behind it; 王（ワン）is read so, 山田（旧姓佐藤） is left as it is."""
    readings = list(_BRACKETS.finditer(written))
    if len(readings) > 1 and all(_KANA.fullmatch(match[1]) for match in readings):
        # 山田(やまだ)太郎(たろう)
        apart = " " if re.search(r"[)）]\s+\S", written) else ""
        bare = _BRACKETS.sub(apart, written).strip()
        if _HAS_KANJI.search(bare):
            return bare, text.tidy_kana(" ".join(match[1] for match in readings))
    for match in readings:
        inside, outside = match[1], f"{written[: match.start()]} {written[match.end() :]}".strip()
        if not outside:
            continue
        is_reading = _KANA.fullmatch(inside) and len(inside.strip()) > 1 and not _NICKNAME.search(inside)
        if is_reading and _HAS_KANJI.search(outside):
            bare = " ".join(outside.split())
            return bare, text.tidy_kana(_HONORIFICS.sub("", inside))
        if _KANA.fullmatch(outside) and _HAS_KANJI.search(inside) and _PERSONAL.fullmatch(inside):
            return inside, text.tidy_kana(outside)
    parts = written.split(" ")
    if len(parts) == 2 and _is_name_and_reading(*parts):
        # 山田太郎 ヤマダタロウ
        return parts[0], text.tidy_kana(parts[1])
    if len(parts) == 4 and all(map(_HAS_KANJI.search, parts[:2])) and _KANA.fullmatch("".join(parts[2:])):
        # 山田 太郎 ヤマダ タロウ; but 中華料理 ハルビン is no reading.
        return " ".join(parts[:2]), text.tidy_kana(" ".join(parts[2:]))
    return written, ""


def _is_name_and_reading(name: str, kana: str) -> bool:
    """Whether an undivided name and as many kana as its reading may have stand there."""
    if not _UNDIVIDED.fullmatch(name) or _TRADE.search(name) or not _KANA.fullmatch(kana):
        return False
    return max(5, len(name) + 2) <= len(kana) <= 3 * len(name)


def _pieces(tidy: str) -> list[str] | None:
    """The people of a cell, each as written; None where it names one."""
    outside = _BRACKETS.sub(" ", tidy)
    for between in (_BETWEEN, _MIDDLE_DOT, _AND):
        if between.search(outside):
            pieces = [piece for piece in between.split(tidy) if piece.strip()]
            return pieces if len(pieces) > 1 and all(map(_is_personal, pieces)) and _is_plausible(pieces) else None
    addressed = _BETWEEN_ADDRESSED.split(tidy)
    if len(addressed) > 1 and all(_without_honorific(piece)[1] for piece in addressed):
        # 山田様 佐藤様; but 山田様 奥様 names one.
        return addressed if all(map(_is_personal, addressed)) else None
    bare, together = _without_together(" ".join(tidy.split()))
    if "夫" not in together:
        return None
    honorific_free, honorific = _without_honorific(bare)
    parts = honorific_free.split(" ")
    behind = f"{together}{honorific}"
    if len(parts) == 3 and all(map(_HAS_KANJI.search, parts)):
        return [f"{parts[0]} {parts[1]}", f"{parts[0]} {parts[2]}{behind}"]
    if len(parts) == 2 and len(parts[0]) >= 3 and all(map(_is_personal, parts)):
        return [parts[0], f"{parts[1]}{behind}"]
    return None


def _is_personal(piece: str) -> bool:
    """Whether it reads like somebody's name, and not like that of a house, a dish or anything else that is joined by a dot."""
    bare = _one(piece, "")[0].name
    parts = bare.split(" ")
    longest = _LONGEST_PART if len(parts) == 2 else _LONGEST_UNDIVIDED
    return (
        bool(_PERSONAL.fullmatch(bare))
        and max(map(len, parts)) <= longest
        and not _KATAKANA_OR_LATIN.fullmatch(bare)
        and not _OKURIGANA.search(bare)
        and not any(map(_HOUSE.search, parts))
    )


def _is_plausible(pieces: list[str]) -> bool:
    """Whether the first has a family name in kanji and a given name, and nobody is a single sign."""
    people = [_one(piece, "")[0] for piece in pieces]
    if all(one.honorific for one in people):
        return True  # 山田様・佐藤様
    names = [one.name for one in people]
    begins = bool(_HAS_KANJI.match(names[0]))
    return (
        begins
        and len(names[0].replace(" ", "")) >= 3
        and all(len(name) >= 2 or _KANJI_ONLY.fullmatch(name) for name in names)
    )


_KANJI_ONLY = re.compile(f"[{_KANJI}]+")


def _family_name(name: str) -> str:
    """The family name in front; "" where it cannot be told surely enough."""
    if " " in name:
        return name.partition(" ")[0]
    if not _KANJI_ONLY.fullmatch(name[:2]):
        return ""
    for length in (4, 3):
        if name[:length] in _LONG_FAMILY_NAMES:
            return name[:length] if len(name) > length else ""
    if name[0] in _SHORT_FAMILY_NAMES and (name.endswith(_LONG_GIVEN_NAMES) or len(name) == 3):
        return name[0] if len(name) == 4 else ""
    return name[:2] if len(name) in (3, 4, 5) else ""


def _with_family(other: WrittenName, family: str, first: str) -> WrittenName:
    """The other one of 山田太郎・花子 with the family name, when only a given name is written."""
    if not family or " " in other.name or len(other.name) > 3 or other.name.startswith(family):
        return other
    is_given = not _HAS_KANJI.search(other.name) or other.name.endswith(_ENDS_OF_GIVEN_NAMES)
    if len(other.name) == 3 and not is_given:
        return other
    return WrittenName(f"{family}{' ' if ' ' in first else ''}{other.name}", other.kana, other.honorific)

"""Which allergens the name of a food suggests. Pure; no database, no request.

A name is read for what it denies (卵抜き, 乳・卵抜き, 小麦不使用, グルテンフリー, ２７品目フリー, ノンエッグ) and for the words
of `food_words` and of the allergens themselves. The longest word wins, so 豆乳 is no milk, 海老芋 no shrimp and 牛蒡 no beef.
What comes out is a proposal for a person to confirm: a name that suggests nothing says nothing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from crm_project.core.allergens.choices import Presence
from crm_project.core.text import to_katakana
from menus.food_words import COMPOSED, FOODS
from menus.presence import WORST_FIRST

Proposed = dict[str, Presence]

_DENIALS: Final = (
    "抜キ", "抜", "ヌキ", "不使用", "除去", "フリー", "ヲ含マナイ", "ヲ使ワナイ", "ヲ使ッテイナイ", "未使用", "無添加",
    "ナシ", "無シ", "ゼロ", "レス", "アレルギー対応", "対応", "代替", "不含", "ヲ含ミマセン", "ハ含ミマセン",
    "ハ含マレテイマセン", "ハ使用シテイマセン", "ヲ使用シテイマセン", "ヲ使用シナイ", "ヲ使用シテイナイ",
    "除ク", "ヲ除ク", "ヲ除イタ", "ヲ除キ",
)  # fmt: skip
# ノンエッグ, 無卵, 脱小麦: the denial stands before the word.
_DENIALS_BEFORE: Final = ("ノン", "無", "脱")
_JOINTS: Final = "・、,/&+."
# Words between two names; the ビ of エビ and the ト of トマト are none.
_AND: Final = ("及ビ", "オヨビ", "ト", "ヤ")
_EVERYTHING_FREE: Final = re.compile(
    r"(\d+|[一二三四五六七八九十]+)(品目|大)?(アレルゲン|アレルギー)?(品目)?(フリー|不使用|除去|抜キ)"
    r"|アレルゲン(品目)?(フリー|不使用)|アレルギー(物質|特定原材料)?(フリー|不使用)|特定原材料(等)?\d*(品目)?(フリー|不使用)"
)
# A cut of meat, not the fruit: 鶏肉 もも・皮なし.
_CUT_OF_MEAT: Final = re.compile("鶏|豚|牛|肉|鳥|鴨|チキン|ポーク|ビーフ|トリ|ラム|骨付|皮ナシ|猪|鹿|馬")
# 豚ひき肉 is of one animal, ひき肉 of any.
_ONE_MEAT: Final = re.compile("牛(?!乳|蒡)|豚|鶏|鳥")
_OF_ANY_MEAT: Final = frozenset({"ミンチ", "ヒキ肉", "挽肉", "レバー", "ホルモン", "モツ"})
# さば味噌 is mackerel with miso, ごま風呂吹き sesame.
_ONLY_A_TASTE: Final = re.compile("風味|風(?!呂)|味(?!噌|付|醂|ツ)|フレーバー|テイスト")
# 卵フリーズドライ denies nothing, nor does 鶏ナシゴレン.
_NO_DENIAL: Final = re.compile("フリーズ|ナシゴ|レスト|レタ")
# What denials name beside the allergens' own words.
_DENIED_WORDS: Final = {
    "グルテン": ("wheat",),
    "エッグ": ("egg",),
    "タマゴ": ("egg",),
    "ミルク": ("milk",),
    "乳成分": ("milk",),
    "乳タンパク": ("milk",),
    "乳由来": ("milk",),
    "乳由来原料": ("milk",),
    "卵タンパク": ("egg",),
    "卵乳": ("egg", "milk"),
    "乳卵": ("egg", "milk"),
    "小麦タンパク": ("wheat",),
    "乳製品": ("milk",),
    "デイリー": ("milk",),
    "ナッツ": ("almond", "cashew", "walnut", "pistachio", "macadamia", "peanut", "tree_nuts"),
    "甲殻類": ("shrimp", "crab", "crustaceans"),
    "肉": ("beef", "pork", "chicken"),
    "アルコール": ("alcohol",),
}


@dataclass(frozen=True, slots=True)
class Word:
    """What one word says: the codes of the allergens it names, or nothing for a shield."""

    contains: tuple[str, ...] = ()
    may_contain: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lexicon:
    """Words as they are looked up (katakana), and the names by which an allergen may be denied."""

    words: Mapping[str, Word]
    names: Mapping[str, tuple[str, ...]]
    # Those of them that are the allergens' own: 乳・卵抜き denies both, 豆腐・卵抜き no soybean.
    own: frozenset[str]
    longest: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "longest", max(map(len, [*self.words, *self.names]), default=0))


def read_words(table: str) -> dict[str, Word]:
    """The words of a table of `food_words`; a later line wins."""
    found = {}
    for line in table.strip().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        words, *codes = line.split("|")
        contains, may_contain = (*(tuple(part.split()) for part in codes), (), ())[:2]
        for word in words.split():
            found[_folded(word)] = Word(contains, may_contain)
    return found


@cache
def _shipped() -> tuple[dict[str, Word], dict[str, Word]]:
    foods = read_words(FOODS)
    return foods, read_words(COMPOSED) | foods


def lexicon(aliases: Mapping[str, Iterable[str]], *, composed: bool = True) -> Lexicon:
    """The shipped words and the house's own: allergen code -> its names. `composed` counts what dishes usually hold."""
    foods, all_words = _shipped()
    words = dict(all_words if composed else foods)
    names: dict[str, tuple[str, ...]] = {}
    for code, of_code in aliases.items():
        for name in of_code:
            key = _folded(name)
            if not key or key.isascii():
                continue
            words.setdefault(key, Word((code,)))
            names[key] = (*names.get(key, ()), code)
    own = frozenset(names) | {_folded(word) for word in _DENIED_WORDS}
    for key, word in foods.items():
        # A word of one allergen alone can be denied too: サーモン抜き.
        if len(word.contains) == 1 and not word.may_contain:
            names.setdefault(key, word.contains)
    return Lexicon(words, names | {_folded(word): codes for word, codes in _DENIED_WORDS.items()}, own)


def proposed(name: str, known: Lexicon) -> Proposed:
    """Allergen code -> contains or may contain, for what the name suggests and does not deny."""
    text = _folded(name)
    if _EVERYTHING_FREE.search(text):
        return {}
    text, denied = _without_denials(text, known)
    is_cut = bool(_CUT_OF_MEAT.search(text))
    found: Proposed = {}
    for word, start in _words_in(text, known):
        behind = start + len(word)
        if (
            (word == "モモ" and is_cut)
            or (word in _OF_ANY_MEAT and _ONE_MEAT.search(text))
            or text.startswith("用", behind)
        ):
            continue
        said = known.words[word]
        only_a_taste = _ONLY_A_TASTE.match(text, behind)
        for code in said.contains:
            presence = Presence.MAY_CONTAIN if only_a_taste else Presence.CONTAINS
            if code not in denied and found.get(code) != Presence.CONTAINS:
                found[code] = presence
        for code in said.may_contain:
            if code not in denied:
                found.setdefault(code, Presence.MAY_CONTAIN)
    return found


def denied_by(name: str, known: Lexicon) -> set[str]:
    """Codes of the allergens that the name says it is free of; of a name free of everything, none (it names nothing)."""
    return _without_denials(_folded(name), known)[1]


def proposed_for_dish(
    name: str, foods: Sequence[str], everything: Lexicon, ingredients: Lexicon
) -> dict[str, tuple[Presence, str]]:
    """Allergen code -> presence, and the food (or the dish's own name) that suggests it.

    Where the recipe is written down, the dish's name only adds what it plainly names and no food denies: ハムサラダ made with
    卵抜き ham has no egg because of its name. Without a recipe the name is all there is.
    """
    found: dict[str, tuple[Presence, str]] = {}
    for food in foods:
        for code, presence in proposed(food, everything).items():
            if code not in found or WORST_FIRST.index(presence) < WORST_FIRST.index(found[code][0]):
                found[code] = presence, food
    if not foods:
        return {code: (presence, name) for code, presence in proposed(name, everything).items()}
    denied = {code for food in foods for code in denied_by(food, everything)}
    for code, presence in proposed(name, ingredients).items():
        if presence == Presence.CONTAINS and code not in denied and code not in found:
            found[code] = presence, name
    return found


def _words_in(text: str, known: Lexicon) -> list[tuple[str, int]]:
    """The words of the text and where each begins. Of words that overlap the longest stands, then the earliest."""
    spans = [
        (length, start)
        for start in range(len(text))
        for length in range(1, min(known.longest, len(text) - start) + 1)
        if text[start : start + length] in known.words
    ]
    taken = [False] * len(text)
    found = []
    for length, start in sorted(spans, key=lambda span: (-span[0], span[1])):
        if not any(taken[start : start + length]):
            taken[start : start + length] = [True] * length
            found.append((text[start : start + length], start))
    return sorted(found, key=lambda one: one[1])


def _without_denials(text: str, known: Lexicon) -> tuple[str, set[str]]:
    """The text without what it denies, and the codes denied: 乳・卵抜キ denies both, 型抜キ nothing."""
    denied: set[str] = set()
    for denial in _DENIALS:
        at = text.find(denial)
        while at >= 0:
            begin = at if _NO_DENIAL.match(text, at) else _denied_before(text, at, known, denied)
            if begin < at:
                text = f"{text[:begin]} {text[at + len(denial) :]}"
                at = text.find(denial, begin)
            else:
                at = text.find(denial, at + 1)
    for denial in _DENIALS_BEFORE:
        at = text.find(denial)
        while at >= 0:
            behind = at + len(denial)
            name = max((one for one in known.names if text.startswith(one, behind)), key=len, default="")
            if name:
                denied.update(known.names[name])
                text = f"{text[:at]} {text[behind + len(name) :]}"
                at = text.find(denial, at)
            else:
                at = text.find(denial, at + 1)
    return text, denied


def _denied_before(text: str, end: int, known: Lexicon, denied: set[str]) -> int:
    """Where the names that stand joined before `end` begin; their codes are added to `denied`."""
    begin = end
    while True:
        # Behind the first name a joint stands between, and an allergen's own name: コッペパン・卵抜き denies no bread.
        for at in _before_joint(text, begin) if begin < end else (end,):
            names = known.own if begin < end else known.names
            name = max((one for one in names if text.endswith(one, 0, at)), key=len, default="")
            if name:
                break
        else:
            return begin
        denied.update(known.names[name])
        begin = at - len(name)


def _before_joint(text: str, begin: int) -> list[int]:
    """Where a name may end that is joined to the one that begins here: before 、 or before 、及び."""
    at = len(text[:begin].rstrip(f"{_JOINTS} "))
    # A blank alone joins nothing: 牛乳 卵不使用 is milk.
    found = [at] if text[at:begin].strip() else []
    for word in _AND:
        if text.endswith(word, 0, at):
            found.append(len(text[: at - len(word)].rstrip(f"{_JOINTS} ")))
    return found


def _folded(name: str) -> str:
    """One width, katakana, one blank between words; long vowels stay."""
    return " ".join(to_katakana(name).upper().split())

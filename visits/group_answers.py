"""What an arranger says of a whole group: 60名中 えび1名・そば1名（重い）、他なし. Pure; no database, no request.

Nothing is guessed: a word that names no allergen is told back in `not_understood`, and a severity nobody named is severe.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crm_project.core.allergens.choices import Severity
from crm_project.core.dates import kanji_number
from crm_project.core.text import fold, nfkc, tidy

LARGEST: Final = 2000
SEATS_LENGTH: Final = 80

_NUMBER = r"\d{1,4}|[〇一二三四五六七八九十百]+"
_PEOPLE = r"(?:名様|名さま|名|人|様|people|persons?|guests?)"
_TOTAL = re.compile(
    rf"(?:全員|全部で|全|合計|計)?\s*(?P<count>{_NUMBER})\s*{_PEOPLE}?\s*(?:中|のうち|のうちで|of which)[\s:、,]*"
)
_APART = re.compile(r"[、,;・。/\n]+(?![^（(]*[）)])")
_ASIDE = re.compile(r"[（(](?P<words>[^（）()]*)[）)]")
_COUNT = re.compile(rf"(?P<count>{_NUMBER})\s*{_PEOPLE}")
_LAST_COUNT = re.compile(r"\s*(?P<count>\d{1,4})$")
_OTHERS_NONE = re.compile(
    r"(?:(?:その)?(?:他|ほか|外)|あと|残り|the\s+others?|others?)\s*(?:は|の方々?は?|の皆様は?|皆様は?)?\s*"
    r"(?:なし|無し|ない|ありません|ございません|特になし|have\s+none|none)",
    re.IGNORECASE,
)
_NONE_AT_ALL = re.compile(
    r"(?:全員|皆様|皆さま|みなさま|一同|アレルギー|アレルギーは|everybody|all)?\s*(?:は)?\s*"
    r"(?:なし|無し|ない|ありません|ございません|特になし|none)",
    re.IGNORECASE,
)
# Longer words first: 軽度 is found before 軽.
_SEVERITIES: Final = (
    (
        Severity.TRACE_OK,
        ("微量可", "少量可", "微量は可", "コンタミ可", "エキス可", "出汁可", "だし可", "traces ok", "traces are fine"),
    ),
    (Severity.SEVERE, ("アナフィラキシー", "エピペン", "重度", "重症", "重い", "重め", "厳禁", "severe")),
    (Severity.MODERATE, ("避ける", "避けたい", "軽度", "軽症", "軽い", "軽め", "avoid", "mild")),
)
_TAIL = re.compile(
    r"(?:の)?(?:アレルギー|ｱﾚﾙｷﾞｰ|allergy|allergic)?(?:の方|がある方|をお持ちの方)?(?:が|は|を|:|：)?\s*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Counted:
    """So many people of the group do not eat an allergen (its code)."""

    code: str
    count: int
    severity: Severity = Severity.SEVERE
    seats: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """What was understood of the line: how many come in all (None: not said), who does not eat what, and the rest."""

    party: int | None = None
    counted: tuple[Counted, ...] = ()
    others_none: bool = False
    not_understood: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether all of it was understood, and it says something."""
        return not self.not_understood and (bool(self.counted) or self.others_none)

    @property
    def is_more_than_come(self) -> bool:
        """Whether somebody counts more people than come in all."""
        return self.party is not None and any(line.count > self.party for line in self.counted)


def allergen_words(allergens: Mapping[str, list[str]]) -> dict[str, str]:
    """Folded word -> allergen code, from code -> every word for it."""
    every = ((part, code) for code, words in allergens.items() for word in words for part in (word, *word.split("/")))
    return {fold(word): code for word, code in every if fold(word)}


def read_group_answer(written: str, words: Mapping[str, str]) -> Understood:
    """Read the line with the allergens' folded words (`allergen_words`)."""
    plain = nfkc(tidy(written, lines=True))
    party = None
    if total := _TOTAL.match(plain):
        party, plain = _number(total["count"]), plain[total.end() :]
    counted: dict[tuple[str, str], Counted] = {}
    others_none, strange = False, []
    for part in _parts(plain):
        if _OTHERS_NONE.fullmatch(part) or (_NONE_AT_ALL.fullmatch(part) and not counted):
            others_none = True
        elif (line := _line(part, words)) is None:
            strange.append(part)
        else:
            before = counted.get((line.code, line.severity))
            counted[line.code, line.severity] = _together(before, line) if before else line
    return Understood(party, tuple(counted.values()), others_none, tuple(strange))


def _parts(plain: str) -> list[str]:
    """The line cut where one thing ends; a blank cuts behind a count, or before 他なし."""
    cut = re.sub(r"(?<=[名人様])\s+(?=\S)|\s+(?=(?:その)?(?:他|ほか)\s*(?:は)?\s*(?:なし|無し))", "、", plain)
    found: list[str] = []
    for part in filter(None, (part.strip() for part in _APART.split(cut))):
        severity, rest = _severity(part)
        if found and severity is not None and not rest.strip():
            found[-1] += f" {part}"
        else:
            found.append(part)
    return found


def _line(part: str, words: Mapping[str, str]) -> Counted | None:
    asides = [aside["words"].strip() for aside in _ASIDE.finditer(part)]
    told = _ASIDE.sub(" ", part)
    severity, told = _severity(told)
    seats = []
    for aside in asides:
        meant, rest = _severity(aside)
        severity = severity or meant
        if rest.strip(" 、,・"):
            seats.append(rest.strip(" 、,・"))
    count = 1
    if found := _COUNT.search(told) or _LAST_COUNT.search(told):
        count = _number(found["count"])
        if told[found.end() :].strip(" のがは"):
            seats.append(told[found.end() :].strip())
        told = told[: found.start()]
    code = words.get(fold(_TAIL.sub("", told.strip())))
    # 落花生（ピーナッツ）: what stands in brackets belongs to the name.
    if code is None or not 1 <= count <= LARGEST:
        return None
    seats = [seat for seat in seats if words.get(fold(seat)) != code]
    return Counted(code, count, severity or Severity.SEVERE, " ".join(seats)[:SEATS_LENGTH])


def _severity(told: str) -> tuple[Severity | None, str]:
    for severity, names in _SEVERITIES:
        for name in names:
            if name in told.lower():
                at = told.lower().index(name)
                return severity, told[:at] + " " + told[at + len(name) :]
    return None, told


def _together(one: Counted, other: Counted) -> Counted:
    seats = " ".join(filter(None, (one.seats, other.seats)))[:SEATS_LENGTH]
    return Counted(one.code, min(one.count + other.count, LARGEST), one.severity, seats)


def _number(digits: str) -> int:
    return int(digits) if digits.isdecimal() else kanji_number(digits)

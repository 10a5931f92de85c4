"""How many come, as it is said: 6, 六名様, お二人, 大人18 子ども2. Pure; no database, no request."""

import re
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from crm_project.core.dates import kanji_number
from crm_project.core.problems import InputProblem
from crm_project.core.text import nfkc, tidy

LARGEST: Final = 2000
LABEL_LENGTH: Final = 40

_DIGITS = r"\d+|[〇一二三四五六七八九十百千]+"
_UNIT = r"(?:名様|人様|名さま|名|人|様|guests?|people|persons?)?"
_WHOLE = re.compile(rf"(?:お|ご)?(?P<count>{_DIGITS})\s*{_UNIT}", re.IGNORECASE)
_GROUP = re.compile(
    rf"(?P<label>[^\d〇一二三四五六七八九十百千\s、,・+&]+?)\s*(?P<count>{_DIGITS})\s*{_UNIT}", re.IGNORECASE
)
_AND = re.compile(r"[\s、,・+&]+|(?<=[名人様\d])と")


class NotAParty(InputProblem):
    """What was written does not say how many come."""


@dataclass(frozen=True, slots=True)
class Party:
    """How many come in all, and the groups that were counted apart ("大人" 18, "子ども" 2); none for a plain number."""

    size: int
    groups: tuple[tuple[str, int], ...] = ()


def read_party(written: str) -> Party | None:
    """The party that is meant; None for a blank. Raises NotAParty."""
    plain = nfkc(tidy(written))
    if not plain:
        return None
    whole = _WHOLE.fullmatch(plain)
    if whole is not None:
        return _checked(Party(_number(whole["count"])), written)
    groups: list[tuple[str, int]] = []
    for part in filter(None, _AND.split(_joined(plain))):
        match = _GROUP.fullmatch(part)
        if match is None:
            raise _not_a_party(written)
        groups.append((match["label"][:LABEL_LENGTH], _number(match["count"])))
    if not groups or len({label for label, _count in groups}) < len(groups):
        raise _not_a_party(written)
    return _checked(Party(sum(count for _label, count in groups), tuple(groups)), written)


def _joined(plain: str) -> str:
    """大人 18 as 大人18: a blank between a label and its number parts nothing."""
    return re.sub(rf"(?<=[^\s\d、,・+&])\s+(?=(?:{_DIGITS})\s*{_UNIT}(?:$|[\s、,・+&と]))", "", plain)


def _checked(party: Party, written: str) -> Party:
    if not 1 <= party.size <= LARGEST or any(count < 1 for _label, count in party.groups):
        raise _not_a_party(written)
    return party


def _number(digits: str) -> int:
    return int(digits) if digits.isdecimal() else kanji_number(digits)


def _not_a_party(written: str) -> NotAParty:
    return NotAParty(_("“%(value)s” does not say how many come: write 6, or 大人18 子ども2."), {"value": written})

"""What the house knows by name when a ledger speaks of it: its ranks, its attendants, the allergens."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from crm_project.core.accounts.models import User
from crm_project.core.allergens.models import Allergen
from crm_project.core.text import compare_key, fold, nfkc, tidy
from customers.models import Rank

# A dash and the like fold to nothing.
NONE_WORDS: Final = frozenset(fold(word) for word in ("なし", "無し", "無", "ありません", "none", "no", "-"))
# In place of a company, an address, a post: nothing is known of it.
NOTHING_WORDS: Final = NONE_WORDS | {
    fold(word)
    for word in ("不明", "非公開", "未確認", "未登録", "未記入", "わからない", "n/a", "null", "unknown", "?", "×", "*")
}
NO_ALLERGIES: Final = NONE_WORDS - {""} | {fold(word) for word in ("特になし", "特に無し", "アレルギーなし")}
NOT_ASKED: Final = frozenset(fold(word) for word in ("不明", "未確認", "未聴取", "?", "unknown", "-"))
# What stands in brackets goes with the word in front of it.
_BETWEEN_ALLERGENS = re.compile(r"[、，,;；/／・\n]+(?![^(（]*[)）])")
_IN_BRACKETS = re.compile(r"\s*[(（][^()（）]*[)）]\s*")
# A word of which somebody says that it is no matter: 乳○, 卵 以外OK.
_NO_MATTER = re.compile(r"[○◯〇]|OK|可|大丈夫|以外|平気|なし|無し", re.IGNORECASE)
# 「エビ×」「卵アレルギー」: the sign behind says only that it is one.
_ALLERGY_SIGN = re.compile(r"\s*(?:アレルギー|[×✕✖☓xXｘ?？!！]|NG|不可|厳禁|禁止|全般|ダメ|だめ|駄目|\(食物\))$")


@dataclass(frozen=True, slots=True)
class AllergyAnswer:
    """What a ledger says about allergies: allergens of the lists, and words that are on none."""

    allergen_ids: tuple[int, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def says_none(self) -> bool:
        """Whether the ledger says that there are none."""
        return not self.allergen_ids and not self.others


class Vocabulary:
    """Ranks, people and allergens by the words a ledger may use for them; read once per import."""

    def __init__(self) -> None:
        self.ranks = {compare_key(rank.name): rank.pk for rank in Rank.objects.all()}
        self.rank_names = {rank.pk: rank.name for rank in Rank.objects.all()}
        self.staff_names: dict[int, str] = {}
        self._staff: dict[str, set[int]] = {}
        for user in User.objects.people().only("pk", "display_name", "username", "kana"):
            self.staff_names[user.pk] = str(user)
            for word in filter(None, (user.display_name, user.username, user.kana)):
                self._staff.setdefault(fold(word), set()).add(user.pk)
        self.allergen_names: dict[int, str] = {}
        self._allergens: dict[str, int] = {}
        for allergen in Allergen.objects.all():
            self.allergen_names[allergen.pk] = allergen.name_ja
            for word in (allergen.name_ja, allergen.name_en, *allergen.aliases):
                self._allergens.setdefault(fold(word), allergen.pk)

    def rank(self, word: str) -> int | None:
        """The id of the house's rank of that name."""
        return self.ranks.get(compare_key(word))

    def attendants(self, word: str) -> set[int]:
        """Ids of the people of that name: none, one, or several who share it."""
        return self._staff.get(fold(word), set())

    def _among(self, piece: str) -> Iterable[int]:
        """The allergens among the words of a piece that is more than one word of the lists."""
        bare = _IN_BRACKETS.sub(" ", piece).strip()
        words = [_without_signs(bare)] if not _NO_MATTER.search(bare) else []
        for word in bare.split():
            without = _without_signs(word)
            if without != word or not _NO_MATTER.search(bare):
                words.append(without)
        return (allergen for word in words if (allergen := self._allergens.get(fold(word))) is not None)

    def allergies(self, written: str) -> AllergyAnswer | None:
        """Read an allergy cell; what is on no list is kept in its own words. None when nobody was asked (不明)."""
        folded = fold(written)
        if folded in NOT_ASKED:
            return None
        if folded in NO_ALLERGIES:
            return AllergyAnswer()
        found: dict[int, None] = {}
        others: list[str] = []
        for piece in _pieces(written):
            word = _without_signs(nfkc(piece))
            allergen = self._allergens.get(fold(piece)) or self._allergens.get(fold(word))
            if allergen:
                found[allergen] = None
                continue
            # そば（重度）, 卵× 乳○: the allergen counts, and the words stay beside it.
            others.append(piece)
            found.update(dict.fromkeys(self._among(nfkc(piece))))
        return AllergyAnswer(tuple(found), tuple(others))


def _without_signs(word: str) -> str:
    """蕎麦 of 蕎麦アレルギー, 蕎麦×, 蕎麦NG!"""
    while (bare := _ALLERGY_SIGN.sub("", word)) != word and bare.strip():
        word = bare
    return word


def _pieces(written: str) -> Iterable[str]:
    return filter(None, map(tidy, _BETWEEN_ALLERGENS.split(written)))

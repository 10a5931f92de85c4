"""Sums that a cell tells although they cannot be read as one. Pure."""

import re
from typing import Final

from crm_project.core.text import nfkc

_FIGURES: Final = re.compile(r"[0-9〇一二三四五六七八九十百千万億]")


def names_a_sum(words: str) -> bool:
    """Whether words that are no amount tell one all the same (約5万, 一万円くらい): not for those who may not see sums."""
    return bool(_FIGURES.search(nfkc(words)))

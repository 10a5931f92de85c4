"""How a dish or course is found by two typed characters, whatever kana, kanji variant or romaji they are."""

from typing import Final

from crm_project.core.text import fold, reading_key

LONGEST: Final = 300


def search_key(name: str, kana: str) -> str:
    """The folded name, the folded reading, and the reading as romaji finds it."""
    return " ".join(filter(None, (fold(name), fold(kana), reading_key(kana))))[:LONGEST]

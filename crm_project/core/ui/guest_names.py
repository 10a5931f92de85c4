"""How a guest's name stands on a screen: the reading above each part, the honorific behind."""

import unicodedata

KATAKANA_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}


def hiragana(kana: str) -> str:
    """A reading in hiragana, whatever width and kind of kana it was typed in."""
    return unicodedata.normalize("NFKC", kana).translate(KATAKANA_TO_HIRAGANA)


def ruby_pairs(name: str, kana: str) -> list[tuple[str, str]]:
    """The parts of a name with their readings; a part that is its own reading, or has none, comes with "".

    Parts are separated by spaces. When name and reading have different numbers of parts, the whole name is one part.
    """
    parts, readings = name.split(), hiragana(kana).split()
    if not readings:
        return [(part, "") for part in parts]
    if len(parts) != len(readings):
        parts, readings = [" ".join(parts)], [" ".join(readings)]
    return [(part, "" if hiragana(part) == reading else reading) for part, reading in zip(parts, readings, strict=True)]

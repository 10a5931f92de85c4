"""A printed briefing (心得) as it was: what it said, what differs now. Pure; no database, no request.

The content maps a heading to the lines that stood under it, in the language of the house. It holds what is the same for
every reader, so that two people's sheets of one version are one sheet.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Content = Mapping[str, Sequence[str]]

# What only those read who read check sheets.
OF_NOTES = frozenset(("standing", "promises", "care"))


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not any more and what is new under one heading."""

    key: str
    gone: tuple[str, ...]
    new: tuple[str, ...]


def digest(content: Content) -> str:
    """The fingerprint of a sheet: the same for the same lines, whatever their order under a heading."""
    plain = {key: sorted(lines) for key, lines in content.items() if lines}
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def differences(before: Content, after: Content, *, sees_notes: bool) -> list[Difference]:
    """What changed, in the order of the headings of now; without what the reader may not read."""
    found = []
    for key in dict.fromkeys((*after, *before)):
        old, new = list(before.get(key, ())), list(after.get(key, ()))
        gone = tuple(line for line in old if line not in new)
        come = tuple(line for line in new if line not in old)
        if (gone or come) and (sees_notes or key not in OF_NOTES):
            found.append(Difference(key, gone, come))
    return found

"""What two people wrote into the same fields, side by side, and the one that is to stand."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from django.http import QueryDict

from customers.conflicts import FieldConflict

KEEP: Final = "keep_"
THEIRS: Final = "theirs"
TRAVELLERS: Final = ("version", "opened_with")
# A birthday is known with its year or without: both stand or fall together.
TOGETHER: Final = ({"birthday", "birthday_month_day"},)

InWords = Callable[[str, Any], tuple[str, str]]


class Answered(Protocol):
    """A form whose fields write values that two people may change at once."""

    fields: dict[str, Any]

    def __getitem__(self, name: str) -> Any: ...

    def values_of_field(self, name: str) -> tuple[str, ...]:
        """The values that a field writes; none for those that travel along."""
        ...


@dataclass(frozen=True, slots=True)
class ConflictLine:
    """One value in words: before, theirs and mine; `is_choice` when both changed it, else theirs is taken over."""

    field: str
    label: str
    before: str
    theirs: str
    mine: str
    is_choice: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """What the page shows. `written` is what the form holds of the values in question, to notice that somebody types on."""

    lines: list[ConflictLine]
    written: str
    other: Any


def as_chosen(sent: QueryDict, fresh: Answered) -> QueryDict:
    """The form as sent, with what stands now (`fresh`) where a person chose theirs and did not type on."""
    chosen = {name.removeprefix(KEEP) for name in sent if name.startswith(KEEP) and sent[name] == THEIRS}
    if not chosen:
        return sent
    for group in TOGETHER:
        chosen |= group if group & chosen else set()
    written = _written(sent.get("written", ""))
    names = {*fresh.fields, *sent}
    typed_on = {
        value
        for name in names
        for value in fresh.values_of_field(name)
        if name in written and _bare(sent.get(name, "")) != _bare(written[name])
    }
    data = sent.copy()
    for name in names:
        values = set(fresh.values_of_field(name))
        if values & chosen and not values & typed_on:
            data[name] = _raw(fresh, name)
    return data


def with_theirs(sent: Mapping[str, Any], fresh: Answered, touched: Collection[str]) -> QueryDict:
    """The form as sent, with what stands now in the fields the person did not touch."""
    data = QueryDict(mutable=True)
    data.update(sent)
    for name in {*fresh.fields, *sent}:
        values = fresh.values_of_field(name)
        if name in TRAVELLERS or (values and not any(value in touched for value in values)):
            data[name] = _raw(fresh, name)
    return data


def conflict_page(
    conflicts: list[FieldConflict],
    *,
    data: QueryDict,
    fresh: Answered,
    touched: Collection[str],
    other: Any,
    in_words: InWords,
) -> Conflict:
    """Before, theirs and mine of each value that somebody else changed meanwhile."""
    lines = []
    for conflict in conflicts:
        label, theirs = in_words(conflict.field, conflict.theirs)
        before, mine = (in_words(conflict.field, value)[1] for value in (conflict.before, conflict.mine))
        lines.append(ConflictLine(conflict.field, label, before, theirs, mine, conflict.field in touched))
    asked = {line.field for line in lines if line.is_choice}
    written = {name: data.get(name, "") for name in {*fresh.fields, *data} if asked & set(fresh.values_of_field(name))}
    return Conflict(lines, json.dumps(written, ensure_ascii=False, sort_keys=True), other)


def _written(sent: str) -> dict[str, str]:
    """What the form held when the choice was offered; nothing when that cannot be read."""
    try:
        found = json.loads(sent or "null")
    except ValueError:
        return {}
    return {name: str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _bare(written: str) -> str:
    return written.replace("\r\n", "\n").strip()


def _raw(form: Answered, name: str) -> str:
    value = form[name].value() if name in form.fields else None
    return "" if value is None else str(value)

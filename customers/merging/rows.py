"""What two rows of a kind become: what the one that stays says afterwards, or how both may stand side by side.

Rows are those of `columns.columns_of`. Apps above register their own kinds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crm_project.core.allergens.choices import Severity
from customers.choices import AddressLabel, ConsentState
from customers.merging.card import ABSORBED, join_lines

Row = Mapping[str, Any]

# (the row that stays, the one that is set aside) -> the columns of the former that the rule looks at, as they shall be.
Fold = Callable[[Row, Row], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a rule for two rows side by side may ask: the choices of the merge, both cards' rows of the kind."""

    choices: Mapping[str, str]
    others: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Both rows stay: what changes of the kept card's row and of the other one."""

    kept: dict[str, Any]
    absorbed: dict[str, Any]


Rivals = Callable[[Row, Row, Circumstances], SideBySide | None]

_folds: dict[str, Fold] = {}
_rivals: dict[str, Rivals] = {}


def register_fold(model: str, fold: Fold) -> None:
    """The rule for two rows of a kind; without one the kept card's row stays as it is."""
    _folds[model] = fold


def register_rivals(model: str, rivals: Rivals) -> None:
    """A rule by which both rows stay; it answers None when they cannot."""
    _rivals[model] = rivals


def fold_of(model: str) -> Fold | None:
    """The registered rule."""
    return _folds.get(model)


def rivals_of(model: str) -> Rivals | None:
    """The registered rule."""
    return _rivals.get(model)


_MILDEST_FIRST = (Severity.TRACE_OK, Severity.MODERATE, Severity.SEVERE)


def stricter_allergy(kept: Row, other: Row) -> dict[str, Any]:
    """The worse severity wins; both notes stay."""
    worst = max(kept["severity"], other["severity"], key=lambda severity: _MILDEST_FIRST.index(severity))
    return {"severity": worst, "note": _joined(kept["note"], other["note"], 200)}


def stricter_consent(kept: Row, other: Row) -> dict[str, Any]:
    """No wins; of two equal answers the later one."""
    stricter = max(
        (kept, other), key=lambda row: (row["state"] == ConsentState.REFUSED, row["asked_on"] or "", row is kept)
    )
    return {name: stricter[name] for name in ("state", "asked_on", "note")}


def both_notes(kept: Row, other: Row) -> dict[str, Any]:
    """The same said twice: both notes stay."""
    return {"note": _joined(kept["note"], other["note"], 200)}


def newer_value(kept: Row, other: Row) -> dict[str, Any]:
    """What was confirmed last holds."""
    newer = other if other["confirmed_at"] > kept["confirmed_at"] else kept
    return {name: newer[name] for name in ("text", "number", "day", "confirmed_at", "confirmed_by_id")}


def told_once(kept: Row, other: Row) -> dict[str, Any]:
    """A visit of both cards is told once, with what was told of either."""
    more = [detail for detail in other["details"] if detail not in kept["details"]]
    return {
        "details": [*kept["details"], *more],
        "is_urgent": kept["is_urgent"] or other["is_urgent"],
    }


def addresses_side_by_side(kept: Row, other: Row, given: Circumstances) -> SideBySide | None:
    """Two homes: the chosen card's stays the home, the other one takes a label that is free. The same address is one."""
    if not other["text"] or (other["text"], other["postal_code"]) == (kept["text"], kept["postal_code"]):
        return None
    taken = {row["label"] for row in given.others}
    free = next((label.value for label in AddressLabel if label not in taken), None)
    if free is None:
        return None
    if given.choices.get("addresses") == ABSORBED or not kept["text"]:
        return SideBySide({"label": free}, {})
    return SideBySide({}, {"label": free})


def one_post(kept: Row, other: Row) -> dict[str, Any]:
    """The same post on both cards: held since the earlier day."""
    since = min(filter(None, (kept["since"], other["since"])), default=None)
    return {"since": since, "note": _joined(kept["note"], other["note"], 200)}


def _joined(one: str, other: str, length: int) -> str:
    return " / ".join(filter(None, join_lines(one, other).splitlines()))[:length]


def register() -> None:
    """Called once, when the app is ready: the kinds of the core and of this app."""
    register_fold("customers.allergy", stricter_allergy)
    register_fold("customers.contactconsent", stricter_consent)
    register_fold("customers.guestdiet", both_notes)
    register_fold("customers.attributevalue", newer_value)
    register_fold("customers.post", one_post)
    register_fold("timeline.timelineentry", told_once)
    register_rivals("customers.address", addresses_side_by_side)

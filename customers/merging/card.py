"""What the card of one person says that was two: a choice per field, and a rule where nobody should have to choose.

Values are those of `columns.columns_of`. Pure but for the list of the card's fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import models

from crm_project.core.allergens.choices import AllergyState
from customers.choices import MailTo
from customers.models import Customer

KEPT, ABSORBED, BOTH = "kept", "absorbed", "both"

Columns = Mapping[str, Any]

# A post at one company under the title of another would be nonsense; neither half of a birthday stands alone.
_TOGETHER: Final = (("company_id", "department", "title"), ("birthday", "birthday_month_day"))
_ALLERGIES: Final = (
    *("allergy_state", "allergy_note", "allergy_asked_on", "allergy_asked_how", "allergy_answered_by"),
)
_BY_RULE: Final = frozenset(
    {
        *_ALLERGIES,
        *("mourning_until", "contact_stopped", "contact_stop_reason", "is_confidential"),
        *("unread", "since", "rank_id"),
    }
)
# Each card keeps its own code: a ledger or an accounting document finds the guest by either.
_OF_THE_ROW: Final = frozenset(
    {
        *("id", "code", "merged_into_id", "last_visit_on", "visit_count", "search_key", "sort_key"),
        *("created_at", "updated_at", "version"),
    }
)
_KNOWN_FIRST: Final = (AllergyState.NOT_ASKED, AllergyState.NONE, AllergyState.LISTED)


def _is_of_the_row(field: models.Field[Any, Any]) -> bool:
    # A field that nobody edits and no rule names is made of others: what a guest is found by.
    return field.attname in _OF_THE_ROW or (not field.editable and field.attname not in _BY_RULE)


def chosen_fields() -> list[tuple[str, ...]]:
    """The columns a person chooses between, in the order of the card; what belongs together is one choice."""
    groups: list[tuple[str, ...]] = []
    for field in Customer._meta.concrete_fields:
        name = field.attname
        if _is_of_the_row(field) or name in _BY_RULE:
            continue
        group = next((group for group in _TOGETHER if name in group), (name,))
        if group not in groups:
            groups.append(group)
    return groups


def written_fields() -> list[str]:
    """Every column of the card that a merge may write."""
    return [field.attname for field in Customer._meta.concrete_fields if not _is_of_the_row(field)]


def can_be_both(group: Sequence[str]) -> bool:
    """Whether the two texts may stand under each other."""
    return len(group) == 1 and isinstance(Customer._meta.get_field(group[0].removesuffix("_id")), models.TextField)


def suggested(kept: Columns, absorbed: Columns) -> dict[str, str]:
    """Group (its first column) -> whose value: what is known beats what is blank, two texts are both kept."""
    choices = {}
    for group in chosen_fields():
        mine, theirs = _values(kept, group), _values(absorbed, group)
        if not any(mine) and any(theirs):
            choices[group[0]] = ABSORBED
        elif can_be_both(group) and all(mine) and any(theirs) and mine != theirs:
            choices[group[0]] = BOTH
        else:
            choices[group[0]] = KEPT
    return choices


def differing(kept: Columns, absorbed: Columns) -> list[tuple[str, ...]]:
    """The groups about which the two cards say different things."""
    return [group for group in chosen_fields() if _values(kept, group) != _values(absorbed, group)]


def fold_card(kept: Columns, absorbed: Columns, choices: Mapping[str, str], ranks: Sequence[int]) -> dict[str, Any]:
    """The written columns of the card that stays. `choices` is by group, `ranks` are ids, the best first.

    Nobody is asked where one answer is safer: listed allergies, no mail, mourning, the stop sign, confidence.
    """
    folded = {name: kept[name] for name in written_fields()}
    proposed = suggested(kept, absorbed)
    for group in chosen_fields():
        choice = choices.get(group[0], proposed[group[0]])
        if choice == ABSORBED:
            folded |= {name: absorbed[name] for name in group}
        elif choice == BOTH and can_be_both(group):
            folded[group[0]] = join_lines(kept[group[0]], absorbed[group[0]])
    folded |= _allergies(kept, absorbed)
    if MailTo.NOWHERE in (kept["mail_to"], absorbed["mail_to"]):
        folded["mail_to"] = MailTo.NOWHERE.value
    folded["mourning_until"] = max(filter(None, (kept["mourning_until"], absorbed["mourning_until"])), default=None)
    folded["contact_stopped"] = kept["contact_stopped"] or absorbed["contact_stopped"]
    reasons = [card["contact_stop_reason"] for card in (kept, absorbed) if card["contact_stop_reason"]]
    folded["contact_stop_reason"] = " / ".join(dict.fromkeys(reasons))[:200]
    folded["is_confidential"] = kept["is_confidential"] or absorbed["is_confidential"]
    folded["since"] = min(filter(None, (kept["since"], absorbed["since"])), default=None)
    folded["unread"] = {**absorbed["unread"], **kept["unread"]}
    held = [rank for rank in (kept["rank_id"], absorbed["rank_id"]) if rank is not None]
    folded["rank_id"] = min(held, key=lambda rank: ranks.index(rank) if rank in ranks else len(ranks), default=None)
    return folded


def _allergies(kept: Columns, absorbed: Columns) -> dict[str, Any]:
    """Listed beats none, none beats not asked; of two equal answers the later one tells who gave it."""
    first, second = sorted(
        (kept, absorbed),
        key=lambda card: (_KNOWN_FIRST.index(card["allergy_state"]), card["allergy_asked_on"] or ""),
        reverse=True,
    )
    return {
        **{name: first[name] for name in _ALLERGIES},
        "allergy_note": join_lines(first["allergy_note"], second["allergy_note"]),
    }


def join_lines(one: str, other: str) -> str:
    """Both texts under each other; a line that stands in both stands once."""
    lines = one.splitlines()
    return "\n".join([*lines, *(line for line in other.splitlines() if line.strip() and line not in lines)])


def _values(card: Columns, group: Sequence[str]) -> list[Any]:
    return [card[name] for name in group]

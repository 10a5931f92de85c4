"""What was asked in advance (事前の聞き取り) in words, as the page of a visit and its sheets show it."""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm_project.core.money import format_amount
from crm_project.core.ui.display_dates import format_date
from visits.models import Briefing, Visit

# The budget is told together with what it contains, the deposit with the day on which it came.
_TOLD_WITH_OTHERS = frozenset({"with_drinks", "with_tax", "with_service", "deposit_received_on", "no_board"})


def answers_in_words(visit: Visit) -> list[tuple[str, str]]:
    """Label and answer of everything that was answered, in the order of the questions (briefing fetched: no query)."""
    briefing: Briefing | None = getattr(visit, "briefing", None)
    if briefing is None:
        return []
    told = []
    for field in Briefing._meta.fields:
        if field.name in ("id", "visit") or field.name in _TOLD_WITH_OTHERS:
            continue
        if field.name == "board_name" and briefing.no_board:
            told.append((str(field.verbose_name), _("none")))
        elif answer := _answer(briefing, field.name, getattr(briefing, field.name)):
            told.append((str(field.verbose_name), answer))
    return told


def _answer(briefing: Briefing, name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if name == "budget_per_head":
        return "、".join([format_amount(value), *_contained(briefing)])
    if name == "deposit":
        received = briefing.deposit_received_on
        told = _("received on %(day)s") % {"day": format_date(received, "short")} if received else _("not received yet")
        return f"{format_amount(value)}（{told}）"
    if name == "allergies_guests_by":
        return format_date(value, "short")
    return f"{value:%H:%M}" if name == "closing_time" else str(value)


def _contained(briefing: Briefing) -> list[str]:
    fields = [Briefing._meta.get_field(name) for name in ("with_drinks", "with_tax", "with_service")]
    return [capfirst(str(field.verbose_name)) for field in fields if getattr(briefing, field.name)]  # type: ignore[union-attr]

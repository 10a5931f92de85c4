"""What changed between two versions of a kitchen sheet, in words for the cook."""

from collections.abc import Mapping
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from crm_project.core.allergens.choices import Severity
from crm_project.core.ui.display_dates import format_moment
from visits.choices import ExceptionKind
from visits.gate import Difference


def in_words(difference: Difference, names: Mapping[str, str]) -> str:
    """One line; `names` say what the references of both versions are called."""
    what, before, now = difference.what, difference.before, difference.now

    def called(ref: str) -> str:
        return names.get(ref, "—")

    match what:
        case "when":
            return _("Time: %(before)s → %(now)s") % {"before": _time(before), "now": _time(now)}
        case "room":
            return _("Room: %(before)s → %(now)s") % {"before": before or "—", "now": now or "—"}
        case "course":
            return _("The course is another one: %(name)s") % {"name": called("course")}
        case "party":
            return _("Guests: %(before)s → %(now)s") % {"before": before, "now": now}
        case "unasked":
            return _("Not asked about allergies: %(before)s → %(now)s") % {"before": before or 0, "now": now or 0}
        case "dish_gone":
            return _("No longer served: %(dish)s") % {"dish": called(difference.of)}
        case "dish_new":
            return _("New: %(dish)s") % {"dish": called(difference.of)}
        case "order":
            return _("The dishes come in another order.")
        case "seats":
            words = {"seat": called(difference.of), "before": _seat(before, names), "now": _seat(now, names)}
            return _("Seat %(seat)s: %(before)s → %(now)s") % words
        case "exceptions":
            ref, dish, kind = difference.of.split(" ")
            words = {"seat": called(ref), "dish": called(f"d{dish}"), "what": str(ExceptionKind(kind).label)}
            if now is None:
                return _("%(seat)s, %(dish)s: no longer “%(what)s”") % words
            if now[0]:
                words["what"] += f" → {called(f'd{now[0]}')}"
            return _("%(seat)s, %(dish)s: %(what)s") % words
    ref, dish, code, *_rest = difference.of.split(" ")
    words = {"seat": called(ref), "dish": called(f"d{dish}"), "allergen": called(code)}
    if what == "conflict_new":
        return _("To be decided: %(dish)s for %(seat)s (%(allergen)s)") % words
    return _("No longer in question: %(dish)s for %(seat)s (%(allergen)s)") % words


def _time(written: Any) -> str:
    at = parse_datetime(written or "")
    return format_moment(at, "time") if at else "—"


def _seat(told: Any, names: Mapping[str, str]) -> str:
    if told is None:
        return "—"
    people, is_asked, allergies = told
    words = [f"{names.get(code, code)} {Severity(severity).label}" for code, severity in allergies]
    if not words:
        words = [_("no allergies") if is_asked else _("not asked")]
    return "、".join(words) + (f" ×{people}" if people > 1 else "")

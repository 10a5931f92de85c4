"""What changed since the kitchen last had a table's sheet in hand (差分)."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from visits.choices import SheetKind
from visits.evening import Evening
from visits.gate import differences
from visits.models import SheetRevision
from visits.sheet_words import in_words


def changes_since(evening: Evening) -> list[str]:
    """The changes of one table in words; none where nothing was kept, or nothing changed. A query where there are any."""
    return changes_of([evening]).get(evening.visit.pk, [])


def changes_of(evenings: Iterable[Evening]) -> dict[int, list[str]]:
    """The same of many tables by visit: one query, however many. Names of a sealed evening stay unsaid."""
    changed = [evening for evening in evenings if evening.has_unread_change and evening.revision is not None]
    if not changed:
        return {}
    numbers = {evening.visit.pk: evening.revision.number for evening in changed if evening.revision is not None}
    kept: dict[tuple[int, int], Any] = {
        (visit_id, number): content
        for visit_id, number, content in SheetRevision.objects.filter(
            visit__in=numbers, sheet=SheetKind.KITCHEN, number__in=set(numbers.values())
        ).values_list("visit_id", "number", "content")
    }
    found = {}
    for evening in changed:
        before = kept[evening.visit.pk, numbers[evening.visit.pk]]
        names = {**before.get("names", {}), **evening.names}
        if evening.visit.is_sealed:
            now = evening.names
            names = {ref: word if ref in now or ref[0] == "d" else _("Guest") for ref, word in names.items()}
        found[evening.visit.pk] = [in_words(one, names) for one in differences(before, evening.content)]
    return found

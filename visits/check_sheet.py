"""When a line of the check sheet has its answer."""

from visits.choices import NoteInput
from visits.entries import NoteEntry
from visits.models import NoteCategory


def is_answered(
    category: NoteCategory, entry: NoteEntry | None, *, has_note: bool, is_told: bool, all_asked: bool
) -> bool:
    """Whether a line of the check sheet has its answer.

    `is_told`: something that went wrong was told with one tap already; `all_asked`: everybody at the table was asked.
    """
    if category.entry == NoteInput.ALLERGY:
        return all_asked
    if has_note or (category.is_bad_news and is_told):
        return True
    if entry is None:
        return False
    # Only a yes-or-no line can be answered with なし.
    return bool(entry.text.strip() or entry.picked) or category.entry == NoteInput.YES_NO

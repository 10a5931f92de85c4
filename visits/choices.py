"""Words of the visit."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class VisitStatus(TextChoices):
    """A booking and its visit are one record."""

    RESERVED = "reserved", _("reserved")
    ARRIVED = "arrived", _("arrived")
    SEATED = "seated", _("seated")
    COMPLETED = "completed", _("completed")
    CANCELLED = "cancelled", _("cancelled")
    NO_SHOW = "no_show", _("no-show")


class Purpose(TextChoices):
    """Why they came."""

    HOSTING = "hosting", _("Business hosting (接待)")
    PRIVATE = "private", _("Private meal (私用)")
    ENGAGEMENT = "engagement", _("Engagement, families meet (結納・顔合わせ)")
    MEMORIAL = "memorial", _("Memorial (法事)")
    CELEBRATION = "celebration", _("Celebration (お祝い)")
    ANNIVERSARY = "anniversary", _("Anniversary (記念日)")
    REUNION = "reunion", _("Reunion (同窓会)")
    YEAR_END = "year_end", _("Year-end party (忘年会)")
    OTHER = "other", _("Other")


class AttendanceRole(TextChoices):
    """Who somebody was at the table."""

    HOST = "host", _("Host (主催)")
    GUEST_OF_HONOUR = "guest_of_honour", _("Guest of honour (主賓)")
    COMPANION = "companion", _("Companion (同席)")
    ARRANGER = "arranger", _("Arranger (幹事)")
    PAYER = "payer", _("Payer (支払者)")


class SeatedCheck(TextChoices):
    """The allergy check at the table, by a named person."""

    UNCHANGED = "unchanged", _("No change")
    CHANGED = "changed", _("Changed")
    NOT_YET = "not_yet", _("Not yet")


def answers_at_table(*, never_asked: bool) -> list[tuple[str, Promise]]:
    """Answers offered for somebody at the table. "No change" needs an answer on file; who was never asked has none."""
    if never_asked:
        return [(SeatedCheck.CHANGED, _("Has answered")), (SeatedCheck.NOT_YET, SeatedCheck.NOT_YET.label)]
    return [(answer.value, answer.label) for answer in SeatedCheck]


class NoteInput(TextChoices):
    """How a category of the check sheet is entered."""

    TEXT = "text", _("Text")
    YES_NO = "yes_no", _("None / yes, with text")
    STANDING = "standing", _("Text, always or this time")


class PromiseState(TextChoices):
    """What became of a promise."""

    OPEN = "open", _("not yet")
    KEPT = "kept", _("kept")
    RELEASED = "released", _("released")


class WarningKind(TextChoices):
    """What the person serving confirmed with a reason."""

    ALLERGY = "allergy", _("touches an allergy")
    SAME_DISH = "same_dish", _("served before")

"""Why a visit cannot be recorded as it was written."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from crm_project.core.problems import InputProblem
from crm_project.core.text import tidy
from visits.table_warnings import TableWarning


class RecordingRefused(InputProblem):
    """The visit cannot be recorded as it was written."""


class TooLong(RecordingRefused):
    """A text has more signs than are kept; nothing of it is cut in silence."""

    def __init__(self, length: int, most: int) -> None:
        super().__init__(
            _("%(length)s signs are too many: write it in %(most)s at most."), {"length": length, "most": most}
        )


def whole(words: str, most: int) -> str:
    """The words, tidy. Raises TooLong where they are more than `most` signs."""
    words = tidy(words)
    if len(words) > most:
        raise TooLong(len(words), most)
    return words


class UnconfirmedWarnings(RecordingRefused):
    """Warnings that nobody confirmed with a reason: `warnings`."""

    def __init__(self, warnings: Sequence[TableWarning]) -> None:
        super().__init__(
            ngettext_lazy(
                "%(count)s warning has to be confirmed with a reason: %(dishes)s",
                "%(count)s warnings have to be confirmed with a reason: %(dishes)s",
                len(warnings),
            ),
            {"count": len(warnings), "dishes": "、".join(dict.fromkeys(warning.dish.name for warning in warnings))},
        )
        self.warnings = list(warnings)


class VisitChangedMeanwhile(RecordingRefused):
    """Somebody else changed the visit since the form was opened; nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else has changed this visit meanwhile. Look at it again, then repeat your change.")
        )


class SettingChangedMeanwhile(InputProblem):
    """Somebody else changed the setting since the form was opened; nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else has changed this meanwhile. What stands now is shown below; nothing is saved yet.")
        )


class NoLongerFits(InputProblem):
    """Bookings ahead would collide in a room that is changed: `room`, `when` the first of them begins."""

    def __init__(self, room: str, when: str) -> None:
        super().__init__(
            _("The booking of %(when)s would lose its place in %(room)s. Move it first, then change the room."),
            {"room": room, "when": when},
        )
        self.room, self.when = room, when


class RoomTaken(RecordingRefused):
    """The room (or enough seats of it) is not free for the whole stay: `room`, `at` the first hour that is taken."""

    def __init__(self, room: str, at: str, free: int | None) -> None:
        if free is None:
            super().__init__(
                _("%(room)s is taken from %(at)s. Choose another room or another time."), {"room": room, "at": at}
            )
        else:
            super().__init__(
                ngettext_lazy(
                    "%(room)s has only %(free)s free seat at %(at)s. Choose another room or another time.",
                    "%(room)s has only %(free)s free seats at %(at)s. Choose another room or another time.",
                    free,
                ),
                {"room": room, "at": at, "free": free},
            )
        self.room, self.at, self.free = room, at, free


class UnconfirmedBooking(RecordingRefused):
    """What somebody has to confirm before a booking is taken so: `warnings`, sentences by key."""

    def __init__(self, warnings: Mapping[str, str]) -> None:
        super().__init__(_("Confirm, or change the booking: %(warnings)s"), {"warnings": " ".join(warnings.values())})
        self.warnings = dict(warnings)


class SeatingChangedMeanwhile(InputProblem):
    """Somebody else has placed the guests since the plan was opened."""

    def __init__(self) -> None:
        super().__init__(_("Somebody else placed the guests meanwhile. This is how they sit now."))

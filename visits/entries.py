"""What the form hands to the services: who sat there, what was noticed, which warnings were confirmed."""

from dataclasses import dataclass

from customers.models import Customer
from visits.choices import AttendanceRole, SeatedCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceEntry:
    """Somebody at the table: a known guest, or a companion by a label (お連れ①)."""

    customer: Customer | None = None
    label: str = ""
    role: str = AttendanceRole.HOST
    seated_check: str = SeatedCheck.NOT_YET


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteEntry:
    """The answer to one line of the check sheet; a blank text says that there was nothing (なし)."""

    text: str = ""
    is_standing: bool = False
    # Whom it is about; the first known guest when None.
    customer: Customer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Why a warning stands, and whether the dish was replaced before it reached the guest."""

    reason: str
    was_replaced: bool = False

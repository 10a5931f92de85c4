"""What the form hands to the services: who sat there, what was noticed, which warnings were confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from crm_project.core.accounts.models import User
from customers.models import Customer
from menus.models import Course
from visits.choices import AttendanceRole, Purpose, SeatedCheck
from visits.models import BookingSource, Occasion, Room


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceEntry:
    """Somebody at the table: a known guest, or a companion by a label (お連れ様①)."""

    customer: Customer | None = None
    label: str = ""
    role: str = AttendanceRole.HOST
    seated_check: str = SeatedCheck.NOT_YET
    # More than one only for a counted group (東和精密 ご一行 3名); None leaves a group as it was counted.
    headcount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteEntry:
    """The answer to one line of the check sheet; a blank text says that there was nothing (なし)."""

    text: str = ""
    # What was picked of the choices, or of the dishes at the table, by its words; `text` is then what was added.
    picked: Sequence[str] = ()
    is_standing: bool = False
    # Whom it is about; the first known guest when None.
    customer: Customer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Why a warning stands, and whether the dish was replaced before it reached the guest."""

    reason: str
    was_replaced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefingEntry:
    """What the arranger was asked in advance; blank is not asked. Amounts in yen, the fields are those of `Briefing`."""

    budget_per_head: Decimal | None = None
    with_drinks: bool = False
    with_tax: bool = False
    with_service: bool = False
    guests_of_honour: str = ""
    allergies_hosts: str = ""
    allergies_guests: str = ""
    allergies_guests_by: date | None = None
    gifts: str = ""
    cars: str = ""
    closing_time: time | None = None
    payer: str = ""
    receipt_name: str = ""
    board_name: str = ""
    no_board: bool = False
    wishes: str = ""
    deposit: Decimal | None = None
    deposit_received_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingEntry:
    """A booking as it is taken on the phone. `ends_at` None is as the venue's terms say; `tentative_until` makes it 仮,
    `has_arrived` a walk-in.
    """

    starts_at: datetime
    attendances: Sequence[AttendanceEntry]
    ends_at: datetime | None = None
    party_size: int = 1
    purpose: str = Purpose.PRIVATE
    room: Room | None = None
    takes_whole_room: bool = False
    tentative_until: datetime | None = None
    course: Course | None = None
    staff: User | None = None
    source: BookingSource | None = None
    contact: Customer | None = None
    contact_phone: str = ""
    occasion: Occasion | None = None
    outside_system: str = ""
    outside_id: str = ""
    has_arrived: bool = False
    briefing: BriefingEntry = BriefingEntry()

"""Visits: rooms and what is taken, bookings, who sat there, what was served, what was noticed."""

from visits.models.bookings import Briefing, FollowUp, TableDuty, WaitingParty
from visits.models.complaints import Complaint, RepeatedQuestion
from visits.models.drafts import VisitDraft
from visits.models.evening import (
    AdvanceAnswer,
    EveningTerms,
    GroupAllergy,
    SeatException,
    SheetRevision,
    TableNotice,
    TonightChange,
)
from visits.models.notes import Note, NoteCategory, SheetLine
from visits.models.occupancy import Occupancy
from visits.models.photos import VisitPhoto
from visits.models.promises import Promise
from visits.models.rooms import Room, RoomPart
from visits.models.seating import SeatingPlan
from visits.models.served import ConfirmedWarning, ServedDish
from visits.models.terms import BookingSource, BookingTerms, CancellationTerm, ClosedDay, FollowUpRule
from visits.models.visits import Attendance, Occasion, Visit, sealed_visit

__all__ = [
    "AdvanceAnswer",
    "Attendance",
    "BookingSource",
    "BookingTerms",
    "Briefing",
    "CancellationTerm",
    "ClosedDay",
    "Complaint",
    "ConfirmedWarning",
    "EveningTerms",
    "FollowUp",
    "FollowUpRule",
    "GroupAllergy",
    "Note",
    "NoteCategory",
    "Occasion",
    "Occupancy",
    "Promise",
    "RepeatedQuestion",
    "Room",
    "RoomPart",
    "SeatException",
    "SeatingPlan",
    "ServedDish",
    "SheetLine",
    "SheetRevision",
    "TableDuty",
    "TableNotice",
    "TonightChange",
    "Visit",
    "VisitDraft",
    "VisitPhoto",
    "WaitingParty",
    "sealed_visit",
]

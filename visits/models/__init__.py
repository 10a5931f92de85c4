"""Visits: rooms and what is taken, bookings, who sat there, what was served, what was noticed."""

from visits.models.bookings import Briefing, FollowUp, TableDuty, WaitingParty
from visits.models.drafts import VisitDraft
from visits.models.notes import Note, NoteCategory
from visits.models.occupancy import Occupancy
from visits.models.promises import Promise
from visits.models.rooms import Room, RoomPart
from visits.models.served import ConfirmedWarning, ServedDish
from visits.models.terms import BookingSource, BookingTerms, CancellationTerm, ClosedDay, FollowUpRule
from visits.models.visits import Attendance, Occasion, Visit

__all__ = [
    "Attendance",
    "BookingSource",
    "BookingTerms",
    "Briefing",
    "CancellationTerm",
    "ClosedDay",
    "ConfirmedWarning",
    "FollowUp",
    "FollowUpRule",
    "Note",
    "NoteCategory",
    "Occasion",
    "Occupancy",
    "Promise",
    "Room",
    "RoomPart",
    "ServedDish",
    "TableDuty",
    "Visit",
    "VisitDraft",
    "WaitingParty",
]

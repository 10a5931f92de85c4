"""Verbs of a visit, cut by subject."""

from visits.services.bookings import cancel_booking, change_booking, confirm_booking, fee_of, take_booking
from visits.services.check_sheet import change_category, create_category
from visits.services.drafts import discard_draft, keep_draft
from visits.services.figures import refresh_visit_figures
from visits.services.follow_ups import close_follow_up, plan_follow_ups
from visits.services.occupancy import lapse_tentative
from visits.services.recording import change_visit, record_visit
from visits.services.table import STEPS, advance_visit, check_at_table

__all__ = [
    "STEPS",
    "advance_visit",
    "cancel_booking",
    "change_booking",
    "change_category",
    "change_visit",
    "check_at_table",
    "close_follow_up",
    "confirm_booking",
    "create_category",
    "discard_draft",
    "fee_of",
    "keep_draft",
    "lapse_tentative",
    "plan_follow_ups",
    "record_visit",
    "refresh_visit_figures",
    "take_booking",
]

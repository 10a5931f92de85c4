"""Verbs of a visit, cut by subject."""

from visits.services.allergy_answers import answer_for_companion, answer_for_group, answer_for_guest, may_ask
from visits.services.bookings import cancel_booking, change_booking, confirm_booking, fee_of, take_booking
from visits.services.check_sheet import change_category, confirm_standing, create_category, end_standing
from visits.services.complaints import ask_again, change_complaint, report_complaint
from visits.services.drafts import discard_draft, is_newer_draft, keep_draft
from visits.services.duties import set_duties
from visits.services.emergency import report_served_allergen
from visits.services.figures import refresh_visit_figures
from visits.services.follow_ups import close_follow_up, follow_the_rule, plan_follow_ups, reopen_follow_up
from visits.services.house import (
    change_closed_day,
    change_evening_terms,
    change_room,
    change_rule,
    change_source,
    change_terms,
    create_closed_day,
    create_room,
    create_rule,
    create_source,
    remove_closed_day,
)
from visits.services.kitchen import (
    change_tonight,
    decide_for_seat,
    keep_same_dish,
    mark_ready,
    may_decide,
    read_sheets,
    see_notices,
    take_back_tonight,
    take_newer_course,
    undo_for_seat,
)
from visits.services.occasions import add_to_occasion, change_occasion, create_occasion, take_out_of_occasion
from visits.services.occupancy import lapse_tentative
from visits.services.recording import change_visit, record_visit
from visits.services.table import STEPS, advance_visit, check_at_table
from visits.services.waiting import add_waiting, book_waiting, change_waiting, give_up_waiting, wait_again

__all__ = [
    "STEPS",
    "add_to_occasion",
    "add_waiting",
    "advance_visit",
    "answer_for_companion",
    "answer_for_group",
    "answer_for_guest",
    "ask_again",
    "book_waiting",
    "cancel_booking",
    "change_booking",
    "change_category",
    "change_closed_day",
    "change_complaint",
    "change_evening_terms",
    "change_occasion",
    "change_room",
    "change_rule",
    "change_source",
    "change_terms",
    "change_tonight",
    "change_visit",
    "change_waiting",
    "check_at_table",
    "close_follow_up",
    "confirm_booking",
    "confirm_standing",
    "create_category",
    "create_closed_day",
    "create_occasion",
    "create_room",
    "create_rule",
    "create_source",
    "decide_for_seat",
    "discard_draft",
    "end_standing",
    "fee_of",
    "follow_the_rule",
    "give_up_waiting",
    "is_newer_draft",
    "keep_draft",
    "keep_same_dish",
    "lapse_tentative",
    "mark_ready",
    "may_ask",
    "may_decide",
    "plan_follow_ups",
    "read_sheets",
    "record_visit",
    "refresh_visit_figures",
    "remove_closed_day",
    "reopen_follow_up",
    "report_complaint",
    "report_served_allergen",
    "see_notices",
    "set_duties",
    "take_back_tonight",
    "take_booking",
    "take_newer_course",
    "take_out_of_occasion",
    "undo_for_seat",
    "wait_again",
]

"""Verbs of a visit, cut by subject."""

from visits.services.check_sheet import change_category, create_category
from visits.services.drafts import discard_draft, keep_draft
from visits.services.figures import refresh_visit_figures
from visits.services.recording import change_visit, record_visit
from visits.services.table import STEPS, advance_visit, check_at_table

__all__ = [
    "STEPS",
    "advance_visit",
    "change_category",
    "change_visit",
    "check_at_table",
    "create_category",
    "discard_draft",
    "keep_draft",
    "record_visit",
    "refresh_visit_figures",
]

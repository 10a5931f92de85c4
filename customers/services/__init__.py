"""Verbs of guests and companies, cut by subject."""

from customers.services.allergies import AllergyInput, allergy_values, set_allergies
from customers.services.attributes import confirm_attribute, move_attribute, write_attribute, write_purposes
from customers.services.companies import change_company, find_or_create_company
from customers.services.food import DietInput
from customers.services.guests import change_customer, create_customer, note_known_at, plain_values
from customers.services.indexing import index_guests
from customers.services.merges import (
    LaterRow,
    MergeRefused,
    Undone,
    gather_late_rows,
    merge_guests,
    rows_since,
    tell_apart,
    undo_merge,
)
from customers.services.pointing import write_pointed_answer
from customers.services.postcodes import replace_postcodes
from customers.services.proposals import write_proposals
from customers.services.ranks import write_rank
from customers.services.reach import ConsentInput, PhoneInput, tidy_phones

__all__ = [
    "AllergyInput",
    "ConsentInput",
    "DietInput",
    "LaterRow",
    "MergeRefused",
    "PhoneInput",
    "Undone",
    "allergy_values",
    "change_company",
    "change_customer",
    "confirm_attribute",
    "create_customer",
    "find_or_create_company",
    "gather_late_rows",
    "index_guests",
    "merge_guests",
    "move_attribute",
    "note_known_at",
    "plain_values",
    "replace_postcodes",
    "rows_since",
    "set_allergies",
    "tell_apart",
    "tidy_phones",
    "undo_merge",
    "write_attribute",
    "write_pointed_answer",
    "write_proposals",
    "write_purposes",
    "write_rank",
]

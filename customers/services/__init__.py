"""Verbs of guests and companies, cut by subject."""

from customers.services.allergies import (
    AllergyInput,
    allergen_value,
    allergy_statement,
    allergy_values,
    set_allergies,
    statement_of,
)
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
from customers.services.presence import announce_open, forget_open
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
    "allergen_value",
    "allergy_statement",
    "allergy_values",
    "announce_open",
    "change_company",
    "change_customer",
    "confirm_attribute",
    "create_customer",
    "find_or_create_company",
    "forget_open",
    "gather_late_rows",
    "index_guests",
    "merge_guests",
    "move_attribute",
    "note_known_at",
    "plain_values",
    "replace_postcodes",
    "rows_since",
    "set_allergies",
    "statement_of",
    "tell_apart",
    "tidy_phones",
    "undo_merge",
    "write_attribute",
    "write_pointed_answer",
    "write_proposals",
    "write_purposes",
    "write_rank",
]

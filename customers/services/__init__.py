"""Verbs of guests and companies, cut by subject."""

from customers.services.allergies import AllergyInput, allergy_values, set_allergies
from customers.services.companies import change_company, find_or_create_company
from customers.services.guests import (
    PhoneInput,
    change_customer,
    create_customer,
    note_known_at,
    plain_values,
    tidy_phones,
)
from customers.services.indexing import index_guests
from customers.services.ranks import write_rank

__all__ = [
    "AllergyInput",
    "PhoneInput",
    "allergy_values",
    "change_company",
    "change_customer",
    "create_customer",
    "find_or_create_company",
    "index_guests",
    "note_known_at",
    "plain_values",
    "set_allergies",
    "tidy_phones",
    "write_rank",
]

"""Which records are the same person: blocking, comparison levels, Fellegi-Sunter weights, reasons.

Pure: no Django, no database. docs/matching.md tells the method; `customers.duplicates` feeds it with guests.
"""

from customers.matching.fields import Reason
from customers.matching.finder import Match, best_matches, find_pairs
from customers.matching.model import Model, default_model, estimate_model
from customers.matching.persons import Person, make_person

__all__ = [
    "Match",
    "Model",
    "Person",
    "Reason",
    "best_matches",
    "default_model",
    "estimate_model",
    "find_pairs",
    "make_person",
]

"""The input boundary of guests, cut by subject."""

from customers.forms.allergies import AllergyForm
from customers.forms.answers import AttributeForm, PurposesForm
from customers.forms.entering import GuestForm, QuickGuestForm
from customers.forms.guest import CustomerForm
from customers.forms.pointing import PointingForm
from customers.forms.search import SearchForm

__all__ = [
    "AllergyForm",
    "AttributeForm",
    "CustomerForm",
    "GuestForm",
    "PointingForm",
    "PurposesForm",
    "QuickGuestForm",
    "SearchForm",
]

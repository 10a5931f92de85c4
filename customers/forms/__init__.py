"""The input boundary of guests, cut by subject."""

from customers.forms.allergies import AllergyForm
from customers.forms.answers import AttributeForm, PurposesForm
from customers.forms.company import CompanyForm
from customers.forms.entering import GuestForm, QuickGuestForm
from customers.forms.guest import CustomerForm
from customers.forms.inline import InlineForm
from customers.forms.pointing import PointingForm
from customers.forms.search import SearchForm

__all__ = [
    "AllergyForm",
    "AttributeForm",
    "CompanyForm",
    "CustomerForm",
    "GuestForm",
    "InlineForm",
    "PointingForm",
    "PurposesForm",
    "QuickGuestForm",
    "SearchForm",
]

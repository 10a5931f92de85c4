"""The address of a postcode, filled into the form: a piece of the page by htmx, the whole page without."""

from dataclasses import dataclass, field

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.rights import Right
from customers.forms import CustomerForm
from customers.guest_values import ADDRESS_PREFIXES
from customers.models import PostalCode
from customers.normalising import kept
from customers.queries import towns_of

# The button's name; its value is the address it belongs to ("office_") and, once chosen, the town ("office_:12").
FILL = "fill"


@dataclass(slots=True)
class Fill:
    """What came of a tap on the button: the typed form with the address, or towns to choose from, or neither."""

    prefix: str
    data: QueryDict
    towns: list[PostalCode] = field(default_factory=list)
    is_unknown: bool = False


def fill_address(sent: QueryDict) -> Fill:
    """Fill the address of the postcode into what was sent, in front of what stands there. Raises BadRequest for nonsense."""
    prefix, _colon, chosen = sent.get(FILL, "").partition(":")
    if prefix not in ADDRESS_PREFIXES.values() or (chosen and not chosen.isdecimal()):
        raise BadRequest
    fill = Fill(prefix, sent.copy())
    code = kept("postal_code", sent.get(f"{prefix}postal_code", ""))
    towns = towns_of(code)
    if chosen:
        towns = [town for town in towns if town.pk == int(chosen)]
    if len(towns) == 1:
        written = kept("address", sent.get(f"{prefix}address", ""))
        place = towns[0]
        if not written.startswith((place.address, f"{place.prefecture}{place.city}")):
            fill.data[f"{prefix}address"] = f"{place.address}{written}"
    else:
        fill.towns, fill.is_unknown = towns, not towns
    return fill


@right_required(Right.EDIT_GUESTS)
@require_POST
def postcode(request: HttpRequest) -> HttpResponse:
    """The address field with what the postcode tells, or the towns to choose from below it."""
    user = as_user(request.user)
    if not user.has_right(Right.VIEW_CONTACTS):
        raise PermissionDenied
    fill = fill_address(request.POST)
    form = CustomerForm(user=user, typed=fill.data)
    context = {"form": form, "prefix": fill.prefix, "address": form[f"{fill.prefix}address"], "fill": fill}
    return render(request, "customers/_address.html", context)

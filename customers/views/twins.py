"""Who may be the guest that is being typed, asked while somebody is still typing."""

import re
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.rights import Right
from customers.duplicates import likely_same, newly_written
from customers.forms.entering import MOST_PHONES, GuestForm
from customers.models import Customer
from customers.normalising import kept

PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,50}")
LONGEST = 200
WORDS = ("name", "kana", "email")
PHONES = ("phone", *(f"phone_{position}" for position in range(MOST_PHONES)))


@right_required(Right.EDIT_GUESTS)
@require_POST
def same(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The guests who may be who is typed (name, kana, numbers; `prefix` of the form), and the answer that it is another person.

    With `pk` that guest is being changed: only what does not stand on the card yet is asked about. Nothing is stored.
    What was found is noted as a search: its answer tells of guests.
    """
    user = as_user(request.user)
    customer = None if pk is None else get_object_or_404(Customer.objects.visible_to(user), pk=pk)
    prefix = request.GET.get("prefix", "")
    if prefix and not PREFIX.fullmatch(prefix):
        raise BadRequest("This form is not known.")
    form = GuestForm(request.POST, prefix=prefix or None)

    def typed(field: str) -> str:
        return kept(field, request.POST.get(form.add_prefix(field), "")[:LONGEST])

    values = {name: typed(name) for name in WORDS} | {"phones": list(map(typed, PHONES))}
    asked = newly_written(values, _known_of(customer) if customer else {})
    found = likely_same(user, but=customer, **asked) if asked else []
    if found:
        record(
            by=user,
            action=Action.SEARCHED,
            subject_type=Customer._meta.label_lower,
            subject_name=[*(asked[name] for name in WORDS if name in asked), *asked.get("phones", ())][0],
        )
    return render(request, "customers/_same_found.html", {"form": form, "guests": found})


def _known_of(customer: Customer) -> dict[str, Any]:
    """What stands on the card of that which is compared while somebody types."""
    words = {name: getattr(customer, name) for name in WORDS}
    return words | {"phones": [(phone.label, phone.written) for phone in customer.phones.all()]}

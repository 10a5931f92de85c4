"""Who may be the guest that is being typed, asked while somebody is still typing."""

import re

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.rights import Right
from customers.duplicates import likely_same
from customers.forms.entering import GuestForm
from customers.models import Customer
from customers.normalising import kept

PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,50}")
LONGEST = 200
PHONES = ("phone", "phone_0", "phone_1")


@right_required(Right.EDIT_GUESTS)
@require_POST
def same(request: HttpRequest) -> HttpResponse:
    """The guests who may be who is typed (name, kana, phones; `prefix` of the form), and the answer that it is another person.

    Nothing is stored. What was found is noted as a search: its answer tells of guests.
    """
    user = as_user(request.user)
    prefix = request.GET.get("prefix", "")
    if prefix and not PREFIX.fullmatch(prefix):
        raise BadRequest("This form is not known.")
    form = GuestForm(request.POST, prefix=prefix or None)

    def typed(field: str) -> str:
        return kept(field, request.POST.get(form.add_prefix(field), "")[:LONGEST])

    name, kana, phones = typed("name"), typed("kana"), list(filter(None, map(typed, PHONES)))
    found = likely_same(user, name=name, kana=kana, phones=phones) if name or kana or phones else []
    if found:
        record(
            by=user,
            action=Action.SEARCHED,
            subject_type=Customer._meta.label_lower,
            subject_name=name or kana or phones[0],
        )
    return render(request, "customers/_same_found.html", {"form": form, "guests": found})

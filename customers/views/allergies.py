"""What is known of a guest's allergies."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from customers.conflicts import VersionConflict
from customers.forms import AllergyForm
from customers.history import last_change
from customers.models import Customer
from customers.queries import for_card
from customers.services import set_allergies


@right_required(Right.EDIT_GUESTS)
def allergies(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of a guest's allergies."""
    user = as_user(request.user)
    customer = get_object_or_404(Customer.objects.visible_to(user), pk=pk)
    form = AllergyForm(request.POST or None, customer=customer)
    context: dict[str, Any] = {"customer": customer}
    if request.method == "POST" and form.is_valid():
        try:
            set_allergies(customer=customer, by=user, version=form.cleaned_data["version"], **form.allergy_values())
        except VersionConflict as conflict:
            data = request.POST.copy()
            data["version"] = str(conflict.version)
            form = AllergyForm(data, customer=customer)
            context |= {"other": last_change(customer), "stands": for_card(user).get(pk=pk)}
        else:
            messages.success(request, _("Saved."))
            return redirect("customers:card", pk)
    return render_page(
        request, "customers/allergies.html", context | {"form": form}, status=422 if form.is_bound else 200
    )

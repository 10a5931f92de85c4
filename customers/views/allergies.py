"""What is known of a guest's allergies."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.allergens.choices import Severity
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from customers.conflicts import VersionConflict
from customers.forms import AllergyForm
from customers.history import last_change
from customers.models import Customer
from customers.services import allergen_value, forget_open, set_allergies
from customers.views.choosing import Conflict, as_chosen, conflict_page, with_theirs
from customers.views.editing import live_form
from customers.wording import value_in_words


@right_required(Right.EDIT_GUESTS)
def allergies(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of a guest's allergies. Nobody's answer is undone unseen: not one allergen of it."""
    user = as_user(request.user)
    customer = get_object_or_404(Customer.objects.visible_to(user), pk=pk)
    form = fresh = AllergyForm(customer=customer)
    context: dict[str, Any] = {"customer": customer}
    if request.method == "POST":
        form = AllergyForm(as_chosen(request.POST, fresh), customer=customer)
        if form.is_valid():
            try:
                set_allergies(
                    customer=customer,
                    by=user,
                    version=form.cleaned_data["version"],
                    base=form.base(),
                    **form.allergy_values(),
                )
            except VersionConflict as conflict:
                form, context["conflict"] = _answer_conflict(conflict, form, customer)
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                forget_open(customer=customer, by=user)
                messages.success(request, _("Saved."))
                return redirect("customers:card", pk)
    context |= {"form": form, "live": live_form(request, customer, form, context.get("conflict"))}
    return render_page(request, "customers/allergies.html", context, status=422 if form.is_bound else 200)


def _answer_conflict(conflict: VersionConflict, form: AllergyForm, customer: Customer) -> tuple[AllergyForm, Conflict]:
    current = Customer.objects.get(pk=customer.pk)
    fresh = AllergyForm(customer=current)
    base = form.base()
    touched = {line.field for line in conflict.conflicts} if base is None else _touched(form, conflict)
    data = with_theirs(form.data, fresh, touched)
    labels = {allergen_value(line.allergen.pk): line.allergen.name for line in fresh.sheet}

    def in_words(name: str, value: Any) -> tuple[str, str]:
        if name not in labels:
            return value_in_words(name, value)
        severity, note = value or ("", "")
        return labels[name], " ".join(filter(None, [str(Severity(severity).label) if severity else "", note]))

    page = conflict_page(
        conflict.conflicts, data=data, fresh=fresh, touched=touched, other=last_change(current), in_words=in_words
    )
    return AllergyForm(data, customer=current), page


def _touched(form: AllergyForm, conflict: VersionConflict) -> set[str]:
    """What the person wrote there: what theirs is taken over for is as it stood before."""
    mine = form.statement()
    base = form.base() or {}
    return {name for name in {*mine, *base} if mine.get(name) != base.get(name)}

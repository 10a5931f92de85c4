"""Promises on the guest's card: written in one line, kept or released in one tap."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from customers.models import Customer
from visits.models import Promise
from visits.services.promises import close_promise, make_promise
from visits.views.check_sheet import back_to


@right_required(Right.LOG_VISITS)
@require_POST
def make(request: HttpRequest, customer_pk: int) -> HttpResponse:
    """Write down a promise to a guest."""
    user, venue = as_user(request.user), active_venue(request)
    customer = get_object_or_404(Customer.objects.visible_to(user), pk=customer_pk)
    if venue is None or not user.has_right(Right.LOG_VISITS, venue):
        raise PermissionDenied
    try:
        make_promise(
            customer=customer,
            venue=venue,
            by=user,
            text=request.POST.get("text", ""),
            due_on=read_day(request.POST.get("due_on", "")),
        )
    except InputProblem as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("Noted."))
    return redirect(_card(customer.pk))


@right_required(Right.LOG_VISITS)
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Kept, or released."""
    user = as_user(request.user)
    promise = get_object_or_404(Promise.objects.visible_to(user), pk=pk)
    try:
        close_promise(
            promise=promise, by=user, state=request.POST.get("state", ""), reason=request.POST.get("reason", "")
        )
    except InputProblem as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("Saved."))
    return redirect(back_to(request, _card(promise.customer_id)))


def read_day(typed: str) -> date | None:
    """The day of a date field; None where there is none. Raises InputProblem for anything else."""
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError as wrong:
        raise InputProblem(gettext_lazy("Write the day as a date, for example 2026-12-24.")) from wrong


def _card(pk: int) -> str:
    return f"{reverse('customers:card', args=[pk])}#promises"

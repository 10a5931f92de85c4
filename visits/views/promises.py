"""Promises on the guest's card: written in one line, kept or released in one tap."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from customers.models import Customer
from visits.choices import PromiseState
from visits.models import Promise
from visits.promise_forms import PromiseForm, ReleaseForm
from visits.services.promises import close_promise, make_promise
from visits.views.check_sheet import back_to


@right_required(Right.LOG_VISITS)
def make(request: HttpRequest, customer_pk: int) -> HttpResponse:
    """Write down a promise to a guest: one line on the card; refused it stands on a page of its own, as it was typed."""
    user, venue = as_user(request.user), active_venue(request)
    customer = get_object_or_404(Customer.objects.visible_to(user), pk=customer_pk)
    if venue is None or not user.has_right(Right.LOG_VISITS, venue):
        raise PermissionDenied
    posted = request.method == "POST"
    form = PromiseForm(request.POST if posted else None)
    if posted and form.is_valid():
        make_promise(customer=customer, venue=venue, by=user, **form.cleaned_data)
        messages.success(request, _("Noted."))
        return redirect(_card(customer.pk))
    return _page(request, form, customer, None, _card(customer.pk))


@right_required(Right.LOG_VISITS)
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Kept, or released; without a reason that can be kept, a page of its own asks for one."""
    user = as_user(request.user)
    promise = get_object_or_404(Promise.objects.visible_to(user).select_related("customer"), pk=pk)
    back = back_to(request, _card(promise.customer_id))
    state, reason = request.POST.get("state", ""), ""
    if state == PromiseState.RELEASED and promise.state == PromiseState.OPEN:
        form = ReleaseForm(request.POST)
        if not form.is_valid():
            return _page(request, form, promise.customer, promise, back)
        reason = form.cleaned_data["reason"]
    try:
        close_promise(promise=promise, by=user, state=state, reason=reason)
    except InputProblem as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("Saved."))
    return redirect(back)


def _page(
    request: HttpRequest, form: PromiseForm | ReleaseForm, guest: Customer, promise: Promise | None, back: str
) -> HttpResponse:
    context = {"form": form, "guest": guest, "promise": promise, "back": back}
    return render_page(request, "visits/promise_form.html", context, status=422 if form.is_bound else 200)


def _card(pk: int) -> str:
    return f"{reverse('customers:card', args=[pk])}#promises"

"""What an open card or form is told while it stays open."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from crm_project.core.accounts.models import as_user
from customers.history import changes_since
from customers.models import Company, Customer
from customers.navigation import may_edit
from customers.presence import LiveState, people_at, shown
from customers.services import announce_open
from customers.views.editing import whole_number


@require_http_methods(["GET", "POST"])
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """204 as long as nothing is new; else who changed what since the page was opened and who is at the form.

    GET by cards, POST by forms, which say with it that they are still open. The right to open the guest is asked for each
    time; the look was noted when the page was opened.
    """
    user = as_user(request.user)
    is_form = request.method == "POST"
    if is_form and not may_edit(user):
        raise PermissionDenied
    customer = get_object_or_404(Customer.objects.visible_to(user).only("name", "version"), pk=pk)
    if is_form:
        announce_open(customer=customer, by=user)
    people = people_at(customer, user)
    if shown(customer, people) == request.GET.get("shown"):
        return HttpResponse(status=204)
    version, mark = whole_number(request.GET.get("version")), whole_number(request.GET.get("mark"))
    state = LiveState(
        subject=customer,
        version=version,
        mark=mark,
        is_form=is_form,
        people=people,
        changes=changes_since(customer, user, mark) if customer.version != version else (),
    )
    return render(request, "customers/_live_state.html", {"live": state})


@require_http_methods(["GET", "POST"])
def live_company(request: HttpRequest, pk: int) -> HttpResponse:
    """The same of a company, on its page (GET) and its form (POST): who changed what since it was opened."""
    user = as_user(request.user)
    is_form = request.method == "POST"
    if is_form and not may_edit(user):
        raise PermissionDenied
    company = get_object_or_404(Company.objects.visible_to(user).only("name", "version"), pk=pk)
    if shown(company, ()) == request.GET.get("shown"):
        return HttpResponse(status=204)
    version, mark = whole_number(request.GET.get("version")), whole_number(request.GET.get("mark"))
    state = LiveState(
        subject=company,
        version=version,
        mark=mark,
        is_form=is_form,
        people=(),
        changes=changes_since(company, user, mark) if company.version != version else (),
    )
    return render(request, "customers/_live_state.html", {"live": state})

"""Who must not meet: all pairs, and those of a guest or a firm; for who holds the right alone."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from crm_project.core.ui.paging import numbered_page
from customers.apart import apart_from, pairs_for
from customers.apart_forms import KeepApartForm
from customers.models import Company, Customer, KeepApart
from customers.picker import read_picker
from customers.services.apart import Side, end_keep_apart, keep_apart

knows = right_required(Right.KEEP_APART)
PAGE = 50


@knows
def pairs(request: HttpRequest) -> HttpResponse:
    """All pairs the person may know of; every look at them is noted."""
    user = as_user(request.user)
    record(by=user, action=Action.VIEWED, subject_type=KeepApart._meta.label_lower)
    page = numbered_page(pairs_for(user), request.GET.get("page"), size=PAGE)
    return render_page(request, "customers/apart_list.html", {"page": page})


@knows
def of_guest(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom a guest must not meet; one more."""
    guests = Customer.objects.visible_to(as_user(request.user)).select_related("company")
    return _page(request, get_object_or_404(guests, pk=pk), "customers:card")


@knows
def of_company(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom the people of a firm must not meet; one more."""
    found = get_object_or_404(Company.objects.visible_to(as_user(request.user)), pk=pk)
    return _page(request, found, "customers:company")


def _page(request: HttpRequest, subject: Side, back: str) -> HttpResponse:
    user = as_user(request.user)
    posted = request.POST if request.method == "POST" else None
    form = KeepApartForm(posted, user=user)
    picker = read_picker(posted, user=user, name="other", required=False)
    if posted is not None and form.is_valid() and picker.is_valid():
        other = picker.save(by=user, venue=active_venue(request)) or form.company
        try:
            if other is None:
                raise InputProblem(_("Choose a guest, or write a firm."))
            keep_apart(one=subject, other=other, by=user, note=form.cleaned_data["note"])
        except InputProblem as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Saved."))
            return redirect(request.path)
    record(by=user, action=Action.VIEWED, subject=subject)
    context = {
        "subject": subject,
        "guest": subject if isinstance(subject, Customer) else None,
        "pairs": apart_from(subject, user),
        "form": form,
        "picker": picker,
        "back": back,
    }
    return render_page(request, "customers/apart.html", context, status=200 if posted is None else 422)


@knows
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """They may meet again."""
    user = as_user(request.user)
    pair = get_object_or_404(KeepApart.objects.visible_to(user), pk=pk)
    end_keep_apart(pair=pair, by=user)
    messages.success(request, _("They may meet again."))
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return redirect(target)
    return redirect("customers:apart")

"""The card a guest points at who speaks no Japanese: on the screen of the one who asks, or printed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from customers.conflicts import VersionConflict
from customers.forms import PointingForm
from customers.history import last_change
from customers.queries import for_card
from customers.services import write_pointed_answer


@right_required(Right.EDIT_GUESTS, Right.LOG_VISITS)
@require_http_methods(["GET", "POST"])
def pointing(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The card; of a guest its ticks are saved as the answer, without one it is a sheet to show and to print."""
    user = as_user(request.user)
    if pk is None:
        return render_page(request, "customers/pointing.html", {"form": PointingForm()})
    if not user.has_right(Right.EDIT_GUESTS):
        raise PermissionDenied
    customer = get_object_or_404(for_card(user), pk=pk)
    form = PointingForm(request.POST or None, customer=customer)
    context: dict[str, Any] = {"customer": customer}
    if request.method == "GET":
        record(by=user, action=Action.VIEWED, subject=customer)
    elif form.is_valid():
        try:
            write_pointed_answer(customer=customer, by=user, **form.answer())
        except ValidationError as refusal:
            form.add_error(None, refusal)
        except VersionConflict:
            # The ticks show what stands now: the guest points again, rather than that an answer is mixed from two.
            customer = for_card(user).get(pk=pk)
            form = PointingForm(customer=customer)
            context |= {"customer": customer, "other": last_change(customer), "is_conflict": True}
        else:
            messages.success(request, _("Saved."))
            return redirect("customers:card", pk)
    return render_page(
        request, "customers/pointing.html", context | {"form": form}, status=422 if request.method == "POST" else 200
    )

"""The guest's card."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from crm_project.core.accounts.models import as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.rights import Right
from crm_project.core.timeline.panel import timeline_fragment
from crm_project.core.ui.htmx import render_page
from customers.history import changes_of, reads_of
from customers.navigation import may_edit
from customers.presence import opened
from customers.queries import for_card


def card(request: HttpRequest, pk: int) -> HttpResponse:
    """The guest's card; every look at it is noted."""
    user = as_user(request.user)
    customer = get_object_or_404(for_card(user).prefetch_related("phones"), pk=pk)
    look = record(by=user, action=Action.VIEWED, subject=customer)
    if (fragment := timeline_fragment(request, customer)) is not None:
        return fragment
    context = {
        "customer": customer,
        "sees_contacts": user.has_right(Right.VIEW_CONTACTS),
        "may_edit": may_edit(user),
        "changes": changes_of(customer, user),
        "reads": reads_of(customer, user),
        "live": opened(customer, user, mark=look.pk),
    }
    return render_page(request, "customers/card.html", context)

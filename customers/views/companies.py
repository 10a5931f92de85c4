"""A company and its guests."""

from itertools import groupby
from operator import attrgetter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from crm_project.core.accounts.models import as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.rights import Right
from crm_project.core.timeline.panel import timeline_fragment
from crm_project.core.ui.htmx import render_page
from crm_project.core.ui.paging import numbered_page
from customers.family import former_people
from customers.models import Company
from customers.navigation import may_edit
from customers.queries import guests_of

PAGE = 30


def company(request: HttpRequest, pk: int) -> HttpResponse:
    """A company, its guests by department and who held a post there."""
    user = as_user(request.user)
    found = get_object_or_404(Company.objects.visible_to(user), pk=pk)
    record(by=user, action=Action.VIEWED, subject=found)
    if (fragment := timeline_fragment(request, found)) is not None:
        return fragment
    page = numbered_page(guests_of(found, user), request.GET.get("page"), size=PAGE)
    context = {
        "company": found,
        "page": page,
        "departments": [(name, list(guests)) for name, guests in groupby(page.rows, attrgetter("department"))],
        "former": former_people(found, user),
        "special_days": list(found.special_days.all()),
        "may_edit": may_edit(user),
        "sees_contacts": user.has_right(Right.VIEW_CONTACTS),
    }
    return render_page(request, "customers/company.html", context)

"""A company and its guests."""

from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.history import in_words_of
from crm_project.core.audit.models import AuditEntry
from crm_project.core.audit.services import record
from crm_project.core.rights import Right
from crm_project.core.timeline.panel import timeline_fragment
from crm_project.core.ui.htmx import render_page
from crm_project.core.ui.paging import numbered_page_of
from customers.conflicts import VersionConflict
from customers.family import former_people
from customers.forms import CompanyForm
from customers.models import Company
from customers.navigation import may_edit
from customers.presence import LiveState, opened
from customers.queries import guest_lines, guests_of
from customers.services import change_company
from customers.views.choosing import Conflict, as_chosen, conflict_page, with_theirs
from customers.views.editing import refuse, whole_number

PAGE = 30


def company(request: HttpRequest, pk: int) -> HttpResponse:
    """A company, its guests by department and who held a post there."""
    user = as_user(request.user)
    found = get_object_or_404(Company.objects.visible_to(user), pk=pk)
    look = record(by=user, action=Action.VIEWED, subject=found)
    if (fragment := timeline_fragment(request, found)) is not None:
        return fragment
    page = numbered_page_of(guests_of(found, user), request.GET.get("page"), guest_lines, size=PAGE)
    context = {
        "company": found,
        "page": page,
        "departments": [(name, list(guests)) for name, guests in groupby(page.rows, attrgetter("department"))],
        "former": former_people(found, user),
        "special_days": list(found.special_days.all()),
        "may_edit": may_edit(user),
        "sees_contacts": user.has_right(Right.VIEW_CONTACTS),
        "live": opened(found, user, mark=look.pk),
    }
    return render_page(request, "customers/company.html", context)


@right_required(Right.EDIT_GUESTS)
def edit_company(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a company. When two people changed the same, before, theirs and mine are shown and the typing is kept."""
    user = as_user(request.user)
    found = get_object_or_404(Company.objects.visible_to(user), pk=pk)
    sees_contacts = user.has_right(Right.VIEW_CONTACTS)
    form = fresh = CompanyForm(company=found, sees_contacts=sees_contacts)
    context: dict[str, Any] = {"company": found}
    if request.method == "POST":
        form = CompanyForm(as_chosen(request.POST, fresh), company=found, sees_contacts=sees_contacts)
        if form.is_valid():
            try:
                change_company(
                    company=found,
                    by=user,
                    version=form.cleaned_data["version"] or 0,
                    base=form.base(),
                    **form.touched_values(),
                )
            except VersionConflict as conflict:
                form, context["conflict"] = _answer_conflict(conflict, form, found, sees_contacts=sees_contacts)
            except ValidationError as refusal:
                refuse(form, refusal)
            else:
                messages.success(request, _("Saved."))
                return redirect("customers:company", pk)
    context |= {"form": form, "live": _live_form(request, found, form, context.get("conflict"))}
    return render_page(request, "customers/company_form.html", context, status=422 if form.is_bound else 200)


def _live_form(request: HttpRequest, company: Company, form: CompanyForm, conflict: Conflict | None) -> LiveState:
    """Note the look, and tell from which moment on the open form hears of changes."""
    user = as_user(request.user)
    if not form.is_bound:
        return opened(company, user, mark=record(by=user, action=Action.VIEWED, subject=company).pk, is_form=True)
    mark = conflict.other.pk if conflict and conflict.other else whole_number(request.POST.get("mark"))
    return opened(company, user, mark=mark, is_form=True, version=whole_number(form["version"].value()))


def _answer_conflict(
    conflict: VersionConflict, form: CompanyForm, company: Company, *, sees_contacts: bool
) -> tuple[CompanyForm, Conflict]:
    current = Company.objects.get(pk=company.pk)
    fresh = CompanyForm(company=current, sees_contacts=sees_contacts)
    touched = form.touched_values().keys()
    data = with_theirs(form.data, fresh, touched)
    page = conflict_page(
        conflict.conflicts,
        data=data,
        fresh=fresh,
        touched=touched,
        other=AuditEntry.objects.about(current).changes().first(),
        in_words=partial(in_words_of, Company),
    )
    return CompanyForm(data, company=current, sees_contacts=sees_contacts), page

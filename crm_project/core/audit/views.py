"""The trail: who read and who changed what."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from crm_project.core.audit.forms import AuditFilterForm
from crm_project.core.audit.history import in_words
from crm_project.core.audit.models import AuditEntry
from crm_project.core.audit.scopes import entries_for, take_names_off
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from crm_project.core.ui.paging import cursor_page

PAGE = 50
AMOUNTS = frozenset({"amount", "amount_total", "amounts"})


@require_GET
def entries(request: HttpRequest) -> HttpResponse:
    """The trail of the person's venues and of the house, newest first; without amounts for who may see no money."""
    # The guard of accounts lies above this app; the right is asked for here.
    if not request.user.has_right(Right.VIEW_AUDIT):  # type: ignore[union-attr]
        raise PermissionDenied
    form = AuditFilterForm(request.GET)
    user: Any = request.user
    page = cursor_page(
        entries_for(user, form.filter(AuditEntry.objects.all())), request.GET.get("after", ""), size=PAGE
    )
    take_names_off(user, page.rows)
    if not user.has_right(Right.VIEW_MONEY):
        for entry in page.rows:
            entry.changes = {name: change for name, change in entry.changes.items() if name not in AMOUNTS}
    context = {"form": form, "page": page, "lines": in_words(page.rows)}
    return render_page(request, "audit/list.html", context, fragment="trail")

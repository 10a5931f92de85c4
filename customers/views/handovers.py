"""引き継ぎ書: what a colleague hands over, guest by guest; given to successors in one step, ticked by them one by one."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.accounts.services import manages_all_venues_of
from crm_project.core.audit.history import history_of
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import is_fragment, render_page
from crm_project.core.ui.paging import numbered_page
from customers.handover import companies_in, guests_for, lines_of, state_of, still_held
from customers.handover_forms import CHOSEN, AssignForm, HandoverForm
from customers.models import Handover, HandoverGuest
from customers.services.handovers import (
    HandoverChangedMeanwhile,
    assign_guests,
    finish_handover,
    start_handover,
    take_over,
)

PAGE, PRINTED = 20, 200
TO_ASSIGN, TO_TAKE = "to_assign", "to_take"
MOST_DIGITS = 18

leads = right_required(Right.HAND_OVER)
hands_over = right_required(Right.HAND_OVER, Right.LOG_VISITS, Right.EDIT_DEALS)


@hands_over
def handovers(request: HttpRequest) -> HttpResponse:
    """Handovers one leads, gives or takes a part of; the running ones first."""
    user = as_user(request.user)
    rows = (
        Handover.objects.visible_to(user)
        .select_related("from_user", "started_by")
        .annotate(
            total=Count("guests"),
            without=Count("guests", filter=Q(guests__successor=None)),
            taken=Count("guests__taken_over_at"),
        )
        .order_by(F("closed_at").desc(nulls_first=True), "-started_at", "-pk")
    )
    page = numbered_page(rows, request.GET.get("page"), size=PAGE)
    return render_page(
        request, "customers/handovers.html", {"page": page, "may_start": user.has_right(Right.HAND_OVER)}
    )


@leads
def start(request: HttpRequest) -> HttpResponse:
    """Begin a handover; `person` of the address is who hands over."""
    user = as_user(request.user)
    asked = request.GET.get("person", "")
    initial = {"from_user": int(asked)} if asked.isdecimal() and len(asked) <= MOST_DIGITS else {}
    form = HandoverForm(request.POST or None, by=user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            found = start_handover(by=user, **form.cleaned_data)
        except InputProblem as problem:
            form.add_error(None, str(problem))
        else:
            return redirect("customers:handover", found.pk)
    return render_page(request, "customers/handover_start.html", {"form": form}, status=422 if form.errors else 200)


@hands_over
def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """One handover: its guests by rank with what is open about them; every guest's file shown is a look at it."""
    return _page(request, _found(request, pk))


@leads
@require_POST
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give guests and open work to successors, all or those ticked, in one step."""
    user, found = as_user(request.user), _found(request, pk)
    may_close = manages_all_venues_of(user, found.from_user)
    form = AssignForm(request.POST, handover=found, may_close=may_close)
    if not form.is_valid():
        return _page(request, found, form=form)
    values = form.cleaned_data
    chosen = _numbers(request.POST.getlist("guest")) if values["which"] == CHOSEN else None
    try:
        count = assign_guests(
            handover=found,
            by=user,
            version=values["version"],
            successors=list(values["successors"]),
            chosen=chosen,
            with_the_rest=values["with_the_rest"],
            close_access=values.get("close_access", False),
        )
    except HandoverChangedMeanwhile as problem:
        messages.warning(request, str(problem))
    except InputProblem as problem:
        form.add_error(None, str(problem))
        return _page(request, found, form=form)
    else:
        messages.success(
            request,
            ngettext("%(count)s guest handed over.", "%(count)s guests handed over.", count) % {"count": count},
        )
    return redirect("customers:handover", found.pk)


@hands_over
@require_POST
def tick(request: HttpRequest, pk: int) -> HttpResponse:
    """Read and taken over (承知), by the successor; by htmx the answer is the tick of that guest."""
    user = as_user(request.user)
    rows = HandoverGuest.objects.visible_to(user).filter(successor=user).select_related("handover", "customer")
    row = get_object_or_404(rows, pk=pk)
    try:
        row = take_over(guest=row, by=user, is_taken=request.POST.get("taken") != "no")
    except InputProblem as problem:
        messages.warning(request, str(problem))
    if is_fragment(request):
        is_lead = Handover.objects.led_by(user).filter(pk=row.handover_id).exists()
        state = state_of(guests_for(row.handover, user, leads=is_lead))
        return render_page(request, "customers/_handover_tick.html", {"row": row, "is_mine": True, "updated": state})
    address = reverse("customers:handover", args=[row.handover_id])
    return redirect(f"{address}?page={_page_number(request)}#guest-{row.pk}")


@leads
@require_POST
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """The handover is finished; it stays to be read."""
    found = _found(request, pk)
    try:
        finish_handover(handover=found, by=as_user(request.user))
    except InputProblem as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("Saved."))
    return redirect("customers:handover", found.pk)


def _found(request: HttpRequest, pk: int) -> Handover:
    rows = Handover.objects.visible_to(as_user(request.user)).select_related("from_user", "started_by", "closed_by")
    return get_object_or_404(rows, pk=pk)


def _page(request: HttpRequest, found: Handover, form: AssignForm | None = None) -> HttpResponse:
    user = as_user(request.user)
    is_lead = Handover.objects.led_by(user).filter(pk=found.pk).exists()
    if form is not None and not is_lead:
        raise PermissionDenied
    rows = guests_for(found, user, leads=is_lead)
    shown = {TO_ASSIGN: Q(successor=None), TO_TAKE: Q(successor__isnull=False, taken_over_at=None)}
    asked = request.GET.get("show", "")
    wanted = rows.filter(shown[asked]) if asked in shown else rows
    is_printed = request.GET.get("print") == "1"
    page = numbered_page(wanted, request.GET.get("page"), size=PRINTED if is_printed else PAGE)
    may_close = is_lead and manages_all_venues_of(user, found.from_user)
    context = {
        "handover": found,
        "is_lead": is_lead,
        "page": page,
        "guests": lines_of(page.rows, user),
        "state": state_of(rows),
        "companies": companies_in(rows),
        "held": still_held(found, user) if is_lead or found.from_user_id == user.pk else [],
        "form": form
        or (AssignForm(None, handover=found, may_close=may_close) if is_lead and found.is_running else None),
        "ticked": _numbers(request.POST.getlist("guest")),
        "may_close": may_close,
        "show": asked,
        "is_printed": is_printed,
        "history": history_of(found) if is_lead else None,
    }
    return render_page(request, "customers/handover.html", context, status=422 if form is not None else 200)


def _numbers(written: list[str]) -> set[int]:
    """Ids that any database can hold."""
    return {int(text) for text in written if text.isdecimal() and len(text) <= MOST_DIGITS}


def _page_number(request: HttpRequest) -> int:
    asked = request.POST.get("page", "")
    return int(asked) if asked.isdecimal() and len(asked) <= MOST_DIGITS else 1

"""The board, the table, one inquiry, and everything that moves it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.history import history_of, in_words_of
from crm_project.core.audit.services import record
from crm_project.core.comments.queries import threads_about
from crm_project.core.comments.services import mark_threads_read
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from crm_project.core.ui.paging import numbered_page
from customers.conflicts import VersionConflict
from customers.models import Company, Customer
from customers.picker import GuestPicker, read_picker
from deals import services
from deals.choices import Stage
from deals.forms import ActivityForm, DealFilterForm, DealForm, LossForm, StageLabelForm
from deals.models import Deal, StageLabel
from deals.queries import board_columns, board_figures, count_comments, quiet_since, stage_words

get_or_post = require_http_methods(["GET", "POST"])


@require_GET
@right_required(Right.VIEW_DEALS)
def board(request: HttpRequest) -> HttpResponse:
    """All stages beside each other, with what they are worth."""
    user, now, words = as_user(request.user), timezone.now(), stage_words()
    form = DealFilterForm(request.GET, user=user, words=words)
    deals = form.filter(Deal.objects.visible_to(user))
    figures = board_figures(deals, words, now)
    context = {
        "form": form,
        "figures": figures,
        "columns": board_columns(deals, words, figures.per_stage, now),
        "stage_words": words,
        "quiet_since": quiet_since(now),
        "may_edit": user.has_right(Right.EDIT_DEALS),
        "editable_venues": user.venues_with(Right.EDIT_DEALS),
    }
    return render_page(request, "deals/board.html", context, fragment="stages")


@require_GET
@right_required(Right.VIEW_DEALS)
def table(request: HttpRequest) -> HttpResponse:
    """The same inquiries as a table, the next event first."""
    user, now, words = as_user(request.user), timezone.now(), stage_words()
    form = DealFilterForm(request.GET, user=user, words=words)
    deals = form.filter(Deal.objects.visible_to(user)).select_related("customer", "company", "owner", "venue")
    page = numbered_page(deals.order_by(F("event_date").asc(nulls_last=True), "pk"), request.GET.get("page", 1))
    count_comments(page.rows)
    context = {
        "form": form,
        "page": page,
        "stage_words": words,
        "quiet_since": quiet_since(now),
        "may_edit": user.has_right(Right.EDIT_DEALS),
    }
    return render_page(request, "deals/table.html", context, fragment="rows")


@require_GET
@right_required(Right.VIEW_DEALS)
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """One inquiry: what is known, what happened, what was said."""
    user = as_user(request.user)
    deal = _readable(user, pk)
    return _card(request, deal, ActivityForm(initial=_next_step(deal)))


@get_or_post
@right_required(Right.EDIT_DEALS)
def create(request: HttpRequest) -> HttpResponse:
    """Report an inquiry."""
    user = as_user(request.user)
    if request.method == "POST":
        form, guest = DealForm(request.POST, user=user), _picker(request)
        if _is_complete(form, guest):
            deal = _report(user, form, guest)
            messages.success(request, _("The inquiry is on the board."))
            return redirect("deals:card", deal.pk)
        return render_page(request, "deals/form.html", {"form": form, "guest": guest}, status=422)
    venue = active_venue(request)
    company = Company.objects.filter(pk=_number(request.GET.get("company"))).first()
    form = DealForm(user=user, initial={"venue": venue, "company_name": company.name if company else ""})
    known = Customer.objects.visible_to(user).standing_for(_number(request.GET.get("customer")) or 0).first()
    return render_page(request, "deals/form.html", {"form": form, "guest": _picker(request, known)})


@get_or_post
@right_required(Right.EDIT_DEALS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the details."""
    user = as_user(request.user)
    deal = _editable(user, pk)
    if request.method == "GET":
        context = {"form": DealForm(instance=deal, user=user), "guest": _picker(request, deal.customer), "deal": deal}
        return render_page(request, "deals/form.html", context)
    form, guest = DealForm(request.POST, instance=deal, user=user), _picker(request, deal.customer)
    context = {"form": form, "guest": guest, "deal": deal}
    if not _is_complete(form, guest):
        return render_page(request, "deals/form.html", context, status=422)
    try:
        services.change_deal(
            deal=deal,
            by=user,
            version=form.cleaned_data["version"] or 0,
            customer=guest.save(by=user, venue=deal.venue),
            **form.values(),
        )
    except VersionConflict as conflict:
        form.data = form.data.copy()  # type: ignore[attr-defined]
        form.data["version"] = str(conflict.version)  # type: ignore[index]
        return render_page(request, "deals/form.html", context | {"conflicts": _told(conflict)}, status=409)
    messages.success(request, _("Saved."))
    return redirect("deals:card", deal.pk)


@require_POST
@right_required(Right.EDIT_DEALS)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move to another stage; 見送り first asks for the reason."""
    user = as_user(request.user)
    deal = _editable(user, pk)
    stage = request.POST.get("stage", "")
    if stage == Stage.LOST:
        return redirect("deals:lose", deal.pk)
    try:
        services.move_stage(deal=deal, by=user, stage=stage)
    except InputProblem as problem:
        messages.error(request, str(problem))
        return redirect("deals:card", deal.pk)
    messages.success(request, f"{deal.title}: {stage_words()[stage].label}")
    return redirect("deals:board") if request.POST.get("from") == "board" else redirect("deals:card", deal.pk)


@get_or_post
@right_required(Right.EDIT_DEALS)
def lose(request: HttpRequest, pk: int) -> HttpResponse:
    """Close as lost, with the reason."""
    user = as_user(request.user)
    deal = _editable(user, pk)
    if request.method == "POST":
        form = LossForm(request.POST)
        if form.is_valid():
            services.lose_deal(deal=deal, by=user, **form.cleaned_data)
            messages.success(request, f"{deal.title}: {stage_words()[Stage.LOST].label}")
            return redirect("deals:card", deal.pk)
        return render_page(request, "deals/lose.html", {"form": form, "deal": deal}, status=422)
    form = LossForm(initial={"reason": deal.loss_reason, "lost_to": deal.lost_to, "detail": deal.loss_detail})
    return render_page(request, "deals/lose.html", {"form": form, "deal": deal})


@require_POST
@right_required(Right.EDIT_DEALS)
def add_activity(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down what happened."""
    user = as_user(request.user)
    deal = _editable(user, pk)
    form = ActivityForm(request.POST)
    if not form.is_valid():
        return _card(request, deal, form, status=422)
    services.add_activity(deal=deal, by=user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("deals:card", deal.pk)


@get_or_post
@right_required(Right.MANAGE_HOUSE)
def stages(request: HttpRequest) -> HttpResponse:
    """The house's words for the stages, and their chances."""
    rows = {row.stage: row for row in StageLabel.objects.all()}
    labels = [rows.get(stage) or StageLabel(stage=stage, label=str(stage.label)) for stage in Stage]
    data = request.POST if request.method == "POST" else None
    forms = [StageLabelForm(data, stage_label=label) for label in labels]
    if data is None:
        return render_page(request, "deals/stages.html", {"forms": forms})
    valid = [form.is_valid() for form in forms]
    if not all(valid):
        return render_page(request, "deals/stages.html", {"forms": forms}, status=422)
    services.change_stage_labels(
        by=as_user(request.user), labels={form.stage_label.stage: form.cleaned_data for form in forms}
    )
    messages.success(request, _("Saved."))
    return redirect("deals:stages")


def _report(user: User, form: DealForm, guest: GuestPicker) -> Deal:
    """The inquiry of this form, with its guest where the guest is new; a double tap finds the one that is there."""
    token = form.cleaned_data["form_token"]
    already = Deal.objects.filter(form_token=token).first()
    if already is not None:
        return already
    with transaction.atomic():
        customer = guest.save(by=user, venue=form.cleaned_data["venue"])
        return services.create_deal(by=user, customer=customer, form_token=token, **form.values())


def _readable(user: User, pk: int) -> Deal:
    """The inquiry, or 404 for those who may not see those of its venue."""
    deals = Deal.objects.visible_to(user).select_related("venue", "customer__company", "company", "owner")
    return get_object_or_404(deals, pk=pk)


def _editable(user: User, pk: int) -> Deal:
    """The inquiry for somebody who works on those of its venue; 403 for who may only see it."""
    deal = _readable(user, pk)
    if not user.has_right(Right.EDIT_DEALS, deal.venue_id):
        raise PermissionDenied
    return deal


def _card(request: HttpRequest, deal: Deal, form: ActivityForm, status: int = 200) -> HttpResponse:
    user = as_user(request.user)
    record(by=user, action=Action.VIEWED, subject=deal)
    thread = threads_about(parents=[deal], user=user).get(deal.pk)
    if thread is not None:
        mark_threads_read(threads=[thread], by=user)
    context = {
        "deal": deal,
        "form": form,
        "thread": thread,
        "stage_words": stage_words(),
        "activities": deal.activities.select_related("author"),
        "moves": deal.stage_changes.select_related("by"),
        "history": history_of(deal),
        "may_edit": user.has_right(Right.EDIT_DEALS, deal.venue_id),
        "quiet_since": quiet_since(timezone.now()),
    }
    return render_page(request, "deals/card.html", context, status=status)


def _picker(request: HttpRequest, initial: Customer | None = None) -> GuestPicker:
    data = request.POST if request.method == "POST" else None
    return read_picker(data, user=as_user(request.user), label=_("Guest"), required=False, initial=initial)


def _is_complete(form: DealForm, guest: GuestPicker) -> bool:
    """Both parts are readable, and somebody asked."""
    if not form.is_valid() or not guest.is_valid():
        return False
    somebody = guest.chosen or guest.creates or form.cleaned_data["company_name"] or form.cleaned_data["contact_text"]
    if not somebody:
        form.add_error("contact_text", _("Say who asked: a guest, a company, or a name."))
    return bool(somebody)


def _next_step(deal: Deal) -> dict[str, Any]:
    return {"next_step": deal.next_step, "next_step_on": deal.next_step_on}


def _told(conflict: VersionConflict) -> list[tuple[str, str]]:
    """What stands now, field by field, for the person who must decide."""
    return [in_words_of(Deal, one.field, one.theirs) for one in conflict.conflicts]


def _number(text: str | None) -> int:
    """An id of the address; nonsense is nobody's id."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0

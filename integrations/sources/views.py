"""Accounting on the screens: its sources, their pulls, and who its partners are for us."""

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.signing import BadSignature, dumps, loads
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, as_user
from crm_project.core.column_map import ColumnMap, suggest_map
from crm_project.core.jobs.models import Job
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.tables import read_table
from crm_project.core.ui.htmx import render_page
from crm_project.core.ui.paging import numbered_page
from crm_project.core.ui.uploads import is_over_limit
from customers.duplicates import likely_same
from customers.models import Customer
from customers.picker import read_picker
from customers.queries import visible_ids
from integrations.choices import PartnerStatus
from integrations.models import ActualDocument, PartnerLink, Source
from integrations.sources.fields import FIELDS, load_source_map
from integrations.sources.forms import ColumnsForm, FileForm, PartnerFilter, SourceForm
from integrations.sources.pull import files_of
from integrations.sources.queries import (
    currencies_of,
    may_see_money,
    partners_by_amount,
    reconciliation,
    sources_with_last_run,
    unmatched_total,
)
from integrations.sources.services import (
    PullIsRunning,
    create_customer_from_partner,
    ignore_partner,
    link_partner,
    only_venue,
    receive_file,
    save_source,
    start_pull,
    unlink_partner,
)

RUNS_PAGE = 20
PROBLEMS_PAGE = 50
PARTNERS_PAGE = 50
DOCUMENTS_SHOWN = 10
UPLOAD_SALT = "integrations.sources.upload"


def managed_source(user: User, pk: int) -> Source:
    """A source of the person's venues. Raises Http404."""
    return get_object_or_404(Source.objects.manageable_by(user).select_related("default_venue"), pk=pk)


@require_GET
@right_required(Right.MANAGE_SOURCES)
def sources(request: HttpRequest) -> HttpResponse:
    """The connections to accounting and how their last pulls went."""
    user = as_user(request.user)
    lines = sources_with_last_run(user)
    waiting = PartnerLink.objects.filter(
        source__in=[line.source for line in lines], status=PartnerStatus.UNMATCHED
    ).count()
    return render_page(request, "sources/list.html", {"lines": lines, "waiting": waiting})


@right_required(Right.MANAGE_SOURCES)
def source_form(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Enter or change a source."""
    user = as_user(request.user)
    source = managed_source(user, pk) if pk else Source(default_venue=only_venue())
    form = SourceForm(request.POST or None, instance=source, user=user)
    if request.method == "POST" and form.is_valid():
        saved = save_source(source=form.save(commit=False), by=user)
        messages.success(request, _("Saved."))
        return redirect("integrations:source", saved.pk)
    context = {"form": form, "source": source}
    return render_page(request, "sources/form.html", context, status=422 if form.errors else 200)


@require_GET
@right_required(Right.MANAGE_SOURCES)
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """A source: its pulls, what they set aside, and whether its months agree with the file."""
    user = as_user(request.user)
    return _source_page(request, user, managed_source(user, pk), FileForm())


def _source_page(request: HttpRequest, user: User, found: Source, form: FileForm) -> HttpResponse:
    runs = found.runs.all()
    chosen = request.GET.get("run", "")
    run = runs.filter(pk=chosen).first() if chosen.isdecimal() else runs.first()
    shows_money = may_see_money(user, found)
    context = {
        "source": found,
        "form": form,
        "run": run,
        "runs": numbered_page(runs, request.GET.get("page"), size=RUNS_PAGE),
        "problems": numbered_page(run.problems.all(), request.GET.get("problems"), size=PROBLEMS_PAGE) if run else None,
        "months": reconciliation(run) if run and shows_money else [],
        "shows_money": shows_money,
        "waiting": found.partners.filter(status=PartnerStatus.UNMATCHED).count(),
        "running": Job.objects.unfinished().filter(lock_key=found.pull_lock).first(),
    }
    return render_page(request, "sources/source.html", context, status=422 if form.errors else 200)


@require_POST
@right_required(Right.MANAGE_SOURCES)
def pull_now(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a worker pull the source's location."""
    user = as_user(request.user)
    found = managed_source(user, pk)
    return _watch(found, start_pull(source=found, by=user), user)


@require_POST
@right_required(Right.MANAGE_SOURCES)
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file and pull it; a source without a map asks for the columns first."""
    user = as_user(request.user)
    found = managed_source(user, pk)
    form = FileForm(request.POST, request.FILES, over_limit=is_over_limit(request))
    if not form.is_valid():
        return _source_page(request, user, found, form)
    file = form.cleaned_data["file"]
    stored_as = receive_file(source=found, upload=file, by=user)
    if not found.map_text.strip():
        file_token = dumps([found.pk, stored_as, file.name], salt=UPLOAD_SALT)
        return redirect(f"{reverse('integrations:source_columns', args=[found.pk])}?{urlencode({'file': file_token})}")
    return _pull_upload(request, found, stored_as, file.name)


def _pull_upload(request: HttpRequest, found: Source, stored_as: str, name: str) -> HttpResponse:
    user = as_user(request.user)
    try:
        job = start_pull(source=found, by=user, stored_as=stored_as, file_name=name)
    except PullIsRunning as problem:
        messages.warning(request, str(problem))
        return redirect("integrations:source", found.pk)
    return _watch(found, job, user)


def _watch(found: Source, job: Job, user: User) -> HttpResponse:
    """To the progress of a pull; to the source where somebody else's pull runs."""
    page = reverse("integrations:source", args=[found.pk])
    if job.created_by_id != user.pk:
        return redirect(page)
    return redirect(f"{reverse('jobs:progress', args=[job.pk])}?{urlencode({'next': page})}")


@right_required(Right.MANAGE_SOURCES)
def source_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which column fills which field, looking at the uploaded file or the newest one at the location."""
    user = as_user(request.user)
    found = managed_source(user, pk)
    stored_as, name = _uploaded(request, found)
    try:
        path = Path(default_storage.path(stored_as)) if stored_as else files_of(found)[-1]
        with read_table(path, name=name) as table:
            headings = table.headings
    except InputProblem as problem:
        return render_page(
            request, "sources/columns.html", {"source": found, "problem": str(problem), "form": None}, status=422
        )
    form = ColumnsForm(request.POST or None, headings=headings, suggested=_suggested(found, headings))
    if request.method == "POST" and form.is_valid():
        found.map_text = form.cleaned_data["map_text"]
        save_source(source=found, by=user)
        if stored_as:
            return _pull_upload(request, found, stored_as, name)
        messages.success(request, _("Saved."))
        return redirect("integrations:source", found.pk)
    context = {"source": found, "form": form, "name": name or path.name}
    return render_page(request, "sources/columns.html", context, status=422 if form.errors else 200)


def _uploaded(request: HttpRequest, found: Source) -> tuple[str, str]:
    """Where the upload that the address names was kept, and its name; blanks without one. Raises Http404."""
    token = request.GET.get("file", "")
    if not token:
        return "", ""
    try:
        source_id, stored_as, name = loads(token, salt=UPLOAD_SALT)
    except BadSignature as error:
        raise Http404 from error
    if source_id != found.pk or not default_storage.exists(stored_as):
        raise Http404
    return stored_as, name


def _suggested(found: Source, headings: tuple[str, ...]) -> ColumnMap:
    """The source's own map, else one from the usual headings."""
    if found.map_text.strip():
        try:
            return load_source_map(found.map_text)
        except InputProblem:
            pass  # a map that was written by hand and cannot be used is replaced here
    return suggest_map(headings, FIELDS)


# --- partners ---------------------------------------------------------------------------------------------------------


@require_GET
@right_required(Right.MANAGE_SOURCES)
def partners(request: HttpRequest) -> HttpResponse:
    """The work list: partners that are nobody yet, the largest first."""
    user = as_user(request.user)
    every = Source.objects.manageable_by(user)
    currencies = currencies_of(every)
    form = PartnerFilter(request.GET, sources=every, currencies=currencies)
    status, chosen, currency = form.chosen()
    shown = every.filter(pk=chosen.pk) if chosen else every
    listed = partners_by_amount(user=user, sources=shown, status=status, currency=currency)
    page = numbered_page(listed, request.GET.get("page"), size=PARTNERS_PAGE)
    context = {
        "page": page,
        "visible_guests": visible_ids(user, [each.customer_id for each in page.rows]),
        "unmatched": unmatched_total(user=user, sources=shown, currency=currency),
        "status": status,
        "statuses": PartnerStatus,
        "sources": list(every),
        "source": chosen,
        "currencies": currencies,
        "currency": currency,
        "shows_money": user.has_right(Right.VIEW_MONEY),
    }
    return render_page(request, "sources/partners.html", context)


@right_required(Right.MANAGE_SOURCES)
def partner(request: HttpRequest, pk: int) -> HttpResponse:
    """One partner: its documents, and which guest it is."""
    user = as_user(request.user)
    found = managed_partner(user, pk)
    proposals = [] if found.customer_id or not found.name else likely_same(user, name=found.name)
    picker = read_picker(request.POST or None, user=user, name="guest")
    if request.method == "POST" and picker.is_valid():
        guest = picker.save(by=user, venue=found.source.default_venue)
        assert guest is not None  # the picker requires one
        return _linked(request, found, guest, user)
    money = ActualDocument.objects.money_visible_to(user).filter(partner=found)
    context = {
        "partner": found,
        "guest_is_visible": found.customer_id in visible_ids(user, [found.customer_id]),
        "picker": picker,
        "proposals": proposals,
        "documents": list(money.select_related("venue").order_by("-posting_date", "-pk")[:DOCUMENTS_SHOWN]),
        "shows_money": user.has_right(Right.VIEW_MONEY),
    }
    return render_page(request, "sources/partner.html", context, status=422 if picker.error else 200)


def managed_partner(user: User, pk: int) -> PartnerLink:
    """A partner of a source of the person's venues. Raises Http404."""
    partners = PartnerLink.objects.filter(source__in=Source.objects.manageable_by(user))
    return get_object_or_404(partners.select_related("source__default_venue", "customer"), pk=pk)


def _linked(request: HttpRequest, found: PartnerLink, guest: Customer, user: User) -> HttpResponse:
    link_partner(partner=found, customer=guest, by=user)
    messages.success(request, _("%(partner)s is now %(guest)s.") % {"partner": found, "guest": guest})
    return redirect("integrations:partners")


@require_POST
@right_required(Right.MANAGE_SOURCES)
def partner_is(request: HttpRequest, pk: int, customer_pk: int) -> HttpResponse:
    """Link the partner to a proposed guest."""
    user = as_user(request.user)
    guest = get_object_or_404(Customer.objects.visible_to(user).standing_for(customer_pk))
    return _linked(request, managed_partner(user, pk), guest, user)


@require_POST
@right_required(Right.MANAGE_SOURCES)
def partner_new_guest(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter the partner as a new guest."""
    user = as_user(request.user)
    found = managed_partner(user, pk)
    try:
        guest = create_customer_from_partner(partner=found, by=user)
    except ValidationError as problem:
        messages.warning(request, " ".join(problem.messages))
        return redirect("integrations:partner", pk)
    messages.success(request, _("%(guest)s is entered as a guest.") % {"guest": guest})
    return redirect("integrations:partners")


@require_POST
@right_required(Right.MANAGE_SOURCES)
def partner_is_nobody(request: HttpRequest, pk: int) -> HttpResponse:
    """The partner is not a guest."""
    user = as_user(request.user)
    found = ignore_partner(partner=managed_partner(user, pk), by=user)
    messages.success(request, _("%(partner)s counts as “not a guest” from now on.") % {"partner": found})
    return redirect("integrations:partners")


@require_POST
@right_required(Right.MANAGE_SOURCES)
def partner_open_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the partner back on the work list."""
    user = as_user(request.user)
    found = unlink_partner(partner=managed_partner(user, pk), by=user)
    messages.success(request, _("%(partner)s is on the work list again.") % {"partner": found})
    return redirect("integrations:partner", pk)


@require_GET
@right_required(Right.VIEW_MONEY)
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """A document with its lines and what it said before, for those who may see its amounts."""
    user = as_user(request.user)
    documents = ActualDocument.objects.money_visible_to(user).select_related(
        "source", "venue", "partner", "customer", "last_run"
    )
    found = get_object_or_404(documents, pk=pk)
    context: dict[str, Any] = {
        "document": found,
        "lines": numbered_page(found.lines.order_by("pk"), request.GET.get("page"), size=PARTNERS_PAGE),
        "revisions": list(found.revisions.select_related("run").order_by("-pk")[:DOCUMENTS_SHOWN]),
        "guest_is_visible": found.customer_id in visible_ids(user, [found.customer_id]),
    }
    return render_page(request, "sources/document.html", context)

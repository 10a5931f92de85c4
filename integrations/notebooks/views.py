"""Notebooks on the screen: their pages, and the typing screen with the photo beside the row."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import build, record, record_many
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import is_fragment, render_page
from crm_project.core.ui.paging import numbered_page
from crm_project.core.ui.uploads import is_over_limit
from customers.duplicates import LikelyGuest
from customers.match_reasons import reason_text
from customers.models import Customer
from customers.picker import GuestPicker, read_picker
from integrations.choices import LedgerState, RowOutcome
from integrations.models import LedgerRow, Notebook, NotebookPage, NotebookRow
from integrations.notebooks import photos, services
from integrations.notebooks.columns import CARRIED_ON, TYPED, filled_from_above, row_number
from integrations.notebooks.forms import NotebookForm, PhotosForm, RowForm
from integrations.notebooks.readings import Guess, guessed_reading
from integrations.notebooks.rows import Look, guests_by_id, look_at

PAGE: Final = 30
ROWS_SHOWN: Final = 30
TONES: Final = {
    RowOutcome.CREATED: "ok",
    RowOutcome.UPDATED: "info",
    RowOutcome.UNCHANGED: "plain",
    RowOutcome.ERROR: "ask",
}
_SEEN: Final = "notebook_guests_seen"


@dataclass(frozen=True, slots=True)
class ShownCandidate:
    """A guest whom the row may be about, the key that chooses, why, and how sure (per cent)."""

    guest: Customer
    key: int
    reasons: list[str]
    percent: int


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the page that is saved: what was typed, what it did, and its guest where the person may open the card."""

    row: NotebookRow
    written: LedgerRow | None
    guest: Customer | None
    tone: str
    remarks: list[str]

    @property
    def waits(self) -> bool:
        """Whether somebody has to say whom it is about."""
        return self.written is not None and self.written.waits


@right_required(Right.IMPORT_LEDGERS)
def notebooks(request: HttpRequest) -> HttpResponse:
    """All notebooks with their progress, and the form that takes a new one."""
    user = as_user(request.user)
    sent = request.method == "POST"
    form = NotebookForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        user=user,
        over_limit=is_over_limit(request),
    )
    if sent and form.is_valid():
        try:
            made = services.add_notebook(
                name=form.cleaned_data["name"], venue=form.cleaned_data["venue"], uploads=form.uploads(), by=user
            )
        except InputProblem as problem:
            form.add_error("photos", str(problem))
        else:
            return redirect("integrations:notebook", made.pk)
    page = numbered_page(Notebook.objects.with_progress().order_by("-pk"), request.GET.get("page"), size=PAGE)
    context = {"form": form, "page": page}
    return render_page(request, "notebooks/list.html", context, status=422 if form.errors else 200)


@right_required(Right.IMPORT_LEDGERS)
def notebook(request: HttpRequest, pk: int) -> HttpResponse:
    """One notebook: its pages, how far they are, the rows that wait; a POST adds pages or throws its photos away."""
    user = as_user(request.user)
    found = get_object_or_404(Notebook.objects.with_progress().select_related("venue", "ledger_import"), pk=pk)
    form = PhotosForm()
    if request.method == "POST":
        if request.POST.get("do") == "forget":
            return _forget_photos(request, found, user)
        form = PhotosForm(request.POST, request.FILES, over_limit=is_over_limit(request))
        if form.is_valid():
            try:
                services.add_pages(notebook=found, uploads=form.uploads(), by=user)
            except InputProblem as problem:
                form.add_error("photos", str(problem))
            else:
                return redirect("integrations:notebook", pk)
    pages = list(found.pages.order_by("number"))
    context = {
        "notebook": found,
        "pages": pages,
        "next_page": next((page for page in pages if page.done_at is None), None),
        "first_waiting": _first_waiting(found),
        "has_photos": any(page.file for page in pages),
        "form": form,
        "is_taken_back": _is_taken_back(found),
    }
    return render_page(request, "notebooks/notebook.html", context, status=422 if form.errors else 200)


def _forget_photos(request: HttpRequest, found: Notebook, user: User) -> HttpResponse:
    try:
        count = services.forget_photos(notebook=found, by=user)
    except InputProblem as problem:
        messages.warning(request, str(problem))
    else:
        said = ngettext("%(count)s photo is thrown away.", "%(count)s photos are thrown away.", count)
        messages.success(request, said % {"count": count})
    return redirect("integrations:notebook", found.pk)


def _first_waiting(found: Notebook) -> NotebookRow | None:
    if found.ledger_import_id is None:
        return None
    waiting = LedgerRow.objects.filter(ledger_import=found.ledger_import_id, waits=True, decision="")
    first = waiting.order_by("row_number").first()
    return services.row_of(first) if first else None


def _is_taken_back(found: Notebook) -> bool:
    return found.ledger_import is not None and found.ledger_import.state != LedgerState.APPLIED


@right_required(Right.IMPORT_LEDGERS)
@require_GET
def page_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture itself, upright; each look at it is in the trail, and no browser or proxy keeps it."""
    page = get_object_or_404(NotebookPage.objects.select_related("notebook"), pk=pk)
    try:
        content = photos.turned(page)
    except FileNotFoundError as gone:
        raise Http404 from gone
    record(by=as_user(request.user), action=Action.VIEWED, subject=page)
    response = HttpResponse(content, content_type="image/jpeg")
    response["Content-Disposition"] = f'inline; filename="page-{page.number}.jpg"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@right_required(Right.IMPORT_LEDGERS)
@require_POST
def page_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Turn the photo, take a row back, say that the page is done (then the next one is shown) or is not, or take it away."""
    user = as_user(request.user)
    page = get_object_or_404(NotebookPage.objects.select_related("notebook"), pk=pk)
    what = request.POST.get("do", "")
    if what == "turn":
        services.turn_page(page=page, by=user)
        if is_fragment(request):
            return render_page(request, "notebooks/_photo.html", {"page": page})
    elif what == "open":
        services.finish_page(page=page, by=user, is_done=False)
    elif what == "remove":
        try:
            services.remove_page(page=page, by=user)
        except InputProblem as problem:
            messages.warning(request, str(problem))
        else:
            messages.success(request, _("The page is taken away."))
            return redirect("integrations:notebook", page.notebook_id)
    elif what == "take_back":
        _take_row_back(request, page, user)
    elif what == "done":
        if NotebookRow.objects.filter(page=page, typed_by=user, line=None).exists():
            messages.warning(request, _("A row is typed and not saved: save it (Ctrl+Enter), or empty it."))
        else:
            services.finish_page(page=page, by=user)
            return redirect(_behind(page))
    return redirect("integrations:notebook_page", pk)


def _take_row_back(request: HttpRequest, page: NotebookPage, user: User) -> None:
    asked = request.POST.get("row", "")
    rows = NotebookRow.objects.filter(page=page, line__isnull=False).select_related("page")
    row = rows.filter(pk=int(asked)).first() if asked.isascii() and asked.isdecimal() and len(asked) < 16 else None
    try:
        if row is None:
            raise InputProblem(gettext_lazy("This row was taken back already."))
        services.take_row_back(row=row, by=user)
    except InputProblem as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("The row is taken back; its words stand in the form."))


def _behind(page: NotebookPage) -> str:
    """The next page that is not done, else the notebook."""
    open_pages = NotebookPage.objects.filter(notebook=page.notebook_id, done_at=None).order_by("number")
    following = open_pages.filter(number__gt=page.number).first() or open_pages.first()
    if following is None:
        return reverse("integrations:notebook", args=[page.notebook_id])
    return reverse("integrations:notebook_page", args=[following.pk])


# --- typing --------------------------------------------------------------------------------------------------------------


@right_required(Right.IMPORT_LEDGERS)
def notebook_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The photo and the form beside it; `row` is one that waits. A POST looks the row up, saves it or leaves it out."""
    user = as_user(request.user)
    page = get_object_or_404(
        NotebookPage.objects.select_related("notebook__venue", "notebook__ledger_import", "done_by"), pk=pk
    )
    waiting = _waiting_row(page, request.POST.get("row") or request.GET.get("row", ""))
    typing = _Typing(request, page, user, waiting)
    if request.method == "POST":
        return typing.posted()
    if waiting is None and request.GET.get("row"):
        return redirect("integrations:notebook_page", pk)
    return typing.opened()


@right_required(Right.IMPORT_LEDGERS)
@require_POST
def notebook_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """What somebody types is kept; answers how it is understood and whom it may be about."""
    user = as_user(request.user)
    page = get_object_or_404(NotebookPage.objects.select_related("notebook__venue", "notebook__ledger_import"), pk=pk)
    waiting = _waiting_row(page, request.POST.get("row", ""))
    typing = _Typing(request, page, user, waiting)
    draft = None
    if waiting is None:
        draft = services.keep_draft(page=page, token=typing.token, typed=typing.typed, by=user)
    response = typing.answered({"draft": draft})
    response["HX-Trigger"] = "okami:saved"
    return response


def _waiting_row(page: NotebookPage, asked: str) -> NotebookRow | None:
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 16):
        return None
    row = NotebookRow.objects.filter(page=page, pk=int(asked), line__isnull=False).first()
    if row is None:
        return None
    number = row_number(page.number, row.line or 0)
    waits = LedgerRow.objects.filter(
        ledger_import=page.notebook.ledger_import_id, row_number=number, waits=True, decision=""
    )
    return row if waits.exists() else None


class _Typing:
    """The form of a row, what it holds, and what is said about it."""

    def __init__(self, request: HttpRequest, page: NotebookPage, user: User, waiting: NotebookRow | None) -> None:
        self.request, self.page, self.user, self.waiting = request, page, user, waiting
        self.notebook = page.notebook
        self.with_visit = user.has_right(Right.LOG_VISITS, self.notebook.venue)
        self.who = request.POST.get("who", "")
        self.token = _token(request.POST.get("token", ""))
        left_out = () if self.with_visit else ("date", "year")
        sent = services.storable({name: request.POST.get(name, "") for name in (*TYPED, services.GUESSED)})
        self.typed = {name: value for name, value in sent.items() if name not in left_out}

    # --- answers ---

    def opened(self) -> HttpResponse:
        """The page, with what the person has typed before and not saved."""
        draft = self.waiting or NotebookRow.objects.filter(page=self.page, typed_by=self.user, line=None).first()
        if draft is not None:
            self.token = draft.token
            self.typed |= {name: str(value) for name, value in draft.typed.items() if name in self.typed}
        else:
            self.typed |= self._carried_on()
        look, guess = self._look()
        return self._page(self._form(), self._context(look, guess) | {"draft": draft if not self.waiting else None})

    def posted(self) -> HttpResponse:
        """Look the row up, take the guessed reading, save it, or leave it out."""
        what = self.request.POST.get("do", "look")
        if what == "skip" and self.waiting is not None:
            return self._left_out()
        self.typed, _filled = filled_from_above(self.typed, self._row_above())
        look, guess = self._look()
        if what == "kana" and guess is not None:
            self.typed["kana"] = self.typed[services.GUESSED] = guess.kana
            look, guess = self._look()
        if what != "save":
            return self._page(self._form(), self._context(look, guess))
        form = self._form(is_sent=True)
        if not form.is_valid():
            return self._page(form, self._context(look, guess), status=422)
        try:
            saved = services.save_row(
                page=self.page, token=self.token, typed=self.typed, who=self.who, by=self.user, row=self.waiting
            )
        except services.RowRefused as refused:
            return self._refused(form, refused, look, guess)
        except InputProblem as problem:
            form.add_error(None, str(problem))
            return self._page(form, self._context(look, guess), status=422)
        return self._after(saved)

    def answered(self, more: Mapping[str, Any]) -> HttpResponse:
        """What stands below the fields while somebody types."""
        self.typed, _filled = filled_from_above(self.typed, self._row_above())
        look, guess = self._look()
        context = self._context(look, guess, with_rows=False) | dict(more)
        return render_page(self.request, "notebooks/_who.html", context)

    def _refused(
        self, form: RowForm, refused: services.RowRefused, look: Look | None, guess: Guess | None
    ) -> HttpResponse:
        for name, sentence in refused.wrong.items():
            if name != "who":
                form.add_error(name if name in form.fields else None, sentence)
        who = refused.wrong.get("who", "")
        first = next((name for name in form.fields if name in form.errors), None)
        form.begin_at(first if first or not who else None)
        return self._page(form, self._context(look, guess) | {"who_error": who}, status=422)

    def _left_out(self) -> HttpResponse:
        assert self.waiting is not None
        try:
            services.leave_out(row=self.waiting, by=self.user)
        except InputProblem as problem:
            messages.warning(self.request, str(problem))
        else:
            messages.success(self.request, _("The row is left out."))
        return self._onward()

    def _onward(self) -> HttpResponse:
        """The next row that waits, else the notebook."""
        following = _first_waiting(self.notebook)
        if following is None:
            address = reverse("integrations:notebook", args=[self.notebook.pk])
        else:
            address = f"{reverse('integrations:notebook_page', args=[following.page_id])}?row={following.pk}"
        if is_fragment(self.request):
            return HttpResponse(headers={"HX-Redirect": address})
        return redirect(address)

    def _after(self, saved: services.Saved) -> HttpResponse:
        said = self._said(saved)
        if self.waiting is not None:
            messages.success(self.request, said)
            return self._onward()
        if not is_fragment(self.request):
            messages.success(self.request, said)
            return redirect("integrations:notebook_page", self.page.pk)
        year = {name: self.typed.get(name, "") for name in CARRIED_ON if name in self.typed}
        self.token, self.who = uuid.uuid4(), ""
        del self._saved_rows
        self.typed = dict.fromkeys(self.typed, "") | year
        return self._page(self._form(), self._context(None, None) | {"saved": said})

    def _said(self, saved: services.Saved) -> str:
        name = str(saved.row.typed.get("name", ""))
        if saved.waits:
            return _("Row %(line)s is saved and waits: %(name)s") % {"line": saved.row.line, "name": name}
        return _("Row %(line)s is saved: %(name)s (%(outcome)s)") % {
            "line": saved.row.line,
            "name": name,
            "outcome": saved.outcome.label,
        }

    # --- what is shown ---

    def _form(self, *, is_sent: bool = False) -> RowForm:
        if is_sent:
            return RowForm(self.typed, with_visit=self.with_visit)
        return RowForm(initial=self.typed, with_visit=self.with_visit)

    def _look(self) -> tuple[Look | None, Guess | None]:
        if not any(self.typed.get(name, "").strip() for name in TYPED if name not in CARRIED_ON):
            return None, None
        look = look_at(self.typed, notebook=self.notebook, user=self.user)
        guess = guessed_reading(look.entry.name, self.user) if not look.entry.values.get("kana") else None
        return look, guess

    @cached_property
    def _saved_rows(self) -> list[NotebookRow]:
        """The last rows of the page, the newest first."""
        rows = NotebookRow.objects.filter(page=self.page, line__isnull=False)
        return list(rows.select_related("typed_by").order_by("-line")[:ROWS_SHOWN])

    def _row_above(self) -> dict[str, str]:
        rows = self._saved_rows
        if self.waiting is not None:
            before = NotebookRow.objects.filter(page=self.page, line__lt=self.waiting.line)
            rows = list(before.order_by("-line")[:1])
        return {name: str(value) for name, value in rows[0].typed.items()} if rows else {}

    def _carried_on(self) -> dict[str, str]:
        above = self._row_above()
        return {name: above.get(name, "") for name in CARRIED_ON if name in self.typed}

    def _candidates(self, look: Look | None) -> list[ShownCandidate]:
        found: list[LikelyGuest] = look.candidates if look else []
        self._note_seen([one.guest for one in found])
        return [
            ShownCandidate(
                one.guest, key, [reason_text(reason) for reason in one.reasons], min(99, int(100 * one.probability))
            )
            for key, one in enumerate(found, start=1)
        ]

    def _note_seen(self, guests: list[Customer]) -> None:
        """A guest who is shown is in the trail, once for each row and not with every letter."""
        token = str(self.token)
        known = self.request.session.get(_SEEN, {})
        seen = set(known.get("guests", ())) if known.get("token") == token else set()
        new = [guest for guest in guests if guest.pk not in seen]
        if new:
            record_many(build(by=self.user, action=Action.VIEWED, subject=guest) for guest in new)
            self.request.session[_SEEN] = {"token": token, "guests": sorted({*seen, *(one.pk for one in new)})}

    def _context(self, look: Look | None, guess: Guess | None, *, with_rows: bool = True) -> dict[str, Any]:
        candidates, guessed = self._candidates(look), self.typed.get(services.GUESSED, "")
        chosen = {str(one.guest.pk) for one in candidates} | {services.NEW, services.LATER, ""}
        context: dict[str, Any] = {
            "page": self.page,
            "notebook": self.notebook,
            "look": look,
            "guess": guess,
            "is_guessed": bool(look and guessed and look.entry.values.get("kana") == guessed),
            "guessed": guessed,
            "candidates": candidates,
            "who": self.who if self.who in chosen else "",
            "token": self.token,
            "waiting": self.waiting,
            "sees_contacts": self.user.has_right(Right.VIEW_CONTACTS),
        }
        if with_rows:
            context |= {"rows": self._rows(), "picker": self._picker(), "is_taken_back": _is_taken_back(self.notebook)}
        return context

    def _picker(self) -> GuestPicker:
        data = self.request.POST if self.request.method == "POST" and self.request.POST.get("who-q") else None
        picker = read_picker(data, user=self.user, name="who", label=_("Another guest"), required=False)
        picker.new_guest, picker.error = None, picker.error if picker.query and picker.chosen is None else ""
        return picker

    def _rows(self) -> list[ShownRow]:
        rows = self._saved_rows
        numbers = [row_number(self.page.number, row.line or 0) for row in rows]
        found = LedgerRow.objects.filter(ledger_import=self.notebook.ledger_import_id, row_number__in=numbers)
        written = {one.row_number: one for one in found} if rows else {}
        guests = (
            guests_by_id([one.customer_id for one in written.values() if one.customer_id], self.user) if rows else {}
        )
        shown = []
        for row, number in zip(rows, numbers, strict=True):
            one = written.get(number)
            shown.append(
                ShownRow(
                    row,
                    one,
                    guests.get(one.customer_id or 0) if one else None,
                    TONES[RowOutcome(one.outcome)] if one else "plain",
                    [str(message["message"]) for message in one.messages] if one else [],
                )
            )
        return shown

    def _page(self, form: RowForm, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        if not is_fragment(self.request):
            pages = list(NotebookPage.objects.filter(notebook=self.notebook).only("pk", "number").order_by("number"))
            context |= {
                "before": next((one for one in reversed(pages) if one.number < self.page.number), None),
                "behind": next((one for one in pages if one.number > self.page.number), None),
                "pages_all": len(pages),
            }
        return render_page(
            self.request, "notebooks/page.html", context | {"form": form}, fragment="typing", status=status
        )


def _token(written: str) -> uuid.UUID:
    try:
        return uuid.UUID(written)
    except ValueError:
        return uuid.uuid4()

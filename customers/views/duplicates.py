"""Possible duplicates: the list, two cards side by side, the merges done, and taking one back."""

from typing import Any

from django.contrib import messages
from django.db.models import BigAutoField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import User, as_user
from crm_project.core.audit.choices import Action
from crm_project.core.audit.history import in_words_of, kind_of
from crm_project.core.audit.services import record
from crm_project.core.jobs.services import start_job
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from crm_project.core.ui.paging import numbered_page
from customers.match_reasons import reason_text
from customers.models import Customer, Merge
from customers.picker import read_picker
from customers.proposals import (
    card_to_keep,
    choices_from,
    compared,
    field_choices,
    merges_of,
    next_proposal,
    open_proposals,
    pair_for,
    proposal_of,
)
from customers.services import MergeRefused, Undone, merge_guests, rows_since, tell_apart, undo_merge

PAGE = 20
COUNTED = 1_000
SAME, DIFFERENT, LATER = "same", "different", "later"
FIND = "find_duplicates"
ABOUT_CONTACTS = ("phone_", "email_", "birth_", "postal_", "place_", "lot_")


@right_required(Right.EDIT_GUESTS)
@require_GET
def duplicates(request: HttpRequest) -> HttpResponse:
    """The pairs that may be one person, the likeliest first, with the reasons."""
    user = as_user(request.user)
    page = numbered_page(open_proposals(user), request.GET.get("page"), size=PAGE, counted=COUNTED)
    pairs = [(proposal, _reasons(user, proposal.reasons)) for proposal in page.rows]
    return render_page(request, "customers/duplicates.html", {"page": page, "pairs": pairs})


@right_required(Right.EDIT_GUESTS)
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Let a worker look through all guests now."""
    job = start_job(FIND, by=as_user(request.user), lock_key=FIND)
    return redirect(f"{reverse('jobs:progress', args=[job.pk])}?next={reverse('customers:duplicates')}")


@right_required(Right.EDIT_GUESTS)
def compare(request: HttpRequest, one: int, other: int) -> HttpResponse:
    """Two cards side by side: the same guest, two people, or later. Each look at them is noted."""
    user = as_user(request.user)
    pair = pair_for(user, one, other)
    if pair is None:
        return _decided_already(request, user, one, other)
    sent = request.POST if request.method == "POST" else {}
    keep = next((card for card in pair if str(card.pk) == sent.get("keep")), card_to_keep(*pair))
    absorb = pair[1] if keep is pair[0] else pair[0]
    proposal = proposal_of(user, one, other)
    refusal = ""
    if request.method == "POST":
        decision = sent.get("decision")
        following = next_proposal(user, proposal) if proposal else None
        if decision == SAME:
            try:
                merge = merge_guests(
                    keep=keep, absorb=absorb, choices=choices_from(sent, keep, absorb), by=user, seen=_seen(sent)
                )
            except MergeRefused as problem:
                refusal = str(problem)
            else:
                messages.success(request, _("Both cards of %(name)s are one now.") % {"name": merge.kept})
                return _go_on(following, keep if proposal is None else None)
        elif decision == DIFFERENT:
            tell_apart(one=pair[0], other=pair[1], by=user)
            messages.success(request, _("Noted: these are two people."))
            return _go_on(following)
        elif decision == LATER:
            return _go_on(following)
    else:
        for card in pair:
            record(by=user, action=Action.VIEWED, subject=card)
    chosen = {name.removeprefix("choose-"): value for name, value in sent.items() if name.startswith("choose-")}
    context = {
        "pair": pair,
        "keep": keep,
        "reasons": _reasons(user, proposal.reasons) if proposal else [],
        "lines": compared(user, pair),
        "choices": field_choices(user, keep, absorb, pair, chosen),
        "refusal": refusal,
    }
    return render_page(request, "customers/compare.html", context, status=409 if refusal else 200)


@right_required(Right.EDIT_GUESTS)
def choose_other(request: HttpRequest, pk: int) -> HttpResponse:
    """From a card: which other card is this guest's, too."""
    user = as_user(request.user)
    customer = get_object_or_404(Customer.objects.visible_to(user), pk=pk)
    picker = read_picker(request.POST if request.method == "POST" else None, user=user, name="other")
    picker.new_guest = None
    if request.method == "POST" and picker.chosen is not None:
        if picker.chosen.pk != customer.pk:
            return redirect("customers:compare", customer.pk, picker.chosen.pk)
        picker.error = _("This is the card itself: choose the other one.")
    status = 422 if picker.error else 200
    return render_page(request, "customers/choose_other.html", {"customer": customer, "picker": picker}, status=status)


@right_required(Right.EDIT_GUESTS)
@require_GET
def merges(request: HttpRequest) -> HttpResponse:
    """What was merged by whom, and the way back."""
    user = as_user(request.user)
    page = numbered_page(merges_of(user), request.GET.get("page"), size=PAGE, counted=COUNTED)
    return render_page(request, "customers/merges.html", {"page": page})


@right_required(Right.EDIT_GUESTS)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Make one card two again, and say whose is what was entered since."""
    user = as_user(request.user)
    merge = get_object_or_404(merges_of(user), pk=pk, undone_at=None)
    if request.method == "POST":
        going = [name.removeprefix("row-") for name, value in request.POST.items() if value == "go"]
        outcome = undo_merge(merge=merge, by=user, later=going)
        kept, restored = merge.kept, merge.absorbed
        if request.POST.get("two_people") and {kept.pk, restored.pk} <= _visible(user, kept, restored):
            tell_apart(one=kept, other=restored, by=user)
        messages.success(request, _("The cards are two again."))
        for sentence in _left(outcome):
            messages.warning(request, sentence)
        return redirect("customers:card", restored.pk)
    record(by=user, action=Action.VIEWED, subject=merge.kept)
    context = {"merge": merge, "rows": rows_since(merge, user)}
    return render_page(request, "customers/undo.html", context)


def _visible(user: User, *cards: Customer) -> set[int]:
    return set(
        Customer.objects.visible_to(user).filter(pk__in=[card.pk for card in cards]).values_list("pk", flat=True)
    )


def _reasons(user: User, codes: list[str]) -> list[str]:
    """In words; without those about phones, addresses and birthdays for who may not know them."""
    hidden = () if user.has_right(Right.VIEW_CONTACTS) else ABOUT_CONTACTS
    return [reason_text(code) for code in codes if not code.startswith(hidden)]


def _seen(sent: Any) -> dict[int, int]:
    """Card -> the version on which the person decided."""
    return {
        int(name.removeprefix("version-")): int(value)
        for name, value in sent.items()
        if name.startswith("version-") and name.removeprefix("version-").isdecimal() and value.isdecimal()
    }


def _go_on(following: Any, card: Customer | None = None) -> HttpResponse:
    """To the next pair of the list; to the card for who came from one."""
    if card is not None:
        return redirect("customers:card", card.pk)
    if following is None:
        return redirect("customers:duplicates")
    return redirect("customers:compare", following.first_id, following.second_id)


def _decided_already(request: HttpRequest, user: User, one: int, other: int) -> HttpResponse:
    """Somebody else was first: say so; a pair the person may not open is not there."""
    if max(one, other) > BigAutoField.MAX_BIGINT:
        raise Http404
    holders = {card.pk for pk in (one, other) for card in Customer.objects.visible_to(user).standing_for(pk)}
    merged = Merge.objects.filter(kept__in=(one, other), absorbed__in=(one, other), undone_at=None).exists()
    if not merged or len(holders) != 1:
        raise Http404
    messages.info(request, _("These two cards are one already."))
    return redirect("customers:card", holders.pop())


def _left(outcome: Undone) -> list[str]:
    """What an undo left as people wrote it since, in sentences."""
    sentences = []
    if outcome.kept_columns:
        labels = [in_words_of(Customer, name.removesuffix("_id"), None)[0] for name in outcome.kept_columns]
        sentences.append(_("Changed since and left as it is: %(names)s.") % {"names": "、".join(labels)})
    if outcome.kept_rows:
        kinds = dict.fromkeys(kind_of(model) for model, _column in outcome.kept_rows)
        sentences.append(_("Changed since and left as it is: %(names)s.") % {"names": "、".join(kinds)})
    if outcome.gone:
        gone = "、".join(f"{kind_of(model)} ({count})" for model, count in outcome.gone.items())
        sentences.append(
            _("Deleted or given to somebody else since, so not brought back: %(names)s.") % {"names": gone}
        )
    if outcome.allergies_on_both:
        sentences.append(_("The allergies stand on both cards, because they were asked again since. Look at both."))
    return sentences

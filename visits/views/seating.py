"""What the log form and the booking screen share: guests found and entered inside a form, its token, its draft."""

import uuid
from collections.abc import Collection

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import build, record, record_many
from crm_project.core.rights import Right
from customers.entry import enter_customer
from customers.forms import QuickGuestForm
from customers.models import Customer
from customers.search import find_first
from visits import table_data
from visits.models import VisitDraft

OPTIONS = 8
NEW_GUEST = "guest-new"


def guests_found(user: User, query: str) -> list[Customer]:
    """Guests a query finds, noted in the trail as every search that lists guests."""
    if not query.strip():
        return []
    found = find_first(user, query, OPTIONS)
    if found:
        record(by=user, action=Action.SEARCHED, subject_type=Customer._meta.label_lower, subject_name=query)
    return found


def guest_of_button(user: User, data: QueryDict) -> Customer | None:
    """The guest whose button was pressed, as far as the person may see it; the card that took it in after a merge."""
    guest_id = table_data.whole_number(data.get("add_guest"))
    return Customer.objects.visible_to(user).standing_for(guest_id).first() if guest_id else None


def note_reads(user: User, guests: Collection[Customer]) -> None:
    """The files of guests were looked at: what is known of them stands on the page. One statement, none for nobody."""
    if guests:
        record_many(build(by=user, action=Action.VIEWED, subject=guest) for guest in guests)


def enter_guest(user: User, venue: Venue, new_guest: QuickGuestForm) -> Customer:
    """Enter the guest that a valid form names. Raises PermissionDenied without EDIT_GUESTS."""
    if not user.has_right(Right.EDIT_GUESTS):
        raise PermissionDenied
    return enter_customer(by=user, token=new_guest.entry_token, venue=venue, **new_guest.guest_values())


def typed_guest(data: QueryDict) -> dict[str, str | list[str]]:
    """What was typed into the fields of a new guest, and what the page has shown of its changes."""
    typed: dict[str, str | list[str]] = {
        name: data.get(f"{NEW_GUEST}-{name}", "") for name in ("name", "kana", "phone")
    }
    return typed | {"seen": data.getlist(f"{NEW_GUEST}-seen")}


def form_token(data: QueryDict) -> uuid.UUID:
    """The form's own name. Raises BadRequest where it has none."""
    token = table_data.token_in(data)
    if token is None:
        raise BadRequest("The form has no token.")
    return token


def own_draft(user: User, token: str) -> VisitDraft:
    """One's own draft by its token; 404 for any other."""
    try:
        return get_object_or_404(VisitDraft, pk=uuid.UUID(token), user=user)
    except ValueError as error:
        raise Http404 from error

"""Verbs of contacts: noting what was asked outside a visit, answering it, saying later whose it was."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_project.core import text
from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.timeline.services import replace_rows
from customers.choices import Channel, Direction
from customers.contact_story import timeline_rows
from customers.models import Company, Contact, Customer

MAY_NOTE = (Right.EDIT_GUESTS, Right.LOG_VISITS, Right.EDIT_DEALS)


class AlreadyAnswered(InputProblem):
    """Somebody else has answered the contact meanwhile."""


def may_note_contacts(user: User, venue: Venue | int | None = None) -> bool:
    """Whether the person sees contacts and writes guests, visits or banquets (at the venue, or anywhere)."""
    return user.has_right(Right.VIEW_CONTACTS, venue) and any(user.has_right(right, venue) for right in MAY_NOTE)


@transaction.atomic
def note_contact(
    *,
    by: User,
    venue: Venue,
    channel: str = Channel.PHONE,
    direction: str = Direction.IN,
    customer: Customer | None = None,
    company: Company | None = None,
    caller: str = "",
    phone: str = "",
    asked: str = "",
    answer: str = "",
    is_answered: bool = False,
    assigned_to: User | None = None,
    at: datetime | None = None,
    form_token: uuid.UUID | None = None,
) -> Contact:
    """Note a contact; it stays open until `is_answered`. The same `form_token` twice is one contact.

    Raises ValidationError when neither guest, company, name nor number says whose it is, or nothing says what it was
    about; PermissionDenied without the rights at the venue.
    """
    if not may_note_contacts(by, venue):
        raise PermissionDenied
    if form_token is not None and (noted := Contact.objects.filter(form_token=form_token, recorded_by=by).first()):
        return noted
    contact = Contact(
        venue=venue,
        channel=channel,
        direction=direction,
        customer=customer,
        company=company or (customer.company if customer else None),
        caller=text.tidy(caller),
        phone_digits=text.phone_digits(phone),
        asked=text.tidy(asked, lines=True),
        answer=text.tidy(answer, lines=True),
        at=at or timezone.now(),
        recorded_by=by,
        assigned_to=None if is_answered else assigned_to,
        form_token=form_token or uuid.uuid4(),
    )
    if not (contact.customer or contact.company or contact.caller or contact.phone_digits):
        raise ValidationError({"caller": _("Write who it was, or the number.")})
    if not (contact.asked or contact.answer):
        raise ValidationError({"asked": _("Write in a few words what it was about.")})
    if is_answered:
        contact.answered_at, contact.answered_by = contact.at, by
    contact.full_clean()
    contact.save()
    replace_rows(parent=contact, rows=timeline_rows(contact))
    record(by=by, action=Action.CREATED, subject=contact, changes={"asked": [None, contact.asked]})
    return contact


@transaction.atomic
def answer_contact(*, contact: Contact, by: User, answer: str = "") -> Contact:
    """Close an open contact with what was answered. Raises AlreadyAnswered, and PermissionDenied at other venues."""
    current = _locked(contact, by)
    if current.answered_at is not None:
        raise AlreadyAnswered(
            _("%(name)s has answered already: %(answer)s")
            % {"name": current.answered_by, "answer": current.answer or "–"}
        )
    before = current.answer
    current.answer = text.tidy(answer, lines=True) or current.answer
    current.answered_at, current.answered_by = timezone.now(), by
    _save(current, by, {"answer": [before, current.answer]}, "answer", "answered_at", "answered_by")
    return current


@transaction.atomic
def reopen_contact(*, contact: Contact, by: User) -> Contact:
    """Take a mistaken "answered" back; what was written stays."""
    current = _locked(contact, by)
    if current.answered_at is None:
        return current
    before = current.answered_at.isoformat()
    current.answered_at = current.answered_by = None
    _save(current, by, {"answered_at": [before, None]}, "answered_at", "answered_by")
    return current


@transaction.atomic
def assign_contact(*, contact: Contact, by: User, customer: Customer | None, assigned_to: User | None) -> Contact:
    """Say whose contact it was and whom it waits for."""
    current = _locked(contact, by)
    changes = {
        "customer": [str(current.customer or ""), str(customer or "")],
        "assigned_to": [str(current.assigned_to or ""), str(assigned_to or "")],
    }
    current.customer, current.assigned_to = customer, assigned_to
    if customer is not None and current.company is None:
        current.company = customer.company
    told = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    if told:
        _save(current, by, told, "customer", "company", "assigned_to")
    return current


def _locked(contact: Contact, by: User) -> Contact:
    current = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if not may_note_contacts(by, current.venue_id):
        raise PermissionDenied
    return current


def _save(contact: Contact, by: User, changes: Mapping[str, Sequence[str | None]], *fields: str) -> None:
    contact.version = contact.version + 1
    contact.save(update_fields=[*fields, "version"])
    replace_rows(parent=contact, rows=timeline_rows(contact))
    record(by=by, action=Action.CHANGED, subject=contact, changes=changes)


def open_contacts(user: User, venue: Venue | None) -> models.QuerySet[Contact]:
    """The open contacts of a venue the person may see: one's own first, then the oldest."""
    mine = models.Case(models.When(assigned_to=user, then=0), default=1, output_field=models.IntegerField())
    contacts = Contact.objects.visible_to(user).still_open().filter(venue=venue)
    return contacts.select_related("customer", "company", "recorded_by", "assigned_to").order_by(mine, "at", "pk")

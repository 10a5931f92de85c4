"""Verbs of gifts (手土産): noted once, taken back when it was a slip."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.text import tidy
from customers.choices import GiftDirection
from customers.models import Customer, Gift

WORDS_LENGTH = 120


@transaction.atomic
def note_gift(*, customer: Customer, venue: Venue, by: User, direction: str, what: str, given_on: date) -> Gift:
    """Note what was given or received. The same once more on the same day is one gift (a double tap).

    Raises PermissionDenied without LOG_VISITS at the venue, InputProblem for a blank or too long text or an unknown direction.
    """
    if not by.has_right(Right.LOG_VISITS, venue):
        raise PermissionDenied
    words = tidy(what)
    if not words:
        raise InputProblem(_("Write what was given."))
    if len(words) > WORDS_LENGTH:
        raise InputProblem(_("Write at most %(most)s characters."), {"most": WORDS_LENGTH})
    if direction not in GiftDirection.values:
        raise InputProblem(_("Say who gave."))
    # The card is the lock: two taps at once are one gift.
    Customer.objects.select_for_update().get(pk=customer.pk)
    gift, made = Gift.objects.get_or_create(
        customer=customer,
        venue=venue,
        direction=direction,
        what=words,
        given_on=given_on,
        defaults={"noted_by": by},
    )
    if made:
        record(by=by, action=Action.CREATED, subject=gift, changes={"what": [None, words]})
    return gift


@transaction.atomic
def remove_gift(*, gift: Gift, by: User) -> None:
    """Take a gift off that was a slip. Raises PermissionDenied without LOG_VISITS at its venue."""
    if not by.has_right(Right.LOG_VISITS, gift.venue_id):
        raise PermissionDenied
    record(by=by, action=Action.DELETED, subject=gift, changes={"what": [gift.what, None]})
    gift.delete()

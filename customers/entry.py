"""Entering a guest from a form that may be sent twice: a double tap enters nobody a second time."""

import json
import uuid
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from crm_project.core.accounts.models import User
from customers.models import Customer, CustomerEntry
from customers.services import create_customer


def entry_token(form_token: str, written: Iterable[str]) -> uuid.UUID:
    """The name of one sending of a form: the same form with the same writing, and nothing else.

    Who goes back in the browser and writes somebody else's name enters somebody else.
    """
    if not form_token:
        return uuid.uuid4()
    return uuid.uuid5(uuid.NAMESPACE_OID, json.dumps([form_token, *written]))


def entered_with(token: uuid.UUID) -> Customer | None:
    """The guest this sending of the form has entered already."""
    return Customer.objects.filter(entries=token).first()


def enter_customer(*, by: User, token: uuid.UUID, **values: Any) -> Customer:
    """Enter a new guest, or return the one the same `token` has entered; values are those of `create_customer`.

    Of two simultaneous taps the database lets one through; the other waits for it. Raises ValidationError as `create_customer`.
    """
    if (entered := entered_with(token)) is not None:
        return entered
    try:
        with transaction.atomic():
            customer = create_customer(by=by, **values)
            CustomerEntry.objects.create(token=token, customer=customer)
            return customer
    except (IntegrityError, ValidationError):
        # The other of two simultaneous taps was first (its code is taken, too); anything else is what it says.
        entered = entered_with(token)
        if entered is None:
            raise
        return entered

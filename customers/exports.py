"""The guest list as a file for a spreadsheet."""

import csv
from collections.abc import Iterator
from io import StringIO

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import User
from crm_project.core.allergens.choices import AllergyState
from crm_project.core.formulas import harmless
from crm_project.core.rights import Right
from customers.models import Customer

BYTE_ORDER_MARK = "\ufeff"
CHUNK = 1000


def guest_rows(guests: QuerySet[Customer], user: User) -> Iterator[list[str]]:
    """Heading and one row per guest; contacts only for who may see them. Fetched in chunks, whatever the length."""
    sees_contacts = user.has_right(Right.VIEW_CONTACTS)
    yield [
        *(
            _("code"),
            _("name"),
            _("reading (kana)"),
            _("company"),
            _("department"),
            _("post"),
            _("rank"),
            _("last visit"),
        ),
        *(_("visits"), _("allergies")),
        *((_("phones"), _("e-mail"), _("postcode"), _("address")) if sees_contacts else ()),
    ]
    fetched = guests.select_related("company", "rank").prefetch_related("allergies__allergen", "phones", "addresses")
    for guest in fetched.iterator(chunk_size=CHUNK):
        yield [harmless(cell) for cell in [*_common(guest), *(_contacts(guest) if sees_contacts else ())]]


def as_csv(rows: Iterator[list[str]]) -> Iterator[str]:
    """Lines of a CSV file that Japanese spreadsheets open without asking."""
    yield BYTE_ORDER_MARK
    for row in rows:
        line = StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()


def _common(guest: Customer) -> list[str]:
    allergies = "、".join(str(allergy) for allergy in guest.allergies.all())
    return [
        guest.code or "",
        guest.name,
        guest.kana,
        guest.company.name if guest.company else "",
        guest.department,
        guest.title,
        guest.rank.name if guest.rank else "",
        guest.last_visit_on.isoformat() if guest.last_visit_on else "",
        str(guest.visit_count),
        allergies if guest.allergy_state == AllergyState.LISTED else guest.get_allergy_state_display(),
    ]


def _contacts(guest: Customer) -> list[str]:
    addresses = list(guest.addresses.all())
    return [
        " / ".join(phone.written for phone in guest.phones.all()),
        guest.email,
        addresses[0].postal_code if addresses else "",
        addresses[0].text if addresses else "",
    ]

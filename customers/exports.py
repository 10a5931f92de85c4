"""The guest list as a file for a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import StringIO

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import User
from crm_project.core.allergens.choices import AllergyState
from crm_project.core.formulas import harmless
from crm_project.core.rights import Right
from crm_project.core.ui.display_dates import format_moment
from customers.guest_values import ADDRESS_PREFIXES, ADDRESSES, CONSENTS
from customers.models import Address, Attribute, Customer
from customers.wording import answer_in_words, labels

BYTE_ORDER_MARK = "\ufeff"
CHUNK = 1000


def guest_rows(guests: QuerySet[Customer], user: User) -> Iterator[list[str]]:
    """Heading and one row per guest; contacts only for who may see them. Fetched in chunks, whatever the length."""
    sees_contacts = user.has_right(Right.VIEW_CONTACTS)
    items = list(Attribute.objects.in_use())
    yield [
        *(_("code"), _("name"), _("reading (kana)")),
        *(_("company"), _("department"), _("post"), _("rank"), _("last visit"), _("visits"), _("allergies")),
        *(_("called"), _("language"), _("attendant"), _("banquet sales"), _("diet rules")),
        *(_("in mourning until"), _("do not contact")),
        *(item.name for item in items),
        *(_contact_headings() if sees_contacts else ()),
    ]
    fetched = guests.select_related("company", "rank", "staff", "sales_staff").prefetch_related(
        "allergies__allergen", "diets", "attribute_values", "phones", "addresses", "consents"
    )
    for guest in fetched.iterator(chunk_size=CHUNK):
        answers = {answer.attribute_id: answer.text for answer in guest.attribute_values.all()}
        row = [
            *_common(guest),
            *(answer_in_words(item, answers.get(item.pk, "")) for item in items),
            *(_contacts(guest) if sees_contacts else ()),
        ]
        yield [harmless(cell) for cell in row]


def made_by(user: User, at: datetime) -> list[str]:
    """The last line of a file: who made it, and when. Our own reader of ledgers takes it for the remark it is."""
    said = _("made by %(who)s, %(when)s") % {"who": user, "when": format_moment(at)}
    return [harmless(f"※ {said}")]


def file_name(user: User, at: datetime) -> str:
    """guests-20261130-1830-係.csv: whose list lies there, and from when."""
    made = f"{timezone.localtime(at):%Y%m%d-%H%M}"
    return "-".join(filter(None, ("guests", made, slugify(str(user), allow_unicode=True)))) + ".csv"


def as_csv(rows: Iterable[list[str]]) -> Iterator[str]:
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
        guest.called,
        guest.get_language_display(),
        str(guest.staff or ""),
        str(guest.sales_staff or ""),
        "、".join(str(diet) for diet in guest.diets.all()),
        guest.mourning_until.isoformat() if guest.mourning_until else "",
        guest.contact_stop_reason if guest.contact_stopped else "",
    ]


def _contact_headings() -> list[str]:
    words = labels()
    return [
        *(_("phones"), _("e-mail")),
        *(words[name] for name in ADDRESSES),
        *(_("mail may go to"), _("birthday")),
        *(words[name] for name in CONSENTS),
    ]


def _contacts(guest: Customer) -> list[str]:
    addresses = {address.label: address for address in guest.addresses.all()}
    parts = [addresses.get(label) or Address() for label in ADDRESS_PREFIXES]
    consents = {consent.channel: consent.get_state_display() for consent in guest.consents.all()}
    return [
        " / ".join(phone.written for phone in guest.phones.all()),
        guest.email,
        *(part for address in parts for part in (address.postal_code, address.text, address.care_of)),
        guest.get_mail_to_display(),
        guest.birthday.isoformat() if guest.birthday else guest.birthday_month_day,
        *(consents.get(channel, "") for channel in CONSENTS.values()),
    ]

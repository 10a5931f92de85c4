"""Reads of guests shared by screens, services and exports."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import get_language

from crm_project.core.accounts.models import User
from crm_project.core.allergens.choices import AllergenClass, AllergyState, Severity
from crm_project.core.allergens.models import Allergen, AllergenList, AllergenListItem
from customers.guest_values import ADDRESS_PREFIXES, CONSENTS, DATES, PEOPLE, TEXTS, attribute_value
from customers.models import Allergy, Attribute, Company, Customer, PostalCode

SHOWN_IN_LISTS = (
    *(
        "code",
        "name",
        "kana",
        "honorific",
        "called",
        "former_name",
        "department",
        "title",
        "birthday",
        "is_confidential",
    ),
    *("allergy_state", "last_visit_on", "visit_count", "version"),
    *("company__name", "rank__name"),
)
_COLUMNS_OF_A_LINE = (
    *("pk", "name", "kana", "honorific", "company__name", "rank__name"),
    *("allergy_state", "department", "title", "last_visit_on"),
)
_HARMS = """
SELECT held.customer_id, held.severity, allergen.name_ja, allergen.name_en
FROM customers_allergy held
JOIN allergens_allergen allergen ON allergen.id = held.allergen_id
WHERE held.customer_id IN ({ids})
ORDER BY held.id
"""


@dataclass(slots=True)
class GuestLine:
    """A guest as a line of a list or of the search box shows one: plain values, for lists are long and asked often."""

    pk: int
    name: str
    kana: str
    honorific: str
    company: str
    rank: str
    allergy_state: str
    department: str
    title: str
    last_visit_on: date | None
    # Name of the allergen in the reader's language, and how severe.
    harmed_by: list[tuple[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address of the guest's card."""
        return card_url(self.pk)


def card_url(pk: int) -> str:
    """The address of a guest's card, for lists that ask for it line by line."""
    return f"{_cards_url()}{pk}/"


@cache
def _cards_url() -> str:
    return reverse("customers:card", args=[0]).removesuffix("0/")


@cache
def _severity(value: str, language: str | None) -> str:
    """How severe, in the reader's language."""
    return str(Severity(value).label)


def guest_lines(guests: QuerySet[Customer]) -> list[GuestLine]:
    """The guests, in their order, as lists show them: one query, and one more where allergies are listed."""
    lines = [
        GuestLine(pk, name, kana, honorific, company or "", rank or "", *others)
        for pk, name, kana, honorific, company, rank, *others in guests.values_list(*_COLUMNS_OF_A_LINE)
    ]
    listed = {line.pk: line for line in lines if line.allergy_state == AllergyState.LISTED}
    if listed:
        language = get_language()
        in_japanese = (language or "ja").startswith("ja")
        with connection.cursor() as cursor:
            cursor.execute(_HARMS.format(ids=", ".join(["%s"] * len(listed))), list(listed))
            for pk, severity, name_ja, name_en in cursor.fetchall():
                listed[pk].harmed_by.append((name_ja if in_japanese else name_en, _severity(severity, language)))
    return lines


def for_lists(guests: QuerySet[Customer]) -> QuerySet[Customer]:
    """Guests with what a line of a list shows: company, rank, allergies. One query more, however many guests.

    What no line shows is left in the database.
    """
    return _with_relations(guests).only(*SHOWN_IN_LISTS)


def for_card(user: User) -> QuerySet[Customer]:
    """Guests the person may open, with what the head of a card shows."""
    return (
        _with_relations(Customer.objects.visible_to(user))
        .select_related("staff")
        .prefetch_related("special_days")
        .defer("search_key", "grams")
    )


def _with_relations(guests: QuerySet[Customer]) -> QuerySet[Customer]:
    allergies = Prefetch("allergies", Allergy.objects.select_related("allergen"))
    return guests.select_related("company", "rank").prefetch_related(allergies)


def guests_of(company: Company, user: User) -> QuerySet[Customer]:
    """Guests of a company the person may open, by department and reading."""
    return Customer.objects.visible_to(user).filter(company=company).order_by("department", "sort_key", "pk")


def values_of(customer: Customer) -> dict[str, Any]:
    """What can be changed of a guest, as plain values by the names of `guest_values`.

    Texts, None, True and False; days as ISO text; phones as [label, number] and diets as [rule, note] pairs; a consent as
    [state, day, note], None when it was never asked for. Six queries, none for what is prefetched.
    """
    return {
        "code": customer.code or "",
        "name": customer.name,
        **{name: getattr(customer, name) for name in TEXTS},
        "company_name": customer.company.name if customer.company else "",
        **{name: day.isoformat() if (day := getattr(customer, name)) else None for name in DATES},
        "birthday_month_day": customer.birthday_month_day,
        **{name: getattr(customer, f"{name}_id") for name in PEOPLE},
        "contact_stopped": customer.contact_stopped,
        "phones": [[phone.label, phone.written] for phone in customer.phones.all()],
        "diets": [[diet.rule, diet.note] for diet in customer.diets.all()],
        **addresses_of(customer),
        **consents_of(customer),
        **_answers_of(customer),
    }


def addresses_of(customer: Customer) -> dict[str, str]:
    """Every part of the three addresses, blank where nothing is known."""
    addresses = {address.label: address for address in customer.addresses.all()}
    values: dict[str, str] = {}
    for label, prefix in ADDRESS_PREFIXES.items():
        address = addresses.get(label)
        values[f"{prefix}postal_code"] = address.postal_code if address else ""
        values[f"{prefix}address"] = address.text if address else ""
        values[f"{prefix}care_of"] = address.care_of if address else ""
    return values


def consents_of(customer: Customer) -> dict[str, list[str | None] | None]:
    """State, day and note for each channel; None: never asked."""
    consents = {
        consent.channel: [consent.state, consent.asked_on.isoformat() if consent.asked_on else None, consent.note]
        for consent in customer.consents.all()
    }
    return {name: consents.get(channel) for name, channel in CONSENTS.items()}


def _answers_of(customer: Customer) -> dict[str, str]:
    """The items of the house in use, blank where nothing is known, and what is known under retired ones."""
    answers = {attribute_value(pk): "" for pk in Attribute.objects.in_use().values_list("pk", flat=True)}
    return answers | {attribute_value(answer.attribute_id): answer.text for answer in customer.attribute_values.all()}


def towns_of(postal_code: str) -> list[PostalCode]:
    """The towns of a code of seven digits; none when no file of postcodes is loaded."""
    return list(PostalCode.objects.filter(code=postal_code)) if postal_code else []


@dataclass(frozen=True, slots=True)
class AllergenLine:
    """An allergen, what is known of it for a guest, and whether it is one that is asked about first."""

    allergen: Allergen
    known: Allergy | None
    asked_first: bool


def allergy_sheet(customer: Customer, day: date) -> list[AllergenLine]:
    """Every allergen: those of the guest first, then the mandatory ones of the day and the house's own, then the others."""
    known = {allergy.allergen_id: allergy for allergy in Allergy.objects.filter(customer=customer)}
    listed = AllergenList.objects.in_force(day).items.filter(allergen_class=AllergenClass.RECOMMENDED)
    later = set(listed.values_list("allergen_id", flat=True))
    lines = [
        AllergenLine(allergen, known.get(allergen.pk), allergen.pk in known or allergen.pk not in later)
        for allergen in Allergen.objects.all()
    ]
    return sorted(lines, key=lambda line: (line.known is None, not line.asked_first))


def pointing_sheet(customer: Customer | None, day: date) -> list[tuple[Allergen, bool]]:
    """What a guest may point at, and whether it is known already.

    The legal list of the day, mandatory ones first; then the house's own, and what is known of the guest beside them.
    """
    known = set(Allergy.objects.filter(customer=customer).values_list("allergen_id", flat=True)) if customer else set()
    listed = {
        item.allergen_id: (item.allergen_class != AllergenClass.MANDATORY, item.position)
        for item in AllergenList.objects.in_force(day).items.all()
    }
    legal_ever = set(AllergenListItem.objects.values_list("allergen_id", flat=True))
    shown = [
        allergen
        for allergen in Allergen.objects.all()
        if allergen.pk in listed or allergen.pk in known or allergen.pk not in legal_ever
    ]
    shown.sort(key=lambda allergen: (allergen.pk not in listed, *listed.get(allergen.pk, (False, allergen.position))))
    return [(allergen, allergen.pk in known) for allergen in shown]


def visible_ids(user: User, customer_ids: Iterable[int | None]) -> set[int]:
    """Those of the guests whom the person may open. One query."""
    wanted = {pk for pk in customer_ids if pk is not None}
    if not wanted:
        return set()
    return set(Customer.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True))

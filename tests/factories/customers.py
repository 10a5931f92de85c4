"""Guests and companies, findable as every write path leaves them."""

from collections.abc import Iterable
from typing import Any

from factory.declarations import LazyAttribute, Sequence
from factory.django import DjangoModelFactory

from crm_project.core import text
from crm_project.core.allergens.choices import AllergyState, Severity
from crm_project.core.allergens.models import Allergen
from customers.models import Allergy, Company, Customer, Phone, Rank
from customers.search_index import search_fields


class RankFactory(DjangoModelFactory[Rank]):
    """A rank of the house."""

    class Meta:
        model = Rank
        django_get_or_create = ("name",)

    name = Sequence(lambda number: f"格 {number}")
    position = Sequence(int)


class CompanyFactory(DjangoModelFactory[Company]):
    """A company."""

    class Meta:
        model = Company

    name = Sequence(lambda number: f"北辰電機{number}株式会社")
    key = LazyAttribute(lambda company: text.compare_key(company.name))


class CustomerFactory(DjangoModelFactory[Customer]):
    """A guest; `phones=["090-..."]` gives numbers, `allergic_to=["shrimp"]` a severe allergy each."""

    class Meta:
        model = Customer
        skip_postgeneration_save = True

    name = Sequence(lambda number: f"渡邉 健{number}")
    kana = "ワタナベ ケン"

    @classmethod
    def _create(cls, model_class: type[Customer], *args: Any, **kwargs: Any) -> Customer:
        phones: Iterable[str] = kwargs.pop("phones", ())
        allergic_to: Iterable[str] = kwargs.pop("allergic_to", ())
        venues = kwargs.pop("known_at", ())
        numbers = [text.phone_digits(phone) for phone in phones]
        company = kwargs.get("company")
        fields = search_fields(
            name=kwargs["name"],
            kana=kwargs["kana"],
            company_name=company.name if company else "",
            company_kana=company.kana if company else "",
            other_names=(kwargs.get("former_name", ""), kwargs.get("called", "")),
            code=kwargs.get("code"),
            phones=numbers,
        )
        kwargs |= {"search_key": fields.search_key, "grams": fields.grams, "sort_key": fields.sort_key}
        codes = list(allergic_to)
        if codes:
            kwargs.setdefault("allergy_state", AllergyState.LISTED)
        customer = super()._create(model_class, *args, **kwargs)
        for position, (written, digits) in enumerate(zip(phones, numbers, strict=True)):
            Phone.objects.create(
                customer=customer, written=written, digits=digits, tail=text.phone_tail(digits), position=position
            )
        for code in codes:
            Allergy.objects.create(
                customer=customer, allergen=Allergen.objects.get(code=code), severity=Severity.SEVERE
            )
        customer.known_at.set(venues)
        return customer

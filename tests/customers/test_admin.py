"""Tables of master data, in and out."""

from datetime import date
from typing import Any

import pytest
import tablib
from django.urls import reverse

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from customers.models import Company, Customer, Rank
from customers.queries import values_of
from customers.resources import CompanyResource, CustomerResource, RankResource
from customers.search import find_customers
from customers.services import ConsentInput, DietInput, PhoneInput, create_customer, write_attribute
from tests.factories.accounts import UserFactory, person
from tests.factories.customers import CompanyFactory, CustomerFactory, RankFactory

pytestmark = pytest.mark.django_db


def imported(resource, headers, *rows):
    """Import rows as the administration does."""
    data = tablib.Dataset(*rows, headers=headers)
    return resource.import_data(data, user=User.objects.system(), raise_errors=True, dry_run=False)


def test_guests_come_in_as_on_the_screens():
    """Normalised, found at once, changed by their code, unchanged when nothing is new."""
    headers = ["code", "name", "kana", "company", "phones", "birthday"]
    row = ("Ｃ－12", "髙橋 美穂", "ﾀｶﾊｼ ﾐﾎ", "丸紅㈱", "09000001482 / 075-000-0100", "S36.12.9")
    imported(CustomerResource(), headers, row)
    guest = Customer.objects.get()
    assert (guest.code, guest.kana, str(guest.company)) == ("C-12", "タカハシ ミホ", "丸紅㈱")
    assert [phone.written for phone in guest.phones.all()] == ["090-0000-1482", "075-000-0100"]
    assert list(find_customers(person("floor"), "takahashi")) == [guest]
    imported(CustomerResource(), headers, row)
    imported(CustomerResource(), ["code", "name", "likes"], ("C-12", "髙橋 美穂", "ぬる燗"))
    guest.refresh_from_db()
    assert (guest.version, guest.likes, guest.phones.count(), Customer.objects.count()) == (2, "ぬる燗", 2, 1)


def test_bad_rows_are_told_and_nothing_is_written():
    """A date that is none, a code that is missing."""
    for row in [("C-1", "林 花", "令和9年13月1日"), ("", "林 花", "")]:
        data = tablib.Dataset(row, headers=["code", "name", "birthday"])
        result = CustomerResource().import_data(data, user=User.objects.system())
        assert result.has_errors() or result.has_validation_errors()
    assert not Customer.objects.exists()


def test_what_goes_out_comes_back_unchanged():
    """A cell like a formula is defused on the way out and read back as it was."""
    CustomerFactory.create(code="7", name="=1+1", kana="", phones=["+44 20 7946 0018"])
    table = CustomerResource().export()
    assert table["name"] == ["'=1+1"]
    CustomerResource().import_data(table, user=User.objects.system(), raise_errors=True)
    guest = Customer.objects.get()
    assert (guest.name, guest.version) == ("=1+1", 1)


def test_everything_of_a_guest_goes_out_and_comes_back():
    """Nothing is lost on the way, and nothing is a change."""
    by = User.objects.system()
    floor = person("floor", username="floor")
    car = write_attribute(by=by, name="お車")
    values: dict[str, Any] = {f"attribute_{car.pk}": "黒"}
    guest = create_customer(
        by=by, name="林 花", code="7", called="会長", language="fr", sales_staff=floor, birthday_month_day="04-01",
        phones=[PhoneInput("075-000-0100", "secretary")], office_address="京都市1-2", office_care_of="秘書室",
        consent_mail=ConsentInput("refused", date(2026, 1, 5), "多い"), diets=[DietInput("halal", "豚のみ")],
        contact_stopped=True, contact_stop_reason="ご希望", mourning_until=date(2027, 1, 31), mail_to="office", **values,
    )  # fmt: skip
    before = values_of(guest)
    table = CustomerResource().export()
    assert (table["お車"], table["birthday"], table["consent_mail"]) == (["黒"], ["4/1"], ["refused"])
    CustomerResource().import_data(table, user=by, raise_errors=True)
    guest.refresh_from_db()
    assert (values_of(guest), guest.version) == (before, 1)
    imported(CustomerResource(), ["code", "name", "お車", "birthday"], ("7", "林 花", "白", "S36.4.1"))
    guest.refresh_from_db()
    assert (guest.birthday, guest.attribute_values.get().text, guest.called) == (date(1961, 4, 1), "白", "会長")


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_an_export_do_not_grow(django_assert_num_queries, count):
    """With one or three guests."""
    write_attribute(by=User.objects.system(), name="お車")
    for number in range(count):
        CustomerFactory.create(code=str(number), phones=[f"090-0000-000{number}"])
    resource = CustomerResource()
    with django_assert_num_queries(7):
        resource.export()


def test_companies_and_ranks_come_in():
    """By written name; guests are found under a corrected company."""
    CompanyFactory.create(name="丸紅㈱", key="丸紅株式会社")
    imported(CompanyResource(), ["name", "kana"], ("丸紅株式会社", "マルベニ"))
    assert [company.kana for company in Company.objects.all()] == ["マルベニ"]
    imported(RankResource(), ["name", "position"], ("別格", "1.0"))
    assert Rank.objects.get(name="別格").position == 1


def test_a_company_is_kept_as_on_the_screens_and_shown_first(client):
    """Width, romaji and the grouping of a number are put in order; what that makes of it is shown once."""
    company = CompanyFactory.create(name="丸紅")
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    url = reverse("admin:customers_company_change", args=[company.pk])
    written = {
        "name": "丸紅　ＡＢＣ",
        "kana": "marubeni",
        "code": "Ｃ－７",
        "phone": "０７５００００２００",
        "note": "",
    }
    page = client.post(url, written)
    assert page.status_code == 200
    content = page.content.decode()
    kept = {"name": "丸紅 ABC", "kana": "マルベニ", "code": "C-7", "phone": "075-000-0200"}
    for name, value in kept.items():
        assert f'name="{name}" value="{value}"' in content
    company.refresh_from_db()
    assert company.name == "丸紅"
    assert client.post(url, {**kept, "note": ""}).status_code == 302
    company.refresh_from_db()
    assert (company.name, company.kana, company.code, company.phone) == tuple(kept.values())


def test_renamed_company_finds_its_guests(client):
    """The administration corrects a name; the search follows."""
    company = CompanyFactory.create(name="丸紅")
    guest = CustomerFactory.create(company=company)
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    url = reverse("admin:customers_company_change", args=[company.pk])
    response = client.post(url, {"name": "松坂商事㈱", "kana": "", "code": "", "phone": "", "note": ""})
    assert response.status_code == 302
    floor = person("floor")
    assert list(find_customers(floor, "松坂商事株式会社")) == [guest]
    assert list(find_customers(floor, "丸紅")) == []


def test_exports_are_noted_and_only_for_administrators(client):
    """Who took how many rows out of the house."""
    RankFactory.create()
    client.force_login(UserFactory.create(is_staff=True))
    assert client.get(reverse("admin:customers_rank_export")).status_code == 403
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    response = client.post(
        reverse("admin:customers_rank_export"), {"format": "0", "rankresource_name": "on", "resource": ""}
    )
    assert response.status_code == 200
    assert AuditEntry.objects.get(action=Action.EXPORTED).changes == {"rows": Rank.objects.count()}

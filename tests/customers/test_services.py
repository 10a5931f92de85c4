"""Writing guests."""

import pytest
from django.core.exceptions import ValidationError

from crm_project.core.accounts.models import User
from crm_project.core.allergens.models import Allergen
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from customers.conflicts import VersionConflict, find_conflicts
from customers.models import Company, Customer
from customers.services import (
    AllergyInput,
    PhoneInput,
    change_customer,
    create_customer,
    find_or_create_company,
    note_known_at,
    set_allergies,
)
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def floor():
    """Somebody who may write."""
    return person("floor")


def test_guest_without_kana_from_a_ledger_is_entered(floor):
    """Kana are asked for by forms, not by services."""
    guest = create_customer(by=floor, name="渡邉 健一")
    assert (guest.kana, guest.sort_key, guest.version) == ("", Customer.objects.get().sort_key, 1)


@pytest.mark.parametrize("name", ["", "　"])
def test_blank_names_are_refused(floor, name):
    """In words, before the database says no."""
    with pytest.raises(ValidationError):
        create_customer(by=floor, name=name)
    assert not Customer.objects.exists()


def test_phones_are_kept_once_and_grouped(floor):
    """Each number once; what has no digits is left out; an extension stays written."""
    numbers: list[PhoneInput | str] = [
        PhoneInput("09012345678", "work"),
        "090-1234-5678",
        "不明",
        "03-1234-5678 内線12",
    ]
    guest = create_customer(by=floor, name="林 花", phones=numbers)
    assert [(phone.label, phone.written, phone.digits) for phone in guest.phones.all()] == [
        ("work", "090-1234-5678", "09012345678"),
        ("mobile", "03-1234-5678 内線12", "0312345678"),
    ]


def test_changes_are_told_with_before_and_after(floor):
    """One entry, only what changed."""
    guest = create_customer(by=floor, name="林 花", phones=["075-000-0100"], company_name="丸紅㈱")
    changed = change_customer(
        customer=guest, by=floor, version=1, name="林  花", phones=["０７５-０００-０１０１"], company_name="丸紅(株)"
    )
    assert changed.version == 2
    entry = AuditEntry.objects.about(guest).get(action=Action.CHANGED)
    assert entry.changes == {"phones": [[["mobile", "075-000-0100"]], [["mobile", "075-000-0101"]]]}
    assert Company.objects.count() == 1


def test_old_version_without_base_conflicts_where_values_differ(floor):
    """Nothing is written."""
    guest = create_customer(by=floor, name="林 花")
    change_customer(customer=guest, by=floor, version=1, title="女将")
    with pytest.raises(VersionConflict) as caught:
        change_customer(customer=guest, by=floor, version=1, title="若女将", name="林 花")
    assert [(line.field, line.theirs, line.mine) for line in caught.value.conflicts] == [("title", "女将", "若女将")]
    assert caught.value.version == 2
    guest.refresh_from_db()
    assert guest.title == "女将"


def test_conflicts_are_what_both_changed():
    """Pure: base, theirs, mine."""
    theirs, base = {"a": 2, "b": 1, "c": 3}, {"a": 1, "b": 1, "c": 1}
    mine = {"a": 5, "b": 5, "c": 3}
    assert [line.field for line in find_conflicts(theirs=theirs, mine=mine, base=base)] == ["a"]
    assert [line.field for line in find_conflicts(theirs=theirs, mine=mine, base=None)] == ["a", "b"]


def test_allergies_state_and_list_agree(floor):
    """Listed without a list, a list without "listed", one allergen twice: refused."""
    guest = create_customer(by=floor, name="林 花")
    shrimp = AllergyInput(Allergen.objects.get(code="shrimp"))
    for state, items in [("listed", []), ("none", [shrimp]), ("listed", [shrimp, shrimp])]:
        with pytest.raises(ValidationError):
            set_allergies(customer=guest, by=floor, state=state, items=items)
    set_allergies(customer=guest, by=floor, state="listed", items=[shrimp])
    set_allergies(customer=guest, by=floor, state="none", asked_how="phone", answered_by="ご本人")
    guest.refresh_from_db()
    assert (guest.allergy_state, guest.allergies.count(), guest.version) == ("none", 0, 3)


def test_companies_are_one_row_per_legal_name(floor):
    """㈱ and 株式会社."""
    one, same, other = (
        find_or_create_company(by=floor, name=name) for name in ("丸紅㈱", "丸紅 株式会社", "株式会社丸紅")
    )
    assert one == same
    assert one != other
    with pytest.raises(ValidationError):
        find_or_create_company(by=floor, name=" ")


def test_known_at_is_noted_once():
    """In bulk, again and again."""
    venue, guests = VenueFactory.create(), [CustomerFactory.create(), CustomerFactory.create()]
    note_known_at(customer_ids=[guest.pk for guest in guests], venue=venue)
    note_known_at(customer_ids=[guests[0].pk], venue=venue)
    assert venue.customers.count() == 2


def test_system_user_writes_too():
    """Jobs and the command line."""
    assert create_customer(by=User.objects.system(), name="林 花", code="13085.0").code == "13085"

"""People decide who a partner is; its documents follow at once."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from crm_project.core.audit.models import AuditEntry
from crm_project.core.jobs.models import Job
from crm_project.core.jobs.services import system_user
from customers.models import Customer
from integrations.choices import MatchMethod, PartnerStatus
from integrations.models import ActualDocument, PartnerLink
from integrations.sources.queries import partners_by_amount, unmatched_total
from integrations.sources.services import (
    create_customer_from_partner,
    ignore_partner,
    link_partner,
    pull_given_file,
    unlink_partner,
)
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.integrations.sources.files import mapped_source, row, write_csv

pytestmark = pytest.mark.django_db
ROWS = [row("A"), row("B"), row("C", code="C2", name="現金客"), row("D", code="", name="")]


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def accountant(venue):
    return person("admin", venue)


@pytest.fixture
def source(venue, tmp_path):
    source = mapped_source(default_venue=venue)
    pull_given_file(source=source, path=write_csv(tmp_path / "a.csv", ROWS), by=system_user())
    return source


@pytest.fixture
def partner(source):
    return PartnerLink.objects.get(key="C1")


def owners():
    return dict(ActualDocument.objects.values_list("source_doc_id", "customer"))


def test_linked_partner_s_documents_belong_to_the_guest(partner, accountant):
    guest = CustomerFactory.create()
    link_partner(partner=partner, customer=guest, by=accountant)
    assert owners() == {"A": guest.pk, "B": guest.pk, "C": None, "D": None}
    partner.refresh_from_db()
    assert (partner.status, partner.method, partner.decided_by) == (
        PartnerStatus.MATCHED,
        MatchMethod.PERSON,
        accountant,
    )
    entry = AuditEntry.objects.get(subject_type="integrations.partnerlink", actor_id=accountant.pk)
    assert entry.changes["customer"] == [None, guest.pk]
    assert Job.objects.filter(name="recompute_ranks").exists()


def test_partner_moves_from_one_guest_to_another(partner, accountant):
    one, other = CustomerFactory.create_batch(2)
    link_partner(partner=partner, customer=one, by=accountant)
    link_partner(partner=partner, customer=other, by=accountant)
    assert set(owners().values()) == {other.pk, None}


def test_ignored_partner_counts_for_no_guest(partner, accountant):
    ignore_partner(partner=partner, by=accountant)
    assert dict(ActualDocument.objects.values_list("source_doc_id", "is_customer")) == {
        "A": False,
        "B": False,
        "C": True,
        "D": True,
    }


def test_guest_from_partner(partner, accountant, venue):
    guest = create_customer_from_partner(partner=partner, by=accountant)
    assert (guest.code, guest.name, list(guest.known_at.all())) == ("C1", "株式会社青葉商事", [venue])
    assert owners()["A"] == guest.pk


def test_guest_from_partner_whose_code_is_taken(partner, accountant):
    CustomerFactory.create(code="C1")
    with pytest.raises(ValidationError):
        create_customer_from_partner(partner=partner, by=accountant)
    assert Customer.objects.count() == 1


def test_decisions_survive_the_next_pull(partner, source, accountant, tmp_path):
    guest = CustomerFactory.create(code="C1")
    other = CustomerFactory.create()
    link_partner(partner=partner, customer=other, by=accountant)
    again = write_csv(tmp_path / "b.csv", [row("A"), row("E")])
    pull_given_file(source=source, path=again, by=system_user())
    assert (owners()["A"], owners()["E"]) == (other.pk, other.pk)
    unlink_partner(partner=partner, by=accountant)
    result = pull_given_file(source=source, path=again, by=system_user())
    assert set(owners().values()) == {None}
    assert result.unmatched_partners == 1
    assert guest.documents.count() == 0


def test_ignored_partner_is_no_unmatched_one(partner, source, accountant, tmp_path):
    ignore_partner(partner=partner, by=accountant)
    result = pull_given_file(source=source, path=write_csv(tmp_path / "b.csv", [*ROWS, row("E")]), by=system_user())
    assert result.unmatched_partners == 1
    assert not ActualDocument.objects.get(source_doc_id="E").is_customer


def test_work_list_is_sorted_by_amount(source, accountant):
    sources = type(source).objects.all()
    listed = partners_by_amount(user=accountant, sources=sources, status="unmatched", currency="JPY")
    assert [(each.key, vars(each)["net"], vars(each)["document_count"]) for each in listed] == [
        ("C1", Decimal(32000), 2),
        ("C2", Decimal(16000), 1),
    ]
    total = unmatched_total(user=accountant, sources=sources, currency="JPY")
    assert (total.partners, total.documents, total.net) == (2, 4, Decimal(64000))

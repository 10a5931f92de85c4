"""Somebody starts the import while somebody else chooses columns or throws the upload away: a sentence, not an error page."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from crm_project.core.accounts.models import User
from crm_project.core.jobs.models import Job
from customers.models import Customer
from integrations.choices import LedgerState
from integrations.ledgers import services
from integrations.ledgers.fields import ledger_map
from integrations.models import LedgerImport
from tests.factories.accounts import VenueFactory, person
from tests.integrations.ledgers.files import MAP, row, workbook
from tests.simultaneous import meanwhile

pytestmark = pytest.mark.django_db(transaction=True)

PLACES = {"code": "0", "name": "1", "kana": "2"}


@pytest.fixture
def admin(settings: Any, tmp_path: Path) -> User:
    """Somebody who may import; uploads go to a folder of the test."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return person("admin", VenueFactory.create())


@pytest.fixture
def ledger(admin: User, tmp_path: Path) -> LedgerImport:
    """An upload whose columns are chosen."""
    path = workbook(tmp_path / "guests.xlsx", [row("1", "山田 太郎")])
    ledger = services.receive_ledger(upload=ContentFile(path.read_bytes()), name=path.name, by=admin)
    services.choose_columns(ledger_import=ledger, by=admin, sheet="名簿", column_map=ledger_map(MAP))
    ledger.refresh_from_db()
    return ledger


@pytest.mark.parametrize("page", ["ledger_columns", "ledger_drop"])
def test_an_import_that_begins_at_that_moment_is_left_alone(
    client: Client, admin: User, ledger: LedgerImport, page: str
) -> None:
    client.force_login(admin)

    with meanwhile(lambda: services.apply_ledger(ledger_import=ledger, by=admin)):
        response = client.post(reverse(f"integrations:{page}", args=[ledger.pk]), PLACES, follow=True)

    assert response.redirect_chain == [(reverse("integrations:ledger", args=[ledger.pk]), 302)]
    assert [str(message) for message in response.context["messages"]] == [str(services.ImportHasBegun())]
    kept = LedgerImport.objects.get()
    assert (kept.state, kept.map_text, kept.created) == (LedgerState.APPLIED, ledger.map_text, 1)
    assert Customer.objects.get().name == "山田 太郎"
    assert Job.objects.get() == ledger.job


@pytest.mark.parametrize("page", ["ledger_columns", "ledger_drop"])
def test_what_was_looked_at_is_imported_also_when_no_worker_has_taken_it_yet(
    client: Client, admin: User, ledger: LedgerImport, page: str
) -> None:
    services.plan_for_preview(ledger_import=ledger)
    asked = services.start_import(ledger_import=ledger, by=admin)
    client.force_login(admin)

    response = client.post(reverse(f"integrations:{page}", args=[ledger.pk]), PLACES, follow=True)

    assert [str(message) for message in response.context["messages"]] == [str(services.ImportHasBegun())]
    kept = LedgerImport.objects.get()
    assert (kept.state, kept.map_text, kept.job) == (LedgerState.PLANNED, ledger.map_text, asked)

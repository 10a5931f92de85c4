"""Somebody starts the import while somebody else chooses columns or throws the upload away: a sentence, not an error page."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from crm_project.core.accounts.models import User
from crm_project.core.jobs.models import Job
from integrations.choices import LedgerState
from integrations.ledgers import services, views
from integrations.models import LedgerImport
from tests.factories.accounts import VenueFactory, person
from tests.integrations.ledgers.files import row, workbook

pytestmark = pytest.mark.django_db

PLACES = {"code": "0", "name": "1", "kana": "2"}


@pytest.fixture
def admin(settings: Any, tmp_path: Path) -> User:
    """Somebody who may import; uploads go to a folder of the test."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return person("admin", VenueFactory.create())


@pytest.fixture
def ledger(admin: User, tmp_path: Path) -> LedgerImport:
    """An upload."""
    path = workbook(tmp_path / "guests.xlsx", [row("1", "山田 太郎")])
    return services.receive_ledger(upload=ContentFile(path.read_bytes()), name=path.name, by=admin)


@pytest.mark.parametrize(("page", "verb"), [("ledger_columns", "choose_columns"), ("ledger_drop", "drop_ledger")])
def test_an_import_that_begins_at_that_moment_is_left_alone(
    client: Client, admin: User, ledger: LedgerImport, monkeypatch: pytest.MonkeyPatch, page: str, verb: str
) -> None:
    serve = getattr(services, verb)

    def begin_first(**arguments: Any) -> Any:
        LedgerImport.objects.filter(pk=ledger.pk).update(applied_to_row=0, state=LedgerState.PLANNED)
        return serve(**arguments)

    monkeypatch.setattr(views, verb, begin_first)
    client.force_login(admin)

    response = client.post(reverse(f"integrations:{page}", args=[ledger.pk]), PLACES, follow=True)

    assert response.redirect_chain == [(reverse("integrations:ledger", args=[ledger.pk]), 302)]
    assert [str(message) for message in response.context["messages"]] == [str(services.ImportHasBegun())]
    kept = LedgerImport.objects.get()
    assert (kept.state, kept.map_text, kept.stored_as) == (LedgerState.PLANNED, "", ledger.stored_as)
    assert not Job.objects.exists()

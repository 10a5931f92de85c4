"""Next month's copy of a ledger of visits or inquiries: what is new, changed, the same, and what is gone (and stays)."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_project.core.accounts.models import User, Venue
from deals.models import Deal
from integrations.ledgers.target_imports import apply_target, import_target
from integrations.ledgers.undo import undo_ledger
from integrations.models import LedgerImport
from integrations.visit_ledgers.importing import VISIT_LEDGERS
from tests.factories.accounts import VenueFactory, person
from tests.integrations.ledgers.commands import counts, run
from visits.models import Visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

visits, deals = partial(run, "visits"), partial(run, "deals")
HEAD = "来店日,顧客番号,氏名,人数\n"
OCTOBER = [
    "2026-10-01,1,山田 太郎,2\n",
    "2026-10-02,2,小川 翔,4\n",
    "2026-10-03,3,北村 健,3\n",
    "2026-10-04,1,山田 太郎,2\n",
]


@pytest.fixture
def venue() -> Venue:
    """The only venue."""
    found: Venue = VenueFactory.create(code="HON", name="本店")
    return found


def test_new_changed_the_same_and_gone(write: Any, venue: Venue) -> None:
    visits(write(HEAD + "".join(OCTOBER), "visits_2026-10.csv"))
    rows = [OCTOBER[0], OCTOBER[2].replace(",3\n", ",5\n"), OCTOBER[3], "2026-11-01,4,森 茂,2\n"]
    for extra in (["--dry-run"], []):
        code, answer, _said = visits(write(HEAD + "".join(rows), "visits_2026-11.csv"), *extra)
        assert (code, counts(answer)) == (0, [4, 1, 1, 2, 0])
        gone = Visit.objects.get(business_date="2026-10-02")
        assert answer["gone"] == 1
        assert answer["gone_records"] == [{"id": gone.pk, "day": "2026-10-02", "guest": "小川 翔"}]
    assert Visit.objects.count() == 5
    assert LedgerImport.objects.latest("pk").gone == [gone.pk]


def test_a_file_of_another_month_misses_nothing(write: Any, venue: Venue) -> None:
    visits(write(HEAD + "".join(OCTOBER), "visits_2026-10.csv"))
    _code, answer, _said = visits(write(HEAD + "2026-11-01,1,山田 太郎,2\n", "visits_2026-11.csv"))
    assert (counts(answer), answer["gone"]) == ([1, 1, 0, 0, 0], 0)


def test_what_a_row_that_was_set_aside_may_be_about_is_not_gone(write: Any, venue: Venue) -> None:
    visits(write(HEAD + "".join(OCTOBER), "visits_2026-10.csv"))
    # The day cannot be read; the other guest is not in the file at all.
    rows = [OCTOBER[0], OCTOBER[1].replace("2026-10-02", "二日ごろ"), OCTOBER[3]]
    _code, answer, _said = visits(write(HEAD + "".join(rows), "visits_2026-11.csv"))
    assert [one["guest"] for one in answer["gone_records"]] == ["北村 健"]


def test_what_was_taken_back_is_no_former_copy(write: Any, venue: Venue) -> None:
    visits(write(HEAD + "".join(OCTOBER), "visits_2026-10.csv"))
    undo_ledger(ledger_import=LedgerImport.objects.get(), by=User.objects.system())
    _code, answer, _said = visits(write(HEAD + "".join(OCTOBER[::3]), "visits_2026-11.csv"))
    assert (counts(answer), answer["gone"]) == ([2, 2, 0, 0, 0], 0)


def test_another_name_with_the_same_map_and_visits_is_known(write: Any, venue: Venue) -> None:
    visits(write(HEAD + "".join(OCTOBER), "abc.csv"))
    _code, answer, _said = visits(write(HEAD + "".join(OCTOBER[:1] + OCTOBER[2:]), "xyz.csv"))
    assert answer["gone"] == 1
    first, second = LedgerImport.objects.order_by("pk")
    assert second.ledger_key == first.ledger_key


def test_after_a_kill_nothing_is_called_gone_that_an_earlier_worker_wrote(
    tmp_path: Path, venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "visits_1.csv"
    path.write_text(HEAD + "".join(OCTOBER), encoding="utf-8")
    by = User.objects.system()
    import_target(VISIT_LEDGERS, file=VISIT_LEDGERS.file(path, path.name), by=by)
    path = tmp_path / "visits_2.csv"
    path.write_text(HEAD + "".join(OCTOBER[:1] + OCTOBER[2:]), encoding="utf-8")
    monkeypatch.setattr(type(VISIT_LEDGERS), "batch_rows", 1)
    file = VISIT_LEDGERS.file(path, path.name)

    def die(_planned: Any, _reader: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_target(VISIT_LEDGERS, file=file, by=by, on_batch=die)
    found = LedgerImport.objects.latest("pk")
    with file.opened_whole() as ledger:
        outcome = apply_target(VISIT_LEDGERS, found, file.name, ledger, by=by)
    assert [one["day"] for one in outcome.gone_in_words] == ["2026-10-02"]


def test_open_inquiries_that_the_list_does_not_name_any_more(write: Any, venue: Venue) -> None:
    head = "会社名,宴会名,開催日,状況\n"
    rows = ["三松商事,忘年会,2027-12-11,\n", "東和精密,祝賀会,2027-03-20,\n", "森商店,新年会,2027-01-10,失注\n"]
    deals(write(head + "".join(rows), "deals_1.csv"))
    _code, answer, _said = deals(write(head + rows[0], "deals_2.csv"))
    assert (counts(answer), answer["gone"]) == ([1, 0, 0, 1, 0], 1)
    assert [(one["title"], one["asked_by"]) for one in answer["gone_records"]] == [("祝賀会", "東和精密 様")]
    assert Deal.objects.count() == 3


def test_the_page_names_what_a_person_may_open(write: Any, venue: Venue, client: Client) -> None:
    visits(write(HEAD + "".join(OCTOBER), "visits_2026-10.csv"))
    visits(write(HEAD + OCTOBER[0] + OCTOBER[3], "visits_2026-11.csv"))
    found = LedgerImport.objects.latest("pk")
    address = reverse("integrations:ledger", args=[found.pk])
    client.force_login(person("admin", venue))
    client.cookies["django_language"] = "en"
    client.get(address)
    with CaptureQueriesContext(connection) as two:
        page = client.get(address).content.decode()
    assert "2 visits between the first and the last day of this file" in page
    assert "Nothing is deleted." in page
    assert "小川 翔 様 本店" in page
    sealed = Visit.objects.get(business_date="2026-10-02")
    Visit.objects.filter(pk=sealed.pk).update(is_confidential=True)
    LedgerImport.objects.filter(pk=found.pk).update(gone=[sealed.pk])
    with CaptureQueriesContext(connection) as one:
        page = client.get(address).content.decode()
    assert "小川 翔" not in page
    assert reverse("visits:detail", args=[sealed.pk]) not in page
    assert "and 1 more" in page
    assert len(one) == len(two)
    client.force_login(person("admin", VenueFactory.create(name="別館")))
    assert "北村 健" not in client.get(address).content.decode()
    client.cookies["django_language"] = "ja"
    assert client.get(address).status_code == 200
    assert client.get(reverse("integrations:ledger_undo", args=[found.pk])).status_code == 200

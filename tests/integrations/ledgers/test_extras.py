"""Who introduced a guest, the family and the house's own items come from a ledger, and are taken back with it."""

from pathlib import Path

import pytest
from django.utils import translation

from crm_project.core.accounts.models import User
from crm_project.core.column_map import MapError
from customers.models import Attribute, AttributeValue, Customer, Relation
from integrations.ledgers.fields import ledger_map
from integrations.ledgers.ledger_file import LedgerFile
from integrations.ledgers.services import LedgerOutcome, check_ledger, import_file
from integrations.ledgers.undo import undo_ledger
from integrations.models import LedgerImport
from tests.integrations.ledgers.files import workbook

pytestmark = pytest.mark.django_db
HEADINGS = ["顧客番号", "氏名", "紹介者", "家族", "車", "お席の数"]
MAP = (
    '[columns]\ncode = "顧客番号"\nname = "氏名"\nintroduced_by = "紹介者"\nfamily = "家族"\n'
    '[attributes]\n"お車" = "車"\n"お席" = "お席の数"\n'
)


@pytest.fixture(autouse=True)
def _items():
    Attribute.objects.create(name="お車", kind="text")
    Attribute.objects.create(name="お席", kind="number")
    with translation.override("en"):
        yield


def imported(tmp_path: Path, *rows: list[str], name: str = "名簿.xlsx") -> LedgerOutcome:
    path = workbook(tmp_path / name, rows, headings=HEADINGS)
    return import_file(file=LedgerFile(path, path.name, column_map=ledger_map(MAP)), by=User.objects.system())[1]


def told() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    relations = Relation.objects.order_by("pk").values_list("kind", "other_name")
    values = AttributeValue.objects.order_by("pk").values_list("attribute__name", "text")
    return list(relations), list(values)


def test_they_come_in_once_and_are_taken_back(tmp_path: Path):
    row = ["1", "山田 太郎", "佐野会長", "花子様、一郎", "品川 300", "2"]
    first = imported(tmp_path, row)
    assert (first.counts.created, first.counts.warnings) == (1, 0)
    assert told() == (
        [("introducer", "佐野会長"), ("family", "花子"), ("family", "一郎")],
        [("お車", "品川 300"), ("お席", "2")],
    )
    assert imported(tmp_path, row).counts.unchanged == 1
    changed = imported(tmp_path, ["1", "山田 太郎", "佐野会長", "二郎", "品川 500", "2"])
    assert changed.counts.updated == 1
    assert told()[0][-1] == ("family", "二郎")
    assert told()[1] == [("お車", "品川 500"), ("お席", "2")]
    undo_ledger(ledger_import=LedgerImport.objects.latest("pk"), by=User.objects.system())
    assert told() == (
        [("introducer", "佐野会長"), ("family", "花子"), ("family", "一郎")],
        [("お車", "品川 300"), ("お席", "2")],
    )
    for former in LedgerImport.objects.order_by("-pk")[1:]:
        undo_ledger(ledger_import=former, by=User.objects.system())
    assert told() == ([], [])
    assert not Customer.objects.exists()


def test_a_preview_says_the_same(tmp_path: Path):
    path = workbook(tmp_path / "名簿.xlsx", [["1", "山田 太郎", "佐野", "", "", "二つ"]], headings=HEADINGS)
    outcome = check_ledger(LedgerFile(path, path.name, column_map=ledger_map(MAP)))
    assert (outcome.counts.created, outcome.counts.warnings) == (1, 1)
    assert not Relation.objects.exists()


def test_what_is_no_answer_is_kept_as_it_stands(tmp_path: Path):
    imported(tmp_path, ["1", "山田 太郎", "", "", "", "二つ"])
    assert Customer.objects.get().unread == {"お席": "二つ"}
    assert told() == ([], [])


def test_an_item_that_the_house_has_not_is_named():
    with pytest.raises(MapError, match="“趣味”, which is no item of the house; the items are: お車, お席"):
        ledger_map(MAP + '"趣味" = "趣味"\n')


PLACES = ["顧客番号", "氏名", "住所", "会社〒", "会社住所", "送付先住所"]
PLACE_MAP = (
    '[columns]\ncode = "顧客番号"\nname = "氏名"\naddress = "住所"\n'
    'office_postal_code = "会社〒"\noffice_address = "会社住所"\nother_address = "送付先住所"\n'
)


def with_places(tmp_path: Path, *row: str) -> LedgerOutcome:
    path = workbook(tmp_path / "住所録.xlsx", [list(row)], headings=PLACES)
    return import_file(file=LedgerFile(path, path.name, column_map=ledger_map(PLACE_MAP)), by=User.objects.system())[1]


def addresses() -> dict[str, tuple[str, str]]:
    return {one.label: (one.postal_code, one.text) for one in Customer.objects.get().addresses.all()}


def test_a_guest_has_three_addresses(tmp_path: Path):
    row = ("1", "山田 太郎", "京都市中京区1-1", "604 8001", "京都市下京区2-2", "〒600-8001 京都市東山区3-3")
    assert with_places(tmp_path, *row).counts.created == 1
    first = {
        "home": ("", "京都市中京区1-1"),
        "office": ("6048001", "京都市下京区2-2"),
        "other": ("6008001", "京都市東山区3-3"),
    }
    assert addresses() == first
    assert with_places(tmp_path, *row).counts.unchanged == 1
    moved = with_places(tmp_path, "1", "山田 太郎", "", "", "京都市左京区4-4", "")
    assert moved.counts.updated == 1
    # The postcode of the old office does not stand at the new one; what the row does not speak of stays.
    assert addresses() == {**first, "office": ("", "京都市左京区4-4")}
    undo_ledger(ledger_import=LedgerImport.objects.latest("pk"), by=User.objects.system())
    assert addresses() == first
    undo_ledger(ledger_import=LedgerImport.objects.earliest("pk"), by=User.objects.system())
    assert not Customer.objects.exists()


def test_a_postcode_of_an_office_that_cannot_be_read_is_told(tmp_path: Path):
    told = with_places(tmp_path, "1", "山田 太郎", "", "60480011", "京都市下京区2-2", "")
    assert told.counts.warnings == 1
    assert addresses() == {"office": ("", "京都市下京区2-2")}
    assert Customer.objects.get().unread == {"office_postal_code": "60480011"}
    with_places(tmp_path, "1", "山田 太郎", "", "604-8001", "京都市下京区2-2", "")
    assert addresses() == {"office": ("6048001", "京都市下京区2-2")}
    assert Customer.objects.get().unread == {}


def test_the_same_office_as_above_is_filled_in(tmp_path: Path):
    rows = [["1", "山田 太郎", "", "", "京都市下京区2-2", ""], ["2", "小川 翔", "", "", "〃", "〃"]]
    path = workbook(tmp_path / "住所録.xlsx", rows, headings=PLACES)
    file = LedgerFile(path, path.name, column_map=ledger_map(PLACE_MAP))
    outcome = import_file(file=file, by=User.objects.system())[1]
    assert (outcome.counts.created, outcome.counts.warnings) == (2, 1)
    guest = Customer.objects.get(code="2")
    assert [(one.label, one.text) for one in guest.addresses.all()] == [("office", "京都市下京区2-2")]
    assert guest.unread == {"other_address": "〃"}
    assert outcome.reading["unread_values"] == 1


def test_who_introduced_is_known_by_the_number_of_the_ledger(tmp_path: Path):
    """In front or behind in the file; a number nobody has stays as it is written."""
    rows = [["1", "山田 太郎", "3", "", "", ""], ["2", "小川 翔", "1", "", "", ""], ["3", "北村 健", "99", "", "", ""]]
    assert imported(tmp_path, *rows).counts.created == 3
    found = Relation.objects.order_by("customer__code").values_list("customer__code", "other__code", "other_name")
    assert list(found) == [("1", "3", ""), ("2", "1", ""), ("3", None, "99")]
    assert imported(tmp_path, *rows).counts.unchanged == 3
    assert imported(tmp_path, ["2", "小川 翔", "3", "", "", ""]).counts.updated == 1
    assert Relation.objects.filter(customer__code="2").count() == 2
    for ledger_import in LedgerImport.objects.order_by("-pk"):
        undo_ledger(ledger_import=ledger_import, by=User.objects.system())
    assert not Relation.objects.exists()
    assert not Customer.objects.exists()

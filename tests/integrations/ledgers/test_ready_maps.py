"""Ready-made maps: each fits the columns its maker lists, and reads made-up rows of them."""

import csv
from pathlib import Path

import pytest
from django.utils import translation

from crm_project.core.accounts.models import User
from customers.models import Customer
from integrations.ledgers.ledger_file import LedgerFile
from integrations.ledgers.ready_maps import known_export, ready_maps
from integrations.ledgers.services import import_file
from integrations.ledgers.target_imports import import_target
from integrations.ledgers.targets import TARGETS
from integrations.visit_ledgers.importing import VISIT_LEDGERS
from tests.factories.accounts import VenueFactory
from visits.models import Visit

pytestmark = pytest.mark.django_db
# Made-up people.
CELLS = {
    "姓": "山田", "名": "太郎", "姓かな": "やまだ", "名かな": "たろう", "会社名": "株式会社東和精密", "部署名": "総務部", "役職": "部長",
    "e-mail": "yamada@example.com", "郵便番号": "606-8501", "住所": "京都市左京区吉田本町1", "TEL会社": "075-000-1234",
    "携帯電話": "090-1234-5678", "自宅〒": "606-8501", "自宅住所1": "京都市左京区", "自宅住所2": "吉田本町1", "自宅電話": "075-000-1234",
    "役職名": "部長", "誕生日": "1965/4/1", "備考1": "床の間を背に", "Family Name": "山田", "Given Name": "太郎", "Phone 1 - Value": "090-1234-5678",
    "誕生年": "1965", "誕生月": "4", "携帯電話番号": "090-1234-5678", "名前（姓）": "山田", "名前（名）": "太郎", "Tel": "090-1234-5678",
    "顧客ID": "C-7", "顧客名": "山田 太郎", "来店日時": "2025-01-15 18:30:00", "ID": "88", "施術内容": "会席", "電話番号": "090-1234-5678",
    "希望の予約日時": "2025/1/15 18:30", "人数": "4", "金額": "48000", "ステータス": "来店済み", "メニュー": "松会席",
}  # fmt: skip


@pytest.mark.parametrize("key", [one.key for one in ready_maps()])
def test_a_ready_map_reads_an_export_of_its_maker(key: str, tmp_path: Path) -> None:
    ready = next(one for one in ready_maps() if one.key == key)
    assert "# source: " in ready.text
    VenueFactory.create()
    row = [CELLS.get(heading, "") for heading in ready.headings]
    if key == "thunderbird":
        row[ready.headings.index("誕生日")] = "1"
    path = tmp_path / "export.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([ready.headings, row])
    assert known_export(ready.target, ready.headings) == ready
    fitted = ready.fitted(TARGETS[ready.target].load, ready.headings)
    fitted.resolve(ready.headings)
    by = User.objects.system()
    with translation.override("en"):
        if ready.target == "visits":
            outcome = import_target(VISIT_LEDGERS, file=VISIT_LEDGERS.file(path, path.name), by=by)[1].as_json()
            assert Visit.objects.get().starts_at.isoformat() == "2025-01-15T09:30:00+00:00"
        else:
            outcome = import_file(file=LedgerFile(path, path.name), by=by)[1].as_json()
    assert (outcome["created"], outcome["errors"]) == (1, 0)
    guest = Customer.objects.get()
    assert guest.name == "山田 太郎"
    if key != "digicats_visits":
        assert guest.phones.count() >= 1


def test_a_ledger_of_the_house_is_nobodys_export() -> None:
    assert known_export("customers", ["顧客番号", "氏名", "電話番号", "住所", "備考"]) is None


def test_columns_that_an_export_leaves_out_are_not_asked_for() -> None:
    ready = next(one for one in ready_maps() if one.key == "eight")
    fitted = ready.fitted(TARGETS["customers"].load, ["会社名", "姓", "名", "携帯電話"])
    assert {name: column.headings for name, column in fitted.columns.items()} == {
        "name": ("姓", "名"),
        "company": ("会社名",),
        "phone": ("携帯電話",),
    }

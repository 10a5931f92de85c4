"""A first map from headings and from what stands in the columns; that of the former import counts before."""

import datetime
from pathlib import Path

import pytest
from django.utils import translation

from crm_project.core.accounts.models import User
from crm_project.core.column_map import DATE, LIST
from crm_project.core.jobs.services import system_user
from customers.models import Customer
from integrations.ledgers.fields import FIELD_LABELS, ledger_map
from integrations.ledgers.guessing import columns_of, day_column, guess
from integrations.ledgers.ledger_file import LedgerFile
from integrations.ledgers.services import import_file
from integrations.ledgers.undo import undo_ledger
from integrations.models import LedgerImport
from tests.integrations.ledgers.files import workbook

ROWS = [
    ["A1", "山田 太郎", "ﾔﾏﾀﾞ ﾀﾛｳ", "090-1234-5678", "606-8501", "京都市左京区吉田本町1", "yamada@example.com", "㈱東和精密", "特別", "1965-04-01"],
    ["A2", "小川 翔様", "オガワ ショウ", "0312345678", "1000001", "東京都千代田区千代田一丁目", "ogawa@example.jp", "三松商事株式会社", "一般", "1971/12/3"],
    ["A3", "北村 健", "キタムラ ケン", "75-123-4567", "600-8216", "京都市下京区東塩小路町", "", "", "一般", "S48.5.6"],
    ["A4", "森 さくら", "モリ サクラ", "080-1111-2222", "", "大阪府吹田市山田丘2番", "mori@example.com", "（有）森", "一般", "1980-01-02"],
]  # fmt: skip


def guessed(headings):
    return {name: column.headings[0] for name, column in guess(headings, ROWS, FIELD_LABELS).columns.items()}


def test_columns_are_known_by_their_content_where_no_heading_says_it():
    headings = ["列A", "列B", "列C", "列D", "列E", "列F", "列G", "列H", "列I", "年月日"]
    assert guessed(headings) == {
        "name": "列B",
        "kana": "列C",
        "phone": "列D",
        "postal_code": "列E",
        "address": "列F",
        "email": "列G",
        "company": "列H",
    }


def test_a_heading_counts_before_the_content():
    headings = ["顧客番号", "お客様名", "よみ", "直通", "〒", "所在", "連絡", "先方", "区分", "生年月日"]
    found = guessed(headings)
    assert (found["code"], found["name"], found["phone"]) == ("顧客番号", "お客様名", "直通")
    assert found["birthday"] == "生年月日"


def test_dates_are_a_birthday_only_when_the_heading_says_so():
    assert "birthday" not in guessed([*"ABCDEFGHI", "年月日"])
    assert guessed([*"ABCDEFGHI", "お誕生日"])["birthday"] == "お誕生日"


def test_days_of_visits_are_recent_days():
    today = datetime.date(2026, 11, 30)
    headings = ["氏名", "年月日", "生まれ"]
    rows = [["山田", "2024-04-01", "1965-04-01"], ["小川", "R6.5.1", "1971-12-03"], ["北村", "2023/1/5", "1973-05-06"]]
    assert day_column(columns_of(headings, rows), taken=["氏名"], today=today) == "年月日"
    old = [["山田", "1965-04-01", ""], ["小川", "1971-12-03", ""], ["北村", "1973-05-06", ""]]
    assert day_column(columns_of(headings, old), taken=["氏名"], today=today) is None


def test_few_cells_and_words_that_return_say_nothing():
    headings = ["名前", "列B", "列C"]
    rows = [["山田 太郎", "松竹", ""], ["小川 翔", "松竹", ""], ["北村 健", "松竹", "090-1234-5678"]]
    assert set(guess(headings, rows, FIELD_LABELS).columns) == {"name"}


def test_a_column_that_is_mostly_blank_is_nobodys_name():
    headings = ["施設名称１", "代表者", "申請者"]
    people = ["山田 太郎", "小川 翔", "北村 健", "大川 桃子", "高田 四郎", "佐藤 次郎", "鈴木 三郎", "中川 一"]
    rows = [[f"架空理容所{n}", one if n < 3 else "", one] for n, one in enumerate(people)]
    assert guess(headings, rows, FIELD_LABELS).columns["name"].headings == ("申請者",)
    # A list of shops alone: they are the guests.
    shops = guess(headings[:2], [row[:2] for row in rows], FIELD_LABELS).columns
    assert {name: column.headings for name, column in shops.items()} == {"name": ("施設名称１",)}


@pytest.mark.django_db
def test_the_map_of_the_former_import_is_used_where_it_fits(tmp_path: Path):
    headings = ["番号", "お店の呼び名", "氏名"]
    first = workbook(tmp_path / "名簿_2026-09.xlsx", [["1", "山田の大将", "山田 太郎"]], headings=headings)
    chosen = ledger_map('[columns]\ncode = "番号"\nname = "お店の呼び名"\n')
    by = User.objects.system()
    with translation.override("en"):
        import_file(file=LedgerFile(first, first.name, column_map=chosen), by=by)
        second = workbook(tmp_path / "名簿_2026-10.xlsx", [["2", "小川さん", "小川 翔"]], headings=headings)
        with LedgerFile(second, second.name).opened() as ledger:
            assert ledger.column_map == chosen
        other = workbook(tmp_path / "名簿_2026-11.xlsx", [["2", "小川 翔"]], headings=["番号", "氏名"])
        with LedgerFile(other, other.name).opened() as ledger:
            assert ledger.column_map.columns["name"].headings == ("氏名",)


@pytest.mark.django_db
def test_likes_dislikes_and_a_second_phone_come_in(tmp_path: Path):
    headings = ["顧客番号", "氏名", "携帯", "自宅電話", "お好み", "苦手"]
    rows = [["1", "山田 太郎", "090-1234-5678", "075-000-1234", "日本酒", "パクチー"]]
    path = workbook(tmp_path / "名簿.xlsx", rows, headings=headings)
    chosen = ledger_map(
        '[columns]\ncode = "顧客番号"\nname = "氏名"\nphone = {list = ["携帯", "自宅電話"]}\nlikes = "お好み"\ndislikes = "苦手"\n'
    )
    by = User.objects.system()
    with translation.override("en"):
        import_file(file=LedgerFile(path, path.name, column_map=chosen), by=by)
        guest = Customer.objects.get()
        assert (guest.likes, guest.dislikes, guest.phones.count()) == ("日本酒", "パクチー", 2)
        assert import_file(file=LedgerFile(path, path.name), by=by)[1].counts.unchanged == 1
        rows[0][4] = "赤ワイン"
        changed = workbook(tmp_path / "名簿_2.xlsx", rows, headings=headings)
        import_file(file=LedgerFile(changed, changed.name), by=by)
        guest.refresh_from_db()
        assert (guest.likes, guest.dislikes) == ("赤ワイン", "パクチー")
        undo_ledger(ledger_import=LedgerImport.objects.latest("pk"), by=by)
        guest.refresh_from_db()
        assert guest.likes == "日本酒"


def test_headings_of_several_rows_are_known_by_their_own_words_and_those_above():
    headings = [
        "No", "お客様 / 御芳名", "お客様 / ご勤務先 / 会社", "お客様 / ご勤務先 / 御役職", "会社 / 電話", "自宅 / 電話", "携帯", "会社 / 住所", "自宅 / 住所",
        "自宅 / 〒", "苦手な物・アレルギー",
    ]  # fmt: skip
    found = guess(headings, [], FIELD_LABELS).columns
    assert {name: column.headings for name, column in found.items()} == {
        "code": ("No",), "name": ("お客様 / 御芳名",), "company": ("お客様 / ご勤務先 / 会社",), "title": ("お客様 / ご勤務先 / 御役職",),
        "phone": ("会社 / 電話", "自宅 / 電話", "携帯"), "address": ("自宅 / 住所",), "office_address": ("会社 / 住所",),
        "postal_code": ("自宅 / 〒",), "allergies": ("苦手な物・アレルギー",),
    }  # fmt: skip
    assert found["phone"].how == LIST


@pytest.mark.django_db
def test_a_number_is_whose_its_heading_says(tmp_path: Path):
    rows = [["山田 太郎", "03-1234-5678", "03-2234-5678", "090-1234-5678", "26", "03-1234-5679"]]
    path = workbook(tmp_path / "a.xlsx", rows, headings=["氏名", "会社TEL", "自宅TEL", "携帯", "靴", "FAX"])
    _import, outcome = import_file(file=LedgerFile(path, path.name), by=system_user())
    assert outcome.as_json()["columns_not_taken"] == ["靴", "FAX"]
    guest = Customer.objects.get()
    assert list(guest.phones.values_list("label", "written")) == [
        ("work", "03-1234-5678"), ("home", "03-2234-5678"), ("mobile", "090-1234-5678"),
    ]  # fmt: skip


def mapped(headings, rows):
    return {name: column.headings for name, column in guess(headings, rows, FIELD_LABELS).columns.items()}


def test_a_register_of_shops_is_one_of_who_runs_them():
    """Who runs the shop is the guest, its number the code and not the number of the line."""
    headings = ["Ｎｏ．", "理容所名称", "理容所所在地", "開設者氏名", "確認番号", "管轄保健所"]
    rows = [[n, f"架空理容所{n}", f"架空市本町{n}", f"山田{n}郎", f"架保第{90 + n}号", "架空"] for n in range(1, 9)]
    assert mapped(headings, rows) == {
        "code": ("確認番号",), "name": ("開設者氏名",), "company": ("理容所名称",), "address": ("理容所所在地",),
    }  # fmt: skip
    # A number that comes again is no code.
    assert mapped(headings, [[*row[:4], "架保第1号", row[5]] for row in rows])["code"] == ("Ｎｏ．",)


def test_where_many_names_are_missing_the_shops_are_the_guests():
    headings = ["許可番号", "営業施設名称、屋号又は商号", "営業施設所在地", "営業施設方書", "法人名"]
    rows = [[f"第{n}号", f"架空食堂{n}", f"架空市本町{n}", "2階", f"株式会社花{n}" if n % 2 else ""] for n in range(8)]
    found = mapped(headings, rows)
    assert (found["name"], found["company"]) == (("営業施設名称、屋号又は商号",), ("法人名",))
    assert found["address"] == ("営業施設所在地", "営業施設方書")


def test_words_that_go_on_in_other_columns():
    """Postcard software: addresses, departments and notes in parts, companions, the former name."""
    headings = [
        "姓", "名", "姓（カナ）", "名（カナ）", "旧姓", "自宅住所1", "自宅住所2", "会社住所1", "会社住所2", "部署名1", "部署名2", "連名1", "連名2",
        "メモ1", "備考1",
    ]  # fmt: skip
    assert mapped(headings, []) == {
        "name": ("姓", "名"), "kana": ("姓（カナ）", "名（カナ）"), "address": ("自宅住所1", "自宅住所2"),
        "department": ("部署名1", "部署名2"), "former_name": ("旧姓",), "note": ("メモ1", "備考1"), "family": ("連名1", "連名2"),
        "office_address": ("会社住所1", "会社住所2"),
    }  # fmt: skip
    assert mapped(["氏名", "連絡先 / 自宅", "連絡先 / 携帯", "FAX番号"], [])["phone"] == (
        "連絡先 / 自宅",
        "連絡先 / 携帯",
    )


def test_values_in_parts_are_put_together():
    """Addresses, postcodes and birthdays in columns of their own, and numbers with whose they are in brackets."""
    headings = [
        "会員No", "氏名(漢字)", "郵便番号1", "郵便番号2", "都道府県", "市区郡", "町名・番地", "ビル・マンション名", "ＴＥＬ（自宅）", "ＴＥＬ（携帯）",
        "生年月日(年)", "生年月日(月)", "生年月日(日)",
    ]  # fmt: skip
    found = guess(headings, [], FIELD_LABELS).columns
    assert {name: column.headings for name, column in found.items()} == {
        "code": ("会員No",), "name": ("氏名(漢字)",), "phone": ("ＴＥＬ（自宅）", "ＴＥＬ（携帯）"),
        "address": ("都道府県", "市区郡", "町名・番地", "ビル・マンション名"), "postal_code": ("郵便番号1", "郵便番号2"),
        "birthday": ("生年月日(年)", "生年月日(月)", "生年月日(日)"),
    }  # fmt: skip
    assert (found["birthday"].how, found["birthday"].parts) == (DATE, ("year", "month", "day"))
    english = mapped(
        ["Last Name", "First Name", "Address 1", "Address 2", "City", "State", "Mobile Phone", "Work Phone"], []
    )
    assert english["address"] == ("Address 1", "Address 2", "City", "State")
    assert english["phone"] == ("Mobile Phone", "Work Phone")

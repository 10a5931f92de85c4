"""manage.py normalise."""

import io
import json
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from customers.models import PostalCode
from customers.standard_values import KINDS

WITHOUT_DATABASE = sorted(KINDS)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def answer(kind, written):
    return tuple(KINDS[kind](written, None))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("R02.07.21", "2020-07-21"),
        ("昭63.4.1", "1988-04-01"),
        ("令和元年五月一日", "2019-05-01"),
        ("4月1日", "--04-01"),
        ("2月29日", "--02-29"),
        ("昭和 ６ ３ 年 ４ 月 １ 日", "1988-04-01"),
        ("昭和63年4月1日（35歳）", "1988-04-01"),
        ("生年月日：S63.4.1", "1988-04-01"),
        ('"2023/4/1"', "2023-04-01"),
        ("20230401183000", "2023-04-01"),
        ("--04-01", "--04-01"),
        ("　", ""),
    ],
)
def test_dates(written, value):
    assert answer("date", written) == (value, "")


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("確認年月日不明", "“確認年月日不明” says that the date is not known"),
        ("2026年10月", "“2026年10月” has no day"),
        ("R5.4.1～R8.3.31", "“R5.4.1～R8.3.31” is a span of days: write one of them, like 2026-10-03"),
        ("20230401253000", "“20230401253000” is not a date: write it like 2026-10-03 or R8.10.3"),
        ("2月30日", "“2月30日”: day 30 does not exist: 2000-02 has days 1 to 29"),
        ("令和9年13月1日", "“令和9年13月1日”: month 13 does not exist: months are 1 to 12"),
    ],
)
def test_no_dates(written, problem):
    assert answer("date", written) == (None, problem)


def test_a_date_that_was_read_with_a_remark():
    assert answer("date", "令和元年1月1日") == (
        "2019-01-01",
        "“令和元年1月1日” lies outside of 令和: read as 2019-01-01",
    )


@pytest.mark.parametrize(
    ("written", "value", "problem"),
    [
        ("（０３）５２５３－２１１１", "0352532111", ""),
        ("+81-90-1111-2222", "09011112222", ""),
        ("0081-3-5253-2111 内線12", "0352532111", ""),
        ("+44 20 7946 0018", "+442079460018", ""),
        ("0044 20 7946 0018", "+442079460018", ""),
        ("9011112222", "09011112222", ""),
        ("010-44-20-7946-0018", "+442079460018", ""),
        ("①03-5253-2111②090-1111-2222", "0352532111", "more numbers stand there: 09011112222"),
        ("1) 03-5253-2111 2) 090-1111-2222", "0352532111", "more numbers stand there: 09011112222"),
        ("03-5253-2111（代表）03-5253-2112（夜間）", "0352532111", "more numbers stand there: 0352532112"),
        ("03-1234-5678", "0312345678", "behind the area code a number begins with 2 to 9"),
        ("001-3-9876-5432", "001398765432", "a number with 00 in front is a special one"),
        ("5253-2111", "52532111", "there is no area code"),
        ("090-1111-222", "0901111222", "a mobile number has 11 digits"),
        ("03-5253-21112", "03525321112", "a number of 11 digits begins like 090, 050 or 0800"),
        ("0352-5321-1122", "035253211122", "the number has 12 digits; 10 or 11 are usual"),
        ("03-525", None, "“03-525” is not a phone number"),
        ("お持ちでない", None, "“お持ちでない” is not a phone number"),
        ("000-0000-0000", None, "“000-0000-0000” says that there is no number"),
        ("", "", ""),
    ],
)
def test_phones(written, value, problem):
    assert answer("phone", written) == (value, problem)


def test_addresses():
    value, problem = answer("address", "〒６０４－８５７１　京都市中京区架空町１丁目２−３　花ビル")
    assert value == {
        "postal_code": "6048571",
        "prefecture": "京都府",
        "city": "京都市中京区",
        "rest": "架空町1丁目2-3 花ビル",
    }
    assert problem == ""
    for written in ("（〒604-8571）", "郵便番号604-8571 ", "(604-8571)", "〒604 "):
        value, _problem = answer("address", f"{written}京都市中京区架空町14ーイ22")
        assert (value["city"], value["rest"]) == ("京都市中京区", "架空町14-イ22")
        assert value["postal_code"] == ("6048571" if "8571" in written else "")
    assert answer("address", "アメリカ合衆国") == (
        None,
        "“アメリカ合衆国” names no prefecture and no municipality of Japan",
    )
    assert answer("address", " ") == ("", "")


@pytest.mark.parametrize(
    ("written", "name", "kind", "key"),
    [
        ("㈱山田商店", "㈱山田商店", "株式会社", "株式会社山田商店"),
        ("（株） 山田商店 御中", "（株） 山田商店", "株式会社", "株式会社山田商店"),
        ("山田商店㈱", "山田商店㈱", "株式会社", "山田商店株式会社"),
        ("医療法人社団花会", "医療法人社団花会", "医療法人社団", "医療法人社団花会"),
        ("カ）ヤマダ", "カ）ヤマダ", "株式会社", "カ)ヤマダ"),
        ("ｶﾌﾞｼｷｶﾞｲｼｬﾊﾅ", "ｶﾌﾞｼｷｶﾞｲｼｬﾊﾅ", "株式会社", "カブシキガイシャハナ"),
        ("Yamada Co., Ltd.", "Yamada Co., Ltd.", "CO.,LTD.", "yamadaco.,ltd."),
        ("山田商店", "山田商店", "", "山田商店"),
    ],
)
def test_companies(written, name, kind, key):
    assert answer("company", written) == ({"name": name, "kind": kind, "key": key}, "")


def test_nobody_is_no_company_and_no_name():
    assert answer("company", "不明") == (None, "“不明” names no company")
    assert answer("name", "不明") == (None, "“不明” names nobody")
    assert answer("company", "") == answer("name", "　") == ("", "")


def test_names():
    value, problem = answer("name", "山田太郎（やまだたろう）・花子様")
    assert value == {
        "name": "山田太郎",
        "kana": "ヤマダタロウ",
        "honorific": "様",
        "others": [{"name": "山田花子", "kana": "", "honorific": "様"}],
    }
    assert problem == ""
    assert answer("name", "故 山田花子（旧姓佐藤）") == (
        {"name": "山田花子", "kana": "", "honorific": "", "former_name": "佐藤", "others": []},
        "is dead: nothing is sent any more",
    )
    assert answer("name", "山田ご夫妻")[1] == "“ご夫妻”: the others are not named"


@pytest.mark.parametrize("kind", WITHOUT_DATABASE)
@given(written=st.text())
@settings(max_examples=60)
def test_any_text_gets_an_answer_that_stays(kind, written):
    """A value that was read is read as itself again."""
    value, problem = answer(kind, written)
    assert isinstance(problem, str)
    if value is None:
        assert problem
    if isinstance(value, str):
        assert answer(kind, value)[0] == value


@pytest.mark.django_db
def test_loaded_postcodes_find_the_municipality():
    PostalCode.objects.create(code="1830022", prefecture="東京都", city="府中市", town="宮西町")
    out = io.StringIO()
    stdin = io.BytesIO("府中市宮西町2\n宮西町2\n〒183-0022 府中市\n府中市".encode())
    call_command("normalise", "address", stdin=stdin, stdout=out)
    values = [json.loads(line)["value"] for line in out.getvalue().splitlines()]
    assert [value and value["prefecture"] for value in values] == ["東京都", "東京都", "東京都", None]


def test_one_line_in_one_object_out():
    """Through the shell: a byte-order mark, a blank line, a line end of Windows, bytes that are no text."""
    given_lines = b"\xef\xbb\xbfR8.10.3\r\n\n\xff\xfe\n2026-10-03"
    finished = subprocess.run(
        [sys.executable, "manage.py", "normalise", "date"], input=given_lines, capture_output=True, check=True
    )
    answers = [json.loads(line) for line in finished.stdout.decode().splitlines()]
    assert [line["input"] for line in answers] == ["R8.10.3", "", "\ufffd\ufffd", "2026-10-03"]
    assert [line["value"] for line in answers] == ["2026-10-03", "", None, "2026-10-03"]
    assert [bool(line["problem"]) for line in answers] == [False, False, True, False]

"""Readers of cells: no text stops them, and what they made of a cell stays as it is when it is read again."""

import datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from integrations.ledgers import cells
from integrations.ledgers.cells import ABOVE, PLAIN_COLUMNS, CellReader, Remark
from integrations.ledgers.column_memory import REMARKED, ColumnMemory

READERS: dict[str, CellReader] = {
    "code": cells.code,
    "name": cells.name,
    "kana": cells.kana,
    "company": cells.text_of("company"),
    "address": cells.address,
    "postal_code": cells.postal_code,
    "email": cells.email,
    "note": cells.note,
    "day": cells.day,
    "phone": cells.phone_numbers,
}
TEXTS = st.text(max_size=40) | st.text(
    "山田太郎花子ヤマダやまだ・、（）様ご夫妻先生㈱〒- 0123456789+年月日昭令RHS./@\n　内線携帯会社FAX", max_size=24
)
CELLS = TEXTS | st.integers() | st.floats() | st.booleans() | st.dates() | st.datetimes() | st.times() | st.timedeltas()


@pytest.mark.parametrize("name", READERS)
@given(cell=CELLS)
@example(cell="\ud800")
@example(cell="\x00")
@example(cell="9" * 400)
@example(cell=10.0**300)
@example(cell="同上")
@example(cell="#N/A")
def test_any_cell_gets_an_answer(name: str, cell: Any) -> None:
    found = READERS[name](cell)
    if found is ABOVE or not found:
        return
    if isinstance(found, Remark):
        assert found.sentences
        assert all(said.text for said in found.sentences)
        assert found.unread is None or found.unread or not str(cell).strip()
        found = found.value
    assert found is None or isinstance(found, str | datetime.date | tuple)


@pytest.mark.parametrize("name", ["code", "kana", "company", "address", "postal_code", "email", "note"])
@given(cell=TEXTS)
@example(cell="E\x1b")
def test_a_value_is_read_as_itself(name: str, cell: str) -> None:
    found = READERS[name](cell)
    value = found.value if isinstance(found, Remark) else found
    if not isinstance(value, str) or not value:
        return
    again = READERS[name](value)
    again = again.value if isinstance(again, Remark) and again.unread is None else again
    # A value may be a word for nothing, a mark or a postcode of its own once its signs are off.
    assert again == value or again in (None, ABOVE, "") or isinstance(again, Remark) or name == "address"


@given(cell=TEXTS)
def test_the_numbers_of_a_card_are_read_as_themselves(cell: str) -> None:
    found = cells.phone_numbers(cell)
    for number in (found.value if isinstance(found, Remark) else found) or ():
        if number is ABOVE or len(number.digits) < 9:
            continue
        assert number.digits.isdigit()
        assert len(number.written) <= cells.PHONE_LENGTH


@given(day=st.dates(datetime.date(1868, 10, 23), datetime.date(2199, 12, 31)))
def test_a_day_is_the_same_as_text_and_as_a_day(day: datetime.date) -> None:
    assert cells.day(day) == cells.day(day.isoformat()) == day


def test_a_cell_that_repeats_is_read_once() -> None:
    read: list[Any] = []

    def reading(cell: Any) -> str:
        read.append(cell)
        return str(cell)

    memory = ColumnMemory(reading)
    found, kinds = memory.read(["a", "a", 1, 1.0, True, 0, "", "　", "〃", "#REF!"])
    assert found[:9] == ["a", "a", "1", "1.0", "True", "0", None, None, ABOVE]
    assert found[9].unread == "#REF!"
    assert list(kinds) == [0] * 8 + [REMARKED] * 2
    assert memory.read([True, 1, 1.0, "a"])[0] == ["True", "1", "1.0", "a"]
    assert read == ["a", 1, 1.0, True, 0]
    assert memory.keeps(["a", "", "a"])
    assert not memory.keeps(["a", 0])
    assert not memory.keeps(["a", 1])
    assert not memory.keeps(["a", "〃"])


PLAIN = {
    "code": ["K0001", "", "12-3"],
    "kana": ["ヤマダ タロー", "", "ヤマダ"],
    "email": ["a.b@example.jp", "", "c@d.e.example.com"],
    "postal_code": ["6008001", ""],
    "address": ["京都市中京区架空町1番地2", "", "大阪府大阪市北区梅田ビルー 3F"],
    "company": ["株式会社架空商事12", "", "ABC Trading Japan"],
}


@pytest.mark.parametrize("name", PLAIN_COLUMNS)
@given(further=st.text("山様ヤー田々12-Ａa@. \n7や・株〒　", max_size=14), repeat=st.integers(0, 2))
@example(further="3 - 4 番地の向かい側", repeat=0)
@example(further="架空町1ー2番地の向かい", repeat=0)
@example(further="x" * 300, repeat=0)
def test_a_column_known_at_one_glance_is_as_its_cells(name: str, further: str, repeat: int) -> None:
    memory = ColumnMemory(READERS[name], plain=PLAIN_COLUMNS[name])
    assert memory.keeps(PLAIN[name])
    column = [*PLAIN[name], *[further] * repeat, further, PLAIN[name][0]]
    if memory.keeps(column):
        assert [READERS[name](cell) or "" for cell in column] == column


@pytest.mark.parametrize(
    "written",
    [
        "故 山田 太郎",
        "(故)山田 太郎",
        "（故）山田 太郎様",
        "山田 太郎（故）",
        "山田 太郎(ご逝去)",
        "山田 太郎（故人）様",
        "故　山田　太郎",
    ],
)
def test_the_dead_keep_their_name_and_get_no_mail(written):
    found = cells.name(written)
    assert isinstance(found, cells.Remark)
    assert (found.value, found.also["stop"], found.unread) == ("山田 太郎", "故人", None)


@pytest.mark.parametrize("written", ["故島 太郎", "山田 太郎", "没後の会", "山田商店（本店）"])
def test_others_are_not_taken_for_dead(written):
    found = cells.name(written)
    assert not (isinstance(found, cells.Remark) and "stop" in found.also)

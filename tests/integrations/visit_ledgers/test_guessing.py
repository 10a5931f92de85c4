"""What a ledger of visits is guessed to hold."""

import pytest

from crm_project.core.column_map import SHEET, SUM
from integrations.visit_ledgers.fields import guessed_map

HEADINGS = ["月日", "お名前", "人数（大人）", "人数（子供）", "シート名"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sheet", "is_year"), [("2022年", True), ("R4", True), ("2022年度", True), ("R4年度", True), ("名簿", False)]
)
def test_days_take_their_year_from_sheets_that_are_called_by_it(sheet, is_year):
    columns = guessed_map(HEADINGS, [["4/1", "山田 太郎", "2", "1", sheet], ["", "小川 翔", "", "", sheet]]).columns
    assert columns["date"].headings == ("月日",)
    assert ("year" in columns and columns["year"].how == SHEET) is is_year
    assert (columns["people"].how, columns["people"].headings) == (SUM, ("人数（大人）", "人数（子供）"))

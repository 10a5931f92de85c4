"""What an arranger says of a group, as it is said."""

import pytest

from crm_project.core.allergens.choices import Severity
from crm_project.core.allergens.legal_lists import ALLERGENS
from visits.group_answers import Counted, allergen_words, read_group_answer

WORDS = allergen_words({code: [ja, en, *other] for code, (ja, en, other) in ALLERGENS.items()})
SEVERE, MODERATE, TRACE_OK = Severity.SEVERE, Severity.MODERATE, Severity.TRACE_OK


@pytest.mark.parametrize(
    ("written", "party", "counted", "others_none"),
    [
        ("60名中 えび1名・そば1名、他なし", 60, [("shrimp", 1, SEVERE), ("buckwheat", 1, SEVERE)], True),
        ("６０名中　エビ１名　蕎麦一名　その他なし", 60, [("shrimp", 1, SEVERE), ("buckwheat", 1, SEVERE)], True),
        ("18名中そば1名、ほかはなし", 18, [("buckwheat", 1, SEVERE)], True),
        (
            "甲殻類2名（軽い）、乳1名 微量可、他の方はありません",
            None,
            [("crustaceans", 2, MODERATE), ("milk", 1, TRACE_OK)],
            True,
        ),
        ("落花生（アナフィラキシー）1名", None, [("peanut", 1, SEVERE)], False),
        ("えびアレルギーの方が2名", None, [("shrimp", 2, SEVERE)], False),
        ("えび1名、エビ2名", None, [("shrimp", 3, SEVERE)], False),
        ("なし", None, [], True),
        ("全員なし", None, [], True),
        ("アレルギーなし", None, [], True),
        ("4名中 なし", 4, [], True),
        ("shrimp 1 person, others none", None, [("shrimp", 1, SEVERE)], True),
    ],
)
def test_a_line_is_understood(written, party, counted, others_none):
    understood = read_group_answer(written, WORDS)

    assert understood.not_understood == ()
    assert (understood.party, understood.others_none) == (party, others_none)
    assert [(line.code, line.count, line.severity) for line in understood.counted] == counted
    assert understood.is_complete


def test_seats_are_kept_with_their_allergen():
    understood = read_group_answer("えび1名（重い、三番のお席）、他なし", WORDS)

    assert understood.counted == (Counted("shrimp", 1, SEVERE, "三番のお席"),)


@pytest.mark.parametrize(
    ("written", "strange"),
    [
        ("えび1名・ほや1名、他なし", ("ほや1名",)),
        ("えび1名、かになし", ("かになし",)),
        ("えび0名", ("えび0名",)),
        ("よろしくお願いします", ("よろしくお願いします",)),
        ("えび1名🦐", ()),
        ("99999999999999999999名中 えび1名", ("99999999999999999999名中 えび1名",)),
    ],
)
def test_nothing_is_guessed(written, strange):
    understood = read_group_answer(written, WORDS)

    assert understood.not_understood == strange


@pytest.mark.parametrize("written", ["", "   ", "\x00", "・・・", "、", "（", "）（", "\ud800"])
def test_what_says_nothing_is_not_complete(written):
    assert not read_group_answer(written, WORDS).is_complete


def test_more_than_come_are_noticed():
    assert read_group_answer("3名中 えび5名", WORDS).is_more_than_come
    assert not read_group_answer("5名中 えび5名", WORDS).is_more_than_come

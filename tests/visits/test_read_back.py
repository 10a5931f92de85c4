"""What is read back on the phone, word for word."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from visits.read_back import Refrains, Spoken, in_english, in_japanese, kanji_numeral, kanji_time

EVENING = datetime(2026, 12, 4, 18, 0)


def spoken(**values):
    return replace(Spoken(day=date(2026, 12, 4), starts_at=EVENING, party_size=6, room="萩"), **values)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "零"),
        (6, "六"),
        (10, "十"),
        (14, "十四"),
        (20, "二十"),
        (105, "百五"),
        (1000, "千"),
        (25_000, "二万五千"),
        (10_800, "一万八百"),
        (10_000_000, "一千万"),
        (120_034_000, "一億二千三万四千"),
    ],
)
def test_numbers_are_said_in_kanji(number, said):
    assert kanji_numeral(number) == said


def test_a_negative_number_is_no_numeral():
    with pytest.raises(ValueError, match="negative"):
        kanji_numeral(-1)


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [
        (11, 30, "午前十一時半"),
        (12, 0, "お昼十二時"),
        (13, 15, "午後一時十五分"),
        (17, 30, "夕方五時半"),
        (19, 0, "夜七時"),
        (0, 30, "深夜零時半"),
    ],
)
def test_times_are_said_with_the_part_of_the_day(hour, minute, said):
    assert kanji_time(datetime(2026, 12, 4, hour, minute)) == said


def test_the_sentence_of_a_whole_booking():
    said = in_japanese(
        spoken(
            budget_per_head=Decimal(25_000),
            with_drinks=True,
            refrains=[Refrains(name="渡邉様", allergens=["海老", "蟹"])],
        )
    )
    assert said == (
        "十二月四日 金曜日、夕方六時より、六名様、萩のお部屋で承りました。"
        "お一人様二万五千円、お飲物込み、税とサービス料は別でございます。"
        "渡邉様は海老・蟹をお控えですね。"
    )


def test_a_tentative_booking_says_how_long_it_is_held():
    assert "仮のご予約として、十二月一日までお取り置きいたします。" in in_japanese(
        spoken(tentative_until=date(2026, 12, 1))
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"room": "桔梗＋萩"}, "桔梗と萩のお部屋で承りました。"),
        ({"room": "カウンター"}, "カウンターで承りました。"),
        ({"room": "松の間"}, "松の間で承りました。"),
        ({"room": "大広間", "takes_whole_room": True}, "大広間を貸切で承りました。"),
        ({"room": ""}, "承りました。お部屋は追ってお知らせいたします。"),
        ({"party_size": 1}, "お一人様、"),
        (
            {"party_size": 20, "groups": [("大人", 18), ("お子様", 2)]},
            "大人十八名様、お子様お二人様、合わせて二十名様、",
        ),
        ({"budget_per_head": Decimal(8000), "with_tax": True, "with_service": True}, "お飲物は別、税・サービス料込み"),
        ({"budget_per_head": Decimal(8000), "with_tax": True}, "税込み、サービス料は別"),
        ({"budget_per_head": Decimal(8000), "with_service": True}, "サービス料込み、税は別"),
        ({"deposit": Decimal(50_000)}, "お預かり金は五万円でございます。"),
        ({"course": "霜月会席"}, "お料理は霜月会席でご用意いたします。"),
        ({"ends_at": datetime(2026, 12, 4, 20, 45), "cars": "二台"}, "お開きは夜八時四十五分。お車は二台。"),
        ({"gifts": "四つ", "allergies_guests": "お蕎麦"}, "お客様側はお蕎麦と承っております。お手土産は四つ。"),
        ({"phone": "0750000100"}, "お電話は〇七五の〇〇〇の〇一〇〇でございますね。"),
        (
            {"refrains": [Refrains(name="渡邉様", was_asked=False)]},
            "渡邉様に、お召し上がりになれないものはございますか。",
        ),
    ],
)
def test_what_else_is_said(values, said):
    assert said in in_japanese(spoken(**values))


def test_who_has_no_allergies_is_not_asked_again():
    assert "渡邉" not in in_japanese(spoken(refrains=[Refrains(name="渡邉様")]))


def test_the_same_in_english():
    said = in_english(
        spoken(
            budget_per_head=Decimal(25_000),
            with_drinks=True,
            refrains=[Refrains(name="Mr Smith", allergens=["shrimp"]), Refrains(name="Ms Jones", was_asked=False)],
            tentative_until=date(2026, 12, 1),
            deposit=Decimal(50_000),
            ends_at=datetime(2026, 12, 4, 20, 45),
            cars="2",
            gifts="4",
            course="Kaiseki",
            allergies_guests="buckwheat",
            phone="0750000100",
        )
    )
    assert said == (
        "Friday, 4 Dec, at 6 pm, for 6 guests, in 萩. We hold it for you until 1 Dec. The course is Kaiseki. "
        "25,000 yen per person, drinks included. The deposit is 50,000 yen. Mr Smith does not eat shrimp, is that right? "
        "Is there anything Ms Jones may not eat? For your guests we noted: buckwheat. Gifts: 4. "
        "The evening ends at 8:45 pm. Cars: 2. Your number is 075-000-0100."
    )
    alone = in_english(spoken(party_size=1, room="", budget_per_head=Decimal(8000)))
    assert alone == (
        "Friday, 4 Dec, at 6 pm, for 1 guest, with the room to be confirmed. "
        "8,000 yen per person, drinks, tax and service not included."
    )
    hall = in_english(spoken(takes_whole_room=True, party_size=20, groups=[("adults", 18), ("children", 2)]))
    assert "20 guests (adults 18, children 2), in 萩, to yourselves." in hall

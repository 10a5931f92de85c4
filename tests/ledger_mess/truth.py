"""The guests that every style tells of. Nobody of them exists."""

import datetime
from dataclasses import dataclass


@dataclass(frozen=True)
class Guest:
    """What the house should know of a guest when the ledger is in."""

    code: str
    name: str
    kana: str
    company: str
    # Digits.
    phone: str
    postal_code: str
    address: str
    birthday: datetime.date
    note: str


_FAMILY = [
    ("花山", "ハナヤマ"), ("月野", "ツキノ"), ("星川", "ホシカワ"), ("雪村", "ユキムラ"), ("風見", "カザミ"), ("髙橋", "タカハシ"),
    ("山﨑", "ヤマザキ"), ("𠮷田", "ヨシダ"), ("濵口", "ハマグチ"), ("渡邉", "ワタナベ"), ("三日月", "ミカヅキ"), ("合田", "ゴウダ"),
]  # fmt: skip
_GIVEN = [("一郎", "イチロウ"), ("花子", "ハナコ")]
_NOTES = ["", "窓際を好む", "左利き", "日本酒は熱燗"]
_COMPANIES = ["", "株式会社架空商事", "有限会社絵空事", "株式会社夢見堂"]


def _guest(number: int) -> Guest:
    family, given = _FAMILY[number % len(_FAMILY)], _GIVEN[number // len(_FAMILY)]
    return Guest(
        code=f"K{number + 1:04d}",
        name=f"{family[0]} {given[0]}",
        kana=f"{family[1]} {given[1]}",
        company=_COMPANIES[number % 4],
        phone=f"0900000{number + 1001:04d}" if number % 2 else f"0750000{number + 101:03d}",
        postal_code=f"600{8000 + number:04d}",
        address=f"京都府京都市下京区架空町{number + 1}番地",
        birthday=datetime.date(1950 + number * 2, number % 12 + 1, number % 28 + 1),
        note=_NOTES[number % 4],
    )


GUESTS = [_guest(number) for number in range(24)]

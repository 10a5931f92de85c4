"""復唱: the sentence that is read back to whoever rang before the receiver is put down. Pure; no database, no request.

In Japanese as it is spoken, with numbers in kanji so that nobody stumbles over 18:00 or 25,000; in English for an English screen.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from crm_project.core.text import format_phone
from crm_project.core.ui.display_dates import MONTHS_EN

DIGITS: Final = "〇一二三四五六七八九"
LARGE: Final = ((10**12, "兆"), (10**8, "億"), (10**4, "万"))
SMALL: Final = ((1000, "千"), (100, "百"), (10, "十"))
WEEKDAYS_EN: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# A name that says already what kind of place it is: 萩の間, カウンター, 二〇一号室.
_IS_A_PLACE = re.compile(r"(?:間|室|席|カウンター|広間|ホール|亭|庵|棟)$")
# From which hour a part of the day is called so.
_PARTS_OF_DAY: Final = ((19, "夜"), (16, "夕方"), (13, "午後"), (12, "お昼"), (5, "午前"), (0, "深夜"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Refrains:
    """A guest and what the guest must not eat; nothing and `was_asked` False is a question still to be asked."""

    name: str
    allergens: Sequence[str] = ()
    was_asked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What is read back. `day` is the business day, `starts_at` on the venue's clock; amounts in yen."""

    day: date
    starts_at: datetime
    party_size: int
    groups: Sequence[tuple[str, int]] = ()
    room: str = ""
    takes_whole_room: bool = False
    course: str = ""
    budget_per_head: Decimal | None = None
    with_drinks: bool = False
    with_tax: bool = False
    with_service: bool = False
    refrains: Sequence[Refrains] = ()
    allergies_guests: str = ""
    ends_at: datetime | None = None
    cars: str = ""
    gifts: str = ""
    deposit: Decimal | None = None
    tentative_until: date | None = None
    phone: str = ""


def kanji_numeral(number: int) -> str:
    """25000 as 二万五千, 18 as 十八, 0 as 零. Raises ValueError for a negative number."""
    if number < 0:
        raise ValueError("a numeral is not negative")
    if number == 0:
        return "零"
    written = ""
    for value, unit in LARGE:
        if number >= value:
            written += _below_ten_thousand(number // value, one_is_said=True) + unit
            number %= value
    return written + _below_ten_thousand(number, one_is_said=False)


def _below_ten_thousand(number: int, *, one_is_said: bool) -> str:
    written = ""
    for value, unit in SMALL:
        count, number = divmod(number, value)
        # 千万 is said 一千万, but 1000 is 千.
        says_one = count > 1 or (count == 1 and value == 1000 and one_is_said)
        written += (DIGITS[count] if says_one else "") + unit if count else ""
    return written + (DIGITS[number] if number else "")


def kanji_date(day: date) -> str:
    """十二月四日 金曜日"""
    return f"{kanji_numeral(day.month)}月{kanji_numeral(day.day)}日 {'月火水木金土日'[day.weekday()]}曜日"


def kanji_time(moment: datetime) -> str:
    """夕方六時, 夜八時四十五分, お昼十二時半, 深夜一時."""
    part = next(name for hour, name in _PARTS_OF_DAY if moment.hour >= hour)
    hour = moment.hour if moment.hour <= 12 else moment.hour - 12
    minutes = {0: "", 30: "半"}.get(moment.minute, f"{kanji_numeral(moment.minute)}分")
    return f"{part}{kanji_numeral(hour)}時{minutes}"


def kanji_people(count: int) -> str:
    """お一人様, お二人様, 六名様."""
    return {1: "お一人様", 2: "お二人様"}.get(count, f"{kanji_numeral(count)}名様")


def in_japanese(spoken: Spoken) -> str:
    """The whole sentence as it is said on the phone."""
    said = [f"{kanji_date(spoken.day)}、{kanji_time(spoken.starts_at)}より、{_party(spoken)}、{_place(spoken)}"]
    if spoken.tentative_until is not None:
        until = spoken.tentative_until
        said.append(
            f"仮のご予約として、{kanji_numeral(until.month)}月{kanji_numeral(until.day)}日までお取り置きいたします。"
        )
    if spoken.course:
        said.append(f"お料理は{spoken.course}でご用意いたします。")
    if spoken.budget_per_head is not None:
        said.append(_budget(spoken))
    if spoken.deposit is not None:
        said.append(f"お預かり金は{kanji_numeral(int(spoken.deposit))}円でございます。")
    for guest in spoken.refrains:
        if guest.allergens:
            said.append(f"{guest.name}は{'・'.join(guest.allergens)}をお控えですね。")
        elif not guest.was_asked:
            said.append(f"{guest.name}に、お召し上がりになれないものはございますか。")
    if spoken.allergies_guests:
        said.append(f"お客様側は{spoken.allergies_guests}と承っております。")
    if spoken.gifts:
        said.append(f"お手土産は{spoken.gifts}。")
    if spoken.ends_at is not None:
        said.append(f"お開きは{kanji_time(spoken.ends_at)}。")
    if spoken.cars:
        said.append(f"お車は{spoken.cars}。")
    if spoken.phone:
        said.append(f"お電話は{'の'.join(_spelled(part) for part in _groups_of(spoken.phone))}でございますね。")
    return "".join(said)


def _party(spoken: Spoken) -> str:
    if len(spoken.groups) < 2:
        return kanji_people(spoken.party_size)
    parts = "、".join(f"{label}{kanji_people(count)}" for label, count in spoken.groups)
    return f"{parts}、合わせて{kanji_people(spoken.party_size)}"


def _place(spoken: Spoken) -> str:
    if not spoken.room:
        return "承りました。お部屋は追ってお知らせいたします。"
    name = "と".join(part for part in re.split(r"[＋+]", spoken.room) if part)
    place = name if _IS_A_PLACE.search(name) else f"{name}のお部屋"
    return f"{place}を貸切で承りました。" if spoken.takes_whole_room else f"{place}で承りました。"


def _budget(spoken: Spoken) -> str:
    budget = f"お一人様{kanji_numeral(int(spoken.budget_per_head or 0))}円"
    drinks = "お飲物込み" if spoken.with_drinks else "お飲物は別"
    if spoken.with_tax and spoken.with_service:
        rest = "税・サービス料込みでございます。"
    elif spoken.with_tax:
        rest = "税込み、サービス料は別でございます。"
    elif spoken.with_service:
        rest = "サービス料込み、税は別でございます。"
    else:
        rest = "税とサービス料は別でございます。"
    return f"{budget}、{drinks}、{rest}"


def _groups_of(phone: str) -> list[str]:
    return [group for group in re.split(r"\D+", format_phone(phone)) if group]


def _spelled(digits: str) -> str:
    return "".join(DIGITS[int(digit)] for digit in digits)


def in_english(spoken: Spoken) -> str:
    """The same for a guest who is spoken to in English."""
    day = f"{WEEKDAYS_EN[spoken.day.weekday()]}, {spoken.day.day} {MONTHS_EN[spoken.day.month - 1]}"
    people = _count(spoken.party_size, "guest")
    if len(spoken.groups) > 1:
        people += f" ({', '.join(f'{label} {count}' for label, count in spoken.groups)})"
    room = f"in {spoken.room}" if spoken.room else "with the room to be confirmed"
    if spoken.room and spoken.takes_whole_room:
        room += ", to yourselves"
    said = [f"{day}, at {_english_time(spoken.starts_at)}, for {people}, {room}."]
    if spoken.tentative_until is not None:
        until = spoken.tentative_until
        said.append(f"We hold it for you until {until.day} {MONTHS_EN[until.month - 1]}.")
    if spoken.course:
        said.append(f"The course is {spoken.course}.")
    if spoken.budget_per_head is not None:
        said.append(_english_budget(spoken))
    if spoken.deposit is not None:
        said.append(f"The deposit is {int(spoken.deposit):,} yen.")
    for guest in spoken.refrains:
        if guest.allergens:
            said.append(f"{guest.name} does not eat {', '.join(guest.allergens)}, is that right?")
        elif not guest.was_asked:
            said.append(f"Is there anything {guest.name} may not eat?")
    if spoken.allergies_guests:
        said.append(f"For your guests we noted: {spoken.allergies_guests}.")
    if spoken.gifts:
        said.append(f"Gifts: {spoken.gifts}.")
    if spoken.ends_at is not None:
        said.append(f"The evening ends at {_english_time(spoken.ends_at)}.")
    if spoken.cars:
        said.append(f"Cars: {spoken.cars}.")
    if spoken.phone:
        said.append(f"Your number is {format_phone(spoken.phone)}.")
    return " ".join(said)


def _count(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _english_time(moment: datetime) -> str:
    hour = moment.hour % 12 or 12
    return f"{hour}{f':{moment.minute:02d}' if moment.minute else ''} {'am' if moment.hour < 12 else 'pm'}"


def _english_budget(spoken: Spoken) -> str:
    inside = [
        word
        for word, is_in in (
            ("drinks", spoken.with_drinks),
            ("tax", spoken.with_tax),
            ("service", spoken.with_service),
        )
        if is_in
    ]
    included = f"{', '.join(inside)} included" if inside else "drinks, tax and service not included"
    return f"{int(spoken.budget_per_head or 0):,} yen per person, {included}."

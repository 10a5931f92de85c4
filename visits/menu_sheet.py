"""お品書き: the menu as guests read it, vertically in Japanese or in English; tonight's changes and a seat's exceptions applied.

It never says why a seat has something else. Allergies are not on it; names and the price are there when somebody chose them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from crm_project.core.accounts.models import Venue
from crm_project.core.dates import era_of
from menus.choices import DishPosition
from menus.models import Course, Dish
from visits.choices import ExceptionKind
from visits.evening import Evening, evenings_of
from visits.models import Visit
from visits.read_back import kanji_numeral

JAPANESE, ENGLISH = "ja", "en"
_DIGITS = re.compile(r"\d+")
# The largest number a name may hold that is still read as one.
_MOST_DIGITS = 4

# How a kaiseki menu heads its dishes, in both languages.
HEADINGS: dict[str, tuple[str, str]] = {
    DishPosition.SAKIZUKE: ("先付", "Starter"),
    DishPosition.HASSUN: ("八寸", "Seasonal platter"),
    DishPosition.WANMONO: ("椀物", "Clear soup"),
    DishPosition.MUKOZUKE: ("向付", "Sashimi"),
    DishPosition.YAKIMONO: ("焼物", "Grilled dish"),
    DishPosition.NIMONO: ("炊合せ", "Simmered dish"),
    DishPosition.AGEMONO: ("揚物", "Fried dish"),
    DishPosition.MUSHIMONO: ("蒸物", "Steamed dish"),
    DishPosition.SUNOMONO: ("酢の物", "Vinegared dish"),
    DishPosition.SHIIZAKANA: ("強肴", "Main side dish"),
    DishPosition.NIKU: ("肉料理", "Meat"),
    DishPosition.NABE: ("鍋", "Hot pot"),
    DishPosition.SHOKUJI: ("御食事", "Rice, soup and pickles"),
    DishPosition.MIZUMONO: ("水物", "Dessert"),
    DishPosition.DRINK: ("御飲物", "Drink"),
}


@dataclass(frozen=True, slots=True)
class MenuLine:
    """A dish on the menu. The heading is "" where the dish before has the same."""

    dish: Dish
    heading: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuSheet:
    """One menu: of a table, of a seat that has something else, or of a course."""

    title: str
    lines: list[MenuLine]
    language: str
    # The seat it is for, for who lays the table; printed when names were chosen.
    seat: str = ""
    is_of_seat: bool = False
    copies: int = 1
    price: object = None


@dataclass(kw_only=True)
class TableMenus:
    """The menus of one table, and what staff has to know before they are printed."""

    visit: Visit
    sheets: list[MenuSheet]
    without_english: list[Dish] = field(default_factory=list)
    # Whether an allergy at the table still waits for the kitchen's decision.
    is_undecided: bool = False


def in_kanji(words: str) -> str:
    """Numbers of a name in kanji, as a vertical line has them: 3種盛り -> 三種盛り."""
    return _DIGITS.sub(
        lambda found: kanji_numeral(int(found[0])) if len(found[0]) <= _MOST_DIGITS and int(found[0]) else found[0],
        words,
    )


def day_in_kanji(day: date) -> str:
    """令和八年十一月三十日"""
    era = era_of(day)
    year = f"{era.kanji}{_year(era.year(day))}年" if era else f"{kanji_numeral(day.year)}年"
    return f"{year}{kanji_numeral(day.month)}月{kanji_numeral(day.day)}日"


def day_in_english(day: date) -> str:
    """30 November 2026"""
    months = "January February March April May June July August September October November December".split()
    return f"{day.day} {months[day.month - 1]} {day.year}"


def _year(number: int) -> str:
    return "元" if number == 1 else kanji_numeral(number)


def lines_of(dishes: Iterable[Dish], language: str) -> list[MenuLine]:
    """The dishes as the menu lists them; one without an English name stands with its Japanese one."""
    found = []
    before = ""
    place = 0 if language == JAPANESE else 1
    for dish in dishes:
        heading = HEADINGS.get(dish.position, ("", ""))[place]
        if language == JAPANESE:
            name, description = in_kanji(dish.name), ""
        else:
            name, description = dish.name_en or dish.name, dish.description_en
        found.append(MenuLine(dish, "" if heading == before else heading, name, description))
        before = heading
    return found


def menus_of(
    visits: Sequence[Visit], venue: Venue, day: date, *, language: str, each_seat: bool, with_price: bool
) -> list[TableMenus]:
    """The menus of tables of a day (people fetched with their guests). A fixed number of queries.

    With `each_seat` every seat that has something else has a menu of its own beside that of the table.
    """
    evenings = evenings_of(visits, venue, day)
    known = Dish.objects.in_bulk(
        {pk for evening in evenings.values() for pk in _dish_ids(evening)},
    )
    return [
        _of_table(visit, evenings[visit.pk], known, language=language, each_seat=each_seat, with_price=with_price)
        for visit in visits
    ]


def menu_of_course(course: Course, dishes: Sequence[Dish], *, language: str, with_price: bool) -> MenuSheet:
    """The menu of a course as it stands on the card, whoever comes."""
    return MenuSheet(
        title=in_kanji(course.name) if language == JAPANESE else "",
        lines=lines_of(dishes, language),
        language=language,
        price=course.price if with_price else None,
    )


def without_english(dishes: Iterable[Dish]) -> list[Dish]:
    """Dishes nobody has given an English name, each once."""
    return list({dish.pk: dish for dish in dishes if not dish.name_en.strip()}.values())


def _of_table(
    visit: Visit, evening: Evening, known: Mapping[int, Dish], *, language: str, each_seat: bool, with_price: bool
) -> TableMenus:
    dishes = [known[dish.pk] for dish in evening.dishes if dish.pk in known]
    title = in_kanji(visit.course.name) if visit.course and language == JAPANESE else ""
    price = visit.course.price if visit.course and with_price else None
    own = []
    for seat in evening.seats if each_seat else ():
        changed = _of_seat(evening, seat.ref, dishes, known)
        if changed != dishes:
            own.append(
                MenuSheet(
                    title=title,
                    lines=lines_of(changed, language),
                    language=language,
                    seat=_seat_name(seat.customer, seat.label),
                    is_of_seat=True,
                    copies=seat.people,
                    price=price,
                )
            )
    rest = visit.party_size - sum(sheet.copies for sheet in own)
    table = MenuSheet(
        title=title, lines=lines_of(dishes, language), language=language, copies=max(rest, 0), price=price
    )
    sheets = [*([table] if rest > 0 or not own else []), *own]
    shown = [line.dish for sheet in sheets for line in sheet.lines]
    return TableMenus(
        visit=visit,
        sheets=sheets,
        without_english=without_english(shown) if language == ENGLISH else [],
        is_undecided=bool(evening.gate.open),
    )


def _of_seat(evening: Evening, ref: str, dishes: Sequence[Dish], known: Mapping[int, Dish]) -> list[Dish]:
    """The dishes of one seat: replaced and left out as the kitchen decided."""
    changes = (ExceptionKind.REPLACED, ExceptionKind.LEFT_OUT)
    decided = {one.dish_id: one for one in evening.exceptions_of(ref) if one.kind in changes}
    found = []
    for dish in dishes:
        made = decided.get(dish.pk)
        if made is None:
            found.append(dish)
        elif made.replacement_id is not None and made.replacement_id in known:
            found.append(known[made.replacement_id])
    return found


def _dish_ids(evening: Evening) -> set[int]:
    replaced = {one.replacement_id for one in evening.exceptions if one.replacement_id is not None}
    return {dish.pk for dish in evening.dishes} | replaced


def _seat_name(customer: object, label: str) -> str:
    honorific = getattr(customer, "honorific", "")
    return f"{getattr(customer, 'name', '')} {honorific}" if customer is not None else label

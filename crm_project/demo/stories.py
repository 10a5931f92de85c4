"""The parties that the demo always shows: tonight's tables at the main house, and the evenings that led to them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from crm_project.demo.guests import Guest, GuestBook
from crm_project.demo.house import HONTEN, House
from crm_project.demo.menu import Menu
from crm_project.demo.menu_words import BANQUET_COURSE
from crm_project.demo.tables import Rooms, Seat, Slot, Table, companions
from menus.choices import DishPosition
from visits.choices import AttendanceRole, Purpose
from visits.models import Room

TONIGHT: Final = "tonight"
COMPLAINT_NIGHT: Final = "complaint_night"
ANNIVERSARY_TALK: Final = "anniversary_talk"
SAME_DISH_NIGHT: Final = "same_dish_night"
# part -> for how many days before and after today only the told visits count
QUIET_DAYS: Final = {
    "host_with_allergy": 38,
    "banquet_host": 20,
    "same_dish": 30,
    "complained": 25,
    "newcomer": 100,
    "arranger": 10,
    "wife": 10,
    "lawyer": 20,
    "teacher": 20,
}


class Stories:
    """Makes the told tables; a guest who is missing in a small demo leaves the story out."""

    def __init__(self, house: House, rooms: Rooms, book: GuestBook, menu: Menu) -> None:
        self._house = house
        self._rooms = rooms
        self._book = book
        self._menu = menu
        self.today = house.today(HONTEN)

    def told(self) -> list[Table]:
        """All told tables, the past ones first."""
        year_end = self.today.month in (11, 12)
        banquet = self._menu.season_course(self.today, BANQUET_COURSE[0])
        feast = self._menu.month_course(self.today, "松")
        return [
            *self._table("host_with_allergy", 40, (18, 0), "桔梗", 4, Purpose.HOSTING, "kobayashi", ANNIVERSARY_TALK),
            *self._table("complained", 1, (18, 30), "萩", 2, Purpose.PRIVATE, "inoue", COMPLAINT_NIGHT),
            *self._table("lawyer", 2, (19, 0), "菊", 4, Purpose.HOSTING, "ueda", ""),
            *self._table("teacher", 1, (17, 30), "藤", 4, Purpose.PRIVATE, "hayashi", ""),
            *self._same_dish_night(),
            *self._table("host_with_allergy", 0, (17, 30), "桔梗", 4, Purpose.HOSTING, "kobayashi", TONIGHT, feast),
            *self._table("same_dish", 0, (18, 0), "萩", 2, Purpose.PRIVATE, "hayashi", TONIGHT, feast),
            *self._table(
                "banquet_host",
                0,
                (18, 0),
                "大広間",
                18,
                Purpose.YEAR_END if year_end else Purpose.CELEBRATION,
                "inoue",
                TONIGHT,
                banquet,
            ),
            *self._table("newcomer", 0, (18, 30), "カウンター", 2, Purpose.ANNIVERSARY, "kobayashi", TONIGHT),
            *self._table(
                "lawyer",
                0,
                (19, 0),
                "菊",
                5,
                Purpose.HOSTING,
                "ueda",
                TONIGHT,
                self._menu.month_course(self.today, "竹"),
            ),
            *self._table("teacher", 0, (18, 30), "藤", 3, Purpose.PRIVATE, "hayashi", TONIGHT, feast),
        ]

    def _same_dish_night(self) -> list[Table]:
        """Twelve days ago, with something that is on tonight's menu again."""
        tables = self._table("same_dish", 12, (18, 0), "萩", 2, Purpose.PRIVATE, "hayashi", SAME_DISH_NIGHT)
        for table in tables:
            tonight = self._menu.course_dishes[self._menu.month_course(self.today, "松").pk]
            repeated = (DishPosition.WANMONO, DishPosition.YAKIMONO)
            again = [dish for dish in tonight if dish.position in repeated and not dish.is_signature]
            others = self._menu.course_dishes[self._menu.month_course(table.day, "竹").pk]
            table.dishes = [*again[:1], *(dish for dish in others if dish not in tonight)]
        return tables

    def _table(
        self,
        part: str,
        days_ago: int,
        slot: Slot,
        room_name: str,
        party_size: int,
        purpose: str,
        staff: str,
        story: str,
        course: object = None,
    ) -> list[Table]:
        host = self._book.parts.get(part)
        if host is None:
            return []
        day = self.today - timedelta(days=days_ago)
        starts_at = self._rooms.moment(HONTEN, day, slot)
        room = self._room(room_name)
        if room is not None:
            self._rooms.take(room, starts_at, party_size)
        return [
            Table(
                venue=HONTEN,
                day=day,
                starts_at=starts_at,
                room=room,
                seats=[
                    Seat(AttendanceRole.HOST, host),
                    *companions(party_size - 1, honoured=purpose == Purpose.HOSTING),
                ],
                party_size=party_size,
                purpose=purpose,
                staff=self._house.people[staff],
                course=course,  # type: ignore[arg-type]
                story=story,
            )
        ]

    def _room(self, name: str) -> Room | None:
        return next((room for room in self._house.rooms[HONTEN] if room.name == name), None)


def is_quiet(guest: Guest, days_from_today: int) -> bool:
    """Whether a day is too near to what is told of the guest."""
    return bool(guest.part) and abs(days_from_today) <= QUIET_DAYS.get(guest.part, 0)


def tonight(tables: Sequence[Table]) -> list[Table]:
    """The told tables of this evening."""
    return [table for table in tables if table.story == TONIGHT]

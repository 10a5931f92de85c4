"""The rooms of the demo house, what can be joined, and its terms of booking."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from crm_project.core.accounts.models import Venue
from visits.choices import FollowUpKind, FollowUpMoment, Responsible, RoomKind, SeatingStyle
from visits.models import BookingTerms, CancellationTerm, ClosedDay, FollowUpRule, Room, RoomPart

LUNCH_MINUTES: Final = 105
DINNER_MINUTES: Final = 135
CLEARING_MINUTES: Final = 30
# days before, fee in per cent
CANCELLATION: Final = ((3, 30), (1, 50), (0, 100))
STOCKTAKING_IN: Final = timedelta(weeks=6)


@dataclass(frozen=True)
class Plan:
    """A room as the house would describe it on the phone."""

    name: str
    seats: int
    kind: str = RoomKind.ROOM
    seating: str = SeatingStyle.TATAMI
    view: str = ""
    stairs: bool = False
    shared: bool = False


def counter(seats: int) -> Plan:
    """A counter, where parties sit side by side."""
    return Plan("カウンター", seats, RoomKind.COUNTER, SeatingStyle.CHAIRS, shared=True)


HONTEN_ROOMS: Final = (
    Plan("桔梗", 8, view="お庭"),
    Plan("萩", 4, seating=SeatingStyle.CHAIRS, view="坪庭"),
    Plan("菊", 6, seating=SeatingStyle.HORIGOTATSU),
    Plan("藤", 6, view="お庭"),
    Plan("楓", 10, stairs=True),
    counter(10),
    Plan("大広間", 120, RoomKind.HALL, stairs=True),
)
RYOKAN_ROOMS: Final = (
    Plan("月の間", 4, view="桂川"),
    Plan("雪の間", 4, view="桂川"),
    Plan("花の間", 6, seating=SeatingStyle.CHAIRS),
    Plan("離れ 竹林", 8, view="竹林"),
    Plan("お食事処", 30, RoomKind.HALL, SeatingStyle.CHAIRS, shared=True),
    Plan("広間 渡月", 60, RoomKind.HALL, stairs=True),
)
CASUAL_ROOMS: Final = (
    counter(12),
    Plan("掘りごたつ 一", 6, seating=SeatingStyle.HORIGOTATSU),
    Plan("掘りごたつ 二", 6, seating=SeatingStyle.HORIGOTATSU),
    Plan("テーブル", 24, RoomKind.HALL, SeatingStyle.CHAIRS, shared=True),
    Plan("二階座敷", 24, stairs=True),
)
# Rooms between which the sliding doors are taken out (襖を外す).
JOINED: Final = (("桔梗", "萩"), ("菊", "藤"), ("月の間", "雪の間"), ("掘りごたつ 一", "掘りごたつ 二"))
FOLLOW_UPS: Final = (
    ("前日のご確認", FollowUpKind.CALL, FollowUpMoment.BEFORE, 1, Responsible.DESK),
    ("お礼状", FollowUpKind.LETTER, FollowUpMoment.AFTER, 3, Responsible.ATTENDANT),
    ("お礼のお電話", FollowUpKind.CALL, FollowUpMoment.AFTER, 1, Responsible.SALES),
)


def furnish(venue: Venue, plans: tuple[Plan, ...]) -> list[Room]:
    """The rooms of a venue, made where they are missing, without the joined ones that it also makes."""
    rooms = [
        Room.objects.get_or_create(
            venue=venue,
            name=plan.name,
            defaults={
                "capacity": plan.seats,
                "kind": plan.kind,
                "seating": plan.seating,
                "view": plan.view,
                "has_stairs": plan.stairs,
                "seats_are_shared": plan.shared,
                "clearing_minutes": 0 if plan.shared else CLEARING_MINUTES,
                "position": place,
            },
        )[0]
        for place, plan in enumerate(plans)
    ]
    by_name = {room.name: room for room in rooms}
    for place, names in enumerate(JOINED, start=len(rooms)):
        parts = [by_name[name] for name in names if name in by_name]
        if len(parts) == len(names):
            _join(venue, parts, place)
    return rooms


def _join(venue: Venue, parts: list[Room], place: int) -> None:
    joined, made = Room.objects.get_or_create(
        venue=venue,
        name="＋".join(part.name for part in parts),
        defaults={
            "capacity": sum(part.capacity for part in parts) + 2,
            "seating": parts[0].seating,
            "clearing_minutes": CLEARING_MINUTES,
            "position": place,
        },
    )
    if made:
        RoomPart.objects.bulk_create(RoomPart(joined=joined, room=part) for part in parts)


def write_terms(venue: Venue, today: date) -> None:
    """How long parties stay, what a cancellation costs, a day on which the house is closed, what follows an evening."""
    if BookingTerms.objects.filter(venue=venue).exists():
        return
    BookingTerms.objects.create(venue=venue, lunch_minutes=LUNCH_MINUTES, dinner_minutes=DINNER_MINUTES)
    CancellationTerm.objects.bulk_create(
        CancellationTerm(venue=venue, days_before=days, percent=percent) for days, percent in CANCELLATION
    )
    ClosedDay.objects.create(venue=venue, on=today + STOCKTAKING_IN, reason="棚卸し")
    FollowUpRule.objects.bulk_create(
        FollowUpRule(venue=venue, name=name, kind=kind, moment=moment, days=days, responsible=responsible)
        for name, kind, moment, days, responsible in FOLLOW_UPS
    )

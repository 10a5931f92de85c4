"""What tonight's briefing shows beside visits and notes, and a handover that is on its way; written by the services."""

from datetime import date, timedelta
from typing import Final

from crm_project.core.rights import Right
from crm_project.demo.guests import GuestBook
from crm_project.demo.house import HONTEN, House
from customers.choices import AttributeUse, GiftDirection, HandoverReason
from customers.models import Attribute, AttributeValue, Customer
from customers.services import write_attribute
from customers.services.gifts import note_gift
from customers.services.handovers import assign_guests, start_handover, take_over
from visits.briefing import briefings_of
from visits.models import Room, SeatingPlan, Visit
from visits.seating import plan_of
from visits.services.briefings import keep_printed
from visits.services.promises import make_promise
from visits.services.seating import set_seating

WITH_ALCOVE: Final = ("桔梗", "萩", "菊", "藤")
GARDEN_FIRST: Final = ("藤",)
# Items of the house that a room has to know before the guest arrives.
BEFORE_THE_EVENING: Final = ("お席", "左利き")
TOPICS: Final = (
    ("host_with_allergy", "ご子息の進学先のこと"),
    ("banquet_host", "前の会社のお名前"),
    ("teacher", "お流派のお話"),
)
# part, direction, what, days ago
GIFTS: Final = (
    ("host_with_allergy", GiftDirection.GIVEN, "ちりめん山椒 一箱", 40),
    ("host_with_allergy", GiftDirection.RECEIVED, "北海道の昆布", 40),
    ("host_with_allergy", GiftDirection.GIVEN, "季節の生菓子", 190),
    ("banquet_host", GiftDirection.RECEIVED, "周年の記念の升", 60),
    ("lawyer", GiftDirection.GIVEN, "ちりめん山椒 一箱", 2),
    ("teacher", GiftDirection.GIVEN, "季節の生菓子", 1),
)
LATE_PROMISE: Final = ("teacher", "お茶花を一輪、床に")
ASSIGNED, TICKED = 14, 6


def write_papers(*, house: House, book: GuestBook) -> None:
    """Everything for the evening's sheets, then the handover of a colleague who changes to another venue."""
    _write_rooms()
    _write_items(house, book)
    _write_gifts(house, book)
    _write_mourning(house, book)
    _write_seats(house)
    _print_tonight(house, book)
    _hand_over(house)


def _write_rooms() -> None:
    Room.objects.filter(name__in=WITH_ALCOVE).update(has_alcove=True)
    Room.objects.filter(name__in=GARDEN_FIRST).update(view_is_upper=True)


def _write_items(house: House, book: GuestBook) -> None:
    by = house.people["sasaki"]
    Attribute.objects.filter(name__in=BEFORE_THE_EVENING).update(use=AttributeUse.BRIEFING)
    topics = write_attribute(
        by=by, name="お避けする話題", purpose="お席でうっかり触れないために", use=AttributeUse.CAUTION
    )
    AttributeValue.objects.bulk_create(
        AttributeValue(customer=book.parts[part].row, attribute=topics, text=words, confirmed_by=by)
        for part, words in TOPICS
        if part in book.parts
    )


def _write_gifts(house: House, book: GuestBook) -> None:
    for part, direction, what, days_ago in GIFTS:
        if part in book.parts:
            note_gift(
                customer=book.parts[part].row,
                venue=house.venues[HONTEN],
                by=house.people["yamada"],
                direction=direction,
                what=what,
                given_on=house.today(HONTEN) - timedelta(days=days_ago),
            )


def _write_mourning(house: House, book: GuestBook) -> None:
    if "lawyer" in book.parts:
        until = house.today(HONTEN) + timedelta(days=70)
        Customer.objects.filter(pk=book.parts["lawyer"].row.pk).update(mourning_until=until)


def _tonight(house: House) -> list[Visit]:
    rows = Visit.objects.filter(venue=house.venues[HONTEN], business_date=house.today(HONTEN))
    rows = rows.select_related("room", "venue").prefetch_related("attendances__customer")
    return list(rows.order_by("starts_at", "pk"))


def _write_seats(house: House) -> None:
    """The first hosted table is placed and confirmed; the others wait for somebody to look."""
    for visit in _tonight(house):
        plan = plan_of(visit, SeatingPlan.objects.filter(visit=visit).first())
        if visit.purpose == "hosting" and plan is not None and visit.staff is not None:
            places = plan.places
            set_seating(visit=visit, by=visit.staff, version=0, upper=places.upper, lower=places.lower, confirm=True)
            return


def _print_tonight(house: House, book: GuestBook) -> None:
    """The sheets were printed; afterwards one more promise was made."""
    venue, by = house.venues[HONTEN], house.people["yamada"]
    keep_printed(rooms=briefings_of(venue, house.today(HONTEN), by), by=by)
    part, words = LATE_PROMISE
    if part in book.parts:
        make_promise(customer=book.parts[part].row, venue=venue, by=house.people["hayashi"], text=words)


def _hand_over(house: House) -> None:
    """井上 goes to 嵐山: the first guests have successors, some of them are ticked."""
    manager, giver = house.people["fujiwara"], house.people["inoue"]
    last_day: date = house.today(HONTEN) + timedelta(days=30)
    assert manager.has_right(Right.HAND_OVER)
    handover = start_handover(
        by=manager,
        from_user=giver,
        reason=HandoverReason.CHANGES,
        last_day=last_day,
        note="嵐山へ移ります。お茶会のお客様は鍵の場所も申し送りに書きました。",
    )
    # Some are left in a small house too.
    some = min(ASSIGNED, handover.guests.count() * 2 // 3)
    first = handover.guests.order_by("customer__rank__position", "pk").values_list("pk", flat=True)[:some]
    if not first:
        return
    assign_guests(
        handover=handover,
        by=manager,
        version=handover.version,
        successors=[house.people["kobayashi"], house.people["hayashi"]],
        chosen=list(first),
    )
    for guest in handover.guests.filter(successor__isnull=False).order_by("pk")[: min(TICKED, (some + 1) // 2)]:
        assert guest.successor is not None
        take_over(guest=guest, by=guest.successor)

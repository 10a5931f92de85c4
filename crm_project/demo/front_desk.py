"""What the front desk has on its list beside the reservations: who helps tonight, who waits, what belongs together."""

import uuid
from collections.abc import Sequence
from datetime import time, timedelta

from crm_project.core.audit.models import AuditEntry
from crm_project.demo.guests import GuestBook
from crm_project.demo.house import HONTEN, House
from customers.services.apart import keep_apart
from visits import services
from visits.booking_data import BOOKING, from_booking
from visits.models import Visit, VisitDraft
from visits.table_data import kept


def write_desk(*, house: House, book: GuestBook, reservations: Sequence[Visit]) -> None:
    """Helpers for tonight's largest table, a party on the waiting list, two bookings of one occasion, two people at one
    booking; by the services.
    """
    honten = [visit for visit in reservations if visit.venue_id == house.venues[HONTEN].pk]
    _share_tonight(house, honten)
    _let_wait(house, book, honten)
    _bring_together(house, honten)
    _keep_apart(house, book)
    _change_what_is_being_changed(house, honten)


def _share_tonight(house: House, honten: Sequence[Visit]) -> None:
    tonight = [visit for visit in honten if visit.business_date == house.today(HONTEN)]
    if not tonight:
        return
    largest = max(tonight, key=lambda visit: visit.party_size)
    others = [person for person in house.of_role("floor", HONTEN) if person != largest.staff]
    services.set_duties(
        visit=largest,
        by=house.manager(HONTEN),
        version=largest.version,
        staff=largest.staff,
        assistants=others[:1],
        recorder=others[1] if len(others) > 1 else None,
    )


def _let_wait(house: House, book: GuestBook, honten: Sequence[Visit]) -> None:
    """Somebody asks for a room that is taken on one of the coming evenings."""
    ahead = [visit for visit in honten if visit.business_date > house.today(HONTEN) and visit.room is not None]
    guest = book.parts.get("complained")
    if not ahead or guest is None:
        return
    wanted = ahead[0]
    services.add_waiting(
        by=house.people["nishimura"],
        venue=wanted.venue,
        business_date=wanted.business_date,
        from_time=time(18),
        until_time=time(19, 30),
        party_size=2,
        customer=guest.row,
        room=wanted.room,
        wishes="お庭の見えるお部屋がよいとのこと",
    )


def _bring_together(house: House, honten: Sequence[Visit]) -> None:
    """Two evenings of one firm's anniversary."""
    until = house.today(HONTEN) + timedelta(weeks=5)
    ahead = [visit for visit in honten if house.today(HONTEN) < visit.business_date <= until]
    if len(ahead) < 2:
        return
    occasion = services.create_occasion(
        by=house.people["nishimura"],
        venue=ahead[0].venue,
        name="創業記念のお集まり",
        note="二日に分けて。お席札は先方がご用意",
        visit=ahead[0],
    )
    services.add_to_occasion(occasion=occasion, visit=ahead[-1], by=house.people["nishimura"])


def _keep_apart(house: House, book: GuestBook) -> None:
    """Two hosts of tonight who must not meet: the okami and who may know are told on 本日."""
    one, other = book.parts.get("host_with_allergy"), book.parts.get("lawyer")
    if one is not None and other is not None:
        keep_apart(
            one=one.row, other=other.row, by=house.people["fujiwara"], note="以前の取引のことで。お席の時間をずらすこと"
        )


def _change_what_is_being_changed(house: House, honten: Sequence[Visit]) -> None:
    """A conflict to try: the okami began to change who attends an evening, and the desk has decided it otherwise since."""
    today = house.today(HONTEN)
    ahead = [visit for visit in honten if today < visit.business_date and visit.room is not None]
    floor = house.of_role("floor", HONTEN)
    if not ahead:
        return
    visit = Visit.objects.select_related("venue").get(pk=ahead[0].pk)
    okami, desk = house.people["fujiwara"], house.people["nishimura"]
    mine, theirs = [person for person in floor if person.pk != visit.staff_id][:2]
    typed = from_booking(visit)
    token = uuid.uuid4()
    typed["venue"], typed["form_token"], typed["form"] = str(visit.venue_id), str(token), BOOKING
    typed["seen"] = str(AuditEntry.objects.about(visit).values_list("pk", flat=True).first() or 0)
    typed["staff"] = str(mine.pk)
    services.keep_draft(by=okami, venue=visit.venue, form_token=token, values=kept(typed))
    VisitDraft.objects.filter(pk=token).update(saved_at=house.now - timedelta(minutes=50))
    services.set_duties(visit=visit, by=desk, version=visit.version, staff=theirs)

"""Tonight between floor and kitchen: an answer for a group, a dish replaced for the evening, sheets settled and not."""

from collections.abc import Sequence

from crm_project.core.accounts.models import User
from crm_project.core.allergens.models import Allergen
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.demo.house import HONTEN, House
from menus.models import Dish
from visits import services
from visits.choices import ExceptionKind
from visits.evening import Evening, evening_of
from visits.group_answers import allergen_words, read_group_answer
from visits.models import TonightChange, Visit

EMERGENCY = {
    "advance_hours": 48,
    "same_dish_months": 12,
    "emergency_number": "119",
    "emergency_way": "表通りの提灯を目印に路地へ。玄関で若い者が待ちます",
    "in_charge_phone": "075-000-0119",
}


def write_evening(*, house: House, reservations: Sequence[Visit]) -> None:
    """By the services, for tonight's tables of the main house; a house without guests tonight gets its settings alone."""
    manager, desk = house.manager(HONTEN), house.people["nishimura"]
    venue = house.venues[HONTEN]
    services.change_evening_terms(
        venue=venue,
        by=house.people["sasaki"],
        version=1,
        emergency_address=f"京都市架空区松風町1-2 {venue.name}",
        in_charge=str(manager),
        **EMERGENCY,
    )
    tonight = [
        visit
        for visit in reservations
        if visit.venue_id == venue.pk and visit.business_date == house.today(HONTEN) and visit.holds_its_room
    ]
    if not tonight:
        return
    cook = house.of_role("kitchen", HONTEN)[0]
    _answer(max(tonight, key=lambda visit: visit.party_size), desk)
    _decide_one(tonight, cook)
    _settle(tonight, cook)
    _replace_a_dish(tonight, cook)


def _answer(largest: Visit, desk: User) -> None:
    line = f"{largest.party_size}名中 えび1名・そば1名、他なし"
    words = allergen_words({row.code: [row.name_ja, row.name_en, *row.aliases] for row in Allergen.objects.all()})
    services.answer_for_group(
        visit=largest,
        by=desk,
        version=0,
        source="arranger",
        how="phone",
        said_on=largest.business_date,
        understood=read_group_answer(line, words),
        text=line,
    )


def _decide_one(tonight: Sequence[Visit], cook: User) -> None:
    """The first conflict of a table that has several is decided: the others stand on the kitchen's page."""
    evenings = sorted((evening_of(visit) for visit in tonight), key=lambda evening: -len(evening.gate.open))
    for evening in evenings[:1]:
        for conflict in evening.gate.open[:1]:
            services.decide_for_seat(
                visit=evening.visit,
                ref=conflict.ref,
                dish=Dish.objects.get(pk=conflict.dish_id),
                kind=ExceptionKind.LEFT_OUT,
                note="椀だねを抜いて、別鍋で",
                by=cook,
            )


def _settle(tonight: Sequence[Visit], cook: User) -> None:
    """Whatever has nothing against it is settled; the others stay as they are."""
    for visit in tonight:
        evening = evening_of(visit)
        if evening.dishes and evening.gate.may_be_ready:
            services.mark_ready(visit=visit, by=cook, seen=evening.digest)


def _replace_a_dish(tonight: Sequence[Visit], cook: User) -> None:
    """A dish ran out: another one of its place that touches nobody new comes instead, at every table."""
    evenings: list[Evening] = [evening_of(visit) for visit in tonight]
    served = {dish.pk for evening in evenings for dish in evening.dishes}
    for dish in Dish.objects.filter(pk__in=served).order_by("-position", "pk"):
        other = (
            Dish.objects.filter(position=dish.position, is_active=True).exclude(pk__in=served).order_by("pk").first()
        )
        if other is not None:
            # As the service writes it, which refuses evenings that are over: the house may be made for another day.
            change = TonightChange.objects.create(
                venue=tonight[0].venue,
                business_date=tonight[0].business_date,
                dish=dish,
                replacement=other,
                reason="本日の入荷がないため",
                made_by=cook,
            )
            record(by=cook, action=Action.CREATED, subject=change, changes={"reason": [None, change.reason]})
            return

"""お出ししてしまった: what one tells the ambulance and whom one calls, on one card."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch

from crm_project.core.accounts.models import User
from crm_project.core.allergens.choices import Presence
from crm_project.core.rights import Right
from customers.models import Customer, Phone
from menus.models import Dish, DishFood
from menus.queries import dishes_with_allergens
from visits.choices import NOT_EATEN
from visits.evening import Evening, SeatLine, SeatRemark
from visits.models import EveningTerms, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedThere:
    """A dish of the evening and what is in it, or may be: names of allergens."""

    dish: Dish
    contains: list[str]
    may_contain: list[str]
    # What it is made of, as far as the recipe is written down: base preparations and foods.
    made_of: list[str]
    # Who went without it, or had something else, or had this instead of another dish.
    seats: list[tuple[SeatLine, SeatRemark]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Somebody to call: the guest, or who arranged the evening."""

    name: str
    honorific: str
    role: str
    phones: list[Phone]
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The emergency card of a table."""

    terms: EveningTerms
    seats: list[SeatLine]
    served: list[ServedThere]
    reached: list[Reached]


def card_of(visit: Visit, evening: Evening, user: User) -> Card:
    """The card of a table; phones for who may see them, and of guests the person may open."""
    terms = EveningTerms.objects.filter(venue=visit.venue).first() or EveningTerms(venue=visit.venue)
    extra = [one.replacement_id for one in evening.exceptions if one.replacement_id is not None]
    recipes = Prefetch("dish_foods", DishFood.objects.select_related("food").order_by("pk"))
    menu = dishes_with_allergens().prefetch_related(recipes).in_bulk([*(dish.pk for dish in evening.dishes), *extra])
    served = []
    for pk in dict.fromkeys([*(dish.pk for dish in evening.dishes), *extra]):
        dish = menu[pk]
        said = dish.stated_allergens()
        served.append(
            ServedThere(
                dish=dish,
                contains=[allergen.name for allergen, presence in said if presence == Presence.CONTAINS],
                may_contain=[allergen.name for allergen, presence in said if presence == Presence.MAY_CONTAIN],
                made_of=list(
                    dict.fromkeys(
                        [
                            *(base.name for base in dish.bases.all()),
                            *(row.food.name for row in dish.dish_foods.all()),
                        ]
                    )
                ),
                seats=_differently(evening, pk),
            )
        )
    return Card(terms=terms, seats=evening.seats, served=served, reached=_reached(visit, user))


def _differently(evening: Evening, dish_id: int) -> list[tuple[SeatLine, SeatRemark]]:
    """Seats that did not have a dish, or had it alone: what is told the ambulance is what was eaten."""
    return [
        (seat, one)
        for one in evening.exceptions
        if one.kind in NOT_EATEN
        and dish_id in (one.dish_id, one.replacement_id)
        and (seat := evening.seat(one.ref)) is not None
    ]


def _reached(visit: Visit, user: User) -> list[Reached]:
    if not user.has_right(Right.VIEW_CONTACTS, visit.venue_id) or visit.is_sealed:
        return []
    roles = {row.customer_id: str(row.get_role_display()) for row in visit.attendances.all() if row.customer_id}
    ids: Sequence[int] = [pk for pk in [*roles, visit.contact_id] if pk is not None]
    guests = Customer.objects.visible_to(user).prefetch_related(Prefetch("phones", Phone.objects.order_by("position")))
    known = guests.in_bulk(ids)
    found = [
        Reached(
            name=known[pk].name,
            honorific=str(known[pk].honorific),
            role=roles.get(pk, ""),
            phones=list(known[pk].phones.all()),
        )
        for pk in dict.fromkeys(ids)
        if pk in known
    ]
    if visit.contact_phone:
        found.append(Reached(name="", honorific="", role="", phones=[], number=visit.contact_phone))
    return found

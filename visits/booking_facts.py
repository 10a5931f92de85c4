"""What the house knows that matters while a booking is taken: served lately, promised, always wished, missed, kept apart."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from crm_project.core.accounts.models import User, Venue
from customers.models import Customer
from visits.booking_lines import Known, known_of
from visits.booking_warnings import met_by, sentences
from visits.day_lines import have_at_hand
from visits.models import BookingTerms, CancellationTerm, Note, Promise, Visit
from visits.occupancy import Slot

USUAL_ROOMS = 2


# So many dishes are named at once, the others a tap away.
DISHES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class ServedBefore:
    """A dish and the months (their first days) in which a guest had it lately, newest first, each once."""

    dish: str
    months: Sequence[date]

    @property
    def earlier(self) -> Sequence[date]:
        """The months before the one under which it stands."""
        return self.months[1:]


@dataclass(frozen=True, slots=True)
class ServedMonth:
    """The dishes that a guest had in a month, and lately not after it."""

    month: date
    dishes: Sequence[ServedBefore]


@dataclass(frozen=True, slots=True)
class GuestFacts:
    """What is known of one guest of the booking, as far as the person may read it."""

    customer: Customer
    served: Sequence[ServedBefore]
    promises: Sequence[Promise]
    standing: Sequence[Note]
    no_shows: int
    # The last お土産 of the guest's own evenings: (business day, words).
    gift: tuple[date, str] | None = None

    @property
    def served_first(self) -> list[ServedMonth]:
        """The newest dishes under their months."""
        return _by_month(self.served[:DISHES_SHOWN])

    @property
    def served_besides(self) -> list[ServedMonth]:
        """The others."""
        return _by_month(self.served[DISHES_SHOWN:])

    @property
    def more_served(self) -> int:
        """How many others there are."""
        return max(len(self.served) - DISHES_SHOWN, 0)


@dataclass(frozen=True, slots=True)
class UsualRoom:
    """A room where the first guest sat again and again, and how often."""

    room_id: int
    name: str
    times: int


@dataclass(frozen=True, slots=True)
class BookingFacts:
    """What is known of a booking that is being taken."""

    guests: Sequence[GuestFacts] = ()
    usual: Sequence[UsualRoom] = ()
    # A guest, whom the guest must not meet, and where the other one sits in the same hours.
    apart: Sequence[tuple[Customer, Customer, Visit]] = ()
    warnings: dict[str, str] = field(default_factory=dict)
    terms: Sequence[CancellationTerm] = ()
    # What others have of the rooms in those hours.
    taken: Sequence[Slot] = ()
    # Guests of open drafts, by their names.
    named: Mapping[int, Customer] = field(default_factory=dict)


def facts_of(
    visit: Visit | None,
    customers: Sequence[Customer],
    *,
    venue: Venue,
    user: User,
    terms: BookingTerms,
    rang: Customer | None = None,
    named: Collection[int] = (),
) -> BookingFacts:
    """Everything at once; `visit` is the booking as far as it is known (unsaved is enough), None before it has a time.

    `terms` are the venue's; `named` are guests of whom the name is wanted. One query, however many guests; the allergies of
    the guests and of who `rang` are at hand afterwards.
    """
    ids = [customer.pk for customer in customers]
    firms = {customer.company_id for customer in customers if customer.company_id}
    first = customers[0].pk if customers else None
    known = known_of(
        ids, firms, visit=visit, first=first, venue=venue, user=user, rang=rang.pk if rang else None, named=named
    )
    for customer in [*customers, *([rang] if rang else [])]:
        have_at_hand(customer, "allergies", known.allergies.get(customer.pk, []))
    guests = _guests(customers, known)
    usual = [UsualRoom(*row) for row in known.usual[:USUAL_ROOMS]]
    if visit is None:
        return BookingFacts(guests, usual, named=known.named)
    warnings = sentences(visit, customers, terms=terms, exception=known.exception, elsewhere=known.elsewhere)
    met = met_by(known.pairs, known.seated, customers)
    return BookingFacts(guests, usual, met, warnings, known.terms, known.taken, known.named)


def _guests(customers: Sequence[Customer], known: Known) -> list[GuestFacts]:
    """The facts of each guest, in their order."""
    served: dict[int, dict[int, list[date]]] = defaultdict(lambda: defaultdict(list))
    for serving in sorted(known.servings, key=lambda serving: serving.visits_ago):
        served[serving.customer_id][serving.dish_id].append(serving.month)
    return [
        GuestFacts(
            customer,
            [
                ServedBefore(known.dishes[dish], list(dict.fromkeys(months)))
                for dish, months in served[customer.pk].items()
            ],
            known.promises.get(customer.pk, []),
            known.standing.get(customer.pk, []),
            known.missed.get(customer.pk, 0),
            known.gifts.get(customer.pk),
        )
        for customer in customers
    ]


def _by_month(served: Iterable[ServedBefore]) -> list[ServedMonth]:
    """Dishes, the newest first, under the newest month of each."""
    return [ServedMonth(month, list(dishes)) for month, dishes in groupby(served, key=lambda dish: dish.months[0])]


def usual_ids(usual: Iterable[UsualRoom]) -> set[int]:
    """The ids of the rooms."""
    return {room.room_id for room in usual}

"""What the house knows that matters while a booking is taken: served lately, promised, always wished, missed, kept apart."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count
from django.utils import timezone

from crm_project.core.accounts.models import User, Venue
from customers.models import Customer
from menus.models import Dish
from visits.booking_warnings import must_not_meet, no_shows, to_confirm
from visits.models import CancellationTerm, Note, Promise, Visit
from visits.queries import last_gifts, open_promises, past_servings, standing_notes

HABIT = timedelta(days=3 * 365)
# A room is somebody's usual one from the second time on.
USUAL_FROM = 2
USUAL_ROOMS = 2


@dataclass(frozen=True, slots=True)
class ServedBefore:
    """A dish and the months (their first days) in which a guest had it lately, newest first, each once."""

    dish: str
    months: Sequence[date]


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
    apart: Sequence[tuple[Customer, Visit]] = ()
    warnings: dict[str, str] = field(default_factory=dict)
    terms: Sequence[CancellationTerm] = ()


def guest_facts(customers: Sequence[Customer], user: User, before: datetime) -> list[GuestFacts]:
    """The facts of each guest. Seven queries, however many guests; none without a guest."""
    if not customers:
        return []
    ids = [customer.pk for customer in customers]
    served: dict[int, dict[int, list[date]]] = defaultdict(lambda: defaultdict(list))
    servings = past_servings(ids, user=user, before=before)
    for serving in sorted(servings, key=lambda serving: serving.visits_ago):
        served[serving.customer_id][serving.dish_id].append(serving.month)
    names = dict(Dish.objects.filter(pk__in={serving.dish_id for serving in servings}).values_list("pk", "name"))
    promises, standing, missed = open_promises(ids, user), standing_notes(ids, user), no_shows(ids, user)
    gifts = last_gifts(ids, user, before)
    return [
        GuestFacts(
            customer,
            [
                ServedBefore(names[dish], list(dict.fromkeys(months)))
                for dish, months in served[customer.pk].items()
                if dish in names
            ],
            promises.get(customer.pk, []),
            standing.get(customer.pk, []),
            missed.get(customer.pk, 0),
            gifts.get(customer.pk),
        )
        for customer in customers
    ]


def usual_rooms(customer: Customer, venue: Venue, user: User) -> list[UsualRoom]:
    """The rooms in which a guest usually sits at a venue, the most frequent first. One query."""
    rows = (
        Visit.objects.took_place()
        .filter(
            attendances__customer=customer,
            venue=venue,
            room__is_active=True,
            starts_at__gte=timezone.now() - HABIT,
        )
        .exclude(pk__in=Visit.objects.sealed_from(user).values("pk"))
        .values_list("room_id", "room__name")
        .annotate(times=Count("pk"))
        .filter(times__gte=USUAL_FROM)
        .order_by("-times", "room_id")[:USUAL_ROOMS]
    )
    return [UsualRoom(*row) for row in rows]


def facts_of(visit: Visit | None, customers: Sequence[Customer], *, venue: Venue, user: User) -> BookingFacts:
    """Everything at once; `visit` is the booking as far as it is known (unsaved is enough), None before it has a time."""
    before = visit.starts_at if visit is not None else timezone.now()
    usual = usual_rooms(customers[0], venue, user) if customers else []
    guests = guest_facts(customers, user, before)
    if visit is None:
        return BookingFacts(guests, usual)
    return BookingFacts(
        guests,
        usual,
        must_not_meet(visit, customers, user),
        to_confirm(visit, customers, user),
        list(venue.cancellation_terms.all()),
    )


def usual_ids(usual: Iterable[UsualRoom]) -> set[int]:
    """The ids of the rooms."""
    return {room.room_id for room in usual}

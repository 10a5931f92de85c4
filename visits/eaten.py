"""Never the same dish twice: what each guest of a table had here of its dishes or their families, within so many months."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q

from crm_project.core.accounts.models import User
from customers.models import Customer
from menus.models import Dish
from visits.choices import NOT_EATEN, VisitStatus
from visits.models import SeatException, ServedDish, Visit, sealed_visit
from visits.offers import Had
from visits.served import NEVER_THE_SAME


@dataclass(frozen=True, slots=True, kw_only=True)
class SameDish:
    """A dish and, guest by guest, when each last had it or one of its family; None is never."""

    dish: Dish
    # (guest, month, whether only the family is the same)
    guests: tuple[tuple[Customer, date | None, bool], ...]
    reason: str = ""

    @property
    def somebody_had_it(self) -> bool:
        """Whether one of them had it within the window."""
        return any(month is not None for _guest, month, _family in self.guests)


def months_back(day: date, months: int) -> date:
    """The first day of the month that lies so many months before the day's."""
    count = day.year * 12 + day.month - 1 - months
    return date(max(count // 12, 1), count % 12 + 1, 1)


def had_lately(
    customer_ids: Collection[int], dish_ids: Collection[int] | None, *, user: User, before: date, months: int
) -> list[Had]:
    """What the guests had of these dishes (None: of any on the menu) or of their families; the month alone is told.

    Specialities of the season, drinks and rice are nobody's "same dish again". Evenings sealed from the person are left out. A
    seat that had something else had that, and not the table's dish. Three queries, whatever the number of guests.
    """
    dishes = Dish.objects.filter(is_signature=False).exclude(position__in=NEVER_THE_SAME)
    wanted = list(
        (dishes.filter(pk__in=dish_ids) if dish_ids is not None else dishes.filter(is_active=True)).values_list(
            "pk", "family_id"
        )
    )
    if not customer_ids or not wanted:
        return []
    families: dict[int, list[int]] = {}
    for pk, family in wanted:
        if family is not None:
            families.setdefault(family, []).append(pk)
    known = {pk for pk, _family in wanted}
    # Asked of each visit that was found: as a list of all sealed ones every visit of the house would be read.
    sealed = Exists(Visit.objects.filter(sealed_visit(user), pk=OuterRef("visit")))
    window: dict[str, Any] = {
        "visit__status": VisitStatus.COMPLETED,
        "visit__business_date__gte": months_back(before, months),
        "visit__business_date__lt": before,
    }
    served = (
        ServedDish.objects.filter(
            Q(attendance=None) | Q(attendance=F("visit__attendances")),
            Q(dish__in=known) | Q(dish__family__in=families),
            visit__attendances__customer__in=customer_ids,
            was_replaced=False,
            dish__is_signature=False,
            **window,
        )
        .exclude(sealed)
        .exclude(dish__position__in=NEVER_THE_SAME)
        .values_list("visit__attendances__pk", "visit__attendances__customer_id", "dish_id", "dish__family_id")
        .annotate(last=Max("visit__business_date"))
        .order_by()
    )
    instead = (
        SeatException.objects.filter(
            Q(replacement__in=known) | Q(replacement__family__in=families),
            attendance__customer__in=customer_ids,
            replacement__is_signature=False,
            **window,
        )
        .exclude(sealed)
        .exclude(replacement__position__in=NEVER_THE_SAME)
        .values_list("attendance_id", "attendance__customer_id", "replacement_id", "replacement__family_id")
        .annotate(last=F("visit__business_date"))
        .order_by()
    )
    found = list(served.union(instead, all=True))
    without = set(
        SeatException.objects.filter(attendance__in={row[0] for row in found}, kind__in=NOT_EATEN).values_list(
            "attendance_id", "dish_id"
        )
    )
    latest: dict[tuple[int, int], tuple[date, bool]] = {}
    for seat, customer_id, dish_id, family_id, last in found:
        if (seat, dish_id) in without:
            continue
        for pk in {*([dish_id] if dish_id in known else []), *families.get(family_id or 0, [])}:
            key, only_family = (customer_id, pk), pk != dish_id
            if key not in latest or (not only_family, last) > (not latest[key][1], latest[key][0]):
                latest[key] = (last, only_family)
    return [
        Had(customer_id, pk, last.year, last.month, only_family)
        for (customer_id, pk), (last, only_family) in sorted(latest.items())
    ]


def same_dishes_of(
    guests: Sequence[Customer], dishes: Iterable[Dish], had: Iterable[Had], reasons: dict[int, str] | None = None
) -> list[SameDish]:
    """The dishes that one of the guests had, each with every guest beside it: A October, B never."""
    when = {(one.dish_id, one.customer_id): one for one in had}
    found = []
    for dish in dishes:
        lines = []
        for guest in guests:
            one = when.get((dish.pk, guest.pk))
            lines.append((guest, date(one.year, one.month, 1) if one else None, bool(one and one.same_family_only)))
        same = SameDish(dish=dish, guests=tuple(lines), reason=(reasons or {}).get(dish.pk, ""))
        if same.somebody_had_it:
            found.append(same)
    return found

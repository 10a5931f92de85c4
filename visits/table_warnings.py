"""The warnings of one table: allergies that a dish touches, dishes that a guest had lately; one per guest and dish."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from crm_project.core.allergens.choices import Presence
from crm_project.core.allergens.models import Allergen
from crm_project.core.ui.display_dates import format_date
from customers.models import Customer
from menus.models import Dish
from visits.allergy_check import Conflict, conflicts
from visits.choices import WarningKind
from visits.queries import diner, dish_facts
from visits.served import Serving, same_dishes


@dataclass(frozen=True, slots=True, kw_only=True)
class TableWarning:
    """A guest and a dish that do not go together: an allergy, or (advice alone) a dish the guest had lately."""

    kind: WarningKind
    customer: Customer
    dish: Dish
    conflicts: tuple[tuple[Allergen, Conflict], ...] = ()
    serving: Serving | None = None

    @property
    def key(self) -> str:
        """Names the warning in a form."""
        return f"{self.kind.value}-{self.customer.pk}-{self.dish.pk}"

    @property
    def is_allergy(self) -> bool:
        """Whether it is shown in red, and no visit is recorded as served before somebody says what was done."""
        return any(conflict.must_be_confirmed for _allergen, conflict in self.conflicts)

    @property
    def is_advice(self) -> bool:
        """Whether the guest had the dish lately: said, answered by who likes to, and never in anybody's way."""
        return self.serving is not None

    @property
    def is_hint(self) -> bool:
        """Whether nobody has checked the dish: the kitchen is to be asked."""
        return not self.is_allergy and not self.is_advice

    @property
    def detail(self) -> str:
        """What it is, in the reader's language: えび（重い）, 前回お出し 2026年8月."""
        if self.serving is not None:
            month = format_date(self.serving.month, "month")
            if self.serving.visits_ago == 1:
                return _("served last time, %(month)s") % {"month": month}
            return _("served %(visits)s visits ago, %(month)s") % {"visits": self.serving.visits_ago, "month": month}
        return "、".join(_conflict_text(allergen, conflict) for allergen, conflict in self.conflicts)


def _conflict_text(allergen: Allergen, conflict: Conflict) -> str:
    words = {"allergen": allergen.name, "severity": conflict.severity.label}
    if conflict.presence == Presence.CONTAINS:
        return _("%(allergen)s (%(severity)s)") % words
    if conflict.presence == Presence.MAY_CONTAIN:
        return _("may contain %(allergen)s (%(severity)s)") % words
    return _("%(allergen)s not checked (%(severity)s)") % words


def house_words(warning: TableWarning) -> str:
    """The detail as it is kept on file, in the language of the house whatever the writer's screen."""
    with translation.override(settings.LANGUAGE_CODE):
        return warning.detail[:200]


def table_warnings(
    customers: Sequence[Customer],
    dishes: Sequence[Dish],
    past: Iterable[Serving],
) -> list[TableWarning]:
    """Warnings of the guests (allergies prefetched) and the dishes (allergens and bases prefetched): allergies first, hints last.

    `past` is what the guests had on their last visits (`queries.past_servings`).
    """
    people = {customer.pk: customer for customer in customers}
    menu = {dish.pk: dish for dish in dishes}
    allergens = {
        allergy.allergen.code: allergy.allergen for customer in customers for allergy in customer.allergies.all()
    }
    # Where nobody is allergic to anything, the dishes are not asked what they hold.
    diners = [diner(customer) for customer in people.values()] if allergens else []
    grouped: dict[tuple[int, int], list[Conflict]] = defaultdict(list)
    for conflict in conflicts(diners, [dish_facts(dish) for dish in menu.values()] if diners else []):
        grouped[conflict.customer_id, conflict.dish_id].append(conflict)
    found = []
    for (customer_id, dish_id), touched in grouped.items():
        # Where something must be confirmed, what nobody checked would only hide it.
        serious = [conflict for conflict in touched if conflict.must_be_confirmed]
        found.append(
            TableWarning(
                kind=WarningKind.ALLERGY,
                customer=people[customer_id],
                dish=menu[dish_id],
                conflicts=tuple((allergens[conflict.allergen], conflict) for conflict in serious or touched),
            )
        )
    for serving in same_dishes(menu, [serving for serving in past if serving.customer_id in people]):
        found.append(
            TableWarning(
                kind=WarningKind.SAME_DISH,
                customer=people[serving.customer_id],
                dish=menu[serving.dish_id],
                serving=serving,
            )
        )
    return sorted(found, key=lambda warning: (not warning.is_allergy, warning.is_hint))

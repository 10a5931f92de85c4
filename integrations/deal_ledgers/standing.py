"""Which inquiries a file speaks of: open ones of its former copy that it does not speak of any more are named, and stay."""

from collections.abc import Collection, Iterable

from crm_project.core.text import compare_key
from deals.models import Deal
from integrations.deal_ledgers.reading import NAMELESS, DealRow
from integrations.ledgers import many_values  # noqa: F401 - registers the lookup any_of


class StandingDeals:
    """The inquiries of one file, row by row."""

    def __init__(self) -> None:
        self.ids: set[int] = set()
        # Names of the inquiries of rows that were set aside: they may be any inquiry of that name.
        self._aside: set[str] = set()

    def take(self, row: DealRow, ids: Iterable[int | None], *, is_aside: bool) -> None:
        """A row of the file and the inquiry that it is about."""
        self.ids.update(pk for pk in ids if pk is not None)
        if is_aside and not row.goes_on:
            self._aside.add(compare_key(row.deal.title or NAMELESS))

    def gone(self, former: Collection[int]) -> list[int]:
        """Open inquiries of the former copy which this file does not hold, by their day."""
        missing = set(former) - self.ids
        if not missing:
            return []
        deals = Deal.objects.open().filter(id__any_of=missing).order_by("event_date", "pk")
        return [pk for pk, title in deals.values_list("pk", "title") if compare_key(title) not in self._aside]

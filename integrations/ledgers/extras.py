"""What a ledger says of a guest beside the card's own fields: who introduced, the family, the house's own items.

Names of a family and of who introduced are added, never taken away; an item of the house says what the ledger said last.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core import text
from crm_project.core.column_map import MapError, Resolver
from crm_project.core.problems import InputProblem
from crm_project.core.text import compare_key
from customers.attribute_values import Answer, read_answer
from customers.choices import RelationKind
from customers.models import Attribute, AttributeValue, Relation
from integrations import bulk
from integrations.ledgers import many_values  # noqa: F401 - registers the lookup any_of
from integrations.ledgers.cells import WARNING
from integrations.ledgers.images import ImageBook

if TYPE_CHECKING:
    from integrations.ledgers.entries import LedgerEntry
    from integrations.ledgers.planning import PlannedRow

# The table of a map that names a heading for each item of the house.
ITEMS: Final = "attributes"
RELATIONS: Final = {"introduced_by": RelationKind.INTRODUCER, "family": RelationKind.FAMILY}
NAME_LENGTH: Final = 80
_BETWEEN_NAMES: Final = re.compile(r"[、，,;；/／\n]+")
_HONORIFIC: Final = re.compile(r"\s*(?:様|さん|さま|氏)$")
BATCH: Final = 1000


def known_items(columns: Iterable[str]) -> None:
    """Raise MapError when a map names an item that the house has not."""
    wanted = [name.partition(".")[2] for name in columns if name.startswith(f"{ITEMS}.")]
    if not wanted:
        return
    names = list(Attribute.objects.in_use().values_list("name", flat=True))
    for name in wanted:
        if name not in names:
            raise MapError(
                _("[attributes] of the map names “%(word)s”, which is no item of the house; the items are: %(known)s"),
                {"word": name, "known": ", ".join(names) or "-"},
            )


class ExtraReader:
    """Reads these fields of the rows of one file."""

    def __init__(self, resolver: Resolver) -> None:
        self._relations = {name: getter for name in RELATIONS if (getter := resolver.getter(name))}
        named = [name for name in (*resolver.indexes, *resolver.constants) if name.startswith(f"{ITEMS}.")]
        items = Attribute.objects.in_use().in_bulk(field_name="name") if named else {}
        self._items = [(name, items[name.partition(".")[2]], resolver.getter(name)) for name in named]

    @property
    def is_needed(self) -> bool:
        """Whether the map names any of them."""
        return bool(self._relations or self._items)

    def take(self, entry: "LedgerEntry") -> None:
        """Read them into `entry.extras`; what cannot be read is a warning that keeps its text."""
        found: dict[str, Any] = {}
        for name, getter in self._relations.items():
            words = text.tidy(text.cell_text(getter(entry.cells)), lines=True)
            people = [_HONORIFIC.sub("", text.tidy(one))[:NAME_LENGTH] for one in _BETWEEN_NAMES.split(words)]
            if people := list(dict.fromkeys(filter(None, people))):
                found[name] = people
        for name, item, get in self._items:
            assert get is not None
            written = text.tidy(text.cell_text(get(entry.cells)))
            if not written:
                continue
            try:
                answer = read_answer(item, written)
            except InputProblem as problem:
                entry.say(WARNING, name, str(problem))
                entry.unread[item.name] = written
            else:
                found[name] = (item.pk, answer)
        if found:
            entry.extras = found
            entry.said = hash((entry.said, tuple((name, str(value)) for name, value in found.items())))


def compare_extras(rows: Sequence["PlannedRow"]) -> None:
    """What rows about known guests say anew, into their changes. Two queries at most."""
    rows = [row for row in rows if row.entry.extras and row.guest is not None]
    if not rows:
        return
    ids = {row.guest.id for row in rows if row.guest}
    people: dict[tuple[int, str], set[str]] = {}
    relations = Relation.objects.filter(customer__id__any_of=ids, kind__in=list(RELATIONS.values()))
    for customer_id, kind, name, other in relations.values_list("customer_id", "kind", "other_name", "other__name"):
        people.setdefault((customer_id, kind), set()).add(compare_key(other or name))
    values = AttributeValue.objects.filter(customer__id__any_of=ids)
    held = {
        (customer, item): said for customer, item, said in values.values_list("customer_id", "attribute_id", "text")
    }
    for row in rows:
        assert row.guest is not None
        for name, said in (row.entry.extras or {}).items():
            if name in RELATIONS:
                there = people.get((row.guest.id, RELATIONS[name].value), set())
                if new := [one for one in said if compare_key(one) not in there]:
                    row.changes[name] = ["", "、".join(new)]
            else:
                item, answer = said
                before = held.get((row.guest.id, item), "")
                if before != answer.text:
                    row.changes[name] = [before, answer.text]


def shown_extras(extras: Mapping[str, Any] | None) -> dict[str, str]:
    """As people read them."""
    return {name: "、".join(said) if name in RELATIONS else said[1].text for name, said in (extras or {}).items()}


def write_extras(rows: Sequence[tuple["PlannedRow", int]], images: ImageBook) -> None:
    """Write what planned rows bring (each with its guest's id): all of a new guest's, of a known one's what changes."""
    relations: list[tuple[int, Relation]] = []
    new_values: list[tuple[int, AttributeValue]] = []
    changed: dict[tuple[int, int], tuple[int, Answer]] = {}
    now = timezone.now()
    for row, guest in rows:
        for name, said in (row.entry.extras or {}).items():
            if row.guest is not None and name not in row.changes:
                continue
            if name in RELATIONS:
                new = row.changes[name][1].split("、") if row.guest is not None else said
                relations += [
                    (row.entry.number, Relation(customer_id=guest, kind=RELATIONS[name], other_name=one)) for one in new
                ]
            elif row.guest is not None and row.changes[name][0]:
                changed[guest, said[0]] = (row.entry.number, said[1])
            else:
                item, answer = said
                value = AttributeValue(
                    customer_id=guest,
                    attribute_id=item,
                    text=answer.text,
                    number=answer.number,
                    day=answer.day,
                    confirmed_at=now,
                )
                new_values.append((row.entry.number, value))
    Relation.objects.bulk_create((one for _number, one in relations), batch_size=BATCH)
    AttributeValue.objects.bulk_create((one for _number, one in new_values), batch_size=BATCH)
    for number, made in (*relations, *new_values):
        images.created(number, type(made), made.pk)
    for (guest, item), (number, answer) in changed.items():
        key = AttributeValue.objects.values_list("pk", flat=True).get(customer_id=guest, attribute_id=item)
        was = bulk.read(AttributeValue, [key])[key]
        values = {"text": answer.text, "number": answer.number, "day": answer.day, "confirmed_at": now}
        AttributeValue.objects.filter(pk=key).update(**values)
        became = bulk.read(AttributeValue, [key])[key]
        before, after = ({name: side[name] for name in values} for side in (was, became))
        images.changed(number, AttributeValue, key, before=before, after=after)

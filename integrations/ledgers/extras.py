"""What a ledger says of a guest beside the card's own fields: who introduced, the family, a second and third address, the
house's own items.

Names of a family and of who introduced are added, never taken away; an address and an item of the house say what the ledger
said last.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core import text
from crm_project.core.column_map import MapError, Resolver
from crm_project.core.problems import InputProblem
from crm_project.core.text import compare_key
from customers.attribute_values import Answer, read_answer
from customers.choices import AddressLabel, RelationKind
from customers.models import Address, Attribute, AttributeValue, Customer, Relation
from integrations import bulk
from integrations.ledgers import many_values  # noqa: F401 - registers the lookup any_of
from integrations.ledgers.cells import WARNING, Remark, address, postal_code, says_above, unread
from integrations.ledgers.changed_values import ChangeKind, ChangeLog, ValueChange
from integrations.ledgers.images import ImageBook

if TYPE_CHECKING:
    from integrations.ledgers.entries import LedgerEntry
    from integrations.ledgers.planning import PlannedRow

# The table of a map that names a heading for each item of the house.
ITEMS: Final = "attributes"
RELATIONS: Final = {"introduced_by": RelationKind.INTRODUCER, "family": RelationKind.FAMILY}
# Field of an address, that of its postcode, and which address of the card it is.
PLACES: Final = {
    "office_address": ("office_postal_code", AddressLabel.OFFICE),
    "other_address": ("other_postal_code", AddressLabel.OTHER),
}
NAME_LENGTH: Final = 80
_BETWEEN_NAMES: Final = re.compile(r"[、，,;；/／\n]+")
_HONORIFIC: Final = re.compile(r"\s*(?:様|さん|さま|氏)$")
BATCH: Final = 1000
# Who introduced may be named by the number of the same ledger.
INTRODUCER: Final = "introduced_by"
_CODE: Final = re.compile(r"(?=.*[0-9])[0-9A-Za-z-]{1,64}")


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
        self._places = {
            field: getter
            for name, (code, _label) in PLACES.items()
            for field in (name, code)
            if (getter := resolver.getter(field))
        }
        # The last cell of each of them: what 〃 in the next row means.
        self._above: dict[str, str] = {}
        self._items = [(name, items[name.partition(".")[2]], resolver.getter(name)) for name in named]

    @property
    def is_needed(self) -> bool:
        """Whether the map names any of them."""
        return bool(self._relations or self._items or self._places)

    @property
    def names(self) -> list[str]:
        """The fields of the map that are read here."""
        return [*self._relations, *self._places, *(name for name, _item, _get in self._items)]

    def take(self, entry: "LedgerEntry", log: ChangeLog) -> None:
        """Read them into `entry.extras`; what cannot be read is a warning that keeps its text."""
        found: dict[str, Any] = {}
        for name, getter in self._relations.items():
            words = text.tidy(text.cell_text(getter(entry.cells)), lines=True)
            people = [_HONORIFIC.sub("", text.tidy(one))[:NAME_LENGTH] for one in _BETWEEN_NAMES.split(words)]
            people = list(dict.fromkeys(filter(None, people)))
            log.compare(entry.number, name, text.cell_text(getter(entry.cells)), "、".join(people), may_be_split=True)
            if people:
                found[name] = people
        for name, (code_name, _label) in PLACES.items() if self._places else ():
            if (place := self._place(entry, name, code_name, log)) is not None:
                found[name] = place
        for name, item, get in self._items:
            assert get is not None
            cell = text.cell_text(get(entry.cells))
            written = text.tidy(cell)
            if not written:
                log.compare(entry.number, name, cell, "")
                continue
            try:
                answer = read_answer(item, written)
            except InputProblem as problem:
                entry.say(WARNING, name, str(problem))
                column = str(log.columns.get(name, ""))
                entry.messages[-1] |= {"kind": ChangeKind.UNREAD, "column": column, "before": written, "after": ""}
                log.add(ValueChange(entry.number, name, ChangeKind.UNREAD, cell, ""))
                entry.unread[item.name] = written
            else:
                log.compare(entry.number, name, cell, answer.text)
                found[name] = (item.pk, answer)
        if found:
            entry.extras = found
            entry.said = hash((entry.said, tuple((name, str(value)) for name, value in found.items())))

    def _place(self, entry: "LedgerEntry", name: str, code_name: str, log: ChangeLog) -> tuple[str, str] | None:
        """Postcode and text of a further address; None where the row says neither."""
        words, code = self._value(entry, name, address, log), self._value(entry, code_name, postal_code, log)
        text_of, code_of = words or ("", {}), code or ("", {})
        digits = code_of[0] or text_of[1].get("postal_code", "")
        return (digits, text_of[0]) if digits or text_of[0] else None

    def _value(
        self, entry: "LedgerEntry", name: str, reader: Callable[[Any], Any], log: ChangeLog
    ) -> tuple[str, Mapping[str, Any]] | None:
        getter = self._places.get(name)
        if getter is None:
            return None
        cell = getter(entry.cells)
        written = text.cell_text(cell)
        if not written.strip():
            self._above[name] = ""
            log.compare(entry.number, name, written, "")
            return None
        value = reader(cell)
        if says_above(written):
            above = self._above.get(name, "")
            nothing = str(_("“%(mark)s”: nothing stands above") % {"mark": written})
            value = reader(above) if above else unread(written, nothing)
            if above:
                log.add(ValueChange(entry.number, name, ChangeKind.ABOVE, written, above))
                written = above
        else:
            self._above[name] = written
        if not isinstance(value, Remark):
            log.compare(entry.number, name, written, value or "")
            return value or "", {}
        after = value.value or ""
        entry.take(name, value._replace(also={}), str(log.columns.get(name, "")), written, after)
        for sentence in value.sentences:
            if sentence.kind is not None:
                log.add(ValueChange(entry.number, name, sentence.kind, written, after))
        return value.value or "", value.also


def _guests_of_codes(rows: Iterable["PlannedRow"]) -> dict[str, tuple[int, str]]:
    """Code -> the guest of that code, for all words of these rows that may be the code of who introduced."""
    said = (one for row in rows for one in (row.entry.extras or {}).get(INTRODUCER, ()))
    codes = {one for one in said if _CODE.fullmatch(one)}
    if not codes:
        return {}
    found = Customer.objects.present().filter(code__any_of=codes).values_list("code", "pk", "name")
    return {code: (pk, name) for code, pk, name in found if code}


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
    by_code = _guests_of_codes(rows)
    values = AttributeValue.objects.filter(customer__id__any_of=ids)
    held = {
        (customer, item): said for customer, item, said in values.values_list("customer_id", "attribute_id", "text")
    }
    for row in rows:
        assert row.guest is not None
        for name, said in (row.entry.extras or {}).items():
            if name in PLACES:
                _compare_place(row, name, said)
            elif name in RELATIONS:
                there = people.get((row.guest.id, RELATIONS[name].value), set())
                known_as = {one: by_code[one][1] if name == INTRODUCER and one in by_code else one for one in said}
                if new := [one for one in said if there.isdisjoint(map(compare_key, (one, known_as[one])))]:
                    row.changes[name] = ["", "、".join(new)]
            else:
                item, answer = said
                before = held.get((row.guest.id, item), "")
                if before != answer.text:
                    row.changes[name] = [before, answer.text]


def fields_read(extras: Mapping[str, Any] | None) -> set[str]:
    """The fields that a row could read: what an earlier copy left unread of them is settled."""
    codes = {PLACES[name][0] for name, said in (extras or {}).items() if name in PLACES and said[0]}
    return codes | set(extras or {})


def shown_extras(extras: Mapping[str, Any] | None) -> dict[str, str]:
    """As people read them."""
    return {name: _shown(name, said) for name, said in (extras or {}).items()}


def _shown(name: str, said: Any) -> str:
    if name in PLACES:
        return _one_line(*said)
    return "、".join(said) if name in RELATIONS else said[1].text


def _one_line(code: str, words: str) -> str:
    return " ".join(filter(None, (f"〒{code[:3]}-{code[3:]}" if code else "", words)))


def _compare_place(row: "PlannedRow", name: str, said: tuple[str, str]) -> None:
    """A new address takes no postcode of the old one; one the row does not speak of stays."""
    assert row.guest is not None
    label = PLACES[name][1].value
    if row.address is not None and row.address[0] == label:
        return  # the row's own address is this one already
    _pk, old_code, old_words = row.guest.addresses.get(label, (0, "", ""))
    code, words = said
    moved = bool(words) and compare_key(words) != compare_key(old_words)
    if moved or (code and code != old_code):
        code = code or ("" if moved else old_code)
        row.changes[name] = [_one_line(old_code, old_words), _one_line(code, words if moved else old_words)]


def _write_place(number: int, guest: int, name: str, said: tuple[str, str], images: ImageBook) -> None:
    label, (code, words) = PLACES[name][1].value, said
    held = Address.objects.filter(customer_id=guest, label=label).first()
    if held is None:
        made = Address.objects.create(customer_id=guest, label=label, postal_code=code, text=words)
        images.created(number, Address, made.pk)
        return
    moved = bool(words) and compare_key(words) != compare_key(held.text)
    before = {"postal_code": held.postal_code, "text": held.text}
    after = {"postal_code": code or ("" if moved else held.postal_code), "text": words if moved else held.text}
    Address.objects.filter(pk=held.pk).update(**after)
    images.changed(number, Address, held.pk, before=before, after=after)


def write_extras(rows: Sequence[tuple["PlannedRow", int]], images: ImageBook, row_of: Mapping[int, int]) -> None:
    """Write what planned rows bring (each with its guest's id): all of a new guest's, of a known one's what changes.

    `row_of`: new guest -> row of the file.
    """
    relations: list[tuple[int, Relation]] = []
    new_values: list[tuple[int, AttributeValue]] = []
    changed: dict[tuple[int, int], tuple[int, Answer]] = {}
    by_code = _guests_of_codes(row for row, _guest in rows)
    now = timezone.now()
    for row, guest in rows:
        for name, said in (row.entry.extras or {}).items():
            if row.guest is not None and name not in row.changes:
                continue
            if name in PLACES:
                _write_place(row.entry.number, guest, name, said, images)
            elif name in RELATIONS:
                new = row.changes[name][1].split("、") if row.guest is not None else said
                for one in new:
                    other, _name = by_code.get(one, (None, "")) if name == INTRODUCER else (None, "")
                    relation = Relation(customer_id=guest, kind=RELATIONS[name])
                    if other is None or other == guest:
                        relation.other_name = one
                    else:
                        relation.other_id = other
                    # Taken back before either of the two guests is.
                    relations.append((max(row.entry.number, row_of.get(other or 0, 0)), relation))
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

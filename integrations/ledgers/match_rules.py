"""How a ledger says which guest a row is about: by the usual rules, by its code alone, or by what must be the same.

`[options] match = "phone+kana"` in the map. Every part must be the same; a row that lacks one is looked for as usual.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_project.core.column_map import ColumnMap, MapError
from crm_project.core.text import compare_key, fold
from customers.models import Customer, Phone
from integrations.ledgers import many_values  # noqa: F401 - registers the lookup any_of
from integrations.ledgers.entries import LedgerEntry
from integrations.ledgers.known_guests import GuestsByName, KnownGuest

Rule = tuple[str, ...]
USUAL: Final[Rule] = ()
CODE_ALONE: Final[Rule] = ("code",)
OPTION: Final = "match"
# What people choose on the screen; the map takes any parts.
USUAL_RULES: Final[Mapping[str, str | Promise]] = {
    "": _("as usual: the code, else name with phone or address"),
    "code": _("the code alone (a permit number): a row without one waits"),
    "phone+kana": _("same phone and reading"),
    "phone+name": _("same phone and name"),
    "name+birthday": _("same name and birthday"),
    "email": _("same e-mail"),
}


def rule_of(column_map: ColumnMap) -> Rule:
    """The rule of a ledger's map. Raises MapError when it names a part that does not exist."""
    written = str(column_map.options.get(OPTION, "")).strip()
    parts = tuple(part.strip() for part in written.split("+")) if written else USUAL
    for part in parts:
        if part not in (*SAME, "code") or (part == "code" and len(parts) > 1):
            raise MapError(
                _("the option “match” in the map has “%(part)s”; it may be code, or these joined by +: %(known)s"),
                {"part": part, "known": ", ".join(SAME)},
            )
    return parts


def says_all(rule: Rule, entry: LedgerEntry) -> bool:
    """Whether the row says everything the rule compares."""
    return all(bool(entry.phones) if part == "phone" else bool(_said(entry, part)) for part in rule)


def same_guest(rule: Rule, entry: LedgerEntry, guest: KnownGuest) -> bool:
    """Whether every part of the rule is the same."""
    return all(SAME[part](entry, guest) for part in rule)


def candidate_ids(rule: Rule, entries: Iterable[LedgerEntry], by_name: GuestsByName) -> dict[int, set[int]]:
    """Row number -> ids of guests worth a look, by the part of the rule that tells most."""
    part = next(one for one in ("phone", "email", "kana", "name", "birthday", "address", "postal_code") if one in rule)
    rows = list(entries)
    if part == "name":
        return {entry.number: set(by_name.ids(entry.name)) for entry in rows}
    wanted = {entry.number: _keys(entry, part) for entry in rows}
    found: dict[Any, set[int]] = {}
    for key, pk in _holders(part, {key for keys in wanted.values() for key in keys}):
        if pk <= by_name.last_id:
            found.setdefault(key, set()).add(pk)
    return {number: {pk for key in keys for pk in found.get(key, ())} for number, keys in wanted.items()}


def _keys(entry: LedgerEntry, part: str) -> list[Any]:
    if part == "phone":
        return [phone.digits for phone in entry.phones]
    said = _said(entry, part)
    if part == "kana":
        return [fold(said)[:200]]
    return [said.isoformat() if part == "birthday" else said]


def _holders(part: str, keys: set[Any]) -> Iterable[tuple[Any, int]]:
    guests = Customer.objects.present()
    if part == "phone":
        held = Phone.objects.filter(digits__any_of=keys, customer__merged_into=None)
        return list(held.values_list("digits", "customer_id"))
    if part == "kana":
        return list(guests.filter(sort_key__any_of=keys).values_list("sort_key", "pk"))
    if part == "birthday":
        found = guests.filter(birthday__any_of=keys).values_list("birthday", "pk")
        return [(day.isoformat(), pk) for day, pk in found if day]
    if part == "email":
        return list(guests.filter(email__any_of=keys).values_list("email", "pk"))
    column = "text" if part == "address" else "postal_code"
    held_at = guests.filter(Q(**{f"addresses__{column}__any_of": keys}))
    return list(held_at.values_list(f"addresses__{column}", "pk"))


def _said(entry: LedgerEntry, part: str) -> Any:
    return entry.name if part == "name" else entry.values.get(part)


def _same_words(name: str) -> Callable[[LedgerEntry, KnownGuest], bool]:
    return lambda entry, guest: compare_key(_said(entry, name)) == compare_key(getattr(guest, name))


SAME: Final[Mapping[str, Callable[[LedgerEntry, KnownGuest], bool]]] = {
    "phone": lambda entry, guest: any(phone.digits in guest.phones for phone in entry.phones),
    "kana": lambda entry, guest: fold(entry.values["kana"]) == fold(guest.kana),
    "name": _same_words("name"),
    "email": lambda entry, guest: entry.values["email"].casefold() == guest.email.casefold(),
    "birthday": lambda entry, guest: entry.values["birthday"] == guest.birthday,
    "address": lambda entry, guest: any(
        compare_key(text) == compare_key(entry.values["address"]) for _id, _code, text in guest.addresses.values()
    ),
    "postal_code": lambda entry, guest: any(
        code == entry.values["postal_code"] for _id, code, _text in guest.addresses.values()
    ),
}

"""Guests who may be one person: the whole house, one guest who is being typed, a batch of a ledger.

The one place that turns rows of guests into records of `customers.matching`. Nothing is merged here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from crm_project.core import text
from crm_project.core.accounts.models import User
from crm_project.core.rights import Right
from customers.lookups import Beginning
from customers.matching import Match, Person, Reason, best_matches, find_pairs, make_person
from customers.matching.fields import EMAIL, FAMILY, GIVEN, PHONE, READING, SAME, SWAPPED, UNKNOWN
from customers.models import Address, Customer, CustomerQuerySet, Phone
from customers.queries import for_lists

LOADED_AT_ONCE = 5_000
# How many guests are looked at for one who is being typed; a rare name brings two, a common one is cut here.
LOOKED_AT = 200
# The usual weights take a house of this size when somebody is typing: counting the real one would cost a query.
USUAL_HOUSE = 10_000
WORTH_ASKING = 0.2
# On the list of possible duplicates: more likely one person than two.
WORTH_A_LOOK = 0.5
_BEHIND = "\U0010ffff"
_VALUES = (
    *("pk", "name", "kana", "email", "birthday", "birthday_month_day"),
    *("company__name", "title"),
)


@dataclass(frozen=True, slots=True)
class LikelyGuest:
    """A guest who may be the one that is being typed, how probable that is, and why (strongest reason first)."""

    guest: Customer
    probability: float
    reasons: list[Reason]


def persons(guests: QuerySet[Customer], *, contacts: bool = True) -> Iterator[Person]:
    """The guests as records to compare, by primary key; three queries for each 5,000.

    Without `contacts` there are no phones, addresses, e-mails and birthdays in them: not everybody may know those.
    """
    last = 0
    while True:
        rows = list(guests.filter(pk__gt=last).order_by("pk").values_list(*_VALUES)[:LOADED_AT_ONCE])
        yield from _persons(rows, contacts=contacts)
        if len(rows) < LOADED_AT_ONCE:
            return
        last = rows[-1][0]


def _persons(rows: Sequence[tuple[Any, ...]], *, contacts: bool, with_addresses: bool = True) -> Iterator[Person]:
    phones: dict[int, list[str]] = {}
    addresses: dict[int, tuple[str, str]] = {}
    if contacts and rows:
        ids = [row[0] for row in rows]
        held = Q(customer_id__in=ids)
        if len(ids) > LOOKED_AT:
            held = Q(customer_id__gte=ids[0], customer_id__lte=ids[-1])
        for pk, digits in Phone.objects.filter(held).values_list("customer_id", "digits"):
            phones.setdefault(pk, []).append(digits)
        if with_addresses:
            listed = Address.objects.filter(held).order_by("pk").values_list("customer_id", "postal_code", "text")
            for pk, postal, written in listed:
                addresses.setdefault(pk, (postal, written))
    for pk, name, kana, email, birthday, month_day, company, title in rows:
        postal, address = addresses.get(pk, ("", ""))
        yield make_person(
            pk,
            name=name,
            kana=kana,
            phones=phones.get(pk, ()),
            birth=_birth(birthday, month_day) if contacts else (None, None, None),
            postal=postal,
            address=address,
            email=email if contacts else "",
            company=company or "",
            title=title,
        )


def _birth(birthday: date | None, month_day: str) -> tuple[int | None, int | None, int | None]:
    if birthday:
        return birthday.year, birthday.month, birthday.day
    if month_day:
        month, day = month_day.split("-")
        return None, int(month), int(day)
    return None, None, None


def likely_pairs(guests: QuerySet[Customer] | None = None, *, threshold: float = WORTH_A_LOOK) -> Iterator[Match]:
    """Pairs of guests of the house (or of those given) that are likely one person; keys are primary keys, one < other.

    People decide about them, so that more likely than not is enough; nothing is merged by itself.

    For jobs: takes a minute for 300,000 guests. Whoever shows a pair must ask whether the person may open both.
    """
    return find_pairs(persons(Customer.objects.present() if guests is None else guests), threshold=threshold)


def found_pairs() -> list[tuple[int, int, float, list[str]]]:
    """The likely pairs of the house as `services.write_proposals` takes them."""
    return [
        (match.one.key, match.other.key, match.probability, [reason.code for reason in match.reasons])
        for match in likely_pairs()
    ]


def likely_guests(
    user: User,
    *,
    name: str = "",
    kana: str = "",
    phones: Iterable[str] = (),
    email: str = "",
    birthday: date | None = None,
    birthday_month_day: str = "",
    postal_code: str = "",
    address: str = "",
    company_name: str = "",
    title: str = "",
    but: Customer | None = None,
    limit: int = 5,
) -> list[LikelyGuest]:
    """Guests the person may open who may be the one that is being typed, likeliest first.

    Four queries find them (five with an e-mail address) and two read what lists show, whatever the size of the house.

    Who has the same name in any writing, one of the numbers or the e-mail address is always among them; others when
    enough else fits. What the person may not know of guests (phones, addresses, birthdays without VIEW_CONTACTS) is no
    reason.
    """
    contacts = user.has_right(Right.VIEW_CONTACTS)
    typed = make_person(
        0,
        name=name,
        kana=kana,
        phones=phones if contacts else (),
        birth=_birth(birthday, birthday_month_day) if contacts else (None, None, None),
        postal=postal_code if contacts else "",
        address=address if contacts else "",
        email=email if contacts else "",
        company=company_name,
        title=title,
    )
    guests = Customer.objects.visible_to(user)
    if but is not None:
        guests = guests.exclude(pk=but.pk)
    rows = _rows_like(guests, typed)
    if not rows:
        return []
    others = _persons(rows, contacts=contacts, with_addresses=bool(typed.postal or typed.place))
    matches = _worth_asking(typed, others)[:limit]
    guest_of = {guest.pk: guest for guest in for_lists(Customer.objects.filter(pk__in=[m.other.key for m in matches]))}
    return [
        LikelyGuest(guest_of[match.other.key], match.probability, match.reasons)
        for match in matches
        if match.other.key in guest_of
    ]


def likely_same(user: User, *, limit: int = 5, **values: Any) -> list[Customer]:
    """The guests of `likely_guests`, without the reasons."""
    return [likely.guest for likely in likely_guests(user, limit=limit, **values)]


def newly_written(typed: Mapping[str, Any], was: Mapping[str, Any]) -> dict[str, Any]:
    """What of the typed values (as `likely_guests` takes them) is worth asking about, when `was` is known of the guest.

    `was` is what `queries.values_of` gives, or empty for a new guest. Numbers and an e-mail address count when they did
    not stand there; everything else only beside another name or reading. So nobody is warned of what was there already.
    """
    known = {_number(number) for _label, number in was.get("phones", ())}
    new = {"phones": [number for number in typed.get("phones", ()) if number and _number(number) not in known]}
    is_renamed = any(
        typed.get(name) and text.fold(typed[name]) != text.fold(was.get(name, "")) for name in ("name", "kana")
    )
    for name, value in typed.items():
        is_new = value != was.get(name) if name == "email" else is_renamed
        if name != "phones" and value and is_new:
            new[name] = value
    return {name: value for name, value in new.items() if value}


def _number(written: str) -> str:
    return text.phone_digits(written) or written


def likely_for_batch(typed: Sequence[Person], guests: QuerySet[Customer]) -> dict[int, list[Match]]:
    """For each record of a batch (a few hundred; the keys are the caller's) the guests who are likely the same person.

    Four queries for a batch. Candidates share a number or the reading (the name, where a guest has none). Keys of records
    without a likely guest are absent; `other` of a match is the guest, its key the primary key.
    """
    digits = {number for person in typed for number in person.phones}
    readings = {key for person in typed for key in _sort_keys(person)}
    found = set(Phone.objects.filter(digits__in=digits).values_list("customer_id", flat=True)) if digits else set()
    held = guests.filter(Q(pk__in=found) | Q(sort_key__in=readings))
    rows = list(held.order_by("pk").values_list(*_VALUES))
    by_key: dict[str, list[Person]] = {}
    for guest in _persons(rows, contacts=True):
        for key in {*guest.phones, *_sort_keys(guest)}:
            by_key.setdefault(key, []).append(guest)
    likely: dict[int, list[Match]] = {}
    for person in typed:
        near = {guest.key: guest for key in (*person.phones, *_sort_keys(person)) for guest in by_key.get(key, ())}
        if matches := _worth_asking(person, near.values()):
            likely[person.key] = matches
    return likely


def _worth_asking(person: Person, others: Iterable[Person]) -> list[Match]:
    """Those who have the name, a number or the e-mail address, and those whom enough else makes likely."""
    return [
        match
        for match in best_matches(person, others, records=USUAL_HOUSE)
        if match.probability >= WORTH_ASKING
        or SAME in (match.levels[PHONE], match.levels[EMAIL])
        or _has_the_name(match)
    ]


def _has_the_name(match: Match) -> bool:
    """Whether the whole name is the same: 田中 alone is 田中, but not every 田中."""
    family, given = match.levels[FAMILY], match.levels[GIVEN]
    if given == UNKNOWN and any(person.given or person.kana_given for person in (match.one, match.other)):
        return family == SWAPPED
    return family in (SAME, READING) and given in (SAME, READING, UNKNOWN)


def _sort_keys(person: Person) -> list[str]:
    """The sort keys under which a guest of this name may stand, family and given name in either order."""
    keys = [
        *(person.kana_family + person.kana_given, person.kana_given + person.kana_family),
        *(person.family + person.given, person.given + person.family),
    ]
    return [key for key in dict.fromkeys(keys) if key]


def _rows_like(guests: CustomerQuerySet, typed: Person) -> list[tuple[Any, ...]]:
    """Values of the guests worth a closer look, by the indexes of numbers, mail addresses, readings and names.

    Two queries, one more with a mail address.
    """
    ids: list[int] = []
    if typed.phones:
        ids = list(Phone.objects.filter(digits__in=typed.phones).values_list("customer_id", flat=True)[:LOOKED_AT])
    if typed.email:
        holders = Customer.objects.filter(Exact(Lower("email"), typed.email))
        ids += holders.values_list("pk", flat=True)[:LOOKED_AT]
    keys = _sort_keys(typed)
    surely = Q(pk__in=ids) | Q(sort_key__in=keys)
    for name in {typed.family + typed.given, typed.given + typed.family} - {""}:
        begins = Q(Exact(Beginning("search_key", min(len(name), 2)), name[:2]))
        surely |= begins & (Q(search_key=name) | Q(search_key__startswith=f"{name} "))
    perhaps = Q()
    if typed.kana_family and typed.kana_given:
        # A slip in one half of the reading: the other half finds it.
        perhaps |= _reading_begins(typed.kana_family + typed.kana_given[0])
        perhaps |= _reading_begins(typed.kana_family[0]) & Q(grams__finds=typed.kana_given)
    if not (ids or keys):
        return []
    place = Case(When(surely, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = guests.filter(surely | perhaps).order_by(place, "pk")
    return list(found.values_list(*_VALUES)[:LOOKED_AT])


def _reading_begins(reading: str) -> Q:
    return Q(sort_key__gte=reading, sort_key__lt=reading + _BEHIND)

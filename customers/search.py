"""The one search box: kanji and variants, kana of any width, romaji, company, code, any part of a phone number.

What is found comes in two parts. First who begins with what was typed (or whose number ends with it), by reading: each
such condition has an index in that order, so a page of them is exact and quick however many there are. Then everybody
else, by reading as well; where more than `COUNTED_GUESTS` are found, the second part is taken from so many of them only,
and the page says so (`NumberedPage.capped`).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import merge
from typing import Generic, Protocol, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat
from django.db.models.lookups import Exact

from crm_project.core import text
from crm_project.core.accounts.models import User
from crm_project.core.rights import Right
from crm_project.core.ui.paging import NumberedPage, numbered_page_of, page_of
from customers.lookups import Beginning, BeginsWith
from customers.models import Customer, CustomerQuerySet, Phone
from customers.queries import GuestLine, for_lists, guest_lines

TAIL_LENGTH = 4
COUNTED_GUESTS = 1_000
# While somebody is still typing: enough to fill a box, few enough to be found between two keys.
GLANCED_GUESTS = 100
LONGEST_QUERY = 80


class Shown(Protocol):
    """A guest as a list or the box shows one."""

    pk: int


Row = TypeVar("Row", bound=Shown)


_PHONE_LIKE = re.compile(rf"[+\d\s()ー.{re.escape(text.HYPHENS)}]+")
# Kana with the Latin letters an input method has not turned into kana yet: たn on the way to たな.
_HALF_TYPED = re.compile(r"(?<=[ぁ-ヺー])[a-z]+$")
_KANA = re.compile(r"[ァ-ヺ]+")
# Behind every text that begins with another one.
_BEHIND = "\U0010ffff"
# The first sign of each row of the kana table in a sort key, and of what follows it.
KANA_ROWS = {
    "あ": ("ア", "カ"),
    "か": ("カ", "サ"),
    "さ": ("サ", "タ"),
    "た": ("タ", "ナ"),
    "な": ("ナ", "ハ"),
    "は": ("ハ", "マ"),
    "ま": ("マ", "ヤ"),
    "や": ("ヤ", "ラ"),
    "ら": ("ラ", "ワ"),
    "わ": ("ワ", "ヷ"),
}
# 渡辺さん, わたなべはん, 林様: as people are spoken of; the text itself is searched as well, for names that end so.
_AS_SPOKEN = re.compile(r"(?<=.)\s*(?:さん|サン|はん|ハン|様|さま|サマ|先生|殿)$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a typed text asks for: whom it finds, and of these who comes first, one condition per index that knows it."""

    found: Q
    first: tuple[Q, ...] = ()

    @property
    def comes_first(self) -> Q:
        """Any of the conditions."""
        any_of = Q()
        for condition in self.first:
            any_of |= condition
        return any_of

    @property
    def place(self) -> Case | Value:
        """0 for who comes first, 1 for everybody else."""
        if not self.first:
            return Value(1, output_field=IntegerField())
        return Case(When(self.comes_first, then=Value(0)), default=Value(1), output_field=IntegerField())


@dataclass(frozen=True, slots=True)
class Glance(Generic[Row]):
    """The first guests found, whether there are more, and how many in all where that is known (0 = not counted)."""

    rows: list[Row]
    more: bool
    total: int = 0


def find_page(
    user: User, query: str, number: object, *, size: int, row: str = "", rank: int | None = None
) -> NumberedPage[GuestLine]:
    """One page of the guests the person may open and the query finds, with what lists show.

    A blank query is everybody, recently seen first, or by reading within a row of the kana table. `number` may come
    straight from the address.
    """
    guests = _narrowed(Customer.objects.visible_to(user), row, rank)
    wanted = read_query(user, query)
    if wanted is None:
        return numbered_page_of(_all_in_order(guests, row), number, guest_lines, size=size, counted=COUNTED_GUESTS)
    return _page(guests, wanted, number, size)


def glance(user: User, query: str, size: int) -> Glance[GuestLine]:
    """The first guests that `find_page` would show, while somebody is still typing: counted only where that costs nothing."""
    guests = Customer.objects.visible_to(user)
    wanted = read_query(user, query)
    if wanted is not None:
        return _glance(guests, wanted, size, guest_lines)
    rows = guest_lines(_all_in_order(guests, "")[: size + 1])
    return Glance(rows[:size], len(rows) > size)


def find_first(user: User, query: str, size: int) -> list[Customer]:
    """The first guests that `find_page` would show; none for a blank query."""
    wanted = read_query(user, query)
    return _glance(Customer.objects.visible_to(user), wanted, size, _listed).rows if wanted else []


def first_known_elsewhere(user: User, query: str, size: int) -> list[Customer]:
    """Guests of other venues that the person may not open, for their name and allergies only; none for a blank query."""
    guests = Customer.objects.known_elsewhere_to(user)
    wanted = None if guests.query.is_empty() else read_query(user, query)
    return _glance(guests, wanted, size, _listed).rows if wanted else []


def find_customers(user: User, query: str, *, row: str = "", rank: int | None = None) -> QuerySet[Customer]:
    """All that `find_page` pages through, in the same order and with no cap: for exports."""
    guests = _narrowed(Customer.objects.visible_to(user), row, rank)
    wanted = read_query(user, query)
    if wanted is None:
        return _all_in_order(guests, row)
    return guests.filter(wanted.found).order_by(wanted.place, _without_index(guests), "pk")


def read_query(user: User, query: str) -> Wanted | None:
    """Read what was typed; None when it is blank. Digits find phone numbers for those who may see contacts, else codes."""
    typed = _HALF_TYPED.sub("", text.nfkc(query).casefold().strip()[:LONGEST_QUERY])
    if not text.fold(typed):
        return None
    sees_contacts = user.has_right(Right.VIEW_CONTACTS)
    if _PHONE_LIKE.fullmatch(typed) and any(map(str.isdigit, typed)):
        return _digits(typed, sees_contacts)
    writings = _writings(typed)
    found = _any_of(writings, sees_contacts)
    if len(words := typed.split()) > 1:
        every_word = Q()
        for word in words:
            every_word &= _any_of(_writings(word), sees_contacts)
        found |= every_word
    return Wanted(found, tuple(map(_begins, writings)))


def _digits(typed: str, sees_contacts: bool) -> Wanted:
    """A part of a number in any spelling, or of a code; four digits bring the numbers that end with them to the top."""
    written, number = re.sub(r"[^0-9]", "", typed), text.phone_digits(typed)
    found = _any_of(dict.fromkeys([number, written]) if sees_contacts else [written], sees_contacts)
    if not sees_contacts or len(number) != TAIL_LENGTH:
        return Wanted(found)
    return Wanted(found, (Q(pk__in=Phone.objects.filter(tail=number).values("customer_id")),))


def _any_of(writings: Iterable[str], sees_contacts: bool) -> Q:
    condition = Q()
    for writing in writings:
        contains = Q(grams__finds=writing)
        if writing.isdigit() and not sees_contacts:
            contains &= Q(code__contains=writing)
        condition |= contains
    return condition


def _writings(typed: str) -> list[str]:
    """The folded forms under which a typed text may be stored: as it is, as a company without its form, as a reading."""
    writings = [text.fold(typed), text.company_key(typed), text.fold(_AS_SPOKEN.sub("", typed))]
    if kana := text.kana_from_romaji(typed):
        writings += [text.fold(kana), text.reading_key(typed)]
    return [writing for writing in dict.fromkeys(writings) if writing]


def _begins(writing: str) -> Q:
    """Whose reading (for kana) or whose name begins with it, in the words of the one index that answers."""
    if _KANA.fullmatch(writing):
        return Q(sort_key__gte=writing, sort_key__lt=writing + _BEHIND)
    known = min(len(writing), 2)
    begins = Q(Exact(Beginning("search_key", known), writing[:known]))
    return begins & Q(BeginsWith("search_key", writing)) if len(writing) > known else begins


def _narrowed(guests: CustomerQuerySet, row: str, rank: int | None) -> CustomerQuerySet:
    """Guests of a rank whose reading begins in a row of the kana table; an unknown row narrows nothing."""
    if row in KANA_ROWS:
        first, behind = KANA_ROWS[row]
        guests = guests.filter(sort_key__gte=first, sort_key__lt=behind)
    return guests.filter(rank=rank) if rank else guests


def _all_in_order(guests: CustomerQuerySet, row: str) -> QuerySet[Customer]:
    if row in KANA_ROWS:
        return guests.order_by("sort_key", "pk")
    return guests.order_by(F("last_visit_on").desc(nulls_last=True), "-pk")


def _page(guests: CustomerQuerySet, wanted: Wanted, number: object, size: int) -> NumberedPage[GuestLine]:
    """One page of who is found: nonsense is page 1, too far is the last page."""
    page = page_of(number, COUNTED_GUESTS, size)
    some, total = _some(guests, wanted, page * size, COUNTED_GUESTS)
    capped = total > COUNTED_GUESTS
    if capped:
        total = COUNTED_GUESTS
        rows = _beginning_first(guests, wanted, some, (page - 1) * size, size)
    else:
        page = page_of(page, total, size)
        rows = _in_order_of(some[(page - 1) * size : page * size], guest_lines)
    last = page_of(total, total, size)
    return NumberedPage(rows=rows, number=page, last=last, total=total, capped=capped, size=size)


def _glance(
    guests: CustomerQuerySet, wanted: Wanted, size: int, read: Callable[[QuerySet[Customer]], list[Row]]
) -> Glance[Row]:
    """Most of what is typed is the beginning of a name: then its indexes alone answer, and nobody is counted.

    Where fewer begin with it, the others that are found fill up; of more than `GLANCED_GUESTS` not all are looked at.
    """
    begun: list[int] = []
    if len(wanted.first) == 1:
        rows = read(_in_order_of_readings(guests, wanted.first[0])[: size + 1])
        if len(rows) > size:
            return Glance(rows[:size], more=True)
        begun = [guest.pk for guest in rows]
    elif wanted.first:
        begun = _ids_of_who_begins(guests, wanted, size + 1)
        if len(begun) > size:
            return Glance(_in_order_of(begun[:size], read), more=True)
    some, total = _some(guests, wanted, size, GLANCED_GUESTS)
    ids = list(dict.fromkeys([*begun, *some]))[:size]
    return Glance(_in_order_of(ids, read), total > size, total if total <= GLANCED_GUESTS else 0)


def _beginning_first(
    guests: CustomerQuerySet, wanted: Wanted, some: list[int], start: int, size: int
) -> list[GuestLine]:
    """A page when more are found than are counted: who comes first in full, then some of the others."""
    if len(wanted.first) == 1:
        rows = guest_lines(_in_order_of_readings(guests, wanted.first[0])[start : start + size])
        if len(rows) == size:
            return rows
    first = _ids_of_who_begins(guests, wanted, start + size)
    known = set(first)
    return _in_order_of([*first, *(pk for pk in some if pk not in known)][start : start + size], guest_lines)


def _ids_of_who_begins(guests: CustomerQuerySet, wanted: Wanted, size: int) -> list[int]:
    """Ids of the first who come first, in the order of readings: a query per condition, each answered by its index."""
    readings = [
        _in_order_of_readings(guests, condition).values_list("sort_key", "pk")[:size] for condition in wanted.first
    ]
    return list(dict.fromkeys(pk for _reading, pk in merge(*readings)))


def _in_order_of_readings(guests: QuerySet[Customer], condition: Q) -> QuerySet[Customer]:
    return guests.filter(condition).order_by("sort_key", "pk")


def _listed(guests: QuerySet[Customer]) -> list[Customer]:
    return list(for_lists(guests))


def _in_order_of(ids: list[int], read: Callable[[QuerySet[Customer]], list[Row]]) -> list[Row]:
    row_of = {row.pk: row for row in read(Customer.objects.filter(pk__in=ids).order_by())} if ids else {}
    return [row_of[pk] for pk in ids if pk in row_of]


def _some(guests: CustomerQuerySet, wanted: Wanted, size: int, counted: int) -> tuple[list[int], int]:
    """The first ids of at most one more than `counted` of those who are found, and how many these are: one query.

    The database sorts no more than it counts. Which of them it takes is not said.
    """
    some = guests.filter(wanted.found).annotate(place=wanted.place).order_by().values_list("id", "sort_key", "place")
    try:
        sql, params = some[: counted + 1].query.get_compiler(guests.db).as_sql()
    except EmptyResultSet:
        return [], 0
    with connections[guests.db].cursor() as cursor:
        cursor.execute(
            f"SELECT id, COUNT(*) OVER () FROM ({sql}) AS found ORDER BY place, sort_key, id LIMIT %s", [*params, size]
        )
        rows = cursor.fetchall()
    return [pk for pk, _total in rows], rows[0][1] if rows else 0


def _without_index(guests: QuerySet[Customer]) -> Combinable:
    """The reading as a sort expression that no index serves.

    On PostgreSQL a bare `sort_key` with a limit tempts the planner to walk its index and to test every guest of the
    house on the way, instead of asking the index of the grams.
    """
    if connections[guests.db].vendor == "postgresql":
        return Concat(F("sort_key"), Value(""))
    return F("sort_key")

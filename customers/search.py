"""The one search box: kanji and variants, kana of any width, romaji, company, code, any part of a phone number."""

import re

from django.db import connections
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.functions import Concat

from crm_project.core import text
from crm_project.core.accounts.models import User
from crm_project.core.rights import Right
from customers.models import Customer, CustomerQuerySet, Phone

TAIL_LENGTH = 4
COUNTED_GUESTS = 1_000
LONGEST_QUERY = 80

_PHONE_LIKE = re.compile(r"[+\d\s\-()ー‐.]+")
# Kana with the Latin letters an input method has not turned into kana yet: たn on the way to たな.
_HALF_TYPED = re.compile(r"(?<=[ぁ-ヺー])[a-z]+$")
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


# 渡辺さん, わたなべはん: as people are spoken of; the text itself is searched as well, for names that end so.
_AS_SPOKEN = re.compile(r"(?<=..)(?:さん|サン|はん|ハン)$")


def find_customers(user: User, query: str) -> QuerySet[Customer]:
    """Guests the person may open and the query finds, names that begin with it first, then by reading.

    A blank query is everybody, recently seen first. Four digits bring the guests whose number ends with them to the top.
    Digits find phone numbers only for those who may see contacts, else codes.
    """
    return _found(Customer.objects.visible_to(user), user, query)


def find_known_elsewhere(user: User, query: str) -> QuerySet[Customer]:
    """Guests of other venues that the person may not open, for their name and allergies only; none for a blank query."""
    if not text.fold(query):
        return Customer.objects.none()
    return _found(Customer.objects.known_elsewhere_to(user), user, query)


def in_kana_row(guests: QuerySet[Customer], row: str) -> QuerySet[Customer]:
    """Guests whose reading begins in a row of the kana table (あ, か ...), by reading; an unknown row narrows nothing."""
    if row not in KANA_ROWS:
        return guests
    first, behind = KANA_ROWS[row]
    return guests.filter(sort_key__gte=first, sort_key__lt=behind).order_by("sort_key", "pk")


def _found(guests: CustomerQuerySet, user: User, query: str) -> QuerySet[Customer]:
    typed = _HALF_TYPED.sub("", text.nfkc(query).casefold().strip()[:LONGEST_QUERY])
    if not text.fold(typed):
        return guests.order_by(F("last_visit_on").desc(nulls_last=True), "-pk")
    by_reading = _without_index(guests)
    sees_contacts = user.has_right(Right.VIEW_CONTACTS)
    if _PHONE_LIKE.fullmatch(typed):
        digits = text.phone_digits(typed)
        order: list[str | OrderBy | Combinable] = [by_reading, "pk"]
        if sees_contacts and len(digits) == TAIL_LENGTH:
            order.insert(0, Exists(Phone.objects.filter(customer=OuterRef("pk"), tail=digits)).desc())
        return guests.filter(_contains(digits, sees_contacts)).order_by(*order)
    condition = Q()
    for word in typed.split():
        condition &= _any_writing(word, sees_contacts)
    begins = Q()
    for writing in _writings(typed):
        begins |= Q(sort_key__startswith=writing) | Q(search_key__startswith=writing)
    begins_first = Case(When(begins, then=Value(0)), default=Value(1), output_field=IntegerField())
    return guests.filter(_any_writing(typed, sees_contacts) | condition).order_by(begins_first, by_reading, "pk")


def _any_writing(typed: str, sees_contacts: bool) -> Q:
    condition = Q()
    for writing in _writings(typed):
        condition |= _contains(writing, sees_contacts)
    return condition


def _writings(typed: str) -> list[str]:
    """The folded forms under which a typed text may be stored: as it is, as a company without its form, as a reading."""
    writings = [text.fold(typed), text.company_key(typed), text.fold(_AS_SPOKEN.sub("", typed))]
    if kana := text.kana_from_romaji(typed):
        writings += [text.fold(kana), text.reading_key(typed)]
    return [writing for writing in dict.fromkeys(writings) if writing]


def _contains(folded: str, sees_contacts: bool) -> Q:
    if folded.isdigit() and not sees_contacts:
        return Q(code__contains=folded)
    return Q(grams__finds=folded)


def _without_index(guests: QuerySet[Customer]) -> Combinable:
    """The reading as a sort expression.

    On PostgreSQL a bare `sort_key` with a limit tempts the planner to walk its index and to test every guest of the
    house on the way, instead of asking the index of the grams.
    """
    if connections[guests.db].vendor == "postgresql":
        return Concat(F("sort_key"), Value(""))
    return F("sort_key")

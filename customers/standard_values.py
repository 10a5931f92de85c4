"""What `manage.py normalise` prints: one written value in its standard form, or the sentence that says why there is none.

The rules are those by which ledgers are read (`integrations.ledgers`); here they can be tried one value at a time.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_project.core import phones, text
from crm_project.core.dates import DateError, parse_month_day, read_date
from crm_project.core.places import AddressError, Lookup, split_address
from customers import normalising
from customers.names import company_name
from customers.written_names import read_names, says_no_name, without_deceased


class StandardValue(NamedTuple):
    """`value` is None where nothing can be read, "" for a blank; `problem` is a sentence, "" when all is well."""

    value: Any
    problem: str = ""


BLANK: Final = StandardValue("")
_MOBILE = re.compile(r"0[5-9]0|020")


def date(written: str, _lookup: Lookup | None = None) -> StandardValue:
    """2026-10-03; a day whose year is not known as --10-03 (ISO 8601, vCard)."""
    try:
        if month_day := parse_month_day(written):
            return StandardValue("--{:02d}-{:02d}".format(*month_day))
        found = read_date(written)
    except DateError as problem:
        return StandardValue(None, str(problem))
    return StandardValue(found.day.isoformat() if found.day else "", str(found.remark or ""))


def phone(written: str, _lookup: Lookup | None = None) -> StandardValue:
    """The digits as a guest's card keeps them, of the first number; a number abroad with + and the code of its country."""
    if not text.tidy(written):
        return BLANK
    if phones.says_no_number(written):
        return StandardValue(None, _("“%(phone)s” says that there is no number") % {"phone": text.tidy(written)})
    found = phones.read_phones(written)
    digits = phones.international(found[0].digits) if found else ""
    if not 6 <= len(digits.lstrip("+")) <= 15 or (digits.startswith("0") and len(digits) < 10):
        return StandardValue(None, _("“%(phone)s” is not a phone number") % {"phone": text.tidy(written)})
    if len(found) > 1:
        others = "、".join(phones.international(other.digits) for other in found[1:])
        return StandardValue(digits, _("more numbers stand there: %(phones)s") % {"phones": others})
    return StandardValue(digits, _doubt(digits))


def _doubt(digits: str) -> str:
    """What cannot be right about a number that was read."""
    if digits.startswith("+"):
        return ""
    if digits.startswith("00"):
        return _("a number with 00 in front is a special one")
    if not digits.startswith("0"):
        return _("there is no area code")
    if not 10 <= len(digits) <= 11:
        return ngettext(
            "the number has %(count)s digit; 10 or 11 are usual",
            "the number has %(count)s digits; 10 or 11 are usual",
            len(digits),
        ) % {"count": len(digits)}
    if len(digits) == 10 and re.match(r"0[6-9]0", digits):
        return _("a mobile number has 11 digits")
    if len(digits) == 11 and not digits.startswith(("0800", "0570")) and not _MOBILE.match(digits):
        return _("a number of 11 digits begins like 090, 050 or 0800")
    if not phones.exchange_is_possible(digits):
        return _("behind the area code a number begins with 2 to 9")
    return ""


def address(written: str, lookup: Lookup | None = None) -> StandardValue:
    """Postcode, prefecture, municipality (with its county; a ward with its city) and the rest."""
    plain = normalising.address(written).value
    if not plain:
        return BLANK
    try:
        found = split_address(plain, lookup)
    except AddressError as problem:
        return StandardValue(None, str(problem))
    parts = {name: getattr(found, name) for name in ("postal_code", "prefecture", "city", "rest")}
    return StandardValue(parts, str(found.remark or ""))


def company(written: str, _lookup: Lookup | None = None) -> StandardValue:
    """The name as printed, its legal form in full, and the key that is the same for ㈱ and 株式会社."""
    found = company_name(written)
    if not found.name:
        return BLANK
    if says_no_name(written):
        return StandardValue(None, _("“%(words)s” names no company") % {"words": found.name})
    return StandardValue({"name": found.name, "kind": found.kind, "key": found.key})


def name(written: str, _lookup: Lookup | None = None) -> StandardValue:
    """The name, its reading in brackets as katakana, how it was addressed, and who else stands there."""
    if not text.tidy(written):
        return BLANK
    if says_no_name(written):
        return StandardValue(None, _("“%(words)s” names nobody") % {"words": text.tidy(written)})
    bare, is_dead = without_deceased(written)
    found = read_names(bare)
    if not found.first.name:
        return BLANK
    first, *others = (
        {"name": one.name, "kana": one.kana, "honorific": one.honorific} for one in (found.first, *found.others)
    )
    problem = _("is dead: nothing is sent any more") if is_dead else ""
    if found.together and not others:
        problem = _("“%(words)s”: the others are not named") % {"words": found.together}
    former = {"former_name": found.first.former} if found.first.former else {}
    return StandardValue(first | former | {"others": others}, problem)


KINDS: Final[Mapping[str, Callable[[str, Lookup | None], StandardValue]]] = {
    "date": date,
    "phone": phone,
    "address": address,
    "company": company,
    "name": name,
}

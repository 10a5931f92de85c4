"""The names of what can be changed of a guest: keys of `queries.values_of`, of the services, of conflicts and of the trail."""

from typing import Final

from customers.choices import AddressLabel, Channel

# Plain columns of the guest that hold a text, normalised by `normalising`.
TEXTS: Final = (
    *("kana", "honorific", "department", "title", "called", "former_name", "language", "email"),
    *("likes", "dislikes", "note", "mail_to", "contact_stop_reason"),
)
DATES: Final = ("birthday", "since", "mourning_until")
PEOPLE: Final = ("staff", "sales_staff")
COLUMNS: Final = ("name", "code", *TEXTS, *DATES, *PEOPLE, "birthday_month_day", "contact_stopped")

# The home address is called simply the address, as in ledgers.
ADDRESS_PREFIXES: Final = {AddressLabel.HOME: "", AddressLabel.OFFICE: "office_", AddressLabel.OTHER: "other_"}
ADDRESS_PARTS: Final = ("postal_code", "address", "care_of")
ADDRESSES: Final = tuple(f"{prefix}{part}" for prefix in ADDRESS_PREFIXES.values() for part in ADDRESS_PARTS)
CONSENTS: Final = {f"consent_{channel}": channel for channel in Channel}
BUILT_IN: Final = frozenset((*COLUMNS, "company_name", "phones", "diets", *ADDRESSES, *CONSENTS))

# For people with the right to see contacts.
CONTACTS: Final = frozenset(("phones", "email", "birthday", "birthday_month_day", "mail_to", *ADDRESSES, *CONSENTS))
# The same of a company.
COMPANY_CONTACTS: Final = frozenset(("phone", "postal_code", "address"))

_ATTRIBUTE: Final = "attribute_"


def attribute_value(pk: int) -> str:
    """The name of the value of an item of the house."""
    return f"{_ATTRIBUTE}{pk}"


def attribute_of(name: str) -> int | None:
    """The item of the house that a name stands for; None for built-in values."""
    number = name.removeprefix(_ATTRIBUTE)
    return int(number) if number != name and number.isdecimal() else None


def is_known(name: str) -> bool:
    """Whether there is such a value."""
    return name in BUILT_IN or attribute_of(name) is not None

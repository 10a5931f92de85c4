"""Guests, companies and ranks as tables, in and out through the administration. Rows are written by the services."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from import_export import fields

from crm_project.core import text
from crm_project.core.accounts.models import User
from crm_project.core.dates import parse_date, parse_month_day
from crm_project.core.formulas import harmless
from crm_project.core.resources import WrittenByServices
from customers import services
from customers.choices import PhoneLabel
from customers.guest_values import ADDRESSES, CONSENTS, TEXTS, attribute_of, attribute_value
from customers.models import Attribute, Company, Customer, Rank
from customers.names import company_identity
from customers.queries import addresses_of, consents_of

BETWEEN = " / "
GUEST_COLUMNS = (
    *("code", "name", "kana", "honorific", "called", "former_name", "language", "company", "department", "title"),
    *("staff", "sales_staff", "phones", "email", *ADDRESSES, "mail_to", *CONSENTS),
    *("birthday", "since", "mourning_until", "contact_stopped", "contact_stop_reason", "rank"),
    *("diets", "likes", "dislikes", "note", "visit_count", "last_visit_on"),
)
# Columns that hold what the services take as text.
GUEST_TEXTS = ("name", *TEXTS, *ADDRESSES)


class ReadByServices(WrittenByServices):
    """Rows whose cells the services read themselves: as text, in every writing they know."""

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """Every cell as text."""
        row.update({name: text.cell_text(value) for name, value in row.items()})
        super().before_import_row(row, **kwargs)

    def import_instance(self, instance: Any, row: dict[str, Any], **kwargs: Any) -> None:
        """Nothing is set on the row's object: the services do."""


class CustomerResource(ReadByServices):
    """Guests by code. `company` is a name, `staff` and `sales_staff` are user names; `phones` and `diets` are joined by a slash.

    A birthday without its year is written as 4/1. Rank and visits only go out. The house's own items stand in columns of
    their name.
    """

    company = fields.Field(column_name="company", attribute="company__name", readonly=True)
    rank = fields.Field(column_name="rank", attribute="rank__name", readonly=True)
    staff = fields.Field(column_name="staff", attribute="staff__username", readonly=True)
    sales_staff = fields.Field(column_name="sales_staff", attribute="sales_staff__username", readonly=True)
    phones = fields.Field(column_name="phones")
    diets = fields.Field(column_name="diets")
    birthday = fields.Field(column_name="birthday")
    contact_stopped = fields.Field(column_name="contact_stopped")

    class Meta:
        model = Customer
        import_id_fields = ("code",)
        fields = tuple(name for name in GUEST_COLUMNS if name not in (*ADDRESSES, *CONSENTS))
        use_transactions = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.items = {item.name: item for item in Attribute.objects.in_use()}
        for name in (*ADDRESSES, *CONSENTS):
            self.fields[name] = fields.Field(column_name=name)
        for heading, item in self.items.items():
            self.fields[attribute_value(item.pk)] = fields.Field(column_name=heading)

    def get_queryset(self) -> QuerySet[Customer]:
        """With what the columns show."""
        return (
            Customer.objects.present()
            .select_related("company", "rank", "staff", "sales_staff")
            .prefetch_related("phones", "addresses", "consents", "diets", "attribute_values")
            .order_by("pk")
        )

    def get_export_order(self) -> list[str]:
        """The columns in their order, the house's own items last."""
        return [*GUEST_COLUMNS, *(attribute_value(item.pk) for item in self.items.values())]

    def export_field(self, field: Any, instance: Any, **kwargs: Any) -> Any:
        """Values that are no columns of the table, one cell each."""
        name = self.get_field_name(field)
        if name in ADDRESSES:
            return harmless(addresses_of(instance)[name])
        if name in CONSENTS:
            consent = consents_of(instance)[name]
            return consent[0] if consent else ""
        if (pk := attribute_of(name)) is not None:
            answers = (answer.text for answer in instance.attribute_values.all() if answer.attribute_id == pk)
            return harmless(next(answers, ""))
        return super().export_field(field, instance, **kwargs)

    def dehydrate_phones(self, customer: Customer) -> str:
        """All numbers as written."""
        return BETWEEN.join(phone.written for phone in customer.phones.all())

    def dehydrate_diets(self, customer: Customer) -> str:
        """The codes of the rules."""
        return BETWEEN.join(diet.rule for diet in customer.diets.all())

    def dehydrate_birthday(self, customer: Customer) -> str:
        """The day, or month and day."""
        if customer.birthday:
            return customer.birthday.isoformat()
        return "/".join(str(int(part)) for part in customer.birthday_month_day.split("-") if part)

    def dehydrate_contact_stopped(self, customer: Customer) -> str:
        """1 for a guest whom nobody may contact."""
        return "1" if customer.contact_stopped else ""

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """The code as it is stored, so that the guest is found by it."""
        super().before_import_row(row, **kwargs)
        row["code"] = text.code_text(row.get("code", ""))
        if not row["code"]:
            raise ValidationError(
                _("A guest without a code cannot be recognised. Use the ledger import for such lists.")
            )
        merged = Customer.objects.filter(code=row["code"], merged_into__isnull=False).select_related("merged_into")
        if (card := merged.first()) is not None:
            raise ValidationError(
                _("The card with this code was merged into %(guest)s: change that one.") % {"guest": card.merged_into}
            )

    def write(self, instance: Customer, is_create: bool, row: dict[str, Any], by: User) -> Customer:
        """A file without a column leaves its values as they are; a blank cell of a new guest leaves the default."""
        values: dict[str, Any] = {
            name: row[name] for name in GUEST_TEXTS if name in row and (row[name] or not is_create)
        }
        if "company" in row:
            values["company_name"] = row["company"]
        for name in ("staff", "sales_staff"):
            if name in row:
                values[name] = _person(row[name])
        if "phones" in row:
            values["phones"] = _phones(row["phones"], instance, is_create=is_create)
        if "diets" in row:
            values["diets"] = _diets(row["diets"], instance, is_create=is_create)
        if "birthday" in row:
            month_day = parse_month_day(row["birthday"])
            values["birthday"] = None if month_day else parse_date(row["birthday"])
            values["birthday_month_day"] = f"{month_day[0]:02d}-{month_day[1]:02d}" if month_day else ""
        for name in ("since", "mourning_until"):
            if name in row:
                values[name] = parse_date(row[name])
        if "contact_stopped" in row:
            values["contact_stopped"] = row["contact_stopped"].strip() not in ("", "0")
        known = {} if is_create else consents_of(instance)
        for name in CONSENTS:
            if name in row:
                values[name] = _consent(row[name], known.get(name))
        for heading, item in self.items.items():
            if heading in row:
                values[attribute_value(item.pk)] = row[heading]
        if is_create:
            return services.create_customer(by=by, **{"name": "", **values}, code=row["code"])
        return services.change_customer(customer=instance, by=by, version=instance.version, **values)


def _person(username: str) -> User | None:
    """Raises ValidationError for a name that nobody signs in with."""
    if not username:
        return None
    found = User.objects.people().filter(username=username).first()
    if found is None:
        raise ValidationError(_("Nobody signs in as “%(name)s”.") % {"name": username})
    return found


def _phones(cell: str, customer: Customer, *, is_create: bool) -> list[services.PhoneInput]:
    """The numbers of the cell, those that were known under their label."""
    labels = {} if is_create else {phone.digits: phone.label for phone in customer.phones.all()}
    return [
        services.PhoneInput(number, labels.get(text.phone_digits(number), PhoneLabel.MOBILE))
        for number in text.split_phones(cell)
    ]


def _diets(cell: str, customer: Customer, *, is_create: bool) -> list[services.DietInput]:
    """The rules of the cell, those that were known with their note."""
    notes = {} if is_create else {diet.rule: diet.note for diet in customer.diets.all()}
    rules = [rule.strip() for rule in cell.split(BETWEEN.strip()) if rule.strip()]
    return [services.DietInput(rule, notes.get(rule, "")) for rule in rules]


def _consent(state: str, known: list[Any] | None) -> services.ConsentInput | None:
    """The consent of a cell: the state alone goes out, so the day and the note of the same state stay."""
    if not state:
        return None
    day, note = (known[1], known[2]) if known and known[0] == state else (None, "")
    return services.ConsentInput(state, date.fromisoformat(day) if day else None, note)


class CompanyResource(ReadByServices):
    """Companies by their written name."""

    class Meta:
        model = Company
        import_id_fields = ("name",)
        fields = ("name", "kana", "code", "phone", "note")
        use_transactions = True

    def get_instance(self, instance_loader: Any, row: dict[str, Any]) -> Company | None:
        """丸紅㈱ and 丸紅株式会社 are one."""
        return Company.objects.filter(key=company_identity(row.get("name", ""))).first()

    def write(self, instance: Company, is_create: bool, row: dict[str, Any], by: User) -> Company:
        """A file without a column leaves its values as they are."""
        company = services.find_or_create_company(by=by, name=row.get("name", ""))
        values = {name: row[name] for name in ("kana", "code", "phone", "note") if name in row}
        return services.change_company(company=company, by=by, **values)


class RankResource(ReadByServices):
    """Ranks by name, the best first."""

    class Meta:
        model = Rank
        import_id_fields = ("name",)
        fields = ("name", "position")
        use_transactions = True

    def write(self, instance: Rank, is_create: bool, row: dict[str, Any], by: User) -> Rank:
        """Name and place in the order."""
        position = text.code_text(row.get("position", ""))
        if position and not position.isdecimal():
            raise ValidationError(_("The position is a whole number."))
        rank = instance if not is_create else Rank(name=text.tidy(row.get("name", "")))
        return services.write_rank(rank=rank, by=by, name=rank.name, position=int(position or rank.position))

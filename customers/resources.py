"""Guests, companies and ranks as tables, in and out through the administration. Rows are written by the services."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from import_export import fields

from crm_project.core import text
from crm_project.core.accounts.models import User
from crm_project.core.dates import parse_date
from crm_project.core.resources import WrittenByServices
from customers import services
from customers.models import Company, Customer, Rank
from customers.names import company_identity

BETWEEN_PHONES = " / "
GUEST_TEXTS = ("name", "kana", "honorific", "department", "title", "email", "likes", "dislikes", "note")


class ReadByServices(WrittenByServices):
    """Rows whose cells the services read themselves: as text, in every writing they know."""

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """Every cell as text."""
        row.update({name: text.cell_text(value) for name, value in row.items()})
        super().before_import_row(row, **kwargs)

    def import_instance(self, instance: Any, row: dict[str, Any], **kwargs: Any) -> None:
        """Nothing is set on the row's object: the services do."""


class CustomerResource(ReadByServices):
    """Guests by code. `company` is a name; `phones` are joined by a slash; rank and visits only go out."""

    company = fields.Field(column_name="company", attribute="company__name", readonly=True)
    rank = fields.Field(column_name="rank", attribute="rank__name", readonly=True)
    phones = fields.Field(column_name="phones")
    postal_code = fields.Field(column_name="postal_code")
    address = fields.Field(column_name="address")

    class Meta:
        model = Customer
        import_id_fields = ("code",)
        fields = (
            *("code", "name", "kana", "honorific", "company", "department", "title", "phones", "email", "postal_code"),
            *("address", "birthday", "since", "rank", "likes", "dislikes", "note", "visit_count", "last_visit_on"),
        )
        export_order = fields
        use_transactions = True

    def get_queryset(self) -> QuerySet[Customer]:
        """With what the columns show."""
        return Customer.objects.select_related("company", "rank").prefetch_related("phones", "addresses").order_by("pk")

    def dehydrate_phones(self, customer: Customer) -> str:
        """All numbers as written."""
        return BETWEEN_PHONES.join(phone.written for phone in customer.phones.all())

    def dehydrate_postal_code(self, customer: Customer) -> str:
        """Of the first address."""
        return next((address.postal_code for address in customer.addresses.all()), "")

    def dehydrate_address(self, customer: Customer) -> str:
        """The first address."""
        return next((address.text for address in customer.addresses.all()), "")

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """The code as it is stored, so that the guest is found by it."""
        super().before_import_row(row, **kwargs)
        row["code"] = text.code_text(row.get("code", ""))
        if not row["code"]:
            raise ValidationError(
                _("A guest without a code cannot be recognised. Use the ledger import for such lists.")
            )

    def write(self, instance: Customer, is_create: bool, row: dict[str, Any], by: User) -> Customer:
        """A file without a column leaves its values as they are."""
        values: dict[str, Any] = {
            name: row[name]
            for name in (*GUEST_TEXTS, "postal_code", "address")
            if name in row and (row[name] or not is_create)
        }
        if "company" in row:
            values["company_name"] = row["company"]
        if "phones" in row:
            values["phones"] = text.split_phones(row["phones"])
        for name in ("birthday", "since"):
            if name in row:
                values[name] = parse_date(row[name])
        if is_create:
            return services.create_customer(by=by, **{"name": "", **values}, code=row["code"])
        return services.change_customer(customer=instance, by=by, version=instance.version, **values)


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

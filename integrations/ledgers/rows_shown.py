"""Rows of an import as a person looks through them: as written, what it becomes, what is to be said about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.allergens.choices import AllergyState
from crm_project.core.rights import Right
from crm_project.core.tables import HIDDEN_ROW, OTHER_TABLE, finding
from crm_project.core.text import format_phone
from crm_project.core.ui.display_dates import format_date
from customers.models import Customer
from customers.queries import visible_ids
from integrations.choices import LedgerTarget, RowOutcome
from integrations.deal_ledgers.fields import FIELD_LABELS as DEAL_FIELD_LABELS
from integrations.ledgers.candidates import candidate_names, told
from integrations.ledgers.changed_values import KIND_LABELS, ChangeKind
from integrations.ledgers.entries import Message
from integrations.ledgers.fields import FIELD_LABELS
from integrations.ledgers.kinds import KINDS
from integrations.models import LedgerImport, LedgerRow
from integrations.visit_ledgers.fields import FIELD_LABELS as VISIT_FIELD_LABELS

# Messages are stored with the worst first.
WARNED: Final = Q(messages__0__level="warning") & ~Q(outcome=RowOutcome.ERROR)
NOT_READ: Final = "not_read"
# What was said of values in passing stands behind what is worse.
CHANGED: Final = "changed"
WAS_CHANGED: Final = (
    Q(messages__0__level="note")
    | Q(messages__1__level="note")
    | Q(messages__2__level="note")
    | Q(messages__3__level="note")
)
FILTERS: Final[dict[str, str | Promise]] = {
    "": _("All"),
    RowOutcome.ERROR.value: _("Set aside"),
    NOT_READ: _("Not read in full"),
    CHANGED: _("Changed on the way in"),
    RowOutcome.CREATED.value: _("New"),
    RowOutcome.UPDATED.value: _("Updated"),
    RowOutcome.UNCHANGED.value: _("The same"),
}
# What a row is that is no guest.
LEFT_OUT: Final[dict[str, str | Promise]] = {
    finding.SUBTOTAL: _("Subtotal"),
    finding.REPEATED: _("Headings again"),
    finding.NUMBERED: _("Number only"),
    finding.SAMPLE: _("Sample"),
    finding.REMARK: _("Remark"),
    finding.SECTION: _("Title of a part"),
    HIDDEN_ROW: _("Hidden"),
    OTHER_TABLE: _("Another table"),
}
LEFT_OUT_SHOWN: Final = 200
CHANGE_LABELS: Final = FIELD_LABELS | {"people": _("also in the cell")}
# What a row brings beside its guest's card.
BESIDE: Final = ("visits", "deal")
BESIDE_LABELS: Final[dict[str, str | Promise]] = {
    "starts_at": _("time"),
    "ends_at": _("until"),
    "business_date": _("business day"),
    "room_id": _("room"),
    "party_size": pgettext_lazy("party size", "guests"),
    "purpose": _("purpose"),
    "status": _("status"),
    "course_id": _("course"),
    "staff_id": _("attendant (係)"),
    "source_id": _("source"),
    "amount": _("amount (tax excluded)"),
    "dishes": _("dishes"),
    "companions": _("companions"),
    "stage": _("stage"),
    "event_date": _("date"),
    "event_date_text": _("date, as told"),
    "next_step": _("next step"),
    "next_step_on": _("next step on"),
    "owner_id": _("in charge"),
    "contact_text": _("asked by"),
    "note": _("what they want"),
}
# What the fields of a ledger are called.
LABELS: Final[dict[str, dict[str, str | Promise]]] = {
    LedgerTarget.VISITS.value: VISIT_FIELD_LABELS,
    LedgerTarget.DEALS.value: DEAL_FIELD_LABELS,
}
AMOUNT: Final = "amount"
TONES: Final = {RowOutcome.ERROR: "ask", RowOutcome.CREATED: "ok", RowOutcome.UPDATED: "info"}


@dataclass(frozen=True)
class ShownRemark:
    """What is said of a row: of a value also its column, what was there and what was made of it."""

    level: str
    sentence: str
    column: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class ChangedColumn:
    """A kind of change of one column: how many values, and some of them as (row, before, after)."""

    column: str
    kind: str | Promise
    count: int
    examples: list[list[Any]]
    is_unread: bool


@dataclass(frozen=True)
class ShownRow:
    """One line of the table."""

    row: LedgerRow
    # Whom the row is about, for those who may open the guest; the others read the code alone.
    guest: Customer | None
    hidden_code: str
    written: str
    # A new guest's card in one line.
    card: str
    # (field, before, after) of a guest who is known; the field alone of a guest whom the person may not open.
    changes: list[tuple[str | Promise, str, str]]
    # The worst first.
    remarks: list["ShownRemark"]
    tone: str


def left_out_rows(ledger_import: LedgerImport, user: User) -> list[tuple[int, str | Promise, str]]:
    """The rows of the file that are no guests: (row, what it is, what it says), the first ones. The sums of visits and
    inquiries are told to who may see money everywhere."""
    rows = ledger_import.left_out.get("rows", [])[:LEFT_OUT_SHOWN]
    holds_sums = ledger_import.target != LedgerTarget.CUSTOMERS and any(one["kind"] == finding.SUBTOTAL for one in rows)
    silent = {finding.SUBTOTAL} if holds_sums and not user.has_right_everywhere(Right.VIEW_MONEY) else set()
    return [
        (one["row"], LEFT_OUT.get(one["kind"], one["kind"]), "" if one["kind"] in silent else one["text"])
        for one in rows
    ]


def changed_columns(ledger_import: LedgerImport, user: User) -> list[ChangedColumn]:
    """What values of the file became, by column and kind; what could not be read comes first. Amounts have no examples for
    who may not see money everywhere."""
    groups = ledger_import.reading.get("groups", ())
    of_money = any(_is_amount(group["field"]) for group in groups)
    sees_money = not of_money or user.has_right_everywhere(Right.VIEW_MONEY)
    numbers = {example[0] for group in groups for example in group["examples"]}
    named = LedgerRow.objects.filter(ledger_import=ledger_import, row_number__in=numbers)
    rows = list(named.only("pk", "row_number", "customer_id", "changes")) if numbers else []
    visible = visible_ids(user, [row.customer_id for row in rows])
    sealed = _rows_of_sealed(rows, user)
    # What one row says of somebody whom the person may not open is no example.
    hidden = {
        row.row_number for row in rows if row.pk in sealed or (row.customer_id and row.customer_id not in visible)
    }
    return [
        ChangedColumn(
            group["column"] or str(FIELD_LABELS.get(group["field"], group["field"])),
            KIND_LABELS.get(group["kind"], group["kind"]),
            group["count"],
            [one for one in group["examples"] if one[0] not in hidden]
            if sees_money or not _is_amount(group["field"])
            else [],
            group["kind"] == ChangeKind.UNREAD,
        )
        for group in groups
    ]


def rows_to_look_at(ledger_import: LedgerImport, shown: str) -> QuerySet[LedgerRow]:
    """Rows of the import: those set aside first, then those not read in full, then the others, in the order of the file."""
    rows = LedgerRow.objects.filter(ledger_import=ledger_import)
    if shown == NOT_READ:
        rows = rows.filter(WARNED)
    elif shown == CHANGED:
        rows = rows.filter(WAS_CHANGED)
    elif shown in RowOutcome.values:
        rows = rows.filter(outcome=shown)
    urgency = Case(
        When(outcome=RowOutcome.ERROR, then=Value(0)),
        When(WARNED, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return rows.select_related("customer").order_by(urgency, "row_number")


def shown_rows(rows: Sequence[LedgerRow], user: User) -> list[ShownRow]:
    """The rows in the words of the house, with what the person may know of their guests. The queries do not grow."""
    visible = visible_ids(user, [row.customer_id for row in rows])
    names = candidate_names((row.messages for row in rows), user)
    of_money = any(_is_amount(name) for row in rows for name in (*row.written, *(one["field"] for one in row.messages)))
    sees_money = not of_money or user.has_right_everywhere(Right.VIEW_MONEY)

    sealed = _rows_of_sealed(rows, user)

    def is_hidden(row: LedgerRow) -> bool:
        return row.pk in sealed or (row.customer_id is not None and row.customer_id not in visible)

    return [
        ShownRow(
            row,
            guest=None if is_hidden(row) else row.customer,
            hidden_code=(row.customer.code or "") if row.customer and is_hidden(row) and row.pk not in sealed else "",
            written="　".join(
                text
                for name, text in row.written.items()
                if not is_hidden(row) and (sees_money or not _is_amount(name))
            ),
            card="・".join(after for _field, _before, after in _changes(row) if after)
            if _is_planned_guest(row)
            else "",
            changes=_changes_shown(row, is_hidden=is_hidden(row)),
            remarks=[_remark(message, names, sees_money=sees_money) for message in row.messages]
            if not is_hidden(row)
            else [],
            tone=TONES.get(RowOutcome(row.outcome), "plain"),
        )
        for row in rows
    ]


def _rows_of_sealed(rows: Sequence[LedgerRow], user: User) -> set[int]:
    """Rows about a visit or an inquiry of which the person may know nothing: they are rows without words."""
    of_kind = {
        key: {row.pk: ids for row in rows if row.pk and (ids := kind.records(row.changes))}
        for key, kind in KINDS.items()
    }
    found: set[int] = set()
    for key, records in of_kind.items():
        if records:
            hidden = KINDS[key].hidden_from(user, {pk for ids in records.values() for pk in ids})
            found |= {pk for pk, ids in records.items() if hidden.intersection(ids)}
    return found


def _is_amount(name: str) -> bool:
    """Whether a field, at one of its places, holds an amount."""
    return name.partition(" ")[0] == AMOUNT


def written_of(row: LedgerRow, user: User) -> list[tuple[str | Promise, str]]:
    """The cells of a row as they stand in the file, with what they are; amounts for who may see money everywhere."""
    sees_money = not any(map(_is_amount, row.written)) or user.has_right_everywhere(Right.VIEW_MONEY)
    labels = LABELS.get(row.ledger_import.target, FIELD_LABELS)
    found: list[tuple[str | Promise, str]] = []
    for name, text in row.written.items():
        field, _blank, place = name.rpartition(" ")
        field, place = (field, place) if field and place.isdecimal() else (name, "")
        if _is_amount(field) and not sees_money:
            continue
        label = labels.get(field) or field.partition(".")[2] or field
        found.append((f"{label} {place}" if place else label, text))
    return found


def remarks_of(row: LedgerRow, user: User) -> list[ShownRemark]:
    """What is said of one row that nobody is known to be of yet; of amounts for who may see money everywhere."""
    sees_money = not any(_is_amount(one["field"]) for one in row.messages)
    sees_money = sees_money or user.has_right_everywhere(Right.VIEW_MONEY)
    return [_remark(message, {}, sees_money=sees_money) for message in row.messages]


def _remark(message: Message, names: dict[str, str], *, sees_money: bool) -> ShownRemark:
    if _is_amount(message["field"]) and not sees_money:
        return ShownRemark(message["level"], gettext("an amount could not be read"))
    value = {name: message.get(name, "") for name in ("column", "before", "after")}
    return ShownRemark(message["level"], told(message, names), **value)


def _changes_shown(row: LedgerRow, *, is_hidden: bool) -> list[tuple[str | Promise, str, str]]:
    beside = _beside_the_card(row)
    if row.outcome != RowOutcome.UPDATED:
        return [] if is_hidden else beside
    changes = [*_changes(row), *beside]
    return [(label, "", "") for label, _before, _after in changes] if is_hidden else changes


def _is_planned_guest(row: LedgerRow) -> bool:
    return row.outcome == RowOutcome.CREATED and row.customer_id is None


def _changes(row: LedgerRow) -> list[tuple[str | Promise, str, str]]:
    return [
        (
            CHANGE_LABELS.get(name) or name.partition(".")[2] or _("as written in the ledger"),
            _words(name, before),
            _words(name, after),
        )
        for name, (before, after) in ((name, change) for name, change in row.changes.items() if name not in BESIDE)
    ]


def _beside_the_card(row: LedgerRow) -> list[tuple[str | Promise, str, str]]:
    """Visits and inquiries of the row: what is new, and what changes; not what is the same."""
    lines: list[tuple[str | Promise, str, str]] = []
    for visit in row.changes.get("visits", ()):
        day = format_date(date.fromisoformat(visit["day"]))
        if visit["outcome"] == RowOutcome.CREATED:
            lines.append((day, "", visit.get("told", "")))
        lines += [
            (f"{day} {BESIDE_LABELS.get(name, name)}", _plain_words(name, before), _plain_words(name, after))
            for name, (before, after) in visit["changes"].items()
        ]
    if deal := row.changes.get("deal"):
        if deal["is_new"] and deal["said"]:
            lines.append(
                (
                    deal["title"],
                    "",
                    "・".join(_plain_words(name, said) for name, said in deal["said"].items() if name != "owner_id"),
                )
            )
        lines += [
            (f"{deal['title']} {BESIDE_LABELS.get(name, name)}", _plain_words(name, before), _plain_words(name, after))
            for name, (before, after) in deal["changes"].items()
        ]
        lines += [(deal["title"], "", " ".join(filter(None, contact))) for contact in deal["contacts"]]
    return lines


def _plain_words(name: str, value: Any) -> str:
    """A value of a visit or an inquiry; keys and amounts are not told here."""
    if name == "amount" or name.endswith("_id"):
        return "…" if value else ""
    return "" if value is None else str(value)


def _words(name: str, value: Any) -> str:
    if not value:
        return ""
    if name == "phone":
        return "、".join(map(format_phone, value))
    if name == "unread":
        return "、".join(f"{FIELD_LABELS.get(field, field)}: {text}" for field, text in value.items())
    if name == "allergies" and value in AllergyState.values:
        return gettext("allergies: %(state)s") % {"state": AllergyState(value).label}
    if name in ("birthday", "since"):
        return format_date(date.fromisoformat(value))
    return str(value)

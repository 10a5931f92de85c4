"""Recording visits: one transaction, one audit entry, the timeline, the threads of the notes, the guest's figures."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import EllipsisType
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Count, Max, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from crm_project.core.accounts.models import User, Venue
from crm_project.core.amounts import exact
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record, snapshot
from crm_project.core.comments.services import open_thread
from crm_project.core.dates import business_date
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.text import tidy
from crm_project.core.timeline.services import replace_rows
from customers.models import Customer
from customers.services import note_known_at
from menus.models import Course, Dish
from visits.choices import Purpose, SeatedCheck, VisitStatus
from visits.entries import AttendanceEntry, Confirmation, NoteEntry
from visits.models import Attendance, ConfirmedWarning, Note, NoteCategory, Room, ServedDish, Visit, VisitDraft
from visits.queries import dishes_of_course, guests_with_allergies, past_servings
from visits.story import thread_words, timeline_rows
from visits.table_warnings import TableWarning, house_words, table_warnings

FIELDS = ("starts_at", "room", "party_size", "purpose", "status", "course", "staff", "amount")
STEPS: dict[str, frozenset[str]] = {
    VisitStatus.RESERVED: frozenset(
        {VisitStatus.ARRIVED, VisitStatus.SEATED, VisitStatus.CANCELLED, VisitStatus.NO_SHOW}
    ),
    VisitStatus.ARRIVED: frozenset({VisitStatus.SEATED, VisitStatus.RESERVED}),
    VisitStatus.SEATED: frozenset({VisitStatus.ARRIVED}),
    VisitStatus.CANCELLED: frozenset({VisitStatus.RESERVED}),
    VisitStatus.NO_SHOW: frozenset({VisitStatus.RESERVED}),
    VisitStatus.COMPLETED: frozenset(),
}


class RecordingRefused(InputProblem):
    """The visit cannot be recorded as it was written."""


class UnconfirmedWarnings(RecordingRefused):
    """Warnings that nobody confirmed with a reason: `warnings`."""

    def __init__(self, warnings: Sequence[TableWarning]) -> None:
        super().__init__(
            ngettext_lazy(
                "%(count)s warning has to be confirmed with a reason: %(dishes)s",
                "%(count)s warnings have to be confirmed with a reason: %(dishes)s",
                len(warnings),
            ),
            {"count": len(warnings), "dishes": "、".join(dict.fromkeys(warning.dish.name for warning in warnings))},
        )
        self.warnings = list(warnings)


class MissingCategories(RecordingRefused):
    """Required lines of the check sheet without an answer: `categories`."""

    def __init__(self, categories: Sequence[NoteCategory]) -> None:
        super().__init__(
            _("The check sheet needs an answer to: %(names)s"),
            {"names": "、".join(category.name for category in categories)},
        )
        self.categories = list(categories)


class VisitChangedMeanwhile(RecordingRefused):
    """Somebody else changed the visit since the form was opened; nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else has changed this visit meanwhile. Look at it again, then repeat your change.")
        )


def record_visit(
    *,
    by: User,
    venue: Venue,
    starts_at: datetime,
    attendances: Sequence[AttendanceEntry],
    party_size: int = 1,
    purpose: str = Purpose.PRIVATE,
    room: Room | None = None,
    status: str = VisitStatus.COMPLETED,
    course: Course | None = None,
    dishes: Sequence[Dish] = (),
    notes: Mapping[str, NoteEntry] | None = None,
    confirmations: Mapping[str, Confirmation] | None = None,
    amount: Decimal | None = None,
    staff: User | None = None,
    form_token: uuid.UUID | None = None,
) -> Visit:
    """Record a visit, or a reservation (`status`), and return it; the same `form_token` twice is one visit.

    `notes` answers the check sheet by category code, `confirmations` the warnings by `TableWarning.key`; `amount` is in
    yen without tax. A course without `dishes` serves its own. Raises PermissionDenied without LOG_VISITS at the venue (or
    an amount without VIEW_MONEY), UnconfirmedWarnings, MissingCategories or another RecordingRefused. Writes the
    timeline, opens one thread per note, brings the guests' last visit and count up to date, drops the draft.
    """
    if not by.has_right(Right.LOG_VISITS, venue):
        raise PermissionDenied
    token = form_token or uuid.uuid4()
    if (recorded := _recorded_with(token, by)) is not None:
        return recorded
    try:
        with transaction.atomic():
            visit = Visit(venue=venue, recorded_by=by, form_token=token)
            values = _checked_values(
                visit,
                by=by,
                starts_at=starts_at,
                room=room,
                party_size=party_size,
                purpose=purpose,
                status=status,
                course=course,
                staff=staff,
                amount=amount,
            )
            _set(visit, values)
            visit.save(force_insert=True)
            _write_parts(visit, by, attendances, dishes, notes or {}, confirmations or {})
            record(by=by, action=Action.CREATED, subject=visit, changes=difference({}, _told(visit)))
            _after(visit, {*_customer_ids(visit)})
            VisitDraft.objects.filter(pk=token, user=by).delete()
            return visit
    except IntegrityError:
        # The other of two simultaneous taps was first; anything else is a fault of ours.
        recorded = _recorded_with(token, by)
        if recorded is None:
            raise
        return recorded


def change_visit(
    *,
    visit: Visit,
    by: User,
    version: int,
    starts_at: datetime,
    attendances: Sequence[AttendanceEntry],
    party_size: int,
    purpose: str,
    room: Room | None = None,
    status: str = VisitStatus.COMPLETED,
    course: Course | None = None,
    dishes: Sequence[Dish] = (),
    notes: Mapping[str, NoteEntry] | None = None,
    confirmations: Mapping[str, Confirmation] | None = None,
    amount: Decimal | EllipsisType | None = ...,
    staff: User | None = None,
    form_token: uuid.UUID | None = None,
) -> Visit:
    """Write a reservation or visit anew; the arguments are those of `record_visit`, `...` keeps the amount.

    `version` is the one the person saw: VisitChangedMeanwhile when it has passed. Notes once written can be reworded, not
    taken away (they may have been answered); confirmed warnings stay on file. The same `form_token` twice is one change.
    """
    if not by.has_right(Right.LOG_VISITS, visit.venue_id):
        raise PermissionDenied
    if form_token is not None and (recorded := _recorded_with(form_token, by)) is not None:
        return recorded
    with transaction.atomic():
        visit = Visit.objects.select_for_update(of=("self",)).select_related("venue").get(pk=visit.pk)
        if form_token is not None and visit.form_token == form_token:
            return visit  # the other of two simultaneous taps was first
        if visit.version != version:
            raise VisitChangedMeanwhile
        if visit.status == VisitStatus.COMPLETED and status != VisitStatus.COMPLETED:
            raise RecordingRefused(_("A recorded visit does not become a reservation again."))
        before, guests_before = _told(visit), _customer_ids(visit)
        values = _checked_values(
            visit,
            by=by,
            starts_at=starts_at,
            room=room,
            party_size=party_size,
            purpose=purpose,
            status=status,
            course=course,
            staff=staff,
            amount=visit.amount if isinstance(amount, EllipsisType) else amount,
        )
        _set(visit, values)
        visit.version += 1
        visit.form_token = form_token or visit.form_token
        visit.save()
        _write_parts(visit, by, attendances, dishes, notes or {}, confirmations or {})
        changes = difference(before, _told(visit))
        if changes:
            record(by=by, action=Action.CHANGED, subject=visit, changes=changes)
        _after(visit, guests_before | _customer_ids(visit))
        if form_token is not None:
            VisitDraft.objects.filter(pk=form_token, user=by).delete()
        return visit


@transaction.atomic
def advance_visit(*, visit: Visit, by: User, status: str) -> Visit:
    """Move a reservation on: arrived, seated, or back; cancelled or no-show. The same step twice is one step."""
    if not by.has_right(Right.LOG_VISITS, visit.venue_id):
        raise PermissionDenied
    visit = Visit.objects.select_for_update().get(pk=visit.pk)
    if visit.status == status:
        return visit
    if status not in STEPS[visit.status]:
        raise RecordingRefused(_("That step does not follow from where the visit is now."))
    before = visit.status
    visit.status = status
    visit.version += 1
    visit.save(update_fields=["status", "version"])
    record(by=by, action=Action.CHANGED, subject=visit, changes={"status": [before, str(status)]})
    return visit


@transaction.atomic
def check_at_table(*, attendance: Attendance, by: User, seated_check: str) -> Attendance:
    """Note the answer to the allergy question at the table, and who asked."""
    if not by.has_right(Right.LOG_VISITS, attendance.visit.venue_id):
        raise PermissionDenied
    if seated_check not in SeatedCheck.values:
        raise RecordingRefused(_("Say whether anything has changed."))
    if attendance.seated_check == seated_check:
        return attendance
    before = attendance.seated_check
    _set_check(attendance, seated_check, by)
    attendance.save(update_fields=["seated_check", "checked_by", "checked_at"])
    record(
        by=by,
        action=Action.CHANGED,
        subject=attendance.visit,
        changes={"seated_check": [before, [str(attendance), str(seated_check)]]},
    )
    return attendance


def keep_draft(*, by: User, venue: Venue, form_token: uuid.UUID, values: Mapping[str, list[str]]) -> VisitDraft | None:
    """Keep what has been typed so far; None when the visit was recorded meanwhile, or the draft is somebody else's.

    Somebody's own scratch paper, saved every few seconds: it leaves no trail.
    """
    with transaction.atomic():
        if Visit.objects.filter(form_token=form_token).exists():
            return None
        if VisitDraft.objects.filter(pk=form_token).exclude(user=by).exists():
            return None
        draft, _made = VisitDraft.objects.update_or_create(
            pk=form_token, defaults={"user": by, "venue": venue, "values": dict(values)}
        )
        return draft


def discard_draft(*, by: User, form_token: uuid.UUID) -> None:
    """Throw one's own draft away."""
    VisitDraft.objects.filter(pk=form_token, user=by).delete()


@transaction.atomic
def create_category(*, by: User, name: str, **values: Any) -> NoteCategory:
    """Add a line to the check sheet. The code is made up: names are the house's and may change."""
    category = NoteCategory(name=name, code=f"line-{uuid.uuid4().hex[:12]}", **values)
    category.full_clean()
    category.save(force_insert=True)
    record(by=by, action=Action.CREATED, subject=category, changes={"name": [None, name]})
    return category


@transaction.atomic
def change_category(*, category: NoteCategory, by: User, **values: Any) -> NoteCategory:
    """Change a line of the check sheet; what was written under it stays."""
    category = NoteCategory.objects.select_for_update().get(pk=category.pk)
    before = snapshot(category, values)
    for name, value in values.items():
        setattr(category, name, value)
    category.full_clean()
    category.save(update_fields=list(values))
    changes = difference(before, snapshot(category, values))
    if changes:
        record(by=by, action=Action.CHANGED, subject=category, changes=changes)
    return category


def _recorded_with(token: uuid.UUID, by: User) -> Visit | None:
    visit = Visit.objects.select_related("venue").filter(form_token=token).first()
    if visit is not None and not by.has_right(Right.LOG_VISITS, visit.venue_id):
        raise PermissionDenied
    return visit


def _checked_values(visit: Visit, *, by: User, **values: Any) -> dict[str, Any]:
    """The values once they make sense together. Raises PermissionDenied or RecordingRefused."""
    venue: Venue = visit.venue
    if values["amount"] is not None:
        values["amount"] = exact(values["amount"])
        if values["amount"] != visit.amount and not by.has_right(Right.VIEW_MONEY, venue):
            raise PermissionDenied
    if values["room"] is not None and values["room"].venue_id != venue.pk:
        raise RecordingRefused(_("That room is in another venue."))
    values["business_date"] = business_date(values["starts_at"], venue.closing_hour, venue.zone)
    today = business_date(timezone.now(), venue.closing_hour, venue.zone)
    if values["status"] == VisitStatus.COMPLETED and values["business_date"] > today:
        raise RecordingRefused(_("A visit that is still to come is kept as a reservation."))
    return values


def _set(visit: Visit, values: Mapping[str, Any]) -> None:
    for field, value in values.items():
        setattr(visit, field, value)


def _customer_ids(visit: Visit) -> set[int]:
    return set(visit.attendances.exclude(customer=None).values_list("customer_id", flat=True))


def _write_parts(
    visit: Visit,
    by: User,
    attendances: Sequence[AttendanceEntry],
    dishes: Sequence[Dish],
    notes: Mapping[str, NoteEntry],
    confirmations: Mapping[str, Confirmation],
) -> None:
    """Write people, dishes, confirmed warnings and notes of a visit that is already saved."""
    if not attendances:
        raise RecordingRefused(_("Choose the guest, or enter a new one."))
    written = _write_attendances(visit, attendances, by)
    if not dishes and visit.course is not None:
        found = Dish.objects.in_bulk(dishes_of_course(visit.course))
        dishes = [found[pk] for pk in dishes_of_course(visit.course)]
    replaced = _write_warnings(visit, by, written, dishes, confirmations)
    _write_dishes(visit, dishes, replaced)
    _write_notes(visit, by, written, notes)


def _write_attendances(visit: Visit, entries: Sequence[AttendanceEntry], by: User) -> list[Attendance]:
    """Bring the people at the table up to date; who was asked about allergies, and by whom, is kept."""
    known = {_identity(row): row for row in visit.attendances.all()}
    kept: list[Attendance] = []
    for position, entry in enumerate(entries):
        label = tidy(entry.label)
        wanted = Attendance(visit=visit, customer=entry.customer, label="" if entry.customer else label)
        if not entry.customer and not label:
            raise RecordingRefused(_("Write what a companion is called, for example お連れ①."))
        row = known.pop(_identity(wanted), wanted)
        if any(row is other for other in kept) or _identity(row) in map(_identity, kept):
            raise RecordingRefused(_("Somebody stands twice at this table."))
        row.role, row.position = entry.role, position
        if row.seated_check != entry.seated_check or row.pk is None:
            _set_check(row, entry.seated_check, by)
        kept.append(row)
    Attendance.objects.filter(pk__in=[row.pk for row in known.values()]).delete()
    for row in kept:
        row.save()
    if not any(row.customer_id for row in kept) and visit.status == VisitStatus.COMPLETED:
        raise RecordingRefused(_("Choose the guest, or enter a new one."))
    return kept


def _identity(row: Attendance) -> tuple[int | None, str]:
    return row.customer_id, "" if row.customer_id else row.label


def _set_check(row: Attendance, seated_check: str, by: User) -> None:
    row.seated_check = seated_check
    asked = seated_check != SeatedCheck.NOT_YET
    row.checked_by, row.checked_at = (by, timezone.now()) if asked else (None, None)


def _write_warnings(
    visit: Visit,
    by: User,
    attendances: Sequence[Attendance],
    dishes: Sequence[Dish],
    confirmations: Mapping[str, Confirmation],
) -> set[int]:
    """Refuse what nobody confirmed, keep what was confirmed, and return the ids of dishes that were replaced."""
    customers = list(guests_with_allergies().filter(pk__in=[row.customer_id for row in attendances if row.customer_id]))
    menu = list(Dish.objects.prefetch_related("allergens__allergen").filter(pk__in=[dish.pk for dish in dishes]))
    past = past_servings([customer.pk for customer in customers], before=visit.starts_at, except_visit=visit.pk)
    warnings = [warning for warning in table_warnings(customers, menu, past) if warning.must_be_confirmed]
    on_file = set(visit.confirmed_warnings.values_list("kind", "customer_id", "dish_id"))
    replaced = set(visit.served_dishes.filter(was_replaced=True).values_list("dish_id", flat=True))
    open_warnings = []
    for warning in warnings:
        confirmation = confirmations.get(warning.key)
        reason = tidy(confirmation.reason) if confirmation else ""
        if confirmation and reason:
            replaced = replaced | {warning.dish.pk} if confirmation.was_replaced else replaced - {warning.dish.pk}
            ConfirmedWarning.objects.create(
                visit=visit,
                customer=warning.customer,
                dish=warning.dish,
                kind=warning.kind,
                detail=house_words(warning),
                reason=reason[:300],
                confirmed_by=by,
            )
        elif (warning.kind, warning.customer.pk, warning.dish.pk) not in on_file:
            open_warnings.append(warning)
    # A reservation only shows its warnings: the kitchen has time to replace the dish.
    if open_warnings and visit.status == VisitStatus.COMPLETED:
        raise UnconfirmedWarnings(open_warnings)
    return replaced


def _write_dishes(visit: Visit, dishes: Sequence[Dish], replaced: set[int]) -> None:
    """Bring the dishes of the whole table up to date; what one person had differently stays."""
    wanted = {dish.pk: dish for dish in dishes}
    table = visit.served_dishes.filter(attendance=None)
    table.exclude(dish__in=wanted).delete()
    there = set(table.values_list("dish_id", flat=True))
    ServedDish.objects.bulk_create(ServedDish(visit=visit, dish=dish) for pk, dish in wanted.items() if pk not in there)
    table.filter(dish__in=replaced).update(was_replaced=True)
    table.exclude(dish__in=replaced).update(was_replaced=False)


def _write_notes(visit: Visit, by: User, attendances: Sequence[Attendance], notes: Mapping[str, NoteEntry]) -> None:
    """Write the check sheet; one thread per note, that of a complaint urgent."""
    categories = {category.code: category for category in NoteCategory.objects.all()}
    written = {note.category_id: note for note in visit.notes.all()}
    if unknown := notes.keys() - categories.keys():
        raise RecordingRefused(_("The check sheet has no line %(codes)s."), {"codes": ", ".join(sorted(unknown))})
    if visit.status == VisitStatus.COMPLETED:
        _require(visit, [*categories.values()], notes, written)
    known = [row.customer for row in attendances if row.customer is not None]
    for category in categories.values():
        entry = notes.get(category.code)
        if entry is None:
            continue
        words = tidy(entry.text, lines=True)
        note = written.get(category.pk)
        if not words:
            if note is not None:
                raise RecordingRefused(
                    _("“%(name)s” was written down already: change its words, it cannot be taken away."),
                    {"name": category.name},
                )
            continue
        if note is None:
            note = Note(visit=visit, category=category, author=by)
        about = entry.customer or (known[0] if known else None)
        if about is not None and about.pk not in {customer.pk for customer in known}:
            raise RecordingRefused(_("A note is about somebody at the table."))
        note.customer, note.text, note.is_standing = about, words, entry.is_standing
        note.save()
        open_thread(
            parent=note,
            venue=visit.venue,
            author=note.author,
            read_right=Right.VIEW_NOTES,
            is_urgent=category.is_bad_news,
            **thread_words(visit, note, attendances),
        )


def _require(
    visit: Visit, categories: Sequence[NoteCategory], notes: Mapping[str, NoteEntry], written: Mapping[int, Note]
) -> None:
    missing = []
    for category in categories:
        if not (category.is_active and category.is_required) or category.pk in written:
            continue
        entry = notes.get(category.code)
        # Only a yes-or-no line can be answered with なし.
        if entry is None or (not entry.text.strip() and category.entry != "yes_no"):
            missing.append(category)
    if missing:
        raise MissingCategories(missing)


def _told(visit: Visit) -> dict[str, Any]:
    """What the audit says of a visit: JSON values."""
    told: dict[str, Any] = {
        "venue": str(visit.venue),
        "starts_at": visit.starts_at.isoformat(),
        "room": str(visit.room) if visit.room else None,
        "party_size": visit.party_size,
        "purpose": str(visit.purpose),
        "status": str(visit.status),
        "course": str(visit.course) if visit.course else None,
        "staff": str(visit.staff) if visit.staff else None,
        "attendances": [
            [str(row), str(row.role), str(row.seated_check)]
            for row in visit.attendances.select_related("customer").order_by("position", "pk")
        ],
        "dishes": sorted(visit.served_dishes.filter(was_replaced=False).values_list("dish__name", flat=True)),
        "notes": [list(row) for row in visit.notes.order_by("pk").values_list("category__name", "text")],
        "confirmed_warnings": [
            list(row) for row in visit.confirmed_warnings.order_by("pk").values_list("dish__name", "detail", "reason")
        ],
    }
    if visit.amount is not None:
        told["amount"] = format(visit.amount.normalize(), "f")
    return {name: value for name, value in told.items() if value not in (None, [], "")}


def _after(visit: Visit, customer_ids: set[int]) -> None:
    """What follows from a written visit: where the guests are known, their figures, the timeline."""
    note_known_at(customer_ids=sorted(customer_ids), venue=visit.venue)
    refresh_visit_figures(customer_ids=customer_ids)
    replace_rows(parent=visit, rows=timeline_rows(visit))


def refresh_visit_figures(*, customer_ids: set[int]) -> None:
    """Count completed visits anew and find the last one, for these guests, in one statement."""
    took_place = (
        Attendance.objects.filter(customer=OuterRef("pk"), visit__status=VisitStatus.COMPLETED)
        .order_by()
        .values("customer")
    )
    Customer.objects.filter(pk__in=customer_ids).update(
        visit_count=Coalesce(Subquery(took_place.annotate(n=Count("visit", distinct=True)).values("n")), Value(0)),
        last_visit_on=Subquery(took_place.annotate(last=Max("visit__business_date")).values("last")),
    )

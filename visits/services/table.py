"""The table: how far the visit is, who sits there, what was asked, what is served."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.rights import Right
from crm_project.core.text import tidy
from menus.models import Dish
from menus.queries import dishes_with_allergens
from visits.choices import DECIDES, IN_THE_HOUSE, ExceptionKind, SeatedCheck, VisitStatus, WarningKind
from visits.entries import AttendanceEntry, Confirmation
from visits.models import Attendance, ConfirmedWarning, SeatException, ServedDish, Visit
from visits.queries import answered_before, guests_with_allergies, past_servings
from visits.refusals import RecordingRefused, UnconfirmedWarnings, whole
from visits.seat_decisions import decisions_of, warnings_instead
from visits.served import Serving
from visits.services.follow_ups import plan_follow_ups, want_again
from visits.services.occupancy import occupy
from visits.table_warnings import house_words, table_warnings

STEPS: dict[str, frozenset[str]] = {
    VisitStatus.TENTATIVE: frozenset({VisitStatus.RESERVED, VisitStatus.ARRIVED, VisitStatus.SEATED}),
    VisitStatus.RESERVED: frozenset({VisitStatus.ARRIVED, VisitStatus.SEATED, VisitStatus.NO_SHOW}),
    VisitStatus.ARRIVED: frozenset({VisitStatus.SEATED, VisitStatus.RESERVED}),
    VisitStatus.SEATED: frozenset({VisitStatus.ARRIVED}),
    VisitStatus.CANCELLED: frozenset({VisitStatus.RESERVED}),
    VisitStatus.NO_SHOW: frozenset({VisitStatus.RESERVED}),
    VisitStatus.COMPLETED: frozenset(),
}

# The reason of a confirmed warning.
LONGEST_REASON = 300


@transaction.atomic
def advance_visit(*, visit: Visit, by: User, status: str) -> Visit:
    """Move a booking on: firm, arrived, seated, no-show, or a step back. The same step twice is one step.

    Raises PermissionDenied without LOG_VISITS or TAKE_BOOKINGS at the venue, RoomTaken when a booking that comes back finds
    its room given to others. A cancellation needs a reason: `cancel_booking`.
    """
    if not (by.has_right(Right.LOG_VISITS, visit.venue_id) or by.has_right(Right.TAKE_BOOKINGS, visit.venue_id)):
        raise PermissionDenied
    visit = Visit.objects.select_for_update(of=("self",), no_key=True).select_related("venue", "room").get(pk=visit.pk)
    if visit.status == status:
        return visit
    if status not in STEPS[visit.status]:
        raise RecordingRefused(_("That step does not follow from where the visit is now."))
    before, cancelled_at = visit.status, visit.cancelled_at
    _move(visit, VisitStatus(status))
    visit.version += 1
    visit.save()
    occupy(visit)
    want_again(visit, cancelled_at)
    plan_follow_ups(visit)
    record(by=by, action=Action.CHANGED, subject=visit, changes={"status": [before, str(status)]})
    return visit


def _move(visit: Visit, status: VisitStatus) -> None:
    """Give the visit its state and what goes with it."""
    now = timezone.now()
    visit.status, visit.tentative_until = status, None
    visit.arrived_at = (visit.arrived_at or now) if status in IN_THE_HOUSE else None
    visit.seated_at = (visit.seated_at or now) if status == VisitStatus.SEATED else None
    visit.cancel_reason, visit.cancel_detail, visit.cancelled_at, visit.cancel_percent = "", "", None, None


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
    attendance.save(update_fields=["seated_check", "checked_by", "checked_at", "has_unwritten_change"])
    record(
        by=by,
        action=Action.CHANGED,
        subject=attendance.visit,
        changes={"seated_check": [before, [str(attendance), str(seated_check)]]},
    )
    return attendance


def write_attendances(visit: Visit, entries: Sequence[AttendanceEntry], by: User) -> list[Attendance]:
    """Bring the people at the table up to date; who was asked about allergies, and by whom, is kept."""
    known = {_identity(row): row for row in visit.attendances.all()}
    wanted_ids = {(None, tidy(entry.label)) for entry in entries if entry.customer is None}
    # Called otherwise, a companion keeps the seat with what was answered and decided for it.
    renamed = {row.position: row for key, row in known.items() if row.customer_id is None and key not in wanted_ids}
    kept: list[Attendance] = []
    for position, entry in enumerate(entries):
        label = tidy(entry.label)
        wanted = Attendance(visit=visit, customer=entry.customer, label="" if entry.customer else label)
        if not entry.customer and not label:
            raise RecordingRefused(_("Write what a companion is called, for example お連れ様①."))
        row = known.pop(_identity(wanted), None) or _called_otherwise(known, renamed, position, wanted)
        if any(row is other for other in kept) or _identity(row) in map(_identity, kept):
            raise RecordingRefused(_("Somebody stands twice at this table."))
        row.role, row.position, row.headcount = (
            entry.role,
            position,
            1 if entry.customer else entry.headcount or row.headcount,
        )
        if row.seated_check != entry.seated_check or row.pk is None:
            _set_check(row, entry.seated_check, by)
        kept.append(row)
    Attendance.objects.filter(pk__in=[row.pk for row in known.values()]).delete()
    for row in kept:
        row.save()
    if not any(row.customer_id for row in kept) and visit.status == VisitStatus.COMPLETED:
        raise RecordingRefused(_("Choose the guest, or enter a new one."))
    return kept


def _called_otherwise(
    known: dict[tuple[int | None, str], Attendance], renamed: dict[int, Attendance], position: int, wanted: Attendance
) -> Attendance:
    """The companion who sat at the place and is called something else now; else the one who is new."""
    row = renamed.pop(position, None) if wanted.customer_id is None else None
    if row is None:
        return wanted
    del known[_identity(row)]
    row.label = wanted.label
    return row


def _identity(row: Attendance) -> tuple[int | None, str]:
    return row.customer_id, "" if row.customer_id else row.label


def _set_check(row: Attendance, seated_check: str, by: User) -> None:
    nobody_asked = seated_check == SeatedCheck.UNCHANGED and row.is_never_asked
    if nobody_asked and not answered_before(row.visit).covers(row.customer_id):
        raise RecordingRefused(
            _("%(name)s has not been asked about allergies yet: ask, and write down the answer."),
            {"name": str(row)},
        )
    row.seated_check = seated_check
    asked = seated_check != SeatedCheck.NOT_YET
    row.checked_by, row.checked_at = (by, timezone.now()) if asked else (None, None)
    row.has_unwritten_change = seated_check == SeatedCheck.CHANGED


def write_warnings(
    visit: Visit,
    by: User,
    attendances: Sequence[Attendance],
    dishes: Sequence[Dish],
    confirmations: Mapping[str, Confirmation],
) -> set[int]:
    """Refuse allergies that nobody confirmed or decided for the seat, keep answers; ids of dishes replaced at all seats.

    The same dish again is advice: an answer is kept where somebody gave one, and nothing waits for it. "Replaced" is said of
    the guest who was warned: nobody else's dish, and nobody else's warning, goes with it.
    """
    customers = list(guests_with_allergies().filter(pk__in=[row.customer_id for row in attendances if row.customer_id]))
    menu = list(dishes_with_allergens().filter(pk__in=[dish.pk for dish in dishes]))
    past: list[Serving] = []
    if any(key.startswith(f"{WarningKind.SAME_DISH}-") for key in confirmations):
        ids = [customer.pk for customer in customers]
        past = past_servings(ids, user=by, before=visit.starts_at, except_visit=visit.pk)
    decided = decisions_of(visit)
    warnings = [
        warning
        for warning in [*table_warnings(customers, menu, past), *warnings_instead(decided, customers, menu)]
        if not warning.is_hint and decided.settling(warning) is None
    ]
    seats = {row.customer_id: row for row in attendances}
    on_file = set(visit.confirmed_warnings.values_list("kind", "customer_id", "dish_id"))
    replaced = set(visit.served_dishes.filter(was_replaced=True).values_list("dish_id", flat=True))
    open_warnings = []
    for warning in warnings:
        confirmation = confirmations.get(warning.key)
        reason = whole(confirmation.reason, LONGEST_REASON) if confirmation else ""
        if confirmation and reason:
            if confirmation.was_replaced:
                _went_without(visit, seats[warning.customer.pk], warning.dish, reason, by)
            ConfirmedWarning.objects.create(
                visit=visit,
                customer=warning.customer,
                dish=warning.dish,
                kind=warning.kind,
                detail=house_words(warning),
                reason=reason,
                confirmed_by=by,
            )
        elif warning.is_allergy and (warning.kind, warning.customer.pk, warning.dish.pk) not in on_file:
            open_warnings.append(warning)
    # A reservation only shows its warnings: the kitchen has time to replace the dish.
    if open_warnings and visit.status == VisitStatus.COMPLETED:
        raise UnconfirmedWarnings(open_warnings)
    return replaced


def _went_without(visit: Visit, seat: Attendance, dish: Dish, reason: str, by: User) -> None:
    """The seat did not have the dish, whatever was decided about it before."""
    decided = SeatException.objects.filter(visit=visit, attendance=seat, dish=dish, kind__in=DECIDES)
    decided.exclude(kind=ExceptionKind.LEFT_OUT).delete()
    SeatException.objects.get_or_create(
        attendance=seat,
        dish=dish,
        kind=ExceptionKind.LEFT_OUT,
        defaults={"visit": visit, "note": reason[:200], "made_by": by},
    )


def write_dishes(visit: Visit, dishes: Sequence[Dish], replaced: set[int]) -> None:
    """Bring the dishes of the whole table up to date; what one person had differently stays."""
    wanted = {dish.pk: dish for dish in dishes}
    table = visit.served_dishes.filter(attendance=None)
    table.exclude(dish__in=wanted).delete()
    there = set(table.values_list("dish_id", flat=True))
    ServedDish.objects.bulk_create(ServedDish(visit=visit, dish=dish) for pk, dish in wanted.items() if pk not in there)
    table.filter(dish__in=replaced).update(was_replaced=True)
    table.exclude(dish__in=replaced).update(was_replaced=False)

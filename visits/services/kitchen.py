"""The kitchen's verbs: what a seat has differently, tonight's menu, the sheet that is ready."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import difference, record
from crm_project.core.dates import business_date
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from menus.models import Course, Dish
from menus.services import newer_version
from visits.choices import (
    DECIDES,
    HOLDS_THE_ROOM,
    KITCHEN_SAYS,
    ExceptionKind,
    RevisionKind,
    SheetKind,
    VisitStatus,
    WarningKind,
)
from visits.eaten import had_lately
from visits.evening import Evening, evening_of, evenings_of
from visits.models import (
    ConfirmedWarning,
    EveningTerms,
    SeatException,
    ServedDish,
    SheetRevision,
    TableDuty,
    TableNotice,
    TonightChange,
    Visit,
)
from visits.queries import dishes_of_course
from visits.refusals import RecordingRefused, whole
from visits.services.writing import told_of
from visits.story import retell

# Who says what is in a dish answers for it.
KITCHEN = Right.EDIT_MENUS
LONGEST_NOTE, LONGEST_REASON = 200, 300


class SheetChangedMeanwhile(InputProblem):
    """The sheet is not any more as it was seen; nothing was written."""

    def __init__(self) -> None:
        super().__init__(_("The sheet has changed since you opened it. Read it again, then say that it is ready."))


class DecidedMeanwhile(InputProblem):
    """Somebody else has decided about the dish of a seat, or taken a decision back; nothing was written."""

    def __init__(self, dish: Dish, decision: SeatException | None) -> None:
        if decision is None:
            super().__init__(
                _("What was decided about %(dish)s was taken back meanwhile. Read it again, then decide."),
                {"dish": dish.name},
            )
        else:
            what = f"{decision.get_kind_display()} {decision.replacement or ''}".strip()
            super().__init__(
                _("%(name)s has decided about %(dish)s meanwhile: %(what)s. Undo that first to decide otherwise."),
                {"name": str(decision.made_by), "dish": dish.name, "what": what},
            )


class NotReady(InputProblem):
    """Something stands against the sheet: `open` conflicts, `unasked` people."""

    def __init__(self, open_: int, unasked: int) -> None:
        if open_:
            super().__init__(
                ngettext_lazy(
                    "%(count)s dish has still to be decided. Decide it, or give the reason why it is ready all the same.",
                    "%(count)s dishes have still to be decided. Decide them, or give the reason why it is ready all the same.",
                    open_,
                ),
                {"count": open_},
            )
        else:
            super().__init__(
                ngettext_lazy(
                    "%(count)s guest has not been asked about allergies. Ask, or give the reason why it is ready all the same.",
                    "%(count)s guests have not been asked about allergies. Ask, or give the reason why it is ready all the same.",
                    unasked,
                ),
                {"count": unasked},
            )
        self.open, self.unasked = open_, unasked


def may_decide(user: User, venue: Venue | int) -> bool:
    """Whether the person says what a seat has instead."""
    return any(user.has_right(right, venue) for right in (Right.LOG_VISITS, Right.TAKE_BOOKINGS, KITCHEN))


@transaction.atomic
def decide_for_seat(
    *,
    visit: Visit,
    ref: str,
    dish: Dish,
    kind: str,
    by: User,
    replacement: Dish | None = None,
    note: str = "",
    seen: int | None = None,
) -> SeatException:
    """Say what a seat has instead of a dish, that it goes without, what the kitchen answers, or how it went.

    `seen` is the id of the decision that was read, 0 for none; None asks for no such check. The same decision of the same
    person twice is once. Raises PermissionDenied (a cook's answer is the kitchen's alone), DecidedMeanwhile when somebody
    else has decided since, and RecordingRefused.
    """
    if not may_decide(by, visit.venue_id) or (kind in KITCHEN_SAYS and not by.has_right(KITCHEN, visit.venue_id)):
        raise PermissionDenied
    if kind not in ExceptionKind.values:
        raise RecordingRefused(_("Say what becomes of the dish."))
    visit = _locked(visit)
    evening = evening_of(visit)
    seat = evening.seat(ref)
    if seat is None or (seat.attendance is None and seat.group is None):
        raise RecordingRefused(_("Nobody sits there any more: look at the table again."))
    if (kind == ExceptionKind.REPLACED) != (replacement is not None):
        raise RecordingRefused(_("Choose the dish that comes instead."))
    if replacement is not None and replacement.pk == dish.pk:
        raise RecordingRefused(_("Choose another dish than the one it replaces."))
    conflict = next((one for one in evening.gate.conflicts if (one.ref, one.dish_id) == (ref, dish.pk)), None)
    if kind in KITCHEN_SAYS and conflict is None:
        raise RecordingRefused(_("There is nothing to answer: the dish touches no allergy of that seat."))
    whose: dict[str, Any] = (
        {"attendance": seat.attendance, "group_allergy": None}
        if seat.attendance is not None
        else {"attendance": None, "group_allergy_id": seat.group.pk if seat.group else None}
    )
    there = SeatException.objects.filter(visit=visit, dish=dish, **whose)
    words = whole(note, LONGEST_NOTE)
    if kind in DECIDES and seen is not None:
        standing = there.filter(kind__in=DECIDES).select_related("made_by", "replacement").first()
        if (standing.pk if standing else 0) != seen:
            if standing is not None and (standing.made_by_id, standing.kind, standing.replacement, standing.note) == (
                by.pk,
                kind,
                replacement,
                words,
            ):
                return standing
            raise DecidedMeanwhile(dish, standing)
    before = list(there.values_list("kind", "replacement__name", "note"))
    there.filter(kind__in=DECIDES if kind in DECIDES else (kind,)).delete()
    made = SeatException.objects.create(
        visit=visit,
        dish=dish,
        kind=kind,
        replacement=replacement,
        note=words,
        covers=sorted(conflict.covers) if conflict is not None and kind in KITCHEN_SAYS else [],
        made_by=by,
        **whose,
    )
    _record(visit, by, seat.label, dish, before, made)
    return made


@transaction.atomic
def undo_for_seat(*, exception: SeatException, by: User) -> None:
    """Have the seat's dish as the table's again; twice is once. Raises PermissionDenied."""
    visit = exception.visit
    needs_kitchen = exception.kind in KITCHEN_SAYS and not by.has_right(KITCHEN, visit.venue_id)
    if not may_decide(by, visit.venue_id) or needs_kitchen:
        raise PermissionDenied
    _locked(visit)
    if not SeatException.objects.filter(pk=exception.pk).exists():
        return  # somebody else was first
    before = [(exception.kind, str(exception.replacement or ""), exception.note)]
    label = str(exception.attendance or exception.group_allergy)
    dish = exception.dish
    exception.delete()
    _record(visit, by, label, dish, before, None)


@transaction.atomic
def mark_ready(*, visit: Visit, by: User, seen: str, override_reason: str = "") -> SheetRevision:
    """Say that a table's menu is settled (献立確定). `seen` is the fingerprint of the sheet that was read.

    Raises PermissionDenied for who is not of the kitchen, SheetChangedMeanwhile when it is not any more what was seen, NotReady
    while something is open and no reason is given. Whatever changes afterwards makes it stale by itself.
    """
    if not by.has_right(KITCHEN, visit.venue_id):
        raise PermissionDenied
    visit = _locked(visit)
    evening = evening_of(visit)
    if evening.digest != seen:
        raise SheetChangedMeanwhile
    reason = whole(override_reason, LONGEST_REASON)
    if not evening.gate.may_be_ready and not reason:
        raise NotReady(len(evening.gate.open), evening.gate.unasked)
    if evening.is_ready and evening.revision is not None and not evening.has_unread_change:
        return SheetRevision.objects.get(visit=visit, sheet=SheetKind.KITCHEN, number=evening.revision.number)
    made = _keep(evening, by, RevisionKind.READY, "" if evening.gate.may_be_ready else reason)
    told: dict[str, Any] = {"sheet": [str(evening.state), RevisionKind.READY.value]}
    if made.override_reason:
        told["override_reason"] = ["", made.override_reason]
    record(by=by, action=Action.CHANGED, subject=visit, changes=told)
    return made


@transaction.atomic
def read_sheets(*, venue: Venue, day: date, by: User, only: int | None = None) -> int:
    """Keep the sheets of a day (or of one visit) as the kitchen has them in hand now; how many differ from the last time.

    Raises PermissionDenied for who is not of the kitchen.
    """
    if not by.has_right(KITCHEN, venue):
        raise PermissionDenied
    visits = _tables_of(venue, day, lock=True)
    if only is not None:
        visits = [visit for visit in visits if visit.pk == only]
    changed = [
        evening
        for evening in evenings_of(visits, venue, day).values()
        if evening.revision is None or evening.has_unread_change
    ]
    for evening in changed:
        _keep(evening, by, RevisionKind.READ)
        record(by=by, action=Action.CHANGED, subject=evening.visit, changes={"sheet_read": [None, evening.digest[:8]]})
    return len(changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A table that a change of tonight's menu reaches, and the conflicts it brings."""

    evening: Evening
    new_conflicts: int
    was_ready: bool


@dataclass(frozen=True, slots=True)
class Tonight:
    """What a change of tonight's menu did."""

    changes: list[TonightChange] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)

    @property
    def with_conflicts(self) -> list[Touched]:
        """Tables where something new has to be decided."""
        return [table for table in self.touched if table.new_conflicts]


@transaction.atomic
def change_tonight(
    *,
    venue: Venue,
    day: date,
    dish: Dish,
    by: User,
    replacement: Dish | None = None,
    courses: Sequence[Course] = (),
    reason: str = "",
) -> Tonight:
    """本日の差し替え: replace a dish for one day at every table (or with `courses` alone), or leave it out.

    The courses stay as they are. Who attends a table that is reached has a notice. A fixed number of queries, however many
    tables. Raises PermissionDenied for who is not of the kitchen, RecordingRefused.
    """
    _require_kitchen(venue, day, by)
    why = whole(reason, LONGEST_NOTE)
    if replacement is not None and replacement.pk == dish.pk:
        raise RecordingRefused(_("Choose another dish than the one it replaces."))
    there = TonightChange.objects.in_force().filter(venue=venue, business_date=day, dish=dish)
    wanted: Iterable[Course | None] = list(courses) or [None]
    for known in there.select_related("replacement", "made_by", "course"):
        if known.course in wanted:
            raise RecordingRefused(
                _("%(name)s has changed %(dish)s already tonight: take that back first."),
                {"name": str(known.made_by), "dish": dish.name},
            )
    before = _evenings(venue, day)
    changes = [
        TonightChange.objects.create(
            venue=venue,
            business_date=day,
            course=course,
            dish=dish,
            replacement=replacement,
            reason=why,
            made_by=by,
        )
        for course in wanted
    ]
    for change in changes:
        record(by=by, action=Action.CREATED, subject=change, changes={"reason": [None, change.reason]})
    with translation.override(settings.LANGUAGE_CODE):
        words = (
            gettext("Tonight %(dish)s is replaced by %(replacement)s.")
            if replacement
            else gettext("Tonight %(dish)s is left out.")
        ) % {"dish": dish.name, "replacement": replacement.name if replacement else ""}
    return Tonight(changes, _tell(venue, day, before, by, words))


@transaction.atomic
def take_back_tonight(*, change: TonightChange, by: User) -> Tonight:
    """Have the dish as the courses say again; twice is once. Raises PermissionDenied for who is not of the kitchen."""
    _require_kitchen(change.venue, change.business_date, by)
    change = TonightChange.objects.select_for_update(of=("self",)).select_related("dish", "venue").get(pk=change.pk)
    if change.taken_back_at is not None:
        return Tonight([change], [])
    before = _evenings(change.venue, change.business_date)
    change.taken_back_at, change.taken_back_by = timezone.now(), by
    change.save(update_fields=["taken_back_at", "taken_back_by"])
    record(by=by, action=Action.CHANGED, subject=change, changes={"taken_back": [False, True]})
    with translation.override(settings.LANGUAGE_CODE):
        words = gettext("%(dish)s is served after all tonight.") % {"dish": change.dish.name}
    return Tonight([change], _tell(change.venue, change.business_date, before, by, words))


@transaction.atomic
def take_newer_course(*, visit: Visit, by: User, seen: int) -> Visit:
    """Give a booked table the newest version of its course that is on the menu of its day.

    What was put beside the course stays, what was taken out of it stays out. `seen` is the id of the course that was read.
    Whoever attends the table is told. Raises PermissionDenied, RecordingRefused where there is no newer version, or another
    course was chosen meanwhile.
    """
    if not may_decide(by, visit.venue_id):
        raise PermissionDenied
    visit = Visit.objects.select_for_update(of=("self",)).select_related("venue", "room", "course").get(pk=visit.pk)
    old = visit.course
    newer = newer_version(old, visit.business_date) if old is not None and visit.holds_its_room else None
    if old is None or newer is None or old.pk != seen:
        raise RecordingRefused(_("The course of this table has changed since you opened it. Look at it again."))
    before = told_of(visit)
    table = visit.served_dishes.filter(attendance=None)
    written = list(table.order_by("pk").values_list("dish_id", flat=True))
    were, are = dishes_of_course(old), dishes_of_course(newer)
    if written:
        taken_out, beside = set(were) - set(written), [pk for pk in written if pk not in were]
        wanted = [pk for pk in dict.fromkeys([*are, *beside]) if pk not in taken_out]
        replaced = set(table.filter(was_replaced=True).values_list("dish_id", flat=True))
        table.delete()
        ServedDish.objects.bulk_create(
            ServedDish(visit=visit, dish_id=pk, was_replaced=pk in replaced) for pk in wanted
        )
    visit.course = newer
    visit.version += 1
    visit.save(update_fields=["course", "version"])
    changes = difference(before, told_of(visit)) | {"course_version": [old.version, newer.version]}
    record(by=by, action=Action.CHANGED, subject=visit, changes=changes)
    with translation.override(settings.LANGUAGE_CODE):
        notify_tables([visit], by, gettext("%(course)s is served in its newer version.") % {"course": newer.name})
    return visit


@transaction.atomic
def keep_same_dish(*, visit: Visit, dish: Dish, by: User, reason: str) -> int:
    """Have a dish on purpose although guests had it lately: the reason is kept for each of them; how many they are.

    Raises PermissionDenied, RecordingRefused without a reason, or where nobody at the table had it.
    """
    if not may_decide(by, visit.venue_id):
        raise PermissionDenied
    reason = whole(reason, LONGEST_REASON)
    if not reason:
        raise RecordingRefused(_("Say why the same dish is served again."))
    visit = _locked(visit)
    guests = [pk for pk in visit.attendances.values_list("customer_id", flat=True) if pk is not None]
    terms = EveningTerms.objects.filter(venue=visit.venue_id).first() or EveningTerms()
    had = had_lately(guests, [dish.pk], user=by, before=visit.business_date, months=terms.same_dish_months)
    if not had:
        raise RecordingRefused(_("Nobody at this table had the dish lately."))
    ConfirmedWarning.objects.bulk_create(
        ConfirmedWarning(
            visit=visit,
            customer_id=one.customer_id,
            dish=dish,
            kind=WarningKind.SAME_DISH,
            detail=f"{one.year}-{one.month:02}",
            reason=reason,
            confirmed_by=by,
        )
        for one in had
    )
    record(by=by, action=Action.CHANGED, subject=visit, changes={"same_dish": [None, [dish.name, reason]]})
    return len(had)


def _require_kitchen(venue: Venue, day: date, by: User) -> None:
    if not by.has_right(KITCHEN, venue):
        raise PermissionDenied
    if day < business_date(timezone.now(), venue.closing_hour, venue.zone):
        raise RecordingRefused(_("That evening is over: its menu stays as it was."))
    # One change of a venue's menu after the other: each sees what the one before did.
    Venue.objects.select_for_update(no_key=True).get(pk=venue.pk)


def _tell(venue: Venue, day: date, before: Mapping[int, Evening], by: User, words: str) -> list[Touched]:
    """Who attends the tables that the change reaches is told of it."""
    touched = []
    for pk, evening in _evenings(venue, day).items():
        was = before.get(pk)
        # A table that was booked this very moment has never had another menu than this one.
        if was is None or [dish.pk for dish in was.dishes] == [dish.pk for dish in evening.dishes]:
            continue
        known = {(one.ref, one.dish_id) for one in was.gate.open}
        new = [one for one in evening.gate.open if (one.ref, one.dish_id) not in known]
        touched.append(Touched(evening=evening, new_conflicts=len(new), was_ready=was.is_ready))
    notify_tables([table.evening.visit for table in touched], by, words)
    return sorted(touched, key=lambda table: (not table.new_conflicts, table.evening.visit.starts_at))


def notify_tables(
    visits: Sequence[Visit], by: User, words: str, *, also: Iterable[int] = (), urgent: bool = False
) -> None:
    """Give who attends the tables, and `also` (ids of colleagues), a notice; not the one who caused it. Two queries."""
    helpers = list(TableDuty.objects.filter(visit__in=visits).values_list("visit_id", "user_id"))
    also = list(also)
    rows = []
    for visit in visits:
        people = {visit.staff_id, *also, *(user for pk, user in helpers if pk == visit.pk)} - {None, by.pk}
        place = f"{visit.starts_at.astimezone(visit.venue.zone):%H:%M} {visit.room.name if visit.room else ''}".strip()
        rows += [
            TableNotice(visit=visit, user_id=user, text=f"{place} {words}"[:300], is_urgent=urgent, made_by=by)
            for user in sorted(pk for pk in people if pk is not None)
        ]
    TableNotice.objects.bulk_create(rows)


def see_notices(*, user: User, notice_ids: Iterable[int]) -> int:
    """The person has seen these notices of theirs."""
    return TableNotice.objects.unseen_by(user).filter(pk__in=list(notice_ids)).update(seen_at=timezone.now())


def _tables_of(venue: Venue, day: date, *, lock: bool = False) -> list[Visit]:
    """The tables of a day that are still to be served, people fetched with their guests."""
    visits = Visit.objects.filter(venue=venue, business_date=day, status__in=HOLDS_THE_ROOM)
    if lock:
        visits = visits.select_for_update(of=("self",))
    return list(
        visits.select_related("venue", "room", "course").prefetch_related("attendances__customer").order_by("pk")
    )


def _evenings(venue: Venue, day: date) -> dict[int, Evening]:
    return evenings_of(_tables_of(venue, day), venue, day)


def _locked(visit: Visit) -> Visit:
    return Visit.objects.select_for_update(of=("self",)).select_related("venue", "room").get(pk=visit.pk)


def _keep(evening: Evening, by: User, kind: str, reason: str = "") -> SheetRevision:
    return SheetRevision.objects.create(
        visit=evening.visit,
        number=(evening.revision.number if evening.revision else 0) + 1,
        kind=kind,
        content=evening.content,
        digest=evening.digest,
        override_reason=reason,
        made_by=by,
    )


def _record(visit: Visit, by: User, label: str, dish: Dish, before: Sequence[Any], made: SeatException | None) -> None:
    now = [str(made.kind), str(made.replacement or ""), made.note] if made else None
    told = [[str(value or "") for value in row] for row in before] or None
    record(
        by=by,
        action=Action.CHANGED,
        subject=visit,
        changes={"seat_exception": [told, [label, dish.name, now]]},
    )
    if visit.status == VisitStatus.COMPLETED:
        # What each guest had stands on the guests' timelines.
        retell(visit)

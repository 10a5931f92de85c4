"""What visits tell in a handover, and what of them goes along: bookings ahead, duties at a table, follow-ups."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import Membership, User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import build, record_many
from crm_project.core.ui.display_dates import format_date
from customers.handover_parts import Line, Transfer, register_part, register_work
from visits.choices import HOLDS_THE_ROOM, ComplaintState, Duty, VisitStatus
from visits.models import Attendance, Complaint, FollowUp, Promise, TableDuty, Visit
from visits.queries import open_promises, standing_notes
from visits.story import table_line

LAST_VISITS = 3
NOTES_SHOWN = 6
# A complaint is told so long after it happened.
TOLD_FOR = timedelta(days=730)


def promises_of(user: User, guest_ids: Sequence[int]) -> dict[int, list[Line]]:
    """Open promises. One query."""
    return {pk: list(map(_promise, found)) for pk, found in open_promises(guest_ids, user).items()}


def _promise(promise: Promise) -> Line:
    until = gettext("until %(day)s") % {"day": format_date(promise.due_on)} if promise.due_on else ""
    made = f"{format_date(timezone.localtime(promise.made_at).date())} {promise.made_by}"
    return Line(promise.text, "・".join(filter(None, (until, made))), _visit(promise.visit_id))


def standing_of(user: User, guest_ids: Sequence[int]) -> dict[int, list[Line]]:
    """いつも: what holds for every visit, with its age. One query."""
    return {
        pk: [Line(note.text, format_date(timezone.localtime(note.holds_since).date())) for note in found[:NOTES_SHOWN]]
        for pk, found in standing_notes(guest_ids, user).items()
    }


def trouble_of(user: User, guest_ids: Sequence[int]) -> dict[int, list[Line]]:
    """Complaints and mishaps that are not settled, and those of the last two years; the newest first. One query."""
    lately = timezone.now() - TOLD_FOR
    complaints = (
        Complaint.objects.visible_to(user)
        .filter(customer__in=list(guest_ids))
        .filter(Q(reported_at__gte=lately) | ~Q(state=ComplaintState.SETTLED))
        .order_by("-reported_at", "-pk")
    )
    found: dict[int, list[Line]] = defaultdict(list)
    for complaint in complaints:
        lines = found[complaint.customer_id or 0]
        if len(lines) < NOTES_SHOWN:
            day = format_date(timezone.localtime(complaint.reported_at).date())
            is_open = complaint.state != ComplaintState.SETTLED
            aside = f"{day} {complaint.get_state_display()}"
            lines.append(Line(complaint.what, aside, _visit(complaint.visit_id), is_urgent=is_open))
    return dict(found)


def last_visits_of(user: User, guest_ids: Sequence[int]) -> dict[int, list[Line]]:
    """The last three visits, as far as the person may know of them. One query."""
    return _visits(
        user,
        guest_ids,
        Q(visit__status=VisitStatus.COMPLETED),
        F("visit__starts_at").desc(),
    )


def bookings_of(user: User, guest_ids: Sequence[int]) -> dict[int, list[Line]]:
    """The next bookings. One query."""
    return _visits(user, guest_ids, Q(visit__status__in=HOLDS_THE_ROOM), F("visit__starts_at").asc())


def _visits(user: User, guest_ids: Sequence[int], wanted: Q, order: Any) -> dict[int, list[Line]]:
    rows = (
        Attendance.objects.filter(wanted, customer__in=list(guest_ids))
        .exclude(visit__in=Visit.objects.sealed_from(user).values("pk"))
        .annotate(place=Window(RowNumber(), partition_by=[F("customer_id")], order_by=[order, F("pk").asc()]))
        .filter(place__lte=LAST_VISITS)
        .select_related("visit__room", "visit__course", "visit__venue")
        .order_by("place")
    )
    mine = set(user.venue_ids)
    found: dict[int, list[Line]] = defaultdict(list)
    for row in rows:
        visit = row.visit
        words = f"{format_date(visit.business_date)} {visit.get_purpose_display()} {table_line(visit)}"
        aside = "・".join(filter(None, (visit.venue.name, visit.course.name if visit.course else "")))
        found[row.customer_id or 0].append(Line(words, aside, _visit(visit.pk) if visit.venue_id in mine else ""))
    return dict(found)


def _visit(pk: int | None) -> str:
    return reverse("visits:detail", args=[pk]) if pk else ""


def _attended(giver: User, by: User) -> QuerySet[Visit]:
    return Visit.objects.filter(staff=giver, status__in=HOLDS_THE_ROOM).exclude(
        pk__in=Visit.objects.sealed_from(by).values("pk")
    )


def _helped(giver: User, by: User) -> QuerySet[TableDuty]:
    return TableDuty.objects.filter(user=giver, visit__status__in=HOLDS_THE_ROOM).exclude(
        visit__in=Visit.objects.sealed_from(by).values("pk")
    )


def _to_do(giver: User, by: User) -> QuerySet[FollowUp]:
    return (
        FollowUp.objects.still_open()
        .filter(assigned_to=giver)
        .exclude(visit__in=Visit.objects.sealed_from(by).values("pk"))
    )


def _within_reach(transfer: Transfer, visit: str) -> Q:
    """Of the guests that change hands, at venues where the successor works, and nothing sealed from the successor.

    `visit` names the visit from the row's side: "pk" for a visit itself.
    """
    reach = Visit.objects.filter(venue__in=Membership.objects.filter(user=transfer.taker).values("venue"))
    reach = reach.exclude(pk__in=Visit.objects.sealed_from(transfer.taker).values("pk"))
    if transfer.guests is not None:
        sat = Attendance.objects.filter(visit=OuterRef("pk"), customer__in=transfer.guests)
        reach = reach.filter(Exists(sat))
    return Q(**{f"{visit}__in": reach.order_by().values("pk")})


def move_bookings(transfer: Transfer) -> int:
    """Bookings ahead get the successor as attendant; who helped there as assistant does so no more."""
    bookings = _attended(transfer.giver, transfer.by).filter(_within_reach(transfer, "pk"))
    found = list(bookings.order_by("pk").values_list("pk", "business_date"))
    moved = Visit.objects.filter(pk__in=[pk for pk, _on in found])
    moved.update(staff=transfer.taker, version=F("version") + 1)
    TableDuty.objects.filter(visit__in=moved, user=transfer.taker, duty=Duty.ASSISTANT).delete()
    _tell(transfer, [(pk, str(on)) for pk, on in found], "staff")
    return len(found)


def move_duties(transfer: Transfer) -> int:
    """Duties at tables ahead; where the successor attends or helps already, the duty just ends."""
    duties = _helped(transfer.giver, transfer.by).filter(_within_reach(transfer, "visit"))
    found = list(duties.order_by("pk").values_list("pk", "visit_id", "visit__business_date", "duty"))
    rows = TableDuty.objects.filter(pk__in=[pk for pk, *_rest in found])
    theirs = TableDuty.objects.filter(visit=OuterRef("visit"), user=transfer.taker, duty=OuterRef("duty"))
    rows.filter(Exists(theirs) | Q(duty=Duty.ASSISTANT, visit__staff=transfer.taker)).delete()
    rows.update(user=transfer.taker)
    Visit.objects.filter(pk__in={visit for _pk, visit, *_rest in found}).update(version=F("version") + 1)
    for duty, field in ((Duty.ASSISTANT, "assistants"), (Duty.RECORDER, "recorder")):
        _tell(transfer, [(visit, str(on)) for _pk, visit, on, what in found if what == duty], field)
    return len(found)


def move_follow_ups(transfer: Transfer) -> int:
    """Follow-ups not done yet."""
    rows = _to_do(transfer.giver, transfer.by).filter(_within_reach(transfer, "visit"))
    found = list(rows.order_by("pk").values_list("pk", "visit_id", "visit__business_date"))
    FollowUp.objects.filter(pk__in=[pk for pk, *_rest in found]).update(assigned_to=transfer.taker)
    _tell(transfer, [(visit, str(on)) for _pk, visit, on in found], "follow_up")
    return len(found)


def _tell(transfer: Transfer, visits: Sequence[tuple[int, str]], field: str) -> None:
    giver, taker = transfer.giver, transfer.taker
    changes: Mapping[str, Any] = {field: [giver.pk, taker.pk] if field == "staff" else [str(giver), str(taker)]}
    record_many(
        build(
            by=transfer.by,
            action=Action.CHANGED,
            subject_type=Visit._meta.label_lower,
            subject_id=pk,
            subject_name=name,
            changes=changes,
        )
        for pk, name in visits
    )


def register() -> None:
    """Called once, when the app is ready."""
    for order, key, title, find in (
        (20, "promises", _("Open promises"), promises_of),
        (30, "trouble", _("Complaints and mishaps"), trouble_of),
        (40, "standing", _("Always"), standing_of),
        (60, "bookings", _("Bookings ahead"), bookings_of),
        (70, "visits", _("Last visits"), last_visits_of),
    ):
        register_part(key=key, order=order, title=title, find=find)
    kinds: tuple[tuple[int, str, Any, Callable[[User, User], QuerySet[Any]], Callable[[Transfer], int]], ...] = (
        (10, "bookings", _("Bookings ahead"), _attended, move_bookings),
        (20, "duties", _("Duties at tables"), _helped, move_duties),
        (30, "follow_ups", _("Follow-ups"), _to_do, move_follow_ups),
    )
    for order, key, title, rows, move in kinds:
        register_work(key=key, order=order, title=title, waiting=rows, move=move)

"""How a visit is told elsewhere: the rows of the guests' timelines, the head of a note's thread. In the house's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_project.core.comments.models import Comment, Thread
from crm_project.core.rights import Right
from crm_project.core.timeline.choices import EntryKind
from crm_project.core.timeline.models import TimelineEntry
from crm_project.core.timeline.services import BATCH, replace_rows
from customers.models import Customer
from visits.choices import NOT_EATEN, AttendanceRole, VisitStatus, WarningKind
from visits.models import Attendance, ConfirmedWarning, Note, SeatException, ServedDish, Visit


def addressed(customer: Customer) -> str:
    """A guest as one is addressed on screens: 渡邉 健一 様."""
    return f"{customer.name} {customer.honorific}"


def table_line(visit: Visit) -> str:
    """桔梗 4名"""
    with translation.override(settings.LANGUAGE_CODE):
        party = _party(visit)
    return f"{visit.room.name} {party}" if visit.room else party


def _party(visit: Visit) -> str:
    return ngettext("%(count)s guest", "%(count)s guests", visit.party_size) % {"count": visit.party_size}


def thread_words(visit: Visit, note: Note, attendances: Sequence[Attendance]) -> dict[str, Any]:
    """label, title, detail, excerpt and url of a note's thread."""
    about = addressed(note.customer) if note.customer else next((row.label for row in attendances if row.label), "")
    return {
        "label": note.heading,
        "title": about,
        "detail": table_line(visit),
        "excerpt": note.text,
        "url": f"{reverse('visits:detail', args=[visit.pk])}#note-{note.pk}",
    }


def retell(visit: Visit) -> None:
    """Write the rows of a visit anew, in place of what it told before."""
    replace_rows(parent=visit, rows=timeline_rows(visit))


def retell_many(visit_ids: Sequence[int]) -> None:
    """`retell` for many visits, in a fixed number of queries."""
    parent_type = Visit._meta.label_lower
    TimelineEntry.objects.filter(parent_type=parent_type, parent_id__in=visit_ids).delete()
    visits = (
        Visit.objects.filter(pk__in=visit_ids, status=VisitStatus.COMPLETED)
        .select_related("venue", "room", "course")
        .prefetch_related(
            Prefetch("attendances", Attendance.objects.select_related("customer")),
            Prefetch("served_dishes", ServedDish.objects.select_related("dish").order_by("pk")),
            Prefetch("confirmed_warnings", ConfirmedWarning.objects.select_related("dish")),
            Prefetch("seat_exceptions", SeatException.objects.select_related("dish", "replacement")),
            Prefetch("notes", Note.objects.select_related("category", "author")),
        )
    )
    told = list(visits)
    answers = answers_to([note for visit in told for note in visit.notes.all()])
    rows = []
    for visit in told:
        for row in rows_of(
            visit,
            attendances=list(visit.attendances.all()),
            served=list(visit.served_dishes.all()),
            warnings=list(visit.confirmed_warnings.all()),
            exceptions=list(visit.seat_exceptions.all()),
            notes=list(visit.notes.all()),
            answers=answers,
        ):
            row.parent_type, row.parent_id = parent_type, visit.pk
            rows.append(row)
    TimelineEntry.objects.bulk_create(rows, batch_size=BATCH)


def retell_note(pk: int) -> None:
    """Tell the visit of a note anew, after an answer to it."""
    visit = Visit.objects.select_related("venue", "room", "course").filter(notes=pk).first()
    if visit is not None:
        retell(visit)


def answers_to(notes: Sequence[Note]) -> dict[int, list[Comment]]:
    """What was answered to each note, in its order. One query."""
    found: dict[int, list[Comment]] = {}
    comments = Comment.objects.filter(
        thread__content_type=Thread.type_of(Note), thread__object_id__in=[note.pk for note in notes]
    ).select_related("author", "thread")
    for comment in comments.order_by("pk") if notes else ():
        found.setdefault(comment.thread.object_id, []).append(comment)
    return found


def timeline_rows(visit: Visit) -> list[TimelineEntry]:
    """The rows of a visit's guests, fetched with all that they tell. A reservation is not yet worth telling."""
    if visit.status != VisitStatus.COMPLETED:
        return []
    notes = list(visit.notes.select_related("category", "author"))
    return rows_of(
        visit,
        attendances=list(visit.attendances.select_related("customer")),
        served=list(visit.served_dishes.select_related("dish").order_by("pk")),
        warnings=list(visit.confirmed_warnings.select_related("dish")),
        exceptions=list(visit.seat_exceptions.select_related("dish", "replacement")),
        notes=notes,
        answers=answers_to(notes),
    )


def rows_of(
    visit: Visit,
    *,
    attendances: Sequence[Attendance],
    served: Sequence[ServedDish],
    warnings: Sequence[ConfirmedWarning],
    notes: Sequence[Note],
    answers: Mapping[int, Sequence[Comment]],
    exceptions: Sequence[SeatException] = (),
) -> list[TimelineEntry]:
    """One row per guest with what was served, visible to all; one per note, for those who may read check sheets."""
    with translation.override(settings.LANGUAGE_CODE):
        guests = [row for row in attendances if row.customer_id]
        return [*_visit_rows(visit, guests, served, warnings, exceptions), *_note_rows(visit, guests, notes, answers)]


def _visit_rows(
    visit: Visit,
    guests: Sequence[Attendance],
    served: Sequence[ServedDish],
    warnings: Sequence[ConfirmedWarning],
    exceptions: Sequence[SeatException],
) -> list[TimelineEntry]:
    rows = []
    for row in guests:
        own = [one for one in exceptions if one.attendance_id == row.pk and one.kind in NOT_EATEN]
        not_had = {item.dish_id for item in served if item.was_replaced} | {one.dish_id for one in own}
        had = [
            item.dish.name for item in served if item.dish_id not in not_had and item.attendance_id in (None, row.pk)
        ]
        had += [one.replacement.name for one in own if one.replacement is not None]
        own_warnings = [warning for warning in warnings if warning.customer_id == row.customer_id]
        details = [
            [_("Course"), visit.course.name if visit.course else ""],
            [_("Served"), "、".join(had)],
            [_("Seat"), row.get_role_display() if len(guests) > 1 else ""],
            *([_("Confirmed"), f"{item.dish.name} {item.detail}: {item.reason}"] for item in own_warnings),
        ]
        rows.append(
            _entry(
                visit,
                subject_id=row.customer_id or 0,
                kind=EntryKind.VISIT,
                title=f"{visit.get_purpose_display()} {_party(visit)}",
                aside="・".join(filter(None, (visit.venue.name, visit.room.name if visit.room else ""))),
                details=[detail for detail in details if detail[1]],
                is_urgent=any(
                    item.kind == WarningKind.ALLERGY and item.dish_id not in not_had for item in own_warnings
                ),
            )
        )
    return rows


def _note_rows(
    visit: Visit, guests: Sequence[Attendance], notes: Sequence[Note], answers: Mapping[int, Sequence[Comment]]
) -> list[TimelineEntry]:
    return [
        _entry(
            visit,
            subject_id=subject_id,
            kind=EntryKind.NOTE,
            category=note.heading,
            title=note.heading,
            aside=str(note.author),
            details=[
                [_("Always") if note.is_standing else _("Noticed"), note.text],
                *([str(comment.author), comment.text] for comment in answers.get(note.pk, ())),
            ],
            is_urgent=note.category.is_bad_news,
            read_right=Right.VIEW_NOTES,
        )
        for note in notes
        for subject_id in told_to(note, guests)
    ]


def told_to(note: Note, guests: Sequence[Attendance]) -> list[int]:
    """On whose cards a note is told: its guest's; what was said at the table on its host's alone.

    What a host's guests hear and say at the table is never told on a card that is opened for another host's evening.
    """
    if not note.category.is_table_talk:
        return [note.customer_id] if note.customer_id else []
    hosts = [row.customer_id for row in guests if row.role == AttendanceRole.HOST and row.customer_id]
    return hosts[:1]


def _entry(visit: Visit, **told: Any) -> TimelineEntry:
    return TimelineEntry(
        subject_type=Customer._meta.label_lower,
        at=visit.starts_at,
        venue=visit.venue,
        url=reverse("visits:detail", args=[visit.pk]),
        **told,
    )

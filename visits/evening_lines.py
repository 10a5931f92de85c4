"""What an evening knows beside people and dishes, as lines of the day's one UNION (`visits.day_lines`)."""

from collections.abc import Collection
from datetime import date
from typing import Any, Final

from django.db.models import CharField, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat

from crm_project.core.accounts.models import User, Venue
from menus.models import Course
from menus.queries import on_menu_of
from visits.choices import RevisionKind, SheetKind
from visits.day_lines import Line, select
from visits.models import (
    AdvanceAnswer,
    Attendance,
    EveningTerms,
    GroupAllergy,
    SeatException,
    SheetRevision,
    TableNotice,
    TonightChange,
)

ANSWER, GROUP, EXCEPTION, TONIGHT, REVISION, READY, NOTICE, TERMS, RENEWED, DIET = range(20, 30)
# Nobody types it: forms drop control characters.
APART: Final = "\x1f"


def packed(line: Line) -> list[str]:
    """The words that were packed into the line's `extra`."""
    return line.extra.split(APART)


def lines_of_evening(visit_ids: Collection[int], venue: Venue, day: date) -> list[QuerySet[Any, Any]]:
    """Answers, exceptions and versions of the sheets of visits; what the kitchen changed that day; the venue's terms."""
    revisions = SheetRevision.objects.filter(visit__in=visit_ids, sheet=SheetKind.KITCHEN)
    return [
        select(
            AdvanceAnswer.objects.filter(visit__in=visit_ids),
            ANSWER,
            of=F("visit_id"),
            item=Coalesce("attendance_id", 0),
            more=Cast("others_none", IntegerField()),
            place=F("pk"),
            words=F("text"),
            extra=pack("source", "said_by", "how", "said_on", "asked_by__display_name", "version"),
        ),
        select(
            GroupAllergy.objects.filter(answer__visit__in=visit_ids),
            GROUP,
            of=F("answer__visit_id"),
            item=F("allergen_id"),
            more=F("count"),
            place=F("pk"),
            words=F("seats"),
            extra=pack(
                "severity",
                "allergen__code",
                "allergen__name_ja",
                "allergen__name_en",
                "allergen__position",
                "answer__attendance_id",
            ),
        ),
        select(
            SeatException.objects.filter(visit__in=visit_ids),
            EXCEPTION,
            of=F("visit_id"),
            item=F("dish_id"),
            more=Coalesce("replacement_id", 0),
            place=F("pk"),
            words=F("note"),
            extra=pack(
                "kind",
                "attendance_id",
                "group_allergy_id",
                "dish__name",
                "replacement__name",
                "made_by__display_name",
                "covers",
            ),
        ),
        select(
            TonightChange.objects.in_force().filter(venue=venue, business_date=day),
            TONIGHT,
            of=Coalesce("course_id", 0),
            item=F("dish_id"),
            more=Coalesce("replacement_id", 0),
            place=F("pk"),
            words=F("reason"),
            extra=pack("dish__name", "replacement__name", "course__name", "made_by__display_name"),
        ),
        *(
            select(
                revisions.filter(kind_wanted, number=Subquery(_last(kind_wanted))),
                kind,
                of=F("visit_id"),
                item=F("number"),
                place=F("pk"),
                words=F("digest"),
                extra=pack("override_reason", "made_by__display_name", "made_at"),
            )
            for kind, kind_wanted in ((REVISION, Q()), (READY, Q(kind=RevisionKind.READY)))
        ),
        select(
            EveningTerms.objects.filter(venue=venue),
            TERMS,
            of=F("advance_hours"),
            item=F("same_dish_months"),
        ),
        select(
            Course.objects.filter(visits__in=visit_ids)
            .distinct()
            .annotate(newest=Subquery(_newest_of_its_name(day)))
            .filter(newest__isnull=False),
            RENEWED,
            of=F("pk"),
            item=F("newest"),
        ),
        select(
            Attendance.objects.filter(visit__in=visit_ids, customer__diets__isnull=False),
            DIET,
            of=F("pk"),
            place=F("customer__diets__pk"),
            words=F("customer__diets__rule"),
            extra=F("customer__diets__note"),
        ),
    ]


def lines_of_notices(user: User, venue: Venue, day: date) -> QuerySet[Any, Any]:
    """What the person has not seen yet of the day's tables."""
    return select(
        TableNotice.objects.unseen_by(user).filter(visit__venue=venue, visit__business_date=day),
        NOTICE,
        of=F("visit_id"),
        item=F("pk"),
        more=Cast("is_urgent", IntegerField()),
        place=F("pk"),
        words=F("text"),
        extra=F("made_by__display_name"),
    )


def _newest_of_its_name(day: date) -> QuerySet[Any, Any]:
    """The number of the newest later version of a course on the menu of the day."""
    later = Course.objects.filter(on_menu_of(day), name=OuterRef("name"), version__gt=OuterRef("version"))
    found: QuerySet[Any, Any] = later.order_by().values("name").annotate(newest=Max("version")).values("newest")
    return found


def _last(wanted: Q) -> QuerySet[Any, Any]:
    of_visit = (
        SheetRevision.objects.filter(wanted, visit=OuterRef("visit"), sheet=SheetKind.KITCHEN)
        .order_by()
        .values("visit")
    )
    found: QuerySet[Any, Any] = of_visit.annotate(last=Max("number")).values("last")
    return found


def pack(*names: str) -> Concat:
    """Words in one column, to be taken apart by `packed`."""
    parts: list[Any] = []
    for name in names:
        parts += [Coalesce(Cast(name, CharField()), Value("")), Value(APART)]
    return Concat(*parts[:-1], output_field=TextField())

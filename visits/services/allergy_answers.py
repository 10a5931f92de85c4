"""The allergy question before the evening (事前確認): answered by a guest, or by the arranger for the whole group."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.allergens.models import Allergen
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.text import tidy
from customers.choices import AskedHow
from customers.services import AllergyInput, set_allergies
from visits.choices import AnsweredBy, NoteInput, VisitStatus
from visits.group_answers import Understood
from visits.models import AdvanceAnswer, Attendance, GroupAllergy, SheetLine, Visit
from visits.refusals import RecordingRefused


class AnsweredMeanwhile(InputProblem):
    """Somebody else wrote down an answer since the form was opened; nothing was written. `answer` is theirs."""

    def __init__(self, answer: AdvanceAnswer | None) -> None:
        super().__init__(
            _("%(name)s has written down an answer meanwhile. It is shown below; yours is not saved yet."),
            {"name": str(answer.asked_by) if answer else "—"},
        )
        self.answer = answer


def may_ask(user: User, visit: Visit) -> bool:
    """Whether the person writes down answers at the venue."""
    return user.has_right(Right.LOG_VISITS, visit.venue_id) or user.has_right(Right.TAKE_BOOKINGS, visit.venue_id)


@transaction.atomic
def answer_for_group(
    *,
    visit: Visit,
    by: User,
    version: int,
    source: str,
    said_on: date,
    understood: Understood,
    text: str,
    said_by: str = "",
    how: str = "",
) -> AdvanceAnswer:
    """Write what was said of the whole group, in place of what was said before. `version` is the one seen, 0 for none.

    Raises PermissionDenied, AnsweredMeanwhile when somebody else wrote one, RecordingRefused where the line is not understood
    or counts more people than come.
    """
    if not may_ask(by, visit):
        raise PermissionDenied
    visit = _locked(visit)
    there = visit.advance_answers.select_related("asked_by").filter(attendance=None).first()
    if (there.version if there else 0) != version:
        raise AnsweredMeanwhile(there)
    _check(source, how)
    _check_understood(understood, visit.party_size, "えび1名・そば1名、他なし")
    before = _told(there) if there else None
    answer = there or AdvanceAnswer(visit=visit)
    answer.source, answer.said_by, answer.how, answer.said_on = source, tidy(said_by)[:80], how, said_on
    answer.text, answer.others_none = tidy(text, lines=True)[:500], understood.others_none
    answer.asked_by = by
    if there:
        answer.version += 1
    answer.save()
    _write_counts(answer, understood)
    record(by=by, action=Action.CHANGED, subject=visit, changes={"group_answer": [before, _told(answer)]})
    return answer


def _write_counts(answer: AdvanceAnswer, understood: Understood) -> None:
    """Bring the counts up to date; one that stays keeps what the kitchen decided about it."""
    allergens = {row.code: row for row in Allergen.objects.filter(code__in={line.code for line in understood.counted})}
    there = {(row.allergen.code, row.severity): row for row in answer.allergies.select_related("allergen")}
    wanted = {(line.code, str(line.severity)): line for line in understood.counted}
    answer.allergies.filter(pk__in=[row.pk for key, row in there.items() if key not in wanted]).delete()
    for key, line in wanted.items():
        row = there.get(key) or GroupAllergy(answer=answer, allergen=allergens[line.code], severity=line.severity)
        row.count, row.seats = line.count, line.seats
        row.save()


@transaction.atomic
def answer_for_guest(
    *,
    attendance: Attendance,
    by: User,
    source: str,
    said_on: date,
    state: str,
    items: Sequence[AllergyInput] = (),
    said_by: str = "",
    how: str = "",
    note: str = "",
    version: int | None = None,
    base: Mapping[str, Any] | None = None,
) -> AdvanceAnswer:
    """Write what a known guest answered before the evening: on the guest's card, and who said so for this evening.

    `version` and `base` are the card as it was seen. Raises PermissionDenied, VersionConflict when somebody else wrote an
    answer on the card meanwhile, RecordingRefused for a seat without a guest.
    """
    visit = attendance.visit
    if not may_ask(by, visit) or not by.has_right(Right.EDIT_GUESTS, visit.venue_id):
        raise PermissionDenied
    visit = _locked(visit)
    _check(source, how)
    if attendance.customer is None:
        raise RecordingRefused(_("Name the guest first, or write down the answer for the group."))
    set_allergies(
        customer=attendance.customer,
        by=by,
        state=state,
        items=items,
        asked_how=how,
        answered_by=tidy(said_by) or str(AnsweredBy(source).label),
        asked_on=said_on,
        note=note,
        version=version,
        base=base,
    )
    answer, made = AdvanceAnswer.objects.get_or_create(
        attendance=attendance,
        defaults={"visit": visit, "source": source, "said_on": said_on, "asked_by": by},
    )
    answer.source, answer.said_by, answer.how, answer.said_on = source, tidy(said_by)[:80], how, said_on
    answer.asked_by, answer.text = by, tidy(note)[:500]
    if not made:
        answer.version += 1
    answer.save()
    record(by=by, action=Action.CHANGED, subject=visit, changes={"advance_answer": [None, str(attendance)]})
    _is_written(attendance)
    return answer


@transaction.atomic
def answer_for_companion(
    *,
    attendance: Attendance,
    by: User,
    version: int,
    source: str,
    said_on: date,
    understood: Understood,
    text: str,
    said_by: str = "",
    how: str = "",
) -> AdvanceAnswer:
    """Write what somebody without a card answered, for this seat and evening alone. `version` is the one seen, 0 for none.

    Raises PermissionDenied, AnsweredMeanwhile, RecordingRefused for a known guest (who has a card), where the line is not
    understood, or counts more people than sit there.
    """
    visit = attendance.visit
    if not may_ask(by, visit):
        raise PermissionDenied
    visit = _locked(visit)
    if attendance.customer_id is not None:
        raise RecordingRefused(_("A known guest's answer stands on the guest's card."))
    there = AdvanceAnswer.objects.select_related("asked_by").filter(attendance=attendance).first()
    if (there.version if there else 0) != version:
        raise AnsweredMeanwhile(there)
    _check(source, how)
    _check_understood(understood, attendance.headcount, "えび（重い）、そば")
    before = _told(there) if there else None
    answer = there or AdvanceAnswer(visit=visit, attendance=attendance)
    answer.source, answer.said_by, answer.how, answer.said_on = source, tidy(said_by)[:80], how, said_on
    answer.text, answer.asked_by = tidy(text, lines=True)[:500], by
    if there:
        answer.version += 1
    answer.save()
    _write_counts(answer, understood)
    told = [attendance.label, *_told(answer)]
    record(by=by, action=Action.CHANGED, subject=visit, changes={"seat_answer": [before, told]})
    _is_written(attendance)
    return answer


def _check_understood(understood: Understood, guests: int, example: str) -> None:
    if not understood.is_complete:
        raise RecordingRefused(
            _("Not understood: %(words)s. Write it anew, for example “%(example)s”."),
            {"words": "、".join(understood.not_understood) or "—", "example": example},
        )
    if any(line.count > guests for line in understood.counted):
        raise RecordingRefused(_("The answer counts more people than come (%(guests)s)."), {"guests": guests})


def _is_written(attendance: Attendance) -> None:
    """What was told at the table is written down now; with nothing else missing the check sheet has its answer."""
    seats = Attendance.objects.filter(visit=attendance.visit_id)
    if not seats.filter(pk=attendance.pk, has_unwritten_change=True).update(has_unwritten_change=False):
        return
    if not seats.filter(Q(checked_at=None) | Q(has_unwritten_change=True)).exists():
        lines = SheetLine.objects.still_open().filter(visit=attendance.visit_id)
        lines.filter(category__entry=NoteInput.ALLERGY).delete()


def _locked(visit: Visit) -> Visit:
    found = Visit.objects.select_for_update(of=("self",)).select_related("venue", "room").get(pk=visit.pk)
    if found.status in (VisitStatus.CANCELLED, VisitStatus.NO_SHOW):
        raise RecordingRefused(_("The booking is cancelled: nothing is asked any more."))
    return found


def _check(source: str, how: str) -> None:
    if source not in AnsweredBy.values:
        raise RecordingRefused(_("Say who answered."))
    if how and how not in AskedHow.values:
        raise RecordingRefused(_("Say how it was asked: in person, by phone, by mail or from the ledger."))


def _told(answer: AdvanceAnswer) -> list[Any]:
    counts = [
        [row.allergen.name_ja, row.count, str(row.severity), row.seats]
        for row in answer.allergies.select_related("allergen").order_by("pk")
    ]
    return [str(answer.source), answer.said_by, answer.said_on.isoformat(), counts, answer.others_none]

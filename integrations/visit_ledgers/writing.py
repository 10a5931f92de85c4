"""Writing a planned batch of visits: who sat there, dishes, notes, rooms, the timeline, the trail and the rows, in bulk."""

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext as _

from crm_project.core.accounts.models import User
from crm_project.core.amounts import SCALE
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from crm_project.core.audit.services import build, record
from customers.models import Customer
from customers.services import note_known_at
from integrations import bulk
from integrations.choices import RowOutcome
from integrations.dish_ledgers.importing import DishPlan
from integrations.dish_ledgers.importing import Outcome as DishOutcome
from integrations.dish_ledgers.reading import DishRow
from integrations.ledgers.entries import WARNING
from integrations.ledgers.guests_of_file import GuestWriter
from integrations.ledgers.images import ImageBook
from integrations.ledgers.planning import PlannedRow
from integrations.ledgers.target_imports import RowsWatched
from integrations.ledgers.writing import AUDIT_FIELDS, VERSION_STEP
from integrations.models import LedgerImport
from integrations.visit_ledgers.planning import LEDGER_LINE_ID, LEDGER_LINE_NAME, PlannedVisit, PlannedVisitRow
from integrations.visit_ledgers.reading import VisitReader
from integrations.visit_ledgers.words import LEDGER_LINE, cancel_reason_of, dish_key
from menus.models import Dish, ProposedAllergen
from visits.choices import AttendanceRole, CancelReason, ComplaintState, NoteInput, Purpose, SeatedCheck, VisitStatus
from visits.models import (
    Attendance,
    BookingTerms,
    Complaint,
    FollowUp,
    Note,
    NoteCategory,
    Occupancy,
    Room,
    ServedDish,
    Visit,
)
from visits.refusals import RoomTaken
from visits.services.figures import refresh_visit_figures
from visits.services.follow_ups import plan_follow_ups
from visits.services.occupancy import occupy
from visits.story import retell_many
from visits.terms import stay_of

VISIT_FIELDS: Final = (
    "id", "venue", "room", "takes_whole_room", "starts_at", "ends_at", "business_date", "party_size", "purpose", "status",
    "course", "staff", "tentative_until", "source", "contact_phone", "outside_system", "outside_id", "cancel_reason",
    "cancel_detail", "cancelled_at", "amount", "is_confidential", "recorded_by", "form_token", "version",
)  # fmt: skip
ATTENDANCE_FIELDS: Final = ("visit", "customer", "label", "headcount", "role", "position", "seated_check")
DISH_FIELDS: Final = ("visit", "dish", "attendance", "was_replaced")
NOTE_FIELDS: Final = (
    "id",
    "visit",
    "category",
    "customer",
    "asked_as",
    "text",
    "picked",
    "is_standing",
    "author",
    "created_at",
)
# Attribute of a known visit -> field that is written.
CHANGED: Final = {
    "room_id": "room", "party_size": "party_size", "purpose": "purpose", "course_id": "course", "staff_id": "staff",
    "source_id": "source", "amount": "amount", "outside_system": "outside_system", "outside_id": "outside_id",
    "starts_at": "starts_at", "business_date": "business_date", "ends_at": "ends_at", "status": "status",
}  # fmt: skip
CHANGED_FIELDS: Final = (
    "room", "starts_at", "ends_at", "business_date", "party_size", "purpose", "status", "course", "staff", "tentative_until",
    "source",
    "outside_system", "outside_id", "cancel_reason", "cancel_detail", "cancelled_at", "amount", "version",
)  # fmt: skip


# What hangs on a visit, for the images of an import.
PARTS: Final[dict[type[models.Model], str]] = dict.fromkeys(
    (Attendance, ServedDish, Note, Complaint, FollowUp, Occupancy), "visit_id"
)


def ensure_ledger_line() -> NoteCategory:
    """The line of the check sheet for words of a ledger that no other field takes: never asked, told on the host's card alone."""
    line, _made = NoteCategory.objects.get_or_create(
        code=LEDGER_LINE,
        defaults={
            "name": LEDGER_LINE_NAME,
            "purpose": "前の台帳に書かれていた言葉。そのまま残しています",
            "entry": NoteInput.TEXT,
            "is_active": False,
            "is_table_talk": True,
            "position": 900,
        },
    )
    return line


class VisitWriter:
    """Writes the batches of one import, each inside the caller's transaction."""

    def __init__(self, *, ledger_import: LedgerImport, by: User, reader: VisitReader) -> None:
        self.ledger_import = ledger_import
        self.by = by
        self.reader = reader
        self.words = reader.words
        self.guests = GuestWriter(ledger_import=ledger_import, by=by)
        self.ledger_line: NoteCategory | None = NoteCategory.objects.filter(code=LEDGER_LINE).first()
        self._now: datetime = timezone.now()
        self._trail: list[tuple[Any, ...]] = []
        self._images = ImageBook(ledger_import)

    def write(self, planned: Sequence[PlannedVisitRow], plans: Sequence[PlannedRow]) -> dict[int, int]:
        """Write what the batch plans; first row of a guest in the file -> the guest's id."""
        self._now = timezone.now()
        self._trail.clear()
        ids = self.guests.ids_of(plans)
        for one in planned:
            if one.guest.plan is not None and one.guest.pk is None and one.outcome is not RowOutcome.ERROR:
                one.guest.pk = ids[one.guest.first_row]
        visits = [visit for one in planned if one.outcome is not RowOutcome.ERROR for visit in one.visits]
        created = [visit for visit in visits if visit.outcome is RowOutcome.CREATED]
        updated = [visit for visit in visits if visit.outcome is RowOutcome.UPDATED]
        self._images.clear()
        self._make_what_is_missing(created, updated)
        watched = RowsWatched(Visit, PARTS)
        watched.before([visit.known.id for visit in updated if visit.known is not None])
        self._create(created)
        self._update(updated)
        self._write_parts([*created, *updated])
        self._follow(created, updated)
        watched.tell(
            self._images, {visit.pk: visit.row.number for visit in (*created, *updated) if visit.pk is not None}
        )
        self._images.write()
        bulk.insert(AuditEntry, AUDIT_FIELDS, self._trail)
        return ids

    def forget(self) -> None:
        """The batch was not written: what was made for it is not there."""
        self.words.forget_dishes()
        self.ledger_line = NoteCategory.objects.filter(code=LEDGER_LINE).first()

    # --- what visits point at ---

    def _make_what_is_missing(self, created: Sequence[PlannedVisit], updated: Sequence[PlannedVisit]) -> None:
        """Dishes that the house has not, and the line for words of the ledger."""
        wanted = {dish_key(dish): dish for visit in (*created, *updated) for dish in visit.new_dishes}
        missing = [dish for key, dish in wanted.items() if key not in self.words.dishes]
        if missing:
            self.words.learn_dishes()  # somebody may have entered them meanwhile
            missing = [dish for dish in missing if dish_key(dish) not in self.words.dishes]
        if missing:
            plan = DishPlan()
            plan.take((DishRow(0, dish=dish) for dish in missing), DishOutcome())
            plan.write(self.by)
            self.words.learn_dishes()
            self._image_dishes(missing, (*created, *updated))
        if self.ledger_line is None and any(LEDGER_LINE_ID in visit.notes for visit in (*created, *updated)):
            self.ledger_line = ensure_ledger_line()
            record(by=self.by, action=Action.CREATED, subject=self.ledger_line)
            first = min(visit.row.number for visit in (*created, *updated) if LEDGER_LINE_ID in visit.notes)
            self._images.created(first, NoteCategory, self.ledger_line.pk)

    def _image_dishes(self, names: Sequence[str], visits: Sequence[PlannedVisit]) -> None:
        first: dict[str, int] = {}
        for visit in visits:
            for dish in visit.new_dishes:
                first.setdefault(dish_key(dish), visit.row.number)
        row_of = {self.words.dishes[dish_key(name)]: first[dish_key(name)] for name in names}
        for pk, number in row_of.items():
            self._images.created(number, Dish, pk)
        for pk, dish_id in ProposedAllergen.objects.filter(dish__in=list(row_of)).values_list("pk", "dish_id"):
            self._images.created(row_of[dish_id], ProposedAllergen, pk)

    # --- visits ---

    def _create(self, visits: Sequence[PlannedVisit]) -> None:
        token = Visit._meta.get_field("form_token")
        rows = []
        for visit, pk in zip(visits, bulk.reserve_ids(Visit, len(visits)), strict=True):
            entry, visit.pk = visit.entry, pk
            cancel, starts_at = self._cancelled(visit), _moment(entry.starts_at)
            rows.append(
                (
                    pk, entry.venue.pk, entry.room_id, False, starts_at, _moment(self._end(visit)), entry.day.isoformat(),
                    entry.people or 1 + len(entry.companions), entry.purpose or Purpose.PRIVATE.value, visit.status,
                    entry.course_id, entry.staff_id, starts_at if visit.status == VisitStatus.TENTATIVE else None,
                    entry.source_id, "", entry.outside_system, entry.outside_id, *cancel, _scaled(entry.amount), False,
                    self.by.pk, token.get_db_prep_value(uuid.uuid4(), connection), 1,
                )
            )  # fmt: skip
            self._record(Action.CREATED, visit, {name: [None, value] for name, value in self._told(visit).items()})
        bulk.insert(Visit, VISIT_FIELDS, rows)

    def _end(self, visit: PlannedVisit) -> datetime | None:
        """As the ledger says, else by the venue's terms; a visit of a day without a time has no end."""
        entry = visit.entry
        if entry.ends_at is not None or (not entry.time_known and visit.status == VisitStatus.COMPLETED):
            return entry.ends_at
        terms = self.words.terms.get(entry.venue.pk) or BookingTerms(venue=entry.venue)
        return entry.starts_at + stay_of(terms, entry.starts_at, entry.venue)

    def _cancelled(self, visit: PlannedVisit) -> tuple[str, str, Any]:
        if visit.status != VisitStatus.CANCELLED:
            return "", "", None
        reason = cancel_reason_of(visit.entry.cancel_words)
        return reason.value, visit.entry.cancel_words, _moment(self._now)

    def _told(self, visit: PlannedVisit) -> dict[str, Any]:
        """What the trail says of a new visit, under the names of `visits.services.writing.told_of`."""
        entry, words = visit.entry, self.words
        told = {
            "venue": entry.venue.name,
            "starts_at": entry.starts_at.isoformat(),
            "room": words.room_names.get(entry.room_id or 0),
            "party_size": entry.people or 1 + len(entry.companions),
            "purpose": entry.purpose or Purpose.PRIVATE.value,
            "status": visit.status,
            "source": words.source_names.get(entry.source_id or 0),
            "course": words.course_names.get(entry.course_id or 0),
            "attendances": [[visit.row.guest.name, AttendanceRole.HOST.value, SeatedCheck.NOT_YET.value]],
            "dishes": sorted(visit.new_dishes),
            "notes": [[self._line(category).name, text] for category, text in visit.notes.items()],
            "amount": format(entry.amount.normalize(), "f") if entry.amount is not None else None,
        }
        return {name: value for name, value in told.items() if value not in (None, [], "")}

    def _update(self, visits: Sequence[PlannedVisit]) -> None:
        rows = []
        for visit in visits:
            known, new = visit.known, visit.attributes
            assert known is not None
            visit.pk = known.id
            self._record(Action.CHANGED, visit, visit.changes)
            value = {name: new.get(name, getattr(known, name)) for name in CHANGED}
            if "starts_at" in new and "ends_at" not in new:
                value["ends_at"] = (
                    new["starts_at"] + (known.ends_at - known.starts_at) if known.ends_at else self._end(visit)
                )
            if value["ends_at"] is not None and value["ends_at"] <= value["starts_at"]:
                value["ends_at"] = None
            cancelled = ("", "", None)
            if value["status"] == VisitStatus.CANCELLED:
                cancelled = self._cancelled(visit) if "status" in new else (CancelReason.OTHER.value, "", None)
            tentative = _moment(value["starts_at"]) if value["status"] == VisitStatus.TENTATIVE else None
            rows.append(
                (
                    known.id, value["room_id"], _moment(value["starts_at"]), _moment(value["ends_at"]),
                    value["business_date"].isoformat(), value["party_size"], value["purpose"], value["status"],
                    value["course_id"], value["staff_id"],
                    tentative, value["source_id"], value["outside_system"], value["outside_id"], *cancelled,
                    _scaled(value["amount"]), known.version + VERSION_STEP,
                )
            )  # fmt: skip
        bulk.update(Visit, CHANGED_FIELDS, rows)

    # --- people, dishes, notes ---

    def _write_parts(self, visits: Sequence[PlannedVisit]) -> None:
        attendances: list[tuple[Any, ...]] = []
        dishes: list[tuple[Any, ...]] = []
        notes: list[tuple[Any, ...]] = []
        reworded: list[tuple[Any, ...]] = []
        complaints: list[Complaint] = []
        count = sum(len(visit.notes) for visit in visits)
        note_ids = iter(bulk.reserve_ids(Note, count))
        for visit in visits:
            pk, guest = visit.pk, visit.guest.pk
            assert pk is not None
            first = 0
            if visit.known is None:
                attendances.append((pk, guest, "", 1, AttendanceRole.HOST.value, 0, SeatedCheck.NOT_YET.value))
                first = 1
            else:
                first = 1 + len(visit.known.labels)
            attendances += [
                (pk, None, label, 1, AttendanceRole.COMPANION.value, first + at, SeatedCheck.NOT_YET.value)
                for at, label in enumerate(visit.new_labels)
            ]
            dishes += [
                (pk, self.words.dishes[key], None, False) for key in dict.fromkeys(map(dish_key, visit.new_dishes))
            ]
            for category, text in visit.notes.items():
                line = self._line(category)
                held = visit.known.notes.get(line.pk) if visit.known else None
                if held is not None:
                    reworded.append((held[0], text))
                    continue
                note_id = next(note_ids)
                notes.append(
                    (
                        note_id, pk, line.pk, guest, line.name, text, "[]", False, self.by.pk,
                        _moment(min(visit.entry.starts_at, self._now)),
                    )
                )  # fmt: skip
                if line.is_bad_news:
                    complaints.append(self._complaint(visit, note_id, text))
        bulk.insert(Attendance, ATTENDANCE_FIELDS, attendances)
        bulk.insert(ServedDish, DISH_FIELDS, dishes)
        bulk.insert(Note, NOTE_FIELDS, notes)
        bulk.update(Note, ("text",), reworded)
        Complaint.objects.bulk_create(complaints)

    def _line(self, category: int) -> NoteCategory:
        if category:
            return self.words.categories[category]
        assert self.ledger_line is not None
        return self.ledger_line

    def _complaint(self, visit: PlannedVisit, note_id: int, text: str) -> Complaint:
        """What went wrong long ago is known and settled: nobody is asked to look after it today."""
        return Complaint(
            note_id=note_id,
            venue=visit.entry.venue,
            visit_id=visit.pk,
            customer_id=visit.guest.pk,
            what=text,
            reported_by=self.by,
            reported_at=min(visit.entry.starts_at, self._now),
            state=ComplaintState.SETTLED,
            settled_by=self.by,
            settled_at=self._now,
        )

    # --- what follows ---

    def _follow(self, created: Sequence[PlannedVisit], updated: Sequence[PlannedVisit]) -> None:
        by_venue: dict[int, set[int]] = {}
        for visit in (*created, *updated):
            assert visit.guest.pk is not None
            by_venue.setdefault(visit.entry.venue.pk, set()).add(visit.guest.pk)
        for venue_id, guests in by_venue.items():
            self._note_known(
                venue_id, guests, {visit.guest.pk: visit.row.number for visit in (*updated, *created)[::-1]}
            )
        ahead = [visit for visit in created if visit.status in (VisitStatus.RESERVED, VisitStatus.TENTATIVE)]
        ahead += [
            visit
            for visit in updated
            if visit.known is not None
            and {visit.status, visit.known.status} & {VisitStatus.RESERVED, VisitStatus.TENTATIVE}
            and visit.attributes.keys() & {"room_id", "starts_at", "ends_at", "status", "party_size"}
        ]
        self._give_rooms(ahead)
        guests = set().union(*by_venue.values()) if by_venue else set()
        guests |= {guest for visit in updated if visit.known for guest in visit.known.guests}
        if guests:
            refresh_visit_figures(customer_ids=guests)
        told = [visit.pk for visit in (*created, *updated) if visit.pk is not None]
        if told:
            retell_many(told)

    def _note_known(self, venue_id: int, guests: Collection[int], row_of: Mapping[int | None, int]) -> None:
        """Guests are known at the venue from now on."""
        rows = Customer.known_at.through.objects.filter(venue_id=venue_id, customer__id__any_of=set(guests))
        before = set(rows.values_list("pk", flat=True))
        note_known_at(customer_ids=sorted(guests), venue=self.words.venues[venue_id])
        for pk, guest in rows.values_list("pk", "customer_id"):
            if pk not in before:
                self._images.created(row_of[guest], Customer.known_at.through, pk)

    def _give_rooms(self, planned: Sequence[PlannedVisit]) -> None:
        """Rooms of bookings ahead: given where they are free, else the booking comes without one and the row says so."""
        if not planned:
            return
        by_id = {visit.pk: visit for visit in planned}
        # Before any of them is looked at, in the order in which everybody locks them: nobody waits in a circle.
        venues = {visit.entry.venue.pk for visit in planned}
        list(Room.objects.select_for_update(no_key=True).filter(venue__in=venues).order_by("pk").values_list("pk"))
        visits = (
            Visit.objects.filter(pk__in=list(by_id))
            .select_related("venue", "room", "staff", "recorded_by")
            .order_by("pk")
        )
        for visit in visits:
            try:
                occupy(visit)
            except RoomTaken as taken:
                self._without_room(by_id[visit.pk], visit, str(taken))
            plan_follow_ups(visit)

    @staticmethod
    def _without_room(planned: PlannedVisit, visit: Visit, why: str) -> None:
        visit.room = None
        Visit.objects.filter(pk=visit.pk).update(room=None)
        occupy(visit)
        planned.row.guest.say(WARNING, "room", _("kept without a room: %(why)s") % {"why": why})

    # --- the trail and the rows ---

    def _record(self, action: Action, visit: PlannedVisit, changes: Mapping[str, Any]) -> None:
        if not self._trail:
            entry = build(by=self.by, action=action)
            self._actor = (entry.actor_id, entry.actor_name)
            self._origin = (entry.request_id, entry.ip_address)
        name = f"{visit.entry.day} {visit.entry.venue}"
        self._trail.append(
            (
                _moment(self._now), *self._actor, action.value, Visit._meta.label_lower, str(visit.pk), name[:200],
                _json(changes), *self._origin,
            )
        )  # fmt: skip


def _moment(at: datetime | None) -> Any:
    return connection.ops.adapt_datetimefield_value(at) if at is not None else None


def _scaled(amount: Any) -> int | None:
    return int(amount * SCALE) if amount is not None else None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if value else "{}"

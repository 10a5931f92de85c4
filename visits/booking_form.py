"""The input boundary of the booking screen. Always bound; with `quiet` it shows no errors yet, and reads what it can."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm_project.core.accounts.models import User, Venue
from crm_project.core.allergens.choices import AllergyState
from crm_project.core.dates import add_months, business_date, business_day_bounds, parse_month_day, refuse_far_ahead
from crm_project.core.problems import InputProblem
from crm_project.core.rokuyo import rokuyo_of
from crm_project.core.spoken_amounts import read_amount
from crm_project.core.text import phone_digits
from crm_project.core.ui.display_dates import format_date, in_japanese
from customers.fields import PhoneField, TidyField
from customers.models import Customer
from menus.models import Course
from visits import read_back
from visits.booking_data import ANSWERS
from visits.booking_lines import choices_of
from visits.choices import AttendanceRole, Purpose, SeatedCheck, VisitStatus
from visits.day import today_of
from visits.entries import AttendanceEntry, BookingEntry, BriefingEntry
from visits.free_rooms import RoomState, Stay, every_room_of, in_offer, states_of, with_parts
from visits.models import Attendance, Room, Visit
from visits.occupancy import Slot
from visits.queries import guests_to_book
from visits.spoken_party import LARGEST, Party, read_party
from visits.spoken_time import LATEST_BEGIN, LATEST_END, MIDNIGHT, moment_of, read_day, read_time
from visits.table_data import customer_ids_in, people_in
from visits.terms import stay_of, terms_beside

BLANK: Final = "—"


class SaidDayField(forms.CharField):
    """A day as it is said: 12/4, 来週の金曜. The form says which day the venue's today is; `past` for what has happened."""

    def __init__(self, *, past: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", "maxlength": 40}))
        super().__init__(max_length=40, **kwargs)
        self.past = past
        self.today: date | None = None

    def clean(self, value: Any) -> Any:
        """The day; None for a blank that may be left."""
        written = super().clean(value)
        assert self.today is not None
        try:
            day = read_day(written, self.today)
        except InputProblem as problem:
            raise ValidationError(str(problem)) from problem
        if self.past and day is not None and day > self.today:
            # 12/4 without a year is the last one here.
            if parse_month_day(written) is None:
                raise ValidationError(_("That day is still to come."))
            return add_months(day, -12)
        if day is not None:
            try:
                refuse_far_ahead(day, self.today)
            except InputProblem as problem:
                raise ValidationError(str(problem)) from problem
        return day


class SaidTimeField(forms.CharField):
    """A time as it is said: 18, 1830, 6時半. Minutes since the day's first midnight; hours of it are `before` that one."""

    def __init__(self, *, before: int = LATEST_BEGIN, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", "maxlength": 20}))
        super().__init__(max_length=20, **kwargs)
        self.before = before

    def clean(self, value: Any) -> Any:
        """The minutes; None for a blank that may be left."""
        written = super().clean(value)
        try:
            return read_time(written, before=self.before)
        except InputProblem as problem:
            raise ValidationError(str(problem)) from problem


class SaidPartyField(forms.CharField):
    """How many come, as it is said: 6, 大人18 子ども2."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", "maxlength": 80}))
        super().__init__(max_length=80, **kwargs)

    def clean(self, value: Any) -> Any:
        """The party."""
        written = super().clean(value)
        try:
            return read_party(written)
        except InputProblem as problem:
            raise ValidationError(str(problem)) from problem


class YenField(forms.CharField):
    """An amount in yen as it is said: 25000, 25,000円, 2万5千."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=20,
            required=False,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            **kwargs,
        )

    def clean(self, value: Any) -> Any:
        """The amount; None for a blank."""
        written = super().clean(value)
        try:
            amount = read_amount(written)
        except InputProblem as problem:
            raise ValidationError(str(problem)) from problem
        if amount is not None and amount < 0:
            raise ValidationError(_("An amount is not below zero."))
        return amount


class PickField(forms.ChoiceField):
    """One of rows that were fetched already; a blank is None."""

    def __init__(self, *, label: Any, **kwargs: Any) -> None:
        super().__init__(label=label, required=False, **kwargs)
        self.rows: dict[str, Any] = {}

    def offer(self, rows: list[Any]) -> None:
        """Let these rows be chosen, in their order."""
        self.rows = {str(row.pk): row for row in rows}
        self.choices = [("", BLANK), *((pk, str(row)) for pk, row in self.rows.items())]

    def clean(self, value: Any) -> Any:
        """The chosen row."""
        return self.rows.get(super().clean(value))


@dataclass(frozen=True)
class Seat:
    """Somebody at the table, as the form shows them: a guest, or a companion or group by a label and a number."""

    ref: str
    customer: Customer | None
    role: BoundField
    label: BoundField | None
    count: BoundField | None

    @property
    def called(self) -> str:
        """The label, or the guest's name."""
        return str(self.label.value() or "") if self.label is not None else str(self.customer)


class BookingForm(forms.Form):
    """A booking as it is taken on the phone: who, when, where, what was asked in advance."""

    day = SaidDayField(label=gettext_lazy("Day"), error_messages={"required": gettext_lazy("Write the day.")})
    time = SaidTimeField(label=gettext_lazy("Time"), error_messages={"required": gettext_lazy("Write the time.")})
    until = SaidTimeField(label=gettext_lazy("Until"), required=False, before=LATEST_END)
    party = SaidPartyField(
        label=gettext_lazy("How many"), error_messages={"required": gettext_lazy("Write how many come.")}
    )
    purpose = forms.ChoiceField(label=gettext_lazy("purpose"), choices=Purpose.choices, widget=forms.RadioSelect)
    whole = forms.BooleanField(label=gettext_lazy("to themselves (貸切)"), required=False)
    room = PickField(
        label=gettext_lazy("room"), error_messages={"invalid_choice": gettext_lazy("That room is not given.")}
    )
    course = PickField(label=gettext_lazy("course"))
    staff = PickField(
        label=gettext_lazy("attendant (係)"),
        error_messages={"invalid_choice": gettext_lazy("Choose somebody who works at the venue on that day.")},
    )
    source = PickField(label=gettext_lazy("source"))
    contact_phone = PhoneField(label=gettext_lazy("phone to ring back"), required=False)
    hold_until = SaidDayField(label=gettext_lazy("Held until (仮)"), required=False)

    budget_per_head = YenField(label=gettext_lazy("budget per person"))
    with_drinks = forms.BooleanField(label=gettext_lazy("drinks included"), required=False)
    with_tax = forms.BooleanField(label=gettext_lazy("tax included"), required=False)
    with_service = forms.BooleanField(label=gettext_lazy("service included"), required=False)
    guests_of_honour = TidyField(
        label=gettext_lazy("guests of honour: firm and titles"), max_length=200, required=False
    )
    allergies_hosts = TidyField(
        label=gettext_lazy("allergies and diet, the host's side"), max_length=300, required=False
    )
    allergies_guests = TidyField(
        label=gettext_lazy("allergies and diet, the guests' side"), max_length=300, required=False
    )
    allergies_guests_by = SaidDayField(label=gettext_lazy("answer by"), required=False)
    gifts = TidyField(label=gettext_lazy("gifts"), max_length=120, required=False)
    cars = TidyField(label=gettext_lazy("cars"), max_length=120, required=False)
    closing_time = SaidTimeField(label=gettext_lazy("ends at"), required=False)
    payer = TidyField(label=gettext_lazy("who pays, and how"), max_length=120, required=False)
    receipt_name = TidyField(label=gettext_lazy("name on the receipt (領収書)"), max_length=120, required=False)
    board_name = TidyField(label=gettext_lazy("name on the board"), max_length=80, required=False)
    no_board = forms.BooleanField(label=gettext_lazy("no name on the board"), required=False)
    wishes = TidyField(label=gettext_lazy("other wishes"), max_length=500, required=False)
    deposit = YenField(label=gettext_lazy("deposit"))
    deposit_received_on = SaidDayField(past=True, label=gettext_lazy("deposit received on"), required=False)

    def __init__(
        self,
        data: QueryDict,
        *,
        user: User,
        venue: Venue,
        visit: Visit | None,
        contact: Customer | None,
        quiet: bool,
        known: Mapping[int, Customer] | None = None,
    ) -> None:
        """`known` are guests the person may open, with their companies, where they were read already."""
        super().__init__(data)
        self._known = known or {}
        self.user, self.venue, self.visit, self.contact, self.quiet = user, venue, visit, contact, quiet
        self.sent = data
        self._hidden: dict[str, Any] = {}
        self.today = today_of(venue)
        for name in ("day", "hold_until", "allergies_guests_by", "deposit_received_on"):
            self._field(name).today = self.today
        for name in ("budget_per_head", "guests_of_honour", "gifts", "cars", "payer", "receipt_name", "wishes"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        choices = choices_of(venue, self._day_sent(), self.today, visit)
        self._field("staff").offer(list(choices.staff))
        self._field("source").offer(list(choices.sources))
        self._field("course").offer(list(choices.courses))
        rooms = every_room_of(venue)
        self.room_names = {room.pk: room.name for room in rooms}
        self._rooms = with_parts(rooms, choices.parts, visit.room_id if visit else None)
        self.terms = terms_beside(rooms, venue)
        self._field("room").offer(self._rooms)
        self.stay: Stay | None = None
        self.starts_at: datetime | None = None
        self._seat_people()
        self.full_clean()

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def _day_sent(self) -> date:
        """The day in the field as far as it can be read, which says who is there to attend; today where it cannot."""
        try:
            return read_day(self.sent.get("day", ""), self.today) or self.today
        except InputProblem:
            return self.today

    def _seat_people(self) -> None:
        found = dict(self._known)
        if ids := set(customer_ids_in(self.sent)) - found.keys():
            found |= guests_to_book(self.user).in_bulk(ids)
        self.seats: list[Seat] = []
        for ref in people_in(self.sent):
            customer = found.get(int(ref[1:])) if ref.startswith("c") else None
            if ref.startswith("c") and customer is None:
                continue
            self.fields[f"role_{ref}"] = forms.ChoiceField(label=_("role"), choices=AttendanceRole.choices)
            if customer is None:
                self.fields[f"label_{ref}"] = forms.CharField(
                    label=_("called"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
                )
                self.fields[f"count_{ref}"] = forms.IntegerField(
                    label=_("people"),
                    required=False,
                    min_value=1,
                    max_value=LARGEST,
                    widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
                )
            self.seats.append(
                Seat(
                    ref,
                    customer,
                    self[f"role_{ref}"],
                    self[f"label_{ref}"] if customer is None else None,
                    self[f"count_{ref}"] if customer is None else None,
                )
            )
        self.customers = [seat.customer for seat in self.seats if seat.customer is not None]

    def full_clean(self) -> None:
        """Clean; in a quiet form put the errors out of sight."""
        super().full_clean()
        if self.quiet:
            self._hidden = dict(self.errors)
            self._errors = ErrorDict()

    def _read_stay(self) -> None:
        day, minutes = self.cleaned_data.get("day"), self.cleaned_data.get("time")
        if day is None or minutes is None:
            return
        try:
            self.starts_at = self._moment(day, minutes)
        except InputProblem as problem:
            self.add_error("time", str(problem))
            return
        ends_at = self.starts_at + stay_of(self.terms, self.starts_at, self.venue)
        if (until := self.cleaned_data.get("until")) is not None:
            try:
                ends_at = self._after(day, until)
            except InputProblem as problem:
                self.add_error("until", str(problem))
        party: Party | None = self.cleaned_data.get("party")
        self.stay = Stay(self.starts_at, ends_at, party.size if party else 1, self.cleaned_data.get("whole", False))

    def _moment(self, day: date, minutes: int) -> datetime:
        return moment_of(day, minutes, closing_hour=self.venue.closing_hour, zone=self.venue.zone)

    def _after(self, day: date, minutes: int) -> datetime:
        """The end: an hour that lies before the beginning is one of the night."""
        assert self.starts_at is not None
        found = self._moment(day, minutes)
        return found if found > self.starts_at or minutes >= MIDNIGHT * 60 else found + timedelta(days=1)

    def clean(self) -> dict[str, Any]:
        """What concerns several fields: somebody comes, not more are named than come, the board, the hold."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._read_stay()
        if not self.seats:
            self.add_error(None, _("Choose the guest, or enter a new one."))
        party: Party | None = cleaned.get("party")
        named = sum(cleaned.get(f"count_{seat.ref}") or 1 for seat in self._seats_beside(party))
        if party is not None and named > party.size:
            said = ngettext("%(named)s person is named", "%(named)s people are named", named) % {"named": named}
            self.add_error("party", _("%(said)s, but %(count)s come.") % {"said": said, "count": party.size})
        if cleaned.get("no_board") and cleaned.get("board_name"):
            self.add_error("board_name", _("Either a name on the board, or none."))
        if cleaned.get("deposit_received_on") and cleaned.get("deposit") is None:
            self.add_error("deposit", _("Write the amount of the deposit that was received."))
        if cleaned.get("closing_time") is not None and cleaned["closing_time"] >= (MIDNIGHT + 6) * 60:
            self.add_error("closing_time", _("Write the hour at which they leave."))
        return cleaned

    def _seats_beside(self, party: Party | None) -> list[Seat]:
        """The seats that are not one of the groups the party was counted in."""
        groups = {label for label, _count in party.groups} if party else set()
        return [seat for seat in self.seats if seat.customer is not None or seat.called not in groups]

    # --- what is shown -----------------------------------------------------------------------------------------------

    @property
    def read_day(self) -> date | None:
        """The day as it was understood."""
        day: date | None = self.cleaned_data.get("day")
        return day

    @property
    def day_words(self) -> str:
        """What stands under the day: weekday and 六曜, or why it is no day."""
        if self.read_day is None:
            return self._why_not("day")
        rokuyo = rokuyo_of(self.read_day)
        return f"{format_date(self.read_day)}{'' if in_japanese() else ' '}{rokuyo.label if rokuyo else ''}"

    @property
    def time_words(self) -> str:
        """What stands under the times: from when to when as it was understood, or why it is no time."""
        if self.stay is None:
            return self._why_not("time")
        first, last = (moment.astimezone(self.venue.zone) for moment in (self.stay.starts_at, self.stay.ends_at))
        return self._why_not("until") or f"{first:%H:%M}–{last:%H:%M}"

    def _why_not(self, name: str) -> str:
        errors = self.errors_so_far()
        return "" if not self.sent.get(name, "").strip() or name not in errors else str(errors[name][0])

    @property
    def is_walk_in(self) -> bool:
        """Whether the party stands at the door already, without a booking."""
        return self.visit is None and bool(self.sent.get("walk_in"))

    @property
    def chosen_room(self) -> str:
        """The room that is chosen, as its button sends it."""
        return str(self.sent.get("room", ""))

    def rooms_in_offer(self, taken: Collection[Slot], usual: set[int]) -> list[RoomState]:
        """Rooms as they are for the stay, as far as it is known, and offered: free ones first."""
        if self.stay is None:
            return in_offer([RoomState(room, None, None, is_too_small=False) for room in self._rooms], usual)
        return in_offer(states_of(self._rooms, self.stay, taken), usual)

    def waits_for(self) -> dict[str, str]:
        """What the waiting list is asked with, as far as it is known: day, time, number, guest or name, phone."""
        party: Party | None = self.cleaned_data.get("party")
        day, minutes = self.read_day, self.cleaned_data.get("time")
        asked = {
            "day": day.isoformat() if day else "",
            "time": f"{minutes // 60:02d}:{minutes % 60:02d}"
            if minutes is not None and minutes < MIDNIGHT * 60
            else "",
            "party": str(party.size) if party else "",
            "customer": str(self.customers[0].pk) if self.customers else "",
            "name": "" if self.customers else next((seat.called for seat in self.seats), ""),
            "phone": phone_digits(self.cleaned_data.get("contact_phone", "")),
            "wishes": self.cleaned_data.get("wishes", ""),
        }
        return {name: value for name, value in asked.items() if value}

    def answers(self) -> list[BoundField]:
        """The fields of the preliminary answers (事前の聞き取り), in their order."""
        return [self[name] for name in ANSWERS]

    def errors_so_far(self) -> dict[str, Any]:
        """The errors, those that a quiet form does not show as well."""
        return {**self._hidden, **self.errors}

    def preview(self) -> Visit | None:
        """The booking as it would stand, unsaved, for what is known of it; None before it has a time."""
        if self.stay is None:
            return None
        visit = Visit(pk=self.visit.pk if self.visit else None, venue=self.venue)
        visit.room = self.cleaned_data.get("room")
        visit.starts_at, visit.ends_at, visit.party_size = self.stay.starts_at, self.stay.ends_at, self.stay.party_size
        visit.business_date = business_date(visit.starts_at, self.venue.closing_hour, self.venue.zone)
        visit.status = VisitStatus.RESERVED
        room: Room | None = visit.room
        visit.takes_whole_room = bool(self.stay.takes_whole_room and room and room.seats_are_shared)
        return visit

    def read_back(self, *, tentative: bool = False) -> str:
        """復唱, as far as the booking is known; "" before day, time and number."""
        party: Party | None = self.cleaned_data.get("party")
        if self.stay is None or party is None or self.read_day is None:
            return ""
        cleaned = self.cleaned_data
        room: Room | None = cleaned.get("room")
        course: Course | None = cleaned.get("course")
        spoken = read_back.Spoken(
            day=self.read_day,
            starts_at=self.stay.starts_at.astimezone(self.venue.zone),
            party_size=party.size,
            groups=party.groups,
            room=room.name if room else "",
            takes_whole_room=bool(cleaned.get("whole") and room and room.seats_are_shared),
            course=course.name if course else "",
            budget_per_head=cleaned.get("budget_per_head"),
            with_drinks=cleaned.get("with_drinks", False),
            with_tax=cleaned.get("with_tax", False),
            with_service=cleaned.get("with_service", False),
            refrains=[_refrains(customer) for customer in self.customers],
            allergies_guests=cleaned.get("allergies_guests", ""),
            ends_at=self._closing_moment(),
            cars=cleaned.get("cars", ""),
            gifts=cleaned.get("gifts", ""),
            deposit=cleaned.get("deposit"),
            tentative_until=cleaned.get("hold_until") or (self._hold_day() if tentative else None),
            phone=phone_digits(cleaned.get("contact_phone", "")),
        )
        return read_back.in_japanese(spoken) if in_japanese() else read_back.in_english(spoken)

    def _closing_moment(self) -> datetime | None:
        minutes = self.cleaned_data.get("closing_time")
        if minutes is None or self.read_day is None:
            return None
        return datetime.combine(self.read_day, time(minutes // 60 % MIDNIGHT, minutes % 60))

    def _hold_day(self) -> date:
        kept = self.visit.held_until_day if self.visit is not None else None
        return kept or self.today + timedelta(days=self.terms.tentative_days)

    @property
    def usual_hold(self) -> date:
        """Until which day a tentative booking is held when nobody says anything else."""
        return self._hold_day()

    # --- what is handed on -------------------------------------------------------------------------------------------

    def booking(self, *, tentative: bool) -> BookingEntry:
        """What `services.take_booking` and `change_booking` take (the form is valid)."""
        assert self.stay is not None
        cleaned, visit = self.cleaned_data, self.visit
        room: Room | None = cleaned["room"]
        return BookingEntry(
            starts_at=self.stay.starts_at,
            ends_at=self.stay.ends_at,
            attendances=self._attendances(),
            party_size=cleaned["party"].size,
            purpose=cleaned["purpose"],
            room=room,
            takes_whole_room=bool(cleaned["whole"] and room and room.seats_are_shared),
            tentative_until=self._held_until() if tentative else None,
            course=cleaned["course"],
            staff=cleaned["staff"],
            source=cleaned["source"],
            contact=self.contact,
            contact_phone=cleaned["contact_phone"],
            occasion=visit.occasion if visit else None,
            outside_system=visit.outside_system if visit else "",
            outside_id=visit.outside_id if visit else "",
            has_arrived=self.is_walk_in,
            briefing=self._briefing(),
        )

    def _held_until(self) -> datetime:
        """The end of the business day, or the beginning of the booking where that comes first."""
        assert self.stay is not None
        day = self.cleaned_data.get("hold_until") or self._hold_day()
        _first, end = business_day_bounds(day, self.venue.closing_hour, self.venue.zone)
        return min(end, self.stay.starts_at)

    def _briefing(self) -> BriefingEntry:
        values = {name: self.cleaned_data[name] for name in ANSWERS}
        if (minutes := values["closing_time"]) is not None:
            values["closing_time"] = time(minutes // 60 % MIDNIGHT, minutes % 60)
        return BriefingEntry(**values)

    def _attendances(self) -> list[AttendanceEntry]:
        """The seats, and behind them the groups of the party; who was asked at the table stays asked."""
        party: Party = self.cleaned_data["party"]
        asked = {_who(row): row.seated_check for row in self.visit.attendances.all()} if self.visit else {}
        entries = [
            AttendanceEntry(
                customer=seat.customer,
                label=self.cleaned_data.get(f"label_{seat.ref}", ""),
                role=self.cleaned_data[f"role_{seat.ref}"],
                headcount=self.cleaned_data.get(f"count_{seat.ref}") or 1,
            )
            for seat in self._seats_beside(party)
        ]
        # Who is named counts among the first group: 大人18 are the host and seventeen more.
        named = sum(entry.headcount or 1 for entry in entries)
        for label, count in party.groups:
            counted = max(count - named, 0)
            named = max(named - count, 0)
            if counted:
                entries.append(AttendanceEntry(label=label, headcount=counted, role=AttendanceRole.COMPANION))
        return [
            AttendanceEntry(
                customer=entry.customer,
                label=entry.label,
                role=entry.role,
                headcount=entry.headcount,
                seated_check=asked.get(
                    (entry.customer.pk if entry.customer else None, entry.label), SeatedCheck.NOT_YET
                ),
            )
            for entry in entries
        ]


def _who(row: Attendance) -> tuple[int | None, str]:
    return row.customer_id, row.label


def _refrains(customer: Customer) -> read_back.Refrains:
    family = customer.name.split(" ")[0] if in_japanese() else customer.name
    listed = customer.allergy_state == AllergyState.LISTED
    return read_back.Refrains(
        name=f"{family}{'' if in_japanese() else ' '}{customer.honorific}",
        allergens=[allergy.allergen.name for allergy in customer.allergies.all()] if listed else [],
        was_asked=customer.allergy_state != AllergyState.NOT_ASKED,
    )

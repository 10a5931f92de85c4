"""The input boundary of visits: the log form, the status buttons, the check sheet's settings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from crm_project.core.accounts.models import User, Venue
from crm_project.core.allergens.choices import AllergyState
from crm_project.core.dates import DateError, business_date, refuse_far_ahead
from crm_project.core.rights import Right
from crm_project.core.ui.row_fields import RowField
from customers.fields import TidyField
from customers.models import Customer
from menus.models import Course, Dish
from menus.picked import chosen_ids
from visits.at_hand import AtHand, read_for_log
from visits.check_sheet import is_answered
from visits.choices import (
    PICKED,
    AttendanceRole,
    CancelReason,
    NoteInput,
    Purpose,
    SeatedCheck,
    VisitStatus,
    WarningKind,
    answers_at_table,
)
from visits.entries import AttendanceEntry, Confirmation, NoteEntry
from visits.evening import SeatRemark
from visits.models import Attendance, Note, NoteCategory, Room, Visit
from visits.queries import choices_of_staff, past_servings
from visits.seat_decisions import warnings_instead
from visits.table_data import customer_ids_in, people_in, token_in, whole_number
from visits.table_warnings import TableWarning, table_warnings
from visits.text_fields import WholeTextField

# Beyond these nobody writes anything down, and a moment on the venue's clock may not be one in UTC.
OLDEST_YEAR = 1900
REPLACED, SERVED, WISHED, OTHER = "replaced", "served", "wished", "other"
ANSWERS: dict[str, list[tuple[str, Any]]] = {
    WarningKind.ALLERGY: [(REPLACED, _("Replaced")), (SERVED, _("Was served")), (OTHER, _("Other reason"))],
    WarningKind.SAME_DISH: [
        (SERVED, pgettext_lazy("same dish", "The same is fine")),
        (WISHED, _("The guest's wish")),
        (REPLACED, _("Replaced")),
    ],
}


@dataclass(frozen=True)
class PersonRow:
    """Somebody at the table, as the form shows them."""

    ref: str
    customer: Customer | None
    role: BoundField
    check: BoundField
    label: BoundField | None
    # The seat whose change at the table nobody has written down yet.
    unwritten: int | None = None
    # What a companion answered about allergies, in their words.
    told: str = ""

    @property
    def called(self) -> str:
        """The companion's label, or the guest's name."""
        return str(self.label.value() or "") if self.label is not None else str(self.customer)


@dataclass(frozen=True)
class WarningRow:
    """A warning with the fields that confirm it; none when it is only a hint, or already on file."""

    warning: TableWarning
    answer: BoundField | None
    reason: BoundField | None
    on_file: str


@dataclass(frozen=True)
class CategoryRow:
    """A line of the check sheet with its fields."""

    category: NoteCategory
    text: BoundField
    has: BoundField | None
    standing: BoundField | None
    about: BoundField | None
    picked: BoundField | None = None
    # Something that went wrong was told with one tap: the line has its answer.
    is_told: bool = False

    @property
    def is_picked(self) -> bool:
        """Whether the answer is picked, with words only where there is more to say."""
        return self.picked is not None


class PickedField(forms.MultipleChoiceField):
    """Any of the choices. What is no longer offered (a dish that was taken out) is no longer picked."""

    def to_python(self, value: Any) -> list[str]:
        """The picked choices that are offered."""
        offered = {str(key) for key, _label in self.widget.choices}
        return [choice for choice in super().to_python(value) if choice in offered]


class AdviceField(forms.ChoiceField):
    """An answer that nothing waits for: one that is not offered (any more) is none."""

    def to_python(self, value: Any) -> str:
        """The answer; blank for one that is not offered."""
        found = super().to_python(value)
        return found if self.valid_value(found) else ""


class VisitForm(forms.Form):
    """A visit as it is being written. Always bound; with `quiet` it shows no errors yet, but counts them (`left`)."""

    starts_at = forms.DateTimeField(
        label=_("Date and time"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    room = RowField(label=_("room"), queryset=Room.objects.none(), required=False, empty_label="—")
    party_size = forms.IntegerField(
        label=_("Number of guests"),
        min_value=1,
        max_value=2000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 1}),
    )
    purpose = forms.ChoiceField(label=_("purpose"), choices=Purpose.choices)
    # To the first guest, in one field: it comes back until it is kept or released.
    promise = WholeTextField(label=_("What was promised"), max_length=300, required=False)
    staff = RowField(
        label=_("attendant (係)"),
        queryset=User.objects.none(),
        required=False,
        empty_label="—",
        error_messages={"invalid_choice": _("Choose somebody who works at the venue on that day.")},
    )

    def __init__(
        self,
        data: QueryDict,
        *,
        user: User,
        venue: Venue,
        visit: Visit | None,
        status: str,
        quiet: bool = False,
        asked: tuple[date, Sequence[NoteCategory]] | None = None,
        table: AtHand | None = None,
    ) -> None:
        """`asked` is the check sheet of a business day, `table` what is known of the table, where they were read already."""
        super().__init__(data)
        self.user, self.venue, self.visit, self.status, self.quiet = user, venue, visit, status, quiet
        self.sent = data
        self._sheet = asked
        self.left = 0
        self.open_lines: list[NoteCategory] = []
        self._choices("room").queryset = venue.rooms.all()
        day = business_date(self._about_when(), venue.closing_hour, venue.zone)
        self.table = table or read_for_log(
            user=user,
            venue=venue,
            visit=visit,
            day=visit.business_date if visit is not None else day,
            token=token_in(data),
        )
        self._choices("staff").queryset = choices_of_staff(venue, day, visit.staff_id if visit else None)
        if user.has_right(Right.VIEW_MONEY, venue):
            self.fields["amount"] = forms.DecimalField(
                label=_("amount (tax excluded)"),
                required=False,
                min_value=Decimal(0),
                max_digits=18,
                decimal_places=4,
                widget=forms.NumberInput(attrs={"inputmode": "numeric", "step": "any"}),
            )
        self.told = self.table.told
        self.course = self._course()
        there = Dish.objects.in_bulk(chosen_ids(data))
        self.dishes: list[Dish] = [there[pk] for pk in chosen_ids(data) if pk in there]
        self._seat_people()
        self._warn()
        self._ask_categories()

    @property
    def is_complete_visit(self) -> bool:
        """Whether it is recorded as having taken place, with everything that is required then."""
        return self.status == VisitStatus.COMPLETED

    def basics(self) -> list[BoundField]:
        """When, where, how many, why, by whom."""
        return [self[name] for name in ("starts_at", "room", "party_size", "purpose", "staff")]

    def confirmable(self) -> list[WarningRow]:
        """Warnings that are answered with a reason, or were: allergies must be, the same dish again may be."""
        return [row for row in self.warnings if not row.warning.is_hint]

    def hints(self) -> list[WarningRow]:
        """What nobody checked, and no cook has answered for."""
        return [row for row in self.warnings if row.warning.is_hint and not row.on_file]

    def clean_starts_at(self) -> datetime:
        """A moment that somebody may write down: a mistyped year is said."""
        at: datetime = self.cleaned_data["starts_at"]
        if at.year < OLDEST_YEAR:
            raise forms.ValidationError(_("Check the year."))
        try:
            refuse_far_ahead(at.date(), timezone.now().date())
        except DateError as problem:
            raise forms.ValidationError(str(problem)) from problem
        return at

    def full_clean(self) -> None:
        """Read times on the venue's clock; in a quiet form keep only the number of errors."""
        with timezone.override(self.venue.zone):
            super().full_clean()
        self.left = len(self.errors_so_far()) + len(self.open_lines)
        if self.quiet:
            self._errors = ErrorDict()

    def clean(self) -> dict[str, Any]:
        """What concerns several fields: somebody at the table, every warning confirmed, words where there is a yes.

        Required lines without an answer are counted (`open_lines`) and refuse nothing: they are completed later.
        """
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.people or (self.is_complete_visit and not self.customers):
            self.add_error(None, _("Choose the guest, or enter a new one."))
        if cleaned.get("promise") and self.people and not self.customers:
            # A promise comes back with its guest: to nobody known it would be lost.
            self.add_error("promise", _("Choose the guest to whom it was promised."))
        self._want_words(cleaned)
        self.open_lines = self._open_lines(cleaned)
        for row in self.warnings:
            if row.reason is not None and cleaned.get(f"confirm_{row.warning.key}") == OTHER:
                name = f"reason_{row.warning.key}"
                if not cleaned.get(name):
                    self.add_error(name, _("Write the reason."))
        return cleaned

    def _want_words(self, cleaned: dict[str, Any]) -> None:
        """A yes without words says nothing yet."""
        for category in self._categories:
            said_yes = category.entry == NoteInput.YES_NO and cleaned.get(f"has_{category.code}") == "yes"
            if said_yes and not cleaned.get(f"note_{category.code}"):
                self.add_error(f"note_{category.code}", _("Write what it was."))

    def _open_lines(self, cleaned: dict[str, Any]) -> list[NoteCategory]:
        """Required lines that still have no answer; of a recorded visit those that were left open then."""
        if not self.is_complete_visit:
            return []
        asked = [self._is_asked(row, cleaned.get(f"check_{row.ref}")) for row in self.people]
        entries = self._note_entries(cleaned)
        return [
            category
            for category in self._asked
            if category.is_required
            and (self._left_open is None or category.pk in self._left_open)
            and not is_answered(
                category,
                entries.get(category.code),
                has_note=category.code in self._written,
                is_told=bool(self.told),
                all_asked=bool(asked) and all(asked),
            )
        ]

    def _is_asked(self, row: PersonRow, answer: str | None) -> bool:
        """Whether somebody was asked at the table, and what has changed is written down too."""
        if answer == SeatedCheck.CHANGED:
            return self._written_changes.get((row.customer.pk if row.customer else None, row.called), False)
        return answer not in (None, "", SeatedCheck.NOT_YET)

    def errors_so_far(self) -> dict[str, Any]:
        """Errors found while cleaning is still under way."""
        return dict(getattr(self, "_errors", None) or {})

    def arguments(self) -> dict[str, Any]:
        """What `services.record_visit` and `change_visit` take (the form is valid)."""
        cleaned = self.cleaned_data
        arguments: dict[str, Any] = {
            "starts_at": cleaned["starts_at"],
            "room": cleaned["room"],
            "party_size": cleaned["party_size"],
            "purpose": cleaned["purpose"],
            "staff": cleaned["staff"],
            "status": self.status,
            "course": self.course,
            "dishes": self.dishes,
            "attendances": [
                AttendanceEntry(
                    customer=row.customer,
                    label=cleaned.get(f"label_{row.ref}", ""),
                    role=cleaned[f"role_{row.ref}"],
                    seated_check=cleaned.get(f"check_{row.ref}") or SeatedCheck.NOT_YET,
                )
                for row in self.people
            ],
            "notes": self._note_entries(cleaned),
            "confirmations": self._confirmations(cleaned),
            "promise": cleaned["promise"],
        }
        if "amount" in self.fields:
            arguments["amount"] = cleaned["amount"]
        return arguments

    def _note_entries(self, cleaned: dict[str, Any]) -> dict[str, NoteEntry]:
        people = {str(customer.pk): customer for customer in self.customers}
        entries = {}
        for category in self._categories:
            code = category.code
            text = cleaned.get(f"note_{code}", "")
            picked = cleaned.get(f"pick_{code}") or []
            picked = [picked] if isinstance(picked, str) else picked
            if category.entry == NoteInput.YES_NO and cleaned.get(f"has_{code}") != "yes":
                if not cleaned.get(f"has_{code}"):
                    continue
                text = ""
            elif not text and not picked and code not in self._written:
                continue
            entries[code] = NoteEntry(
                text=text,
                picked=tuple(picked),
                is_standing=cleaned.get(f"standing_{code}") == "always",
                customer=people.get(cleaned.get(f"about_{code}", "")),
            )
        return entries

    def _confirmations(self, cleaned: dict[str, Any]) -> dict[str, Confirmation]:
        found = {}
        for row in self.warnings:
            answer = cleaned.get(f"confirm_{row.warning.key}")
            own = cleaned.get(f"reason_{row.warning.key}", "")
            if not answer and not (own and row.warning.is_advice):
                continue
            words = dict(ANSWERS[row.warning.kind])
            spoken = "" if answer == OTHER else str(words.get(answer or "", ""))
            found[row.warning.key] = Confirmation(
                reason=": ".join(filter(None, (spoken, own))), was_replaced=answer == REPLACED
            )
        return found

    def _choices(self, name: str) -> Any:
        return self.fields[name]

    def _seat_people(self) -> None:
        seats = self.visit.attendances.all() if self.visit else []
        found = self._guests(seats)
        self.table.give_allergens(found.values(), self.dishes)
        on_file = {seat.customer_id: seat.seated_check for seat in seats}
        answers = self.table.words_of_companions
        told = {seat.label: answers[seat.pk] for seat in seats if seat.pk in answers}
        unwritten = {
            (seat.customer_id, "" if seat.customer_id else seat.label): seat.pk
            for seat in seats
            if seat.has_unwritten_change
        }
        self._written_changes = {
            (seat.customer_id, str(seat.customer) if seat.customer_id else seat.label): not seat.has_unwritten_change
            for seat in seats
            if seat.seated_check == SeatedCheck.CHANGED
        }
        self.people: list[PersonRow] = []
        for ref in people_in(self.sent):
            customer = found.get(int(ref[1:])) if ref.startswith("c") else None
            if ref.startswith("c") and customer is None:
                continue
            self.fields[f"role_{ref}"] = forms.ChoiceField(
                label=_("role"), choices=AttendanceRole.choices, widget=forms.RadioSelect
            )
            never_asked = customer is not None and customer.allergy_state == AllergyState.NOT_ASKED
            if never_asked and customer is not None and on_file.get(customer.pk) == SeatedCheck.UNCHANGED:
                never_asked = False  # recorded before the answer was taken off the card
            if never_asked and customer is not None:
                never_asked = not self.table.answered.covers(customer.pk)
            self.fields[f"check_{ref}"] = forms.ChoiceField(
                label=_("allergy check at the table"),
                choices=answers_at_table(never_asked=never_asked, has_card=customer is not None),
                widget=forms.RadioSelect,
                required=False,
            )
            if customer is None:
                self.fields[f"label_{ref}"] = forms.CharField(label=_("called"), max_length=40)
            self.people.append(
                PersonRow(
                    ref,
                    customer,
                    self[f"role_{ref}"],
                    self[f"check_{ref}"],
                    self[f"label_{ref}"] if customer is None else None,
                    unwritten.get(
                        (customer.pk, "") if customer is not None else (None, self.sent.get(f"label_{ref}", ""))
                    ),
                    told.get(self.sent.get(f"label_{ref}", ""), "") if customer is None else "",
                )
            )
        self.customers = [row.customer for row in self.people if row.customer is not None]

    def _guests(self, seats: Iterable[Attendance]) -> dict[int, Customer]:
        """The guests named in the form, as far as the person may open them; those who sit there already are at hand."""
        wanted = customer_ids_in(self.sent)
        found = {row.customer.pk: row.customer for row in seats if row.customer and row.customer.merged_into_id is None}
        if missing := [pk for pk in wanted if pk not in found]:
            found |= Customer.objects.visible_to(self.user).select_related("company").in_bulk(missing)
        return {pk: found[pk] for pk in wanted if pk in found}

    def _course(self) -> Course | None:
        course_id = whole_number(self.sent.get("course"))
        if course_id is None:
            return None
        if self.visit is not None and self.visit.course_id == course_id:
            return self.visit.course
        return Course.objects.filter(pk=course_id).first()

    def _warn(self) -> None:
        past = past_servings(
            [customer.pk for customer in self.customers],
            user=self.user,
            before=self._about_when(),
            except_visit=self.visit.pk if self.visit else None,
        )
        decided = self.table.decided
        # Companions and counted groups have no card: what is open for them is decided on the table's page.
        self.without_card = self.table.conflicts_without_card(self.dishes)
        self.warnings: list[WarningRow] = []
        of_table = table_warnings(self.customers, self.dishes, past)
        instead = warnings_instead(decided, self.customers, self.dishes, self.table.reader.dishes)
        for warning in [*of_table, *instead]:
            filed = self.table.on_file.get((warning.kind, warning.customer.pk, warning.dish.pk), "")
            if not filed and (made := decided.settling(warning)) is not None:
                filed = _decision_words(made)
            if warning.is_hint or filed:
                self.warnings.append(WarningRow(warning, None, None, filed))
                continue
            answer, reason = f"confirm_{warning.key}", f"reason_{warning.key}"
            kind = AdviceField if warning.is_advice else forms.ChoiceField
            self.fields[answer] = kind(
                label=warning.dish.name,
                choices=ANSWERS[warning.kind],
                widget=forms.RadioSelect,
                required=self.is_complete_visit and warning.is_allergy,
                error_messages={"required": _("Say what was done.")},
            )
            self.fields[reason] = forms.CharField(label=_("Reason"), required=False, max_length=200)
            self.warnings.append(WarningRow(warning, self[answer], self[reason], ""))

    def _about_when(self) -> datetime:
        """The time in the form as far as it can be read; now where it cannot."""
        try:
            at = datetime.fromisoformat(self.sent.get("starts_at", "")).replace(tzinfo=self.venue.zone)
            return at if OLDEST_YEAR <= at.year < MAXYEAR else timezone.now()
        except ValueError:
            return timezone.now()

    def _ask_categories(self) -> None:
        closing = self.venue.closing_hour
        day = business_date(self._about_when(), closing, self.venue.zone)
        purpose = self.sent.get("purpose", "")
        notes = {note.category_id: note for note in self.visit.notes.all()} if self.visit else {}
        in_use = self._sheet[1] if self._sheet and self._sheet[0] == day else NoteCategory.objects.in_use(day)
        self._asked = [line for line in in_use if line.is_asked_for(purpose) or line.pk in notes]
        self._categories = [line for line in self._asked if line.entry != NoteInput.ALLERGY]
        self.allergy_line = next((line for line in self._asked if line.entry == NoteInput.ALLERGY), None)
        self._written = {line.code for line in self._asked if line.pk in notes}
        self._left_open: set[int] | None = None
        if self.visit is not None and self.visit.status == VisitStatus.COMPLETED:
            self._left_open = {line.category_id for line in self.visit.sheet_lines.all() if line.is_open}
        about = [(str(customer.pk), str(customer)) for customer in self.customers]
        self.categories: list[CategoryRow] = []
        for category in self._categories:
            code = category.code
            self.fields[f"note_{code}"] = forms.CharField(
                label=_("In words") if category.entry in PICKED else category.name,
                required=False,
                max_length=4000,
                widget=forms.Textarea(attrs={"rows": 1 if category.entry in PICKED else 2}),
            )
            if category.entry == NoteInput.YES_NO:
                self.fields[f"has_{code}"] = forms.ChoiceField(
                    label=category.name,
                    required=False,
                    choices=[("no", _("None")), ("yes", _("Yes"))],
                    widget=forms.RadioSelect,
                )
            if category.entry == NoteInput.STANDING:
                self.fields[f"standing_{code}"] = forms.ChoiceField(
                    label=_("How long it holds"),
                    required=False,
                    choices=[("always", _("Always")), ("once", _("This time"))],
                    widget=forms.RadioSelect,
                )
            if category.entry in PICKED:
                self._offer(category, notes.get(category.pk))
            if len(about) > 1:
                self.fields[f"about_{code}"] = forms.ChoiceField(label=_("About"), required=False, choices=about)
            self.categories.append(
                CategoryRow(
                    category,
                    self[f"note_{code}"],
                    self._maybe(f"has_{code}"),
                    self._maybe(f"standing_{code}"),
                    self._maybe(f"about_{code}"),
                    self._maybe(f"pick_{code}"),
                    is_told=category.is_bad_news and bool(self.told),
                )
            )

    def _offer(self, category: NoteCategory, note: Note | None) -> None:
        """What can be picked: the house's choices or the dishes at the table, and what was picked before."""
        offered = [dish.name for dish in self.dishes] if category.entry == NoteInput.DISHES else category.choices
        words = dict.fromkeys([*offered, *(note.picked if note is not None else ())])
        choices = [(word, word) for word in words]
        name = f"pick_{category.code}"
        if category.entry == NoteInput.CHOICE:
            self.fields[name] = forms.ChoiceField(
                label=category.name, required=False, choices=choices, widget=forms.RadioSelect
            )
        else:
            self.fields[name] = PickedField(
                label=category.name, required=False, choices=choices, widget=forms.CheckboxSelectMultiple
            )

    def _maybe(self, name: str) -> BoundField | None:
        return self[name] if name in self.fields else None


def left_words(count: int) -> str:
    """How many required answers are left, for the footer of the form."""
    if not count:
        return ""
    return ngettext("%(count)s required left", "%(count)s required left", count) % {"count": count}


def _decision_words(made: SeatRemark) -> str:
    """What was decided for the seat, and who said so: 差し替え → 胡麻豆腐 中村 鉄平."""
    instead = f"→ {made.replacement_name}" if made.replacement_name else ""
    return " ".join(filter(None, (str(made.kind.label), instead, made.note, made.made_by)))


class CancelBookingForm(forms.Form):
    """Why a booking is cancelled, and what the guest said."""

    reason = forms.ChoiceField(
        label=_("why cancelled"),
        choices=[("", "—"), *((value, label) for value, label in CancelReason.choices if value != CancelReason.LAPSED)],
        error_messages={
            "required": _("Choose why it is cancelled."),
            "invalid_choice": _("Choose why it is cancelled."),
        },
    )
    detail = TidyField(label=_("in the guest's words"), max_length=300, required=False)
    percent = forms.IntegerField(
        label=_("fee that was agreed, in %"),
        min_value=0,
        max_value=100,
        required=False,
        help_text=_("Left blank, it is that of the terms."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

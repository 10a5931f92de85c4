"""The evening between floor and kitchen: who answered about allergies, what a seat has differently, what changed tonight."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_project.core.accounts.models import Venue
from crm_project.core.allergens.choices import Severity
from crm_project.core.allergens.models import Allergen
from customers.choices import AskedHow
from menus.models import Course, Dish
from visits.choices import AnsweredBy, ExceptionKind, RevisionKind, SheetKind
from visits.models.visits import Attendance, Visit

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User


class EveningTerms(models.Model):
    """What a venue decides about its evenings: when the question must be answered, whom one calls. No row: the defaults."""

    venue = models.OneToOneField(Venue, on_delete=models.CASCADE, related_name="evening_terms")
    # The advance check (事前確認) is due so many hours before the guests come.
    advance_hours = models.PositiveSmallIntegerField(
        _("hours before, by which allergies are asked"), default=48, validators=[MaxValueValidator(720)]
    )
    same_dish_months = models.PositiveSmallIntegerField(
        _("months in which no guest has the same dish twice"),
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    emergency_number = models.CharField(_("emergency call"), max_length=20, default="119")
    emergency_address = models.CharField(_("address to tell the ambulance"), max_length=200, blank=True)
    emergency_way = models.CharField(_("how the ambulance finds the house"), max_length=200, blank=True)
    in_charge = models.CharField(_("in charge in an emergency"), max_length=80, blank=True)
    in_charge_phone = models.CharField(_("phone of who is in charge"), max_length=40, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name = _("terms of the evening")
        verbose_name_plural = _("terms of the evening")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(advance_hours__lte=720), name="evening_terms_a_month_before"),
            models.CheckConstraint(
                condition=models.Q(same_dish_months__range=(1, 60)), name="evening_terms_five_years_back"
            ),
            models.CheckConstraint(condition=~models.Q(emergency_number=""), name="evening_terms_number_to_call"),
        ]

    def __str__(self) -> str:
        return str(self.venue)


class AdvanceAnswer(models.Model):
    """The answer to the allergy question before the evening (事前確認): of one person, or of the arranger for the group.

    What a guest answers stands on the guest's card; here is who said so for this evening, how and when, and who asked.
    """

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="advance_answers")
    # None: said for the whole table, as it is counted in `allergies`.
    attendance = models.ForeignKey(
        Attendance, on_delete=models.CASCADE, null=True, blank=True, related_name="advance_answers"
    )
    source = models.CharField(_("answered by"), max_length=10, choices=AnsweredBy)
    said_by = models.CharField(_("name of who answered"), max_length=80, blank=True)
    how = models.CharField(_("asked how"), max_length=10, choices=AskedHow, blank=True)
    said_on = models.DateField(_("answered on"))
    text = models.CharField(_("in their words"), max_length=500, blank=True)
    # 他なし: everybody who is not counted has none.
    others_none = models.BooleanField(_("the others have none (他なし)"), default=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("answer before the evening")
        verbose_name_plural = _("answers before the evening")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["visit"], condition=models.Q(attendance=None), name="advance_answer_one_for_the_group"
            ),
            models.UniqueConstraint(
                fields=["attendance"], condition=models.Q(attendance__isnull=False), name="advance_answer_one_a_seat"
            ),
            models.CheckConstraint(
                condition=models.Q(attendance=None) | models.Q(others_none=False),
                name="advance_answer_others_of_a_group",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.said_on}"


class GroupAllergy(models.Model):
    """How many of a group do not eat something: えび 1名."""

    answer = models.ForeignKey(AdvanceAnswer, on_delete=models.CASCADE, related_name="allergies")
    allergen = models.ForeignKey(Allergen, on_delete=models.PROTECT, related_name="+", verbose_name=_("allergen"))
    severity = models.CharField(_("severity"), max_length=10, choices=Severity, default=Severity.SEVERE)
    count = models.PositiveSmallIntegerField(_("people"), default=1)
    seats = models.CharField(_("which seats"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("allergy in a group")
        verbose_name_plural = _("allergies in a group")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["answer", "allergen", "severity"], name="group_allergy_once"),
            models.CheckConstraint(condition=models.Q(count__gte=1), name="group_allergy_of_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.allergen} {self.count}"


class SeatException(models.Model):
    """What one seat has differently from the table, or what the kitchen answered about a dish for it."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="seat_exceptions")
    # Exactly one of the two: a seat, or so many people of a group nobody has placed yet.
    attendance = models.ForeignKey(
        Attendance, on_delete=models.CASCADE, null=True, blank=True, related_name="exceptions"
    )
    group_allergy = models.ForeignKey(
        GroupAllergy, on_delete=models.CASCADE, null=True, blank=True, related_name="exceptions"
    )
    dish = models.ForeignKey(Dish, on_delete=models.PROTECT, related_name="+", verbose_name=_("dish"))
    kind = models.CharField(_("what"), max_length=10, choices=ExceptionKind)
    replacement = models.ForeignKey(
        Dish, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("instead")
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    # What the kitchen's answer was given for: ["shrimp severe contains", ...]. Anything else is a new question.
    covers = models.JSONField(default=list, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("exception of a seat")
        verbose_name_plural = _("exceptions of seats")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["attendance", "dish", "kind"],
                condition=models.Q(attendance__isnull=False),
                name="seat_exception_once",
            ),
            models.UniqueConstraint(
                fields=["group_allergy", "dish", "kind"],
                condition=models.Q(group_allergy__isnull=False),
                name="seat_exception_once_in_a_group",
            ),
            models.CheckConstraint(
                condition=models.Q(attendance=None, group_allergy__isnull=False)
                | models.Q(attendance__isnull=False, group_allergy=None),
                name="seat_exception_of_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=ExceptionKind.REPLACED, replacement__isnull=False)
                | (~models.Q(kind=ExceptionKind.REPLACED) & models.Q(replacement=None)),
                name="seat_exception_replaced_by_a_dish",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dish} {self.get_kind_display()}"


class TonightChangeQuerySet(models.QuerySet["TonightChange"]):
    """Changes of tonight's menu in the words of the house."""

    def in_force(self) -> "TonightChangeQuerySet":
        """Those not taken back."""
        return self.filter(taken_back_at=None)


class TonightChange(models.Model):
    """本日の差し替え: tonight a dish is another one, or left out; over the courses, which stay as they are."""

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="tonight_changes")
    business_date = models.DateField(_("business day"))
    # None: at every table of the day.
    course = models.ForeignKey(
        Course, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("course")
    )
    dish = models.ForeignKey(Dish, on_delete=models.PROTECT, related_name="+", verbose_name=_("dish"))
    # None: left out.
    replacement = models.ForeignKey(
        Dish, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("instead")
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    taken_back_at = models.DateTimeField(null=True, blank=True)

    objects = TonightChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of tonight's menu")
        verbose_name_plural = _("changes of tonight's menu")
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [models.Index(fields=["venue", "business_date"], name="tonight_change_day")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["venue", "business_date", "dish"],
                condition=models.Q(taken_back_at=None, course=None),
                name="tonight_change_once_for_all",
            ),
            models.UniqueConstraint(
                fields=["venue", "business_date", "dish", "course"],
                condition=models.Q(taken_back_at=None, course__isnull=False),
                name="tonight_change_once_a_course",
            ),
            models.CheckConstraint(
                condition=models.Q(replacement=None) | ~models.Q(replacement=models.F("dish")),
                name="tonight_change_is_a_change",
            ),
            models.CheckConstraint(
                condition=models.Q(taken_back_at=None, taken_back_by=None)
                | models.Q(taken_back_at__isnull=False, taken_back_by__isnull=False),
                name="tonight_change_taken_back_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dish} → {self.replacement or '—'}"


class SheetRevision(models.Model):
    """A sheet of a table as it was ready or printed, or as somebody has read a change of it. Never edited.

    There are two: the kitchen sheet and the briefing of the evening (心得), each with its own numbers.

    A sheet is ready while what holds now is what was ready (`digest`): whoever changes anything, wherever, makes it stale.
    """

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="sheet_revisions")
    sheet = models.CharField(max_length=8, choices=SheetKind, default=SheetKind.KITCHEN, db_default=SheetKind.KITCHEN)
    number = models.PositiveIntegerField(_("version"))
    kind = models.CharField(max_length=8, choices=RevisionKind)
    content = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    # Ready although something was open: why, by who stands in `made_by`.
    override_reason = models.CharField(_("ready all the same, because"), max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("version of a sheet")
        verbose_name_plural = _("versions of sheets")
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["visit", "sheet", "number"], name="sheet_revision_number"),
            models.CheckConstraint(
                condition=models.Q(kind=RevisionKind.READY) | models.Q(override_reason=""),
                name="sheet_revision_override_when_ready",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visit} {self.number}"


class TableNoticeQuerySet(models.QuerySet["TableNotice"]):
    """Notices in the words of the house."""

    def unseen_by(self, user: "User") -> "TableNoticeQuerySet":
        """What the person has not seen yet."""
        return self.filter(user=user, seen_at=None)


class TableNotice(models.Model):
    """What somebody at a table must know of a change: the kitchen replaced a dish, an allergen was served."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="notices")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="table_notices")
    text = models.CharField(pgettext_lazy("to a colleague", "notice"), max_length=300)
    is_urgent = models.BooleanField(default=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = TableNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("to a colleague", "notice")
        verbose_name_plural = pgettext_lazy("to colleagues", "notices")
        ordering: ClassVar = ["-made_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["user", "-made_at"], name="notice_unseen", condition=models.Q(seen_at=None))
        ]

    def __str__(self) -> str:
        return self.text

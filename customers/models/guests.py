"""Guests, how to reach them and what harms them."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Coalesce, Left, Lower, Now
from django.utils.translation import gettext_lazy as _

from crm_project.core import text
from crm_project.core.accounts.choices import GuestScope
from crm_project.core.accounts.models import Venue
from crm_project.core.allergens.choices import AllergyState, DietRule, Severity
from crm_project.core.allergens.models import Allergen
from crm_project.core.dates import is_month_day
from crm_project.core.sealed import OPEN_CONFIDENTIAL
from customers.choices import (
    AddressLabel,
    AskedHow,
    Channel,
    ConsentState,
    Honorific,
    Language,
    MailTo,
    PhoneLabel,
)
from customers.lookups import GramsField
from customers.models.companies import Company

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User


class Rank(models.Model):
    """A rank of the house (特別, 上得意 ...). Plain data: reports.ranking computes who holds it."""

    name = models.CharField(_("name"), max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("The best rank comes first."))

    class Meta:
        verbose_name = _("rank")
        verbose_name_plural = _("ranks")
        ordering: ClassVar = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Guests in the words of the house."""

    def present(self) -> "CustomerQuerySet":
        """Guests that have a card: without those merged into another one."""
        return self.filter(merged_into=None)

    def visible_to(self, user: "User") -> "CustomerQuerySet":
        """Guests the person may open: everybody, or those of the person's venues when the house narrows it.

        Confidential guests are there for the named staff alone, merged ones for nobody. Somebody who works nowhere opens
        nobody.
        """
        open_to_all = models.Q(is_confidential=False)
        named = user.named_for(Customer)
        guests = self.present().filter(open_to_all | models.Q(pk__in=named) if named else open_to_all)
        if user.is_superuser:
            return guests
        if not user.rights_by_venue and not user.venue_ids:
            return self.none()
        if user.guest_scope == GuestScope.GROUP:
            return guests
        mine = Customer.known_at.through.objects.filter(venue__in=user.venue_ids)
        nowhere = Customer.known_at.through.objects.filter(customer_id=models.OuterRef("pk"))
        return guests.filter(models.Q(pk__in=mine.values("customer_id")) | ~models.Exists(nowhere))

    def sealed_from(self, user: "User") -> "CustomerQuerySet":
        """Confidential guests the person is not named for."""
        return self.filter(is_confidential=True).exclude(pk__in=user.named_for(Customer))

    def sealed_cards(self, user: "User") -> "CustomerQuerySet":
        """`sealed_from`, and the cards that were merged into those guests: a trail tells of both."""
        sealed = Customer.objects.sealed_from(user).order_by().values("pk")
        merged = Customer.objects.filter(merged_into__in=sealed).order_by().values("pk")
        return self.filter(pk__in=sealed.union(merged, all=True))

    def standing_for(self, pk: int | str) -> "CustomerQuerySet":
        """The card of that number, or the one that took it in: forms and links outlive a merge."""
        asked = Customer.objects.filter(pk=pk).annotate(now=Coalesce("merged_into", "pk")).values("now")
        return self.filter(pk=models.Subquery(asked[:1]))

    def known_elsewhere_to(self, user: "User") -> "CustomerQuerySet":
        """Guests of other venues of a narrowed house: for their name and allergies only, confidential ones for nobody."""
        if user.is_superuser or user.guest_scope == GuestScope.GROUP or not user.venue_ids:
            return self.none()
        known = Customer.known_at.through.objects.filter(customer_id=models.OuterRef("pk"))
        elsewhere = models.Exists(known) & ~models.Exists(known.filter(venue__in=user.venue_ids))
        return self.present().filter(elsewhere, is_confidential=False)


class Customer(models.Model):
    """A guest of the house. The code is the identity in ledgers and accounting."""

    code = models.CharField(_("code"), max_length=64, null=True, blank=True, unique=True)
    name = models.CharField(_("name"), max_length=200, help_text=_("Family name, one space, given name."))
    kana = models.CharField(_("reading (kana)"), max_length=200, blank=True)
    honorific = models.CharField(_("addressed as"), max_length=8, choices=Honorific, default=Honorific.SAMA)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, null=True, blank=True, related_name="customers", verbose_name=_("company")
    )
    department = models.CharField(_("department"), max_length=120, blank=True)
    title = models.CharField(_("post"), max_length=120, blank=True)
    # How the house speaks to the guest beside name and honorific: 会長, 大将, 若旦那.
    called = models.CharField(_("called"), max_length=40, blank=True, default="", db_default="")
    former_name = models.CharField(_("former or stage name"), max_length=80, blank=True, default="", db_default="")
    language = models.CharField(
        _("language"), max_length=8, choices=Language, default=Language.JAPANESE, db_default=Language.JAPANESE
    )
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    # "MM-DD" of a birthday whose year nobody knows; blank when `birthday` is known.
    birthday_month_day = models.CharField(
        _("birthday, year unknown"), max_length=5, blank=True, default="", db_default=""
    )
    since = models.DateField(_("guest since"), null=True, blank=True)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="guests",
        verbose_name=_("attendant (係)"),
    )
    sales_staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="sales_guests",
        verbose_name=_("banquet sales (営業)"),
    )
    # Without an index of its own: `customer_rank` below begins with it.
    rank = models.ForeignKey(
        Rank,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("rank"),
        db_index=False,
    )
    likes = models.TextField(_("likes"), blank=True)
    dislikes = models.TextField(_("dislikes"), blank=True, help_text=_("Dislikes are not allergies."))
    note = models.TextField(_("note"), blank=True)
    # What a ledger says and no field could take: {"birthday": "昭和の終わり頃"}.
    unread = models.JSONField(_("as written in the ledger"), default=dict, blank=True)

    allergy_state = models.CharField(
        _("allergies"), max_length=10, choices=AllergyState, default=AllergyState.NOT_ASKED
    )
    allergy_note = models.TextField(_("about the allergies"), blank=True)
    allergy_asked_on = models.DateField(_("asked on"), null=True, blank=True)
    allergy_asked_how = models.CharField(_("asked how"), max_length=10, choices=AskedHow, blank=True)
    allergy_answered_by = models.CharField(_("answered by"), max_length=80, blank=True)

    mail_to = models.CharField(
        _("mail may go to"),
        max_length=8,
        choices=MailTo,
        blank=True,
        default=MailTo.NOT_ASKED,
        db_default=MailTo.NOT_ASKED,
    )
    # 喪中: no New Year card and no celebration until then.
    mourning_until = models.DateField(_("in mourning until"), null=True, blank=True)
    contact_stopped = models.BooleanField(_("do not contact"), default=False, db_default=False)
    contact_stop_reason = models.CharField(_("why not"), max_length=200, blank=True, default="", db_default="")

    # Absent for all but the staff named for the guest (core.sealed).
    is_confidential = models.BooleanField(_("confidential"), default=False, db_default=False)
    # The card that took this one in; the row stays, so that the merge can be undone at any time.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="absorbed"
    )

    known_at = models.ManyToManyField(Venue, blank=True, related_name="customers", verbose_name=_("known at"))
    last_visit_on = models.DateField(_("last visit"), null=True, blank=True, editable=False)
    visit_count = models.PositiveIntegerField(_("visits"), default=0, editable=False)

    search_key = models.TextField(editable=False)
    grams = GramsField(editable=False)
    # Folded kana, or the folded name where there is none: the order of the あかさたな lists.
    sort_key = models.CharField(max_length=200, editable=False)
    created_at = models.DateTimeField(_("entered"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CustomerQuerySet.as_manager()

    # Set on a guest in memory whose name the reader may not see (visits.discretion); allergies stay.
    is_sealed = False

    class Meta:
        verbose_name = _("guest")
        verbose_name_plural = _("guests")
        permissions: ClassVar = [(OPEN_CONFIDENTIAL, "Can open this confidential guest")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(name=""), name="customer_has_a_name"),
            models.CheckConstraint(condition=models.Q(code=None) | ~models.Q(code=""), name="customer_code_not_blank"),
            models.CheckConstraint(
                condition=models.Q(birthday=None) | models.Q(birthday_month_day=""), name="customer_one_birthday"
            ),
            models.CheckConstraint(
                condition=models.Q(contact_stopped=False) | ~models.Q(contact_stop_reason=""),
                name="customer_contact_stop_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into=None) | ~models.Q(merged_into=models.F("id")),
                name="customer_not_merged_into_itself",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-last_visit_on", "-id"], name="customer_last_visit"),
            models.Index(fields=["rank", "sort_key"], name="customer_rank"),
            models.Index(fields=["sort_key", "id"], name="customer_reading"),
            # The search key begins with the name: names that begin with 高 or 高橋, by reading.
            models.Index(Left("search_key", 1), "sort_key", "id", name="customer_begins_1"),
            models.Index(Left("search_key", 2), "sort_key", "id", name="customer_begins_2"),
            models.Index(fields=["id"], name="customer_confidential", condition=models.Q(is_confidential=True)),
            models.Index(Lower("email"), name="customer_email"),
            models.Index(
                fields=["birthday_month_day"], name="customer_month_day", condition=~models.Q(birthday_month_day="")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """What the constraints refuse, in words and at its field."""
        if not text.tidy(self.name):
            raise ValidationError({"name": _("Write the guest's name.")})
        if self.contact_stopped and not self.contact_stop_reason:
            raise ValidationError({"contact_stop_reason": _("Say why the house must not contact this guest.")})
        if self.birthday and self.birthday_month_day:
            raise ValidationError({"birthday": _("Either the whole birthday, or month and day alone.")})
        if self.birthday_month_day and not is_month_day(self.birthday_month_day):
            raise ValidationError({"birthday_month_day": _("Write month and day as MM-DD.")})


class CustomerEntry(models.Model):
    """The sending of a form that entered a guest. The token is the key: sent twice, it enters one guest."""

    token = models.UUIDField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="entries")

    class Meta:
        verbose_name = _("entry of a guest")
        verbose_name_plural = _("entries of guests")

    def __str__(self) -> str:
        return str(self.token)


class Phone(models.Model):
    """A number of a guest. Several guests may share one."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="phones")
    label = models.CharField(_("label"), max_length=10, choices=PhoneLabel, default=PhoneLabel.MOBILE)
    # As written where it is not a number we can read; else equal to the grouped digits.
    written = models.CharField(_("number"), max_length=60)
    digits = models.CharField(max_length=20, db_index=True, editable=False)
    tail = models.CharField(max_length=4, db_index=True, editable=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("phone")
        verbose_name_plural = _("phones")
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "digits"], name="phone_once_per_customer"),
            models.CheckConstraint(condition=~models.Q(digits=""), name="phone_has_digits"),
        ]

    def __str__(self) -> str:
        return self.written

    @property
    def grouped(self) -> str:
        """The number as people write it: 090-1234-5678."""
        return text.format_phone(self.digits)

    @property
    def dialled(self) -> str:
        """What a telephone dials: the digits, with a plus in front of a foreign number."""
        return text.dialled(self.digits)


class Address(models.Model):
    """Where a guest lives or works."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    label = models.CharField(_("label"), max_length=8, choices=AddressLabel, default=AddressLabel.HOME)
    postal_code = models.CharField(_("postcode"), max_length=7, blank=True)
    text = models.CharField(_("address"), max_length=300, blank=True)
    # 様方, or the office and secretary that take the mail.
    care_of = models.CharField(_("care of"), max_length=80, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "label"], name="address_once_per_label"),
        ]

    def __str__(self) -> str:
        return self.text


class Allergy(models.Model):
    """One thing that harms a guest, and how badly."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="allergies")
    allergen = models.ForeignKey(Allergen, on_delete=models.PROTECT, related_name="+", verbose_name=_("allergen"))
    severity = models.CharField(_("severity"), max_length=10, choices=Severity, default=Severity.MODERATE)
    note = models.CharField(_("note"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("allergy")
        verbose_name_plural = _("allergies")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "allergen"], name="allergy_once_per_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.allergen} ({self.get_severity_display()})"


class GuestDiet(models.Model):
    """A rule of what a guest eats: of faith, conviction or health, apart from allergies and dislikes."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="diets")
    rule = models.CharField(_("diet rule"), max_length=12, choices=DietRule)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("diet rule")
        verbose_name_plural = _("diet rules")
        ordering: ClassVar = ["rule"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["customer", "rule"], name="diet_once_per_customer")]

    def __str__(self) -> str:
        return self.get_rule_display()


class ContactConsent(models.Model):
    """Whether the house may write or call by one channel. No row: never asked."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    channel = models.CharField(_("by"), max_length=8, choices=Channel)
    state = models.CharField(_("consent"), max_length=8, choices=ConsentState)
    asked_on = models.DateField(_("asked on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering: ClassVar = ["channel"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "channel"], name="consent_once_per_channel")
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.get_state_display()}"

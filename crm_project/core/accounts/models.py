"""The house, its venues, its people and their roles."""

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from datetime import datetime
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.choices import GuestScope, StartPage
from crm_project.core.rights import Right
from crm_project.core.sealed import OPEN_CONFIDENTIAL
from crm_project.core.statements import read_rows

SYSTEM_USERNAME = "system"


# Every page asks for the house several times: read once per request, forgotten when it is changed.
_read_in_request: ContextVar[list["House"] | None] = ContextVar("house_read_in_request", default=None)


@contextmanager
def house_read_once() -> Iterator[None]:
    """While it lasts (a request) the house is read from the database once."""
    token = _read_in_request.set([])
    try:
        yield
    finally:
        _read_in_request.reset(token)


def forget_house() -> None:
    """Have the house read again, after a change."""
    if read := _read_in_request.get():
        read.clear()


class House(models.Model):
    """The one house this installation belongs to: its name and its decisions."""

    name = models.CharField(_("name of the house"), max_length=80, default="Okami")
    guest_scope = models.CharField(_("guests belong to"), max_length=8, choices=GuestScope, default=GuestScope.GROUP)
    currency = models.CharField(_("currency of the house"), max_length=3, default="JPY")
    went_live_on = models.DateField(_("day of go-live"), null=True, blank=True)

    class Meta:
        verbose_name = _("house")
        verbose_name_plural = _("house")
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="house_only_one")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> "House":
        """Return the house, made with its defaults on first use; within a request as it was first read there."""
        read = _read_in_request.get()
        if read is None:
            return cls._read()
        if not read:
            read.append(cls._read())
        return copy(read[0])  # a form may write into it

    @classmethod
    def _read(cls) -> "House":
        for house in cls.objects.raw("SELECT * FROM accounts_house WHERE id = 1"):
            return house
        return cls.objects.get_or_create(pk=1)[0]


class VenueQuerySet(models.QuerySet["Venue"]):
    """Venues as every page asks for them."""

    def in_order(self, ids: Sequence[int]) -> list["Venue"]:
        """The venues of these ids in the house's order."""
        return read_rows(Venue, ids, ("position", "name"))


class Venue(models.Model):
    """One shop, restaurant or inn (店舗) of the house."""

    code = models.CharField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=80)
    timezone = models.CharField(_("time zone"), max_length=40, default="Asia/Tokyo")
    closing_hour = models.PositiveSmallIntegerField(
        _("closing hour"),
        default=26,
        validators=[MinValueValidator(18), MaxValueValidator(30)],
        help_text=_("The business day ends here: 26 is two in the morning of the next day."),
    )
    dinner_from_hour = models.PositiveSmallIntegerField(
        _("dinner begins at (hour)"),
        default=15,
        db_default=15,
        validators=[MinValueValidator(12), MaxValueValidator(20)],
        help_text=_("Who comes earlier has lunch; the room calendar is parted here."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = VenueQuerySet.as_manager()

    class Meta:
        verbose_name = _("venue")
        verbose_name_plural = _("venues")
        ordering: ClassVar = ["position", "name"]
        default_permissions: ClassVar = []
        permissions: ClassVar = [(right.value, str(right.value)) for right in Right]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(closing_hour__range=(18, 30)), name="venue_closing_hour"),
            models.CheckConstraint(condition=models.Q(dinner_from_hour__range=(12, 20)), name="venue_dinner_from_hour"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The venue's time zone."""
        return ZoneInfo(self.timezone)


class HouseUserManager(UserManager["User"]):
    """Users, and the one that acts for beat and the command line."""

    def working_at(self, venue: Venue) -> models.QuerySet["User"]:
        """Everybody who works at the venue, also who is lent to it at this moment; each once, by reading."""
        lent = Loan.objects.in_force().filter(venue=venue)
        works_there = models.Q(memberships__venue=venue) | models.Q(pk__in=lent.values("user"))
        return self.filter(works_there, is_active=True).distinct().order_by("kana", "display_name", "pk")

    def system(self) -> "User":
        """Return the system user, who cannot sign in."""
        user, made = self.get_or_create(
            username=SYSTEM_USERNAME, defaults={"display_name": "Okami", "is_active": False, "password": "!"}
        )
        return user

    def people(self) -> models.QuerySet["User"]:
        """Everybody but the system user."""
        return self.exclude(username=SYSTEM_USERNAME)


# Asked at every request: written out, as putting it together anew takes longer than the database takes to answer it.
_HELD: Final = """
SELECT kind.model, held.object_pk, permission.codename
FROM guardian_userobjectpermission held
JOIN auth_permission permission ON permission.id = held.permission_id
JOIN django_content_type kind ON kind.id = held.content_type_id
WHERE held.user_id = %s
UNION ALL
SELECT 'loan', CAST(loan.venue_id AS varchar), role.code
FROM accounts_loan loan
JOIN accounts_role role ON role.id = loan.role_id
WHERE loan.user_id = %s AND loan.starts_at <= %s AND loan.ends_at > %s
UNION ALL
SELECT 'membership', CAST(member.venue_id AS varchar), role.code
FROM accounts_membership member
JOIN accounts_role role ON role.id = member.role_id
WHERE member.user_id = %s
UNION ALL
SELECT 'house', CAST(id AS varchar), guest_scope
FROM accounts_house
"""


class User(AbstractUser):
    """A person of the house. One ID per person, no shared sign-in."""

    display_name = models.CharField(_("name"), max_length=80)
    kana = models.CharField(_("reading"), max_length=80, blank=True)

    objects: ClassVar[HouseUserManager] = HouseUserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.display_name or self.username

    @cached_property
    def rights_by_venue(self) -> dict[int, frozenset[str]]:
        """Venue id -> rights there, from guardian's table (superusers hold all rights everywhere)."""
        if not self.is_active:
            return {}
        if self.is_superuser:
            return {pk: frozenset(Right.values) for pk in Venue.objects.values_list("pk", flat=True)}
        held: dict[int, set[str]] = {}
        for pk, codename in self._object_permissions.get("venue", ()):
            held.setdefault(pk, set()).add(codename)
        for pk, rights in self._lent_rights.items():
            held.setdefault(pk, set()).update(rights)
        return {pk: frozenset(rights) for pk, rights in held.items()}

    @cached_property
    def _object_permissions(self) -> dict[str, list[tuple[int, str]]]:
        """Name of a model -> (id, codename) of every record the person holds a permission for: one query for all rights.

        Under "loan" stand the venues the person is lent to at this moment, with the code of the role there, under
        "membership" those where the person works, and under "house" whose guests the house lets them open.
        """
        found: dict[str, list[tuple[int, str]]] = {}
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(_HELD, [self.pk, self.pk, now, now, self.pk])
            for model, object_pk, codename in cursor.fetchall():
                found.setdefault(model, []).append((int(object_pk), codename))
        return found

    @property
    def guest_scope(self) -> str:
        """Whose guests the house lets the person open, as it was when rights were first asked for."""
        scopes = self._object_permissions.get("house", ())
        return next((scope for _pk, scope in scopes), GuestScope.GROUP)

    @cached_property
    def _lent_rights(self) -> dict[int, set[str]]:
        """Rights at the venues the person is lent to at this moment; a query only where there is such a venue."""
        lent = self._object_permissions.get("loan", ())
        if not lent:
            return {}
        rights_of = dict(Role.objects.filter(code__in={code for _pk, code in lent}).values_list("code", "rights"))
        found: dict[int, set[str]] = {}
        for pk, code in lent:
            found.setdefault(pk, set()).update(rights_of.get(code, ()))
        return found

    def named_for(self, model: type[models.Model]) -> list[int]:
        """Ids of the confidential records of a model for which the person is named, as they were when first asked."""
        permissions = self._object_permissions.get(str(model._meta.model_name), ())
        return [pk for pk, codename in permissions if codename == OPEN_CONFIDENTIAL]

    @property
    def reach(self) -> Hashable:
        """All that decides what the person may read, as they were when first asked: equal for equal rights and names."""
        return (
            self.pk,
            self.is_active,
            self.is_superuser,
            frozenset(self.rights_by_venue.items()),
            frozenset((model, *held) for model, kept in self._object_permissions.items() for held in kept),
        )

    def forget_rights(self) -> None:
        """Have rights and names read again, after a change."""
        for name in ("rights_by_venue", "_object_permissions", "_lent_rights"):
            self.__dict__.pop(name, None)

    def has_right(self, right: Right | str, venue: "Venue | int | None" = None) -> bool:
        """Whether the person holds the right at the venue, or anywhere when none is named."""
        if venue is None:
            return any(right in rights for rights in self.rights_by_venue.values())
        pk = venue.pk if isinstance(venue, Venue) else venue
        return str(right) in self.rights_by_venue.get(pk, frozenset())

    def venues_with(self, right: Right | str) -> list[int]:
        """Ids of the venues where the person holds the right."""
        return [pk for pk, rights in self.rights_by_venue.items() if str(right) in rights]

    @cached_property
    def _every_venue(self) -> frozenset[int]:
        return frozenset(Venue.objects.values_list("pk", flat=True))

    def has_right_everywhere(self, right: Right | str) -> bool:
        """Whether the person holds the right at every venue of the house (and there is one)."""
        return self.is_superuser or (bool(self._every_venue) and self._every_venue <= {*self.venues_with(right)})

    @property
    def venue_ids(self) -> list[int]:
        """Ids of the venues where the person works, also those the person is lent to at this moment."""
        if self.is_superuser:
            return list(self.rights_by_venue)
        at_work = (pk for pk, _role in self._object_permissions.get("membership", ()))
        return list({*at_work, *self.lent_venue_ids})

    @property
    def lent_venue_ids(self) -> list[int]:
        """Ids of the venues the person is lent to at this moment."""
        return list(self._lent_rights)

    @property
    def start_page(self) -> str:
        """The start page of the person's first role."""
        membership = self.memberships.select_related("role").order_by("role__position").first()
        if membership is None:
            return StartPage.SETTINGS if self.is_superuser else StartPage.TODAY
        return membership.role.start_page


class Role(models.Model):
    """A set of rights under the house's own name: 仲居, 女将, 板場 ..."""

    code = models.SlugField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=40)
    rights = models.JSONField(_("rights"), default=list, blank=True)
    start_page = models.CharField(_("start page"), max_length=12, choices=StartPage, default=StartPage.TODAY)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering: ClassVar = ["position"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """Who works where, as what. The guardian permissions follow from it (services.sync_rights)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("person"))
    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("venue"))
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("role"))
    since = models.DateTimeField(_("since"), db_default=Now())

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "venue", "role"], name="membership_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.venue} {self.role}"


class LoanQuerySet(models.QuerySet["Loan"]):
    """Loans in the words of the house."""

    def in_force(self, at: datetime | None = None) -> "LoanQuerySet":
        """Loans that give their rights at the moment (now)."""
        moment = at or timezone.now()
        return self.filter(starts_at__lte=moment, ends_at__gt=moment, user__is_active=True)


class Loan(models.Model):
    """A colleague lent to another venue for one evening (応援); the rights end with it, whatever else happens."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="loans", verbose_name=_("person"))
    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="loans", verbose_name=_("venue"))
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="loans", verbose_name=_("role"))
    business_date = models.DateField(_("business day"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    lent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    lent_at = models.DateTimeField(db_default=Now())

    objects = LoanQuerySet.as_manager()

    class Meta:
        verbose_name = _("help from another venue (応援)")
        verbose_name_plural = _("help from other venues (応援)")
        indexes: ClassVar = [models.Index(fields=["user", "ends_at"], name="loan_in_force")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "venue", "business_date"], name="loan_once_a_day"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="loan_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.venue} {self.business_date}"


class QuickPin(models.Model):
    """A short number with which somebody takes over a shared tablet, after a full sign-in there on the same day."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="quick_pin")
    pin = models.CharField(max_length=128)
    set_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("PIN")
        verbose_name_plural = _("PINs")

    def __str__(self) -> str:
        return str(self.user)


class DeviceSignIn(models.Model):
    """Who has signed in with the password on a device, until the business day of their venue ends."""

    device = models.UUIDField()
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    ends_at = models.DateTimeField()
    # Changes with the password: a sign-in before that counts no more.
    auth_hash = models.CharField(max_length=128)
    wrong_pins = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("sign-in on a device")
        verbose_name_plural = _("sign-ins on devices")
        indexes: ClassVar = [models.Index(fields=["ends_at"], name="device_sign_in_ended")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["device", "user"], name="device_sign_in_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.ends_at}"


def as_user(user: Any) -> User:
    """Narrow `request.user` (behind the login-required middleware) to the house's User."""
    assert isinstance(user, User)
    return user

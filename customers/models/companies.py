"""Companies and organisations, and who holds which post there."""

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User


class CompanyQuerySet(models.QuerySet["Company"]):
    """Companies in the words of the house."""

    def visible_to(self, user: "User") -> "CompanyQuerySet":
        """Companies with a guest the person may open, and those without guests; none for who works nowhere."""
        if not user.is_superuser and not user.rights_by_venue and not user.venue_ids:
            return self.none()
        from customers.models.guests import Customer  # the guests' module needs Company for its foreign key

        theirs = Customer.objects.present().filter(company=models.OuterRef("pk"))
        return self.filter(models.Exists(theirs.visible_to(user)) | ~models.Exists(theirs))

    def sealed_from(self, user: "User") -> "CompanyQuerySet":
        """Companies of whose guests every one is sealed from the person: their name tells who the guest is."""
        from customers.models.guests import Customer  # as above

        sealed = Customer.objects.sealed_from(user).order_by().values("pk")
        others = Customer.objects.present().filter(company=models.OuterRef("pk")).exclude(pk__in=sealed)
        theirs = Customer.objects.sealed_from(user).exclude(company=None).order_by().values("company")
        return self.filter(~models.Exists(others), pk__in=theirs)


class Company(models.Model):
    """A company or organisation guests belong to."""

    code = models.CharField(_("code"), max_length=64, blank=True)
    name = models.CharField(_("name"), max_length=200)
    kana = models.CharField(_("reading"), max_length=200, blank=True)
    # The written name, width and spaces apart, ㈱ as 株式会社: one row per legal name.
    key = models.CharField(max_length=200, editable=False)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    postal_code = models.CharField(_("postcode"), max_length=7, blank=True, default="", db_default="")
    address = models.CharField(_("address"), max_length=300, blank=True, default="", db_default="")
    note = models.TextField(_("note"), blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("record", "company")
        verbose_name_plural = _("companies")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(name=""), name="company_has_a_name"),
            models.UniqueConstraint(fields=["key"], name="company_key_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A post somebody holds or held: April transfers keep the past.

    The open post (`until` is blank) says the same as the guest's own company, department and title, which are what
    lists and searches read; guests that came from a ledger have none until the first transfer.
    """

    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="posts")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="posts", verbose_name=_("company"))
    department = models.CharField(_("department"), max_length=120, blank=True)
    title = models.CharField(_("post"), max_length=120, blank=True)
    since = models.DateField(_("since"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)
    # Who held this post before (前任): the successor inherits the relationship.
    predecessor = models.ForeignKey(
        "customers.Customer",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="succeeded_posts",
        verbose_name=_("predecessor"),
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("post held")
        verbose_name_plural = _("posts held")
        ordering: ClassVar = ["-since", "-pk"]
        indexes: ClassVar = [models.Index(fields=["company", "department"], name="post_company")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer"], condition=models.Q(until=None), name="post_one_open_per_guest"
            ),
            models.CheckConstraint(
                condition=models.Q(since=None) | models.Q(until=None) | models.Q(until__gte=models.F("since")),
                name="post_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(predecessor=None) | ~models.Q(predecessor=models.F("customer")),
                name="post_not_its_own_predecessor",
            ),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, (str(self.company), self.department, self.title)))

"""What is computed: who holds which rank and why, and sales and profit per rank and month."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import Venue
from crm_project.core.amounts import AmountField
from crm_project.core.jobs.models import Job
from customers.models import Customer, Rank
from reports.choices import Bucket


class RankPolicy(models.Model):
    """The rules of one time: a change makes a new version, so that every rank can be explained later."""

    version = models.PositiveIntegerField(_("version"), unique=True)
    window_months = models.PositiveSmallIntegerField(_("window in months"), default=24)
    # Blank: the currency of the books when all documents have one, else the currency of the house.
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    is_current = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("rank policy")
        verbose_name_plural = _("rank policies")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_current"], condition=models.Q(is_current=True), name="rank_policy_one_current"
            ),
            models.CheckConstraint(condition=models.Q(window_months__gte=1), name="rank_policy_window"),
        ]

    def __str__(self) -> str:
        return f"{self.version}"


class RankRule(models.Model):
    """A rank and what it takes. The first rule that a guest meets, in order, gives the rank; an empty limit asks nothing."""

    policy = models.ForeignKey(RankPolicy, on_delete=models.CASCADE, related_name="rules")
    rank = models.ForeignKey(Rank, on_delete=models.PROTECT, related_name="+", verbose_name=_("rank"))
    position = models.PositiveSmallIntegerField()
    min_sales = AmountField(_("sales in the window, at least"), null=True, blank=True)
    min_visits = models.PositiveIntegerField(_("visits in the window, at least"), null=True, blank=True)
    max_days_since = models.PositiveIntegerField(_("days since the last visit, at most"), null=True, blank=True)

    class Meta:
        verbose_name = _("rank rule")
        verbose_name_plural = _("rank rules")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["policy", "position"], name="rank_rule_order"),
            models.UniqueConstraint(fields=["policy", "rank"], name="rank_rule_once_per_rank"),
        ]

    def __str__(self) -> str:
        return str(self.rank)


class RankRun(models.Model):
    """One recompute of all ranks."""

    policy = models.ForeignKey(RankPolicy, on_delete=models.PROTECT, related_name="runs")
    as_of = models.DateField(_("as of"))
    currency = models.CharField(max_length=3)
    started_at = models.DateTimeField(db_default=Now())
    seconds = models.FloatField(null=True)
    customers = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("rank run")
        verbose_name_plural = _("rank runs")
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.as_of}"


class RankChange(models.Model):
    """A guest moved from one rank to another, with the figures behind it.

    One statement writes it from the very rows it refers to: checking each of 300,000 references again would cost the
    database more than computing them.
    """

    # Run and customer are the first columns of another index; nobody looks rows up by a rank.
    run = models.ForeignKey(
        RankRun, on_delete=models.CASCADE, related_name="changes", db_constraint=False, db_index=False
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="rank_changes", db_constraint=False, db_index=False
    )
    from_rank = models.ForeignKey(
        Rank, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    to_rank = models.ForeignKey(
        Rank, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    sales = AmountField()
    visits = models.PositiveIntegerField()
    last_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("rank change")
        verbose_name_plural = _("rank changes")
        indexes: ClassVar = [models.Index(fields=["customer", "-id"], name="rank_change_customer")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "customer"], name="rank_change_once_per_run")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.from_rank_id} {self.to_rank_id}"


class RankMonth(models.Model):
    """Sales and profit of one month, venue, bucket, rank and currency; all rows together are the accounting total."""

    month = models.DateField(_("month"))
    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, null=True, related_name="+")
    bucket = models.CharField(max_length=14, choices=Bucket)
    rank = models.ForeignKey(Rank, on_delete=models.PROTECT, null=True, related_name="+")
    currency = models.CharField(max_length=3)
    documents = models.PositiveIntegerField()
    lines = models.PositiveIntegerField()
    sales = AmountField(_("sales"))
    # Profit and share covered come from lines with a known cost only: profit = costed_sales - cost.
    costed_sales = AmountField(null=True)
    cost = AmountField(null=True)

    class Meta:
        verbose_name = _("month of a rank")
        verbose_name_plural = _("months of ranks")
        constraints: ClassVar = [
            models.UniqueConstraint(
                "month", Coalesce("venue", 0), "bucket", Coalesce("rank", 0), "currency", name="rank_month_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.bucket} {self.rank_id}"

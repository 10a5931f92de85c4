"""Cards that may be one person, cards that were made one, and who has a card open."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from customers.models.guests import Customer

_ORDERED = models.Q(first__lt=models.F("second"))


class DuplicateProposal(models.Model):
    """Two cards the finder takes for one person, with its reasons (codes of customers.matching)."""

    first = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    # Probability that they are one person, 0 to 1.
    probability = models.FloatField(_("probability"))
    reasons = models.JSONField(_("reasons"), default=list)
    found_at = models.DateTimeField(_("found"), db_default=Now())

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        ordering: ClassVar = ["-probability", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_proposed_once"),
            models.CheckConstraint(condition=_ORDERED, name="duplicate_pair_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.first} = {self.second}?"


class DistinctPair(models.Model):
    """Two cards somebody looked at and said: these are two people. The finder does not ask again."""

    first = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided"), db_default=Now())

    class Meta:
        verbose_name = _("pair of two people")
        verbose_name_plural = _("pairs of two people")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["first", "second"], name="distinct_pair_once"),
            models.CheckConstraint(condition=_ORDERED, name="distinct_pair_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.first} ≠ {self.second}"


class Merge(models.Model):
    """One card taken into another, with what is needed to take it back at any time."""

    kept = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges")
    absorbed = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges_into")
    # Field -> "kept", "absorbed" or "both": whose value was chosen.
    choices = models.JSONField(default=dict)
    # Columns of the kept card that merges write, before and after this one.
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    # Model label -> the newest row of all at that moment: what is newer on the kept card was entered since.
    newest = models.JSONField(default=dict)
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField(_("merged"), db_default=Now())
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(_("undone"), null=True)

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["absorbed"], condition=models.Q(undone_at=None), name="merge_absorbed_once"
            ),
            models.CheckConstraint(condition=~models.Q(kept=models.F("absorbed")), name="merge_of_two_cards"),
        ]

    def __str__(self) -> str:
        return f"{self.absorbed} → {self.kept}"


class MergedRowQuerySet(models.QuerySet["MergedRow"]):
    """Rows of merges."""

    def in_force(self) -> "MergedRowQuerySet":
        """Rows of merges that nobody has undone."""
        return self.filter(merge__undone_at=None)


class MergedRow(models.Model):
    """A row that a merge gave to the kept card, changed, or set aside because the kept card had its like."""

    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="rows")
    # Model label and foreign key: "visits.attendance", "customer".
    model = models.CharField(max_length=80)
    field = models.CharField(max_length=60)
    row_id = models.CharField(max_length=64)
    # The row of the kept card that says the same as a row that was set aside.
    like_id = models.CharField(max_length=64, blank=True, default="", db_default="")
    # Null for a row that moved from card to card. Of a row that moved with its parent {"from", "to"}; of a changed row the
    # columns {"before", "after"}; of one that was set aside every column as "row", with what its like said {"before", "after"}.
    set_aside = models.JSONField(null=True)

    objects = MergedRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("row of a merge")
        verbose_name_plural = _("rows of a merge")
        indexes: ClassVar = [
            models.Index(fields=["model", "row_id"], name="merged_row"),
            models.Index(fields=["model", "like_id"], name="merged_row_like", condition=~models.Q(like_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.row_id}"


class OpenCard(models.Model):
    """Somebody has a guest's form open right now; rows older than a minute mean nothing."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("open card")
        verbose_name_plural = _("open cards")
        constraints: ClassVar = [models.UniqueConstraint(fields=["customer", "user"], name="open_card_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.customer_id}"

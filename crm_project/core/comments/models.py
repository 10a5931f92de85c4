"""One thread per entry (a check-sheet note, a deal): open until somebody answers."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_project.core.accounts.models import Venue
from crm_project.core.comments.choices import ReactionKind
from crm_project.core.rights import Right
from crm_project.core.sealed import sealed_from, threaded_types

if TYPE_CHECKING:
    from crm_project.core.accounts.models import User


class ThreadQuerySet(models.QuerySet["Thread"]):
    """Reads of the queue 返事待ち."""

    def visible_to(self, user: "User") -> "ThreadQuerySet":
        """Threads whose parent the person may read: the right to read a comment is the right to read its parent."""
        allowed = models.Q(pk__in=[])
        for right in (Right.VIEW_NOTES, Right.VIEW_DEALS):
            allowed |= models.Q(read_right=right, venue__in=user.venues_with(right))
        return self.filter(allowed).exclude(self._sealed_from(user))

    @staticmethod
    def _sealed_from(user: "User") -> models.Q:
        """Threads under entries that are sealed from the person."""
        sealed = models.Q(pk__in=[])
        for subject_type in threaded_types():
            app_label, model = subject_type.split(".")
            sealed |= models.Q(
                content_type__app_label=app_label,
                content_type__model=model,
                object_id__in=sealed_from(user, subject_type),
            )
        return sealed

    def awaiting_reply(self, user: "User") -> "ThreadQuerySet":
        """Unanswered threads this person is expected to answer, bad news first, then the oldest."""
        return self.addressed_to(user).filter(answered_at=None).order_by("-is_urgent", "opened_at", "pk")

    def addressed_to(self, user: "User") -> "ThreadQuerySet":
        """Threads, answered or not, of other people at venues this person answers for."""
        return self.visible_to(user).filter(venue__in=user.venues_with(Right.ANSWER_NOTES)).exclude(author=user)

    def with_answers(self) -> "ThreadQuerySet":
        """Everything `comments/_thread.html` shows, in a fixed number of queries."""
        return self.select_related("author", "answered_by").prefetch_related(
            models.Prefetch("comments", Comment.objects.select_related("author").order_by("pk")),
            models.Prefetch("reactions", Reaction.objects.select_related("author").order_by("pk")),
            models.Prefetch("reads", ThreadRead.objects.select_related("user").order_by("pk")),
        )


class Thread(models.Model):
    """An entry that waits for, or has, an answer. Title and excerpt are kept here so that the queue is one query."""

    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT)
    object_id = models.PositiveBigIntegerField()
    parent = GenericForeignKey()
    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="+")
    read_right = models.CharField(max_length=32, choices=Right)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="threads")
    label = models.CharField(_("category"), max_length=60)
    title = models.CharField(_("about"), max_length=200)
    detail = models.CharField(max_length=120, blank=True)
    excerpt = models.TextField(_("text"), blank=True)
    is_urgent = models.BooleanField(_("bad news"), default=False)
    url = models.CharField(max_length=200)
    opened_at = models.DateTimeField(_("written"))
    answered_at = models.DateTimeField(_("answered"), null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="answered_threads"
    )

    objects = ThreadQuerySet.as_manager()

    class Meta:
        verbose_name = _("thread")
        verbose_name_plural = _("threads")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["content_type", "object_id"], name="thread_one_per_entry"),
            models.CheckConstraint(
                condition=models.Q(answered_at=None, answered_by=None)
                | models.Q(answered_at__isnull=False, answered_by__isnull=False),
                name="thread_answered_by_somebody",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["venue", "-is_urgent", "opened_at"], name="thread_open", condition=models.Q(answered_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.title}"

    @classmethod
    def type_of(cls, parent: models.Model | type[models.Model]) -> ContentType:
        """The content type under which the threads of such entries are kept."""
        return ContentType.objects.get_for_model(parent)

    @property
    def parent_label(self) -> str:
        """The entry's model as the audit names it, without fetching the entry: "visits.note"."""
        kind = ContentType.objects.get_for_id(self.content_type_id)
        return f"{kind.app_label}.{kind.model}"

    @property
    def offered_reactions(self) -> list[ReactionKind]:
        """The one-tap words that suit the entry: bad news is thanked for, a banquet wants advice rather than consent."""
        if self.is_urgent:
            return [ReactionKind.THANKS_FOR_TELLING]
        if self.read_right == Right.VIEW_DEALS:
            return [ReactionKind.THANKS]
        return [ReactionKind.THANKS, ReactionKind.UNDERSTOOD]


class Comment(models.Model):
    """What a manager or colleague wrote under an entry."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("answer"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [models.CheckConstraint(condition=~models.Q(text=""), name="comment_not_empty")]

    def __str__(self) -> str:
        return self.text[:80]


class Reaction(models.Model):
    """One tap, once per person and entry."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="reactions")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=ReactionKind)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("reaction")
        verbose_name_plural = _("reactions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["thread", "author", "kind"], name="reaction_once_per_person")
        ]

    def __str__(self) -> str:
        return f"{self.author} {self.get_kind_display()}"


class ThreadRead(models.Model):
    """Who has read an entry: the writer sees that it was read."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="reads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = pgettext_lazy("entry", "reading")
        verbose_name_plural = _("readings")
        constraints: ClassVar = [models.UniqueConstraint(fields=["thread", "user"], name="thread_read_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.at}"

"""Opening a thread under an entry, answering it, reacting with one tap, and remembering who has read it."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from crm_project.core.accounts.models import User, Venue
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.comments.choices import ReactionKind
from crm_project.core.comments.models import Comment, Reaction, Thread, ThreadRead
from crm_project.core.comments.retelling import retell
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right


@transaction.atomic
def open_thread(
    *,
    parent: models.Model,
    venue: Venue,
    author: User,
    read_right: Right | str,
    label: str,
    title: str,
    detail: str = "",
    excerpt: str = "",
    is_urgent: bool = False,
    url: str,
    opened_at: datetime | None = None,
) -> Thread:
    """Open the thread of an entry, or bring what an open or answered one says of its entry up to date.

    Called by the service that writes the entry, inside its transaction and under its audit entry. `label` is the
    category (お叱り), `title` whom it is about, `detail` the room and party; `url` leads to the entry. A thread that
    exists keeps its author, its day and its answers.
    """
    told = {
        "venue": venue,
        "read_right": str(read_right),
        "label": label[:60],
        "title": title[:200],
        "detail": detail[:120],
        "excerpt": excerpt,
        "is_urgent": is_urgent,
        "url": url,
    }
    thread, _made = Thread.objects.update_or_create(
        content_type=Thread.type_of(parent),
        object_id=parent.pk,
        defaults=told,
        create_defaults=told | {"author": author, "opened_at": opened_at or timezone.now()},
    )
    return thread


@transaction.atomic
def answer(*, thread: Thread, by: User, text: str) -> Comment:
    """Write under an entry. It counts as answered when somebody who answers for the venue writes. Raises InputProblem."""
    text = text.strip()
    if not text:
        raise InputProblem(_("Write a few words."))
    comment = Comment.objects.create(thread=thread, author=by, text=text)
    _record(thread, by=by, changes={"answer": [None, text]})
    _close(thread, by=by)
    _mark_read([thread], by=by)
    retell(thread.parent_label, thread.object_id)
    return comment


@transaction.atomic
def react(*, thread: Thread, by: User, kind: ReactionKind | str) -> Reaction:
    """React with one tap; the same tap twice is one reaction. Raises InputProblem for a reaction nobody offers."""
    if kind not in ReactionKind.values:
        raise InputProblem(_("This reaction is not known."))
    reaction, made = Reaction.objects.get_or_create(thread=thread, author=by, kind=str(kind))
    if made:
        with override(settings.LANGUAGE_CODE):
            _record(thread, by=by, changes={"reaction": [None, str(reaction.get_kind_display())]})
        _close(thread, by=by)
        _mark_read([thread], by=by)
    return reaction


@transaction.atomic
def mark_read(*, thread: Thread, by: User) -> None:
    """Remember that the person has read the entry. The page that shows it writes the audit entry of the reading."""
    _mark_read([thread], by=by)


def mark_threads_read(*, threads: Sequence[Thread], by: User) -> None:
    """`mark_read` for all entries of a page at once: one insert, so that a page of known entries begins no transaction."""
    _mark_read(threads, by=by)


def _mark_read(threads: Sequence[Thread], *, by: User) -> None:
    wanted = {thread.pk for thread in threads if thread.author_id != by.pk}
    if not wanted:
        return
    wanted -= set(ThreadRead.objects.filter(thread__in=wanted, user=by).values_list("thread_id", flat=True))
    ThreadRead.objects.bulk_create([ThreadRead(thread_id=pk, user=by) for pk in sorted(wanted)], ignore_conflicts=True)


def _close(thread: Thread, *, by: User) -> None:
    """The first word of somebody else who answers for the venue closes the thread; a colleague's does not."""
    if thread.author_id == by.pk or not by.has_right(Right.ANSWER_NOTES, thread.venue_id):
        return
    now = timezone.now()
    if Thread.objects.filter(pk=thread.pk, answered_at=None).update(answered_at=now, answered_by=by):
        thread.answered_at, thread.answered_by = now, by


def _record(thread: Thread, *, by: User, changes: dict[str, list[str | None]]) -> None:
    """One entry in the history of the note or deal that was answered."""
    record(
        by=by,
        action=Action.CHANGED,
        subject_type=thread.parent_label,
        subject_id=thread.object_id,
        subject_name=str(thread),
        changes=changes,
    )

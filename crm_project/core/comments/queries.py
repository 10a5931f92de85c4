"""Threads for the pages of other apps."""

from collections.abc import Sequence

from django.db import models

from crm_project.core.accounts.models import User
from crm_project.core.comments.models import Thread


def threads_about(*, parents: Sequence[models.Model], user: User) -> dict[int, Thread]:
    """The threads of a page's entries (all of one model) by the entry's id, ready for `comments/_thread.html`.

    Threads the person may not read are absent.
    """
    if not parents:
        return {}
    found = Thread.objects.visible_to(user).filter(
        content_type=Thread.type_of(parents[0]), object_id__in=[parent.pk for parent in parents]
    )
    return {thread.object_id: thread for thread in found.with_answers()}

"""What somebody has typed and not yet recorded."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from crm_project.core.accounts.models import User, Venue
from visits.models import Visit, VisitDraft


def keep_draft(*, by: User, venue: Venue, form_token: uuid.UUID, values: Mapping[str, list[str]]) -> VisitDraft | None:
    """Keep what has been typed so far; None when the visit was recorded meanwhile, or the draft is somebody else's.

    Somebody's own scratch paper, saved every few seconds: it leaves no trail.
    """
    with transaction.atomic():
        if Visit.objects.filter(form_token=form_token).exists():
            return None
        if VisitDraft.objects.filter(pk=form_token).exclude(user=by).exists():
            return None
        draft, _made = VisitDraft.objects.update_or_create(
            pk=form_token, defaults={"user": by, "venue": venue, "values": _storable(values)}
        )
        return draft


def is_newer_draft(*, by: User, form_token: uuid.UUID, than: datetime | None, values: Mapping[str, list[str]]) -> bool:
    """Whether the person's draft was saved after that moment (None is now), with other words than these.

    A device that never heard the answer sends the same words once more: they are no second draft.
    """
    if than is None:
        return False
    newer = VisitDraft.objects.filter(pk=form_token, user=by, saved_at__gt=than).first()
    return newer is not None and newer.values != _storable(values)


def discard_draft(*, by: User, form_token: uuid.UUID) -> None:
    """Throw one's own draft away."""
    VisitDraft.objects.filter(pk=form_token, user=by).delete()


def _storable(values: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The words without the sign (NUL) that PostgreSQL keeps in no text: nobody types it, programs send it."""
    return {name.replace("\0", ""): [value.replace("\0", "") for value in typed] for name, typed in values.items()}

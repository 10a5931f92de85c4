"""Versions of the briefing of an evening (心得): kept when it is printed, and when somebody has read a change of it."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.rights import Right
from visits.briefing import RoomBriefing, note_reads
from visits.choices import RevisionKind, SheetKind
from visits.models import SheetRevision, Visit


@transaction.atomic
def keep_printed(*, rooms: Sequence[RoomBriefing], by: User) -> int:
    """Keep what is printed now as the next version of each sheet that says something new; how many did.

    The files of its guests are noted as taken along. A fixed number of statements.
    """
    kept = _keep([room for room in rooms if room.printed is None or room.has_changed], by, RevisionKind.PRINTED)
    note_reads(rooms, by, Action.EXPORTED)
    return kept


@transaction.atomic
def note_change(*, room: RoomBriefing, by: User, digest: str) -> bool:
    """Somebody of the floor or the kitchen has read what changed since the sheet was printed; whether it was still that.

    `digest` is the sheet as the person saw it. Raises PermissionDenied for who neither serves nor cooks there.
    """
    venue = room.visit.venue_id
    if not (by.has_right(Right.LOG_VISITS, venue) or by.has_right(Right.EDIT_MENUS, venue)):
        raise PermissionDenied
    if room.digest != digest:
        return False
    if room.has_changed:
        _keep([room], by, RevisionKind.NOTED)
    return True


def _keep(rooms: Sequence[RoomBriefing], by: User, kind: RevisionKind) -> int:
    ids = [room.visit.pk for room in rooms]
    # The visits are the lock: two people who print at once get two numbers, or one version.
    list(Visit.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    there = SheetRevision.objects.filter(visit__in=ids, sheet=SheetKind.BRIEFING)
    last = dict(there.order_by().values("visit").annotate(last=Max("number")).values_list("visit", "last"))
    newest = {row.visit_id: row.digest for row in there.order_by("number")}
    new = [
        SheetRevision(
            visit=room.visit,
            sheet=SheetKind.BRIEFING,
            number=last.get(room.visit.pk, 0) + 1,
            kind=kind,
            content=room.content,
            digest=room.digest,
            made_by=by,
        )
        for room in rooms
        if newest.get(room.visit.pk) != room.digest
    ]
    SheetRevision.objects.bulk_create(new)
    return len(new)

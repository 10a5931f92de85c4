"""What stands beside a visit's check sheet: open lines, photos, what went wrong. Read in one statement."""

from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import BigIntegerField, DateField, F, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from crm_project.core.accounts.models import User
from crm_project.core.rights import Right
from visits.models import Complaint, SheetLine, Visit, VisitPhoto

LINE, COMPLAINT, PHOTO = range(3)
# The columns that all three are read in, with what stands there where one has no such thing.
COLUMNS: Final[dict[str, tuple[Any, Any]]] = {
    "of": (BigIntegerField(), 0),
    "id": (BigIntegerField(), 0),
    "place": (BigIntegerField(), 0),
    "words": (TextField(), ""),
    "choice": (TextField(), ""),
    "width": (BigIntegerField(), 0),
    "height": (BigIntegerField(), 0),
    "display_name": (TextField(), ""),
    "username": (TextField(), ""),
    "consent_by": (TextField(), ""),
    "consent_on": (DateField(), None),
}


@dataclass
class BesideSheet:
    """The rows in their order, with what a visit's page shows of them and nothing else."""

    lines: list[str] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    photos: list[VisitPhoto] = field(default_factory=list)


def beside_sheet(visit: Visit, user: User) -> BesideSheet:
    """What the person may know of it; nothing for who reads no check sheets there. One query.

    That the person may open the visit was asked when it was fetched; a complaint may name a guest who did not sit there.
    """
    found = BesideSheet()
    if not user.has_right(Right.VIEW_NOTES, visit.venue_id):
        return found
    lines = _columns(
        SheetLine.objects.still_open().filter(visit=visit),
        of=Value(LINE),
        place=F("category__position"),
        words=F("asked_as"),
    )
    complaints = _columns(
        Complaint.objects.visible_to(user).filter(visit=visit),
        of=Value(COMPLAINT),
        place=-F("pk"),
        words=F("what"),
        choice=F("state"),
    )
    photos = _columns(
        VisitPhoto.objects.filter(visit=visit),
        of=Value(PHOTO),
        words=F("caption"),
        choice=F("kind"),
        width=F("width"),
        height=F("height"),
        display_name=F("added_by__display_name"),
        username=F("added_by__username"),
        consent_by=F("consent_by"),
        consent_on=F("consent_on"),
    )
    rows = (dict(zip(COLUMNS, row, strict=True)) for row in lines.union(complaints, photos, all=True))
    for row in sorted(rows, key=lambda row: (row["place"], row["id"])):
        if row["of"] == LINE:
            found.lines.append(row["words"])
        elif row["of"] == COMPLAINT:
            found.complaints.append(Complaint(pk=row["id"], what=row["words"], state=row["choice"]))
        else:
            found.photos.append(
                VisitPhoto(
                    pk=row["id"],
                    kind=row["choice"],
                    caption=row["words"],
                    width=row["width"],
                    height=row["height"],
                    consent_by=row["consent_by"],
                    consent_on=row["consent_on"],
                    added_by=User(display_name=row["display_name"], username=row["username"]),
                )
            )
    return found


def _columns(rows: QuerySet[Any], **values: Combinable) -> QuerySet[Any, Any]:
    """The rows as tuples of COLUMNS; each has its type, as PostgreSQL wants for what is put together."""
    values["id"] = F("pk")
    typed = {f"as_{name}": Cast(values.get(name, Value(default)), kind) for name, (kind, default) in COLUMNS.items()}
    found: QuerySet[Any, Any] = rows.order_by().annotate(**typed).values_list(*typed)
    return found

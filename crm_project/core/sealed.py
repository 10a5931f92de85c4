"""What is confidential, and who is named for it: guardian's object permission on that very record.

A record is sealed from everybody who is not named, whatever else they may see: being superuser names nobody. Apps say
which of their records are sealed from a person, so that timelines, comments and the trail leave them out as well.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from django.db import models
from django.db.models.functions import Cast

OPEN_CONFIDENTIAL = "open_confidential"

SealedIds = Callable[[Any], models.QuerySet[Any, Any]]
Rows = TypeVar("Rows", bound=models.QuerySet[Any, Any])

_sealed: dict[str, SealedIds] = {}
_threaded: list[str] = []


def register_sealed(subject_type: str, sealed_ids: SealedIds, *, has_threads: bool = False) -> None:
    """`sealed_ids(user)` answers the ids of the records of the type ("visits.note") that are sealed from the person.

    `has_threads`: entries of the type are answered in threads, which are then sealed with them.
    """
    _sealed[subject_type] = sealed_ids
    if has_threads:
        _threaded.append(subject_type)


def threaded_types() -> list[str]:
    """Types with threads that may have confidential records."""
    return _threaded


def sealed_from(user: Any, subject_type: str) -> models.QuerySet[Any, Any] | None:
    """Ids of the records of a type that are sealed from the person; None for a type without confidential records."""
    ids = _sealed.get(subject_type)
    return ids(user) if ids else None


def without_sealed(rows: Rows, user: Any, *, type_field: str, id_field: str, as_text: bool = False) -> Rows:
    """Rows that name a record by type ("visits.visit") and id, without those whose record is sealed from the person.

    Few records are confidential, so each type costs one small subquery. `as_text` is for ids kept as text.
    """
    for subject_type, ids in _sealed.items():
        sealed = ids(user)
        if as_text:
            (name,) = sealed.query.values_select or ("pk",)
            sealed = sealed.annotate(as_text=Cast(name, models.CharField())).values("as_text")
        rows = rows.exclude(**{type_field: subject_type, f"{id_field}__in": sealed})
    return rows


def named_staff(record: models.Model) -> list[int]:
    """Ids of the people named for one record."""
    return named_staff_of([record])[record.pk]


def named_staff_of(records: Sequence[models.Model]) -> dict[int, list[int]]:
    """Record id -> ids of the people named for it, for records of one kind. One query."""
    from guardian.models import UserObjectPermission

    named: dict[int, list[int]] = {record.pk: [] for record in records}
    if records:
        rows = UserObjectPermission.objects.filter(
            permission__codename=OPEN_CONFIDENTIAL,
            content_type__app_label=records[0]._meta.app_label,
            content_type__model=records[0]._meta.model_name,
            object_pk__in=[str(pk) for pk in named],
        )
        for pk, user_id in rows.order_by("pk").values_list("object_pk", "user_id"):
            named[int(pk)].append(user_id)
    return named


def name_staff(record: models.Model, people: Iterable[Any]) -> None:
    """Name exactly these people for a record. Called inside the transaction of the service that seals it."""
    from guardian.models import UserObjectPermission
    from guardian.shortcuts import assign_perm

    wanted = {person.pk: person for person in people}
    for person in wanted.values():
        person.forget_rights()
    there = set(named_staff(record))
    UserObjectPermission.objects.filter(
        permission__codename=OPEN_CONFIDENTIAL,
        content_type__app_label=record._meta.app_label,
        content_type__model=record._meta.model_name,
        object_pk=str(record.pk),
        user__in=there - set(wanted),
    ).delete()
    for pk, person in wanted.items():
        if pk not in there:
            assign_perm(OPEN_CONFIDENTIAL, person, record)

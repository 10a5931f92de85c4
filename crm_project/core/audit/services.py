"""Writing the trail. Every service of every app calls `record` once, in its own transaction."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models

from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from crm_project.core.audit.request import origin
from crm_project.core.statements import insert_row

Changes = Mapping[str, tuple[Any, Any]]
BULK_BATCH = 2000


def build(
    *,
    by: AbstractBaseUser | AnonymousUser | None,
    action: Action,
    subject: models.Model | None = None,
    subject_type: str = "",
    subject_id: object = "",
    subject_name: str = "",
    changes: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Return an unsaved entry, for callers that write many at once with `record_many`."""
    where = origin.get()
    if subject is not None:
        subject_type, subject_id = subject._meta.label_lower, subject.pk
        subject_name = subject_name or str(subject)
    known = by is not None and by.pk is not None
    return AuditEntry(
        actor_id=by.pk if known and by is not None else None,
        actor_name=str(by)[:150] if known else "",
        action=action,
        subject_type=subject_type,
        subject_id=str(subject_id),
        subject_name=subject_name[:200],
        changes=dict(changes or {}),
        request_id=where.request_id,
        ip_address=where.ip_address,
    )


def record(
    *,
    by: AbstractBaseUser | AnonymousUser | None,
    action: Action,
    subject: models.Model | None = None,
    subject_type: str = "",
    subject_id: object = "",
    subject_name: str = "",
    changes: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Write one entry. `changes` maps a field's name to [before, after], both JSON values (dates and decimals as text)."""
    entry = build(
        by=by,
        action=action,
        subject=subject,
        subject_type=subject_type,
        subject_id=subject_id,
        subject_name=subject_name,
        changes=changes,
    )
    insert_row(entry)
    return entry


def record_many(entries: Iterable[AuditEntry]) -> None:
    """Write the entries of a bulk change."""
    AuditEntry.objects.bulk_create(entries, batch_size=BULK_BATCH)


def snapshot(instance: models.Model, fields: Iterable[str]) -> dict[str, Any]:
    """Return the JSON values of the instance's fields, to be compared by `difference` after a change."""
    return {name: plain(getattr(instance, instance._meta.get_field(name).attname)) for name in fields}  # type: ignore[union-attr]


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return {field: [before, after]} for what differs."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


def plain(value: Any) -> Any:
    """Return a JSON value: numbers, texts, booleans, None and lists of them as they are, everything else as text."""
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)

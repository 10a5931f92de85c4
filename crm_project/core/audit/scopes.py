"""Whose records the trail tells a person: those of the venues where the person may read it. Apps say which records those are.

Kinds of records that no app narrows belong to the whole house.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast

from crm_project.core.audit.models import AuditEntry, AuditQuerySet
from crm_project.core.sealed import without_sealed

Readable = Callable[[Any], QuerySet[Any] | None]

Unnaming = Callable[[Any, Sequence[AuditEntry]], None]

_scopes: dict[str, Readable] = {}
_unnaming: list[Unnaming] = []


def register_scope(subject_type: str, readable: Readable) -> None:
    """`readable(user)` answers the records of the type whose trail the person may read, None for all of them."""
    _scopes[subject_type] = readable


def register_unnaming(unname: Unnaming) -> None:
    """`unname(user, entries)` takes off entries about others, in memory, whom the person may not read of there."""
    _unnaming.append(unname)


def take_names_off(user: Any, entries: Sequence[AuditEntry]) -> None:
    """Take off a page of the trail what its entries say of records that are sealed from the person, in memory."""
    for unname in _unnaming:
        unname(user, entries)


def entries_for(user: Any, entries: AuditQuerySet) -> AuditQuerySet:
    """The entries without those about records of venues whose trail is not the person's; searches are about none."""
    for subject_type, readable in _scopes.items():
        records = readable(user)
        if records is not None:
            ids = records.order_by().annotate(as_text=Cast("pk", CharField())).values("as_text")
            theirs = Q(subject_type=subject_type) & ~Q(subject_id="") & ~Q(subject_id__in=ids)
            entries = entries.exclude(theirs)
    return without_sealed(entries, user, type_field="subject_type", id_field="subject_id", as_text=True)

"""Everything that points to a record, of whatever app: foreign keys as Django knows them, and the pointers of other kinds.

A new table with a foreign key to guests is merged without anybody thinking of it; its unique constraints say which of
its rows would be two of a kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models

from crm_project.core.comments.models import Thread
from crm_project.core.timeline.models import TimelineEntry
from customers.models import Customer

# What is about two cards as such, and what is only true for a minute.
STAYS = frozenset(
    {
        ("customers.merge", "kept_id"),
        ("customers.merge", "absorbed_id"),
        ("customers.duplicateproposal", "first_id"),
        ("customers.duplicateproposal", "second_id"),
        ("customers.distinctpair", "first_id"),
        ("customers.distinctpair", "second_id"),
        ("customers.opencard", "customer_id"),
    }
)


@dataclass(frozen=True, slots=True)
class Key:
    """Two rows of one card that agree in these columns are two of a kind; `condition` narrows which rows count."""

    columns: tuple[str, ...]
    condition: models.Q | None = None


@dataclass(frozen=True, slots=True)
class Pointer:
    """A column of a model that names a record."""

    model: type[models.Model]
    column: str
    # Filters that make a pointer of another kind one to this kind of record.
    fixed: tuple[tuple[str, Any], ...] = ()
    keys: tuple[Key, ...] = ()
    # The pointer may be blank: SET_NULL.
    may_be_blank: bool = False

    @property
    def label(self) -> str:
        """The model as the audit names it."""
        return self.model._meta.label_lower

    def rows(self, key: Any) -> models.QuerySet[Any]:
        """The rows that name a record."""
        return self.model._base_manager.filter(**dict(self.fixed), **{self.column: self.value(key)})

    def value(self, key: Any) -> Any:
        """The key of a record as this column keeps it."""
        return self.field.get_prep_value(key)

    @property
    def field(self) -> models.Field[Any, Any]:
        """The column's field."""
        return next(field for field in self.model._meta.concrete_fields if field.attname == self.column)


PointersOf = Callable[[], list[Pointer]]

_others: list[PointersOf] = []
_more_keys: dict[tuple[str, str], list[Key]] = {}


def register_pointers(pointers: PointersOf) -> None:
    """Pointers to guests that are no foreign keys; asked for when a merge needs them."""
    _others.append(pointers)


def register_key(model: str, column: str, *columns: str) -> None:
    """Rows of a card that agree in these columns are two of a kind, though no constraint on plain columns says so."""
    _more_keys.setdefault((model, column), []).append(Key(columns))


def pointers_to(model: type[models.Model]) -> list[Pointer]:
    """The foreign keys to a model; a model with two of them comes once for each."""
    found = []
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel):
            continue
        field = relation.field
        owner: Any = field.model
        if (owner._meta.label_lower, field.attname) in STAYS or not owner._meta.managed:
            continue
        found.append(
            Pointer(
                owner, field.attname, keys=keys_of(owner, field), may_be_blank=relation.on_delete is models.SET_NULL
            )
        )
    return found


def pointers_to_guests() -> list[Pointer]:
    """Everything of every app that points to a guest; cards that were taken in before come first."""
    found = [*pointers_to(Customer), *(pointer for pointers in _others for pointer in pointers())]
    return sorted(found, key=lambda pointer: (pointer.model is not Customer, pointer.label, pointer.column))


def keys_of(model: type[models.Model], field: models.Field[Any, Any]) -> tuple[Key, ...]:
    """What makes two rows of one record two of a kind: the unique constraints with the pointer in them."""
    attnames = {one.name: one.attname for one in model._meta.concrete_fields}
    keys = []
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and field.name in constraint.fields:
            columns = tuple(attnames[name] for name in constraint.fields if name != field.name)
            keys.append(Key(columns, constraint.condition))
    for names in model._meta.unique_together:
        if field.name in names:
            keys.append(Key(tuple(attnames[name] for name in names if name != field.name)))
    if field.unique and not field.primary_key:
        keys.append(Key(()))
    return (*keys, *_more_keys.get((model._meta.label_lower, field.attname), ()))


def _told_of_guests() -> list[Pointer]:
    label = Customer._meta.label_lower
    told = Key(("parent_type", "parent_id", "kind", "title"))
    return [Pointer(TimelineEntry, "subject_id", (("subject_type", label),), (told,))]


def _threads_of_guests() -> list[Pointer]:
    return [
        Pointer(Thread, "object_id", (("content_type_id", ContentType.objects.get_for_model(Customer).pk),), (Key(()),))
    ]


def named_staff() -> Pointer:
    """Who is named for a confidential guest: the object permissions of the card."""
    from guardian.models import UserObjectPermission

    content_type = ContentType.objects.get_for_model(Customer).pk
    return Pointer(
        UserObjectPermission,
        "object_pk",
        (("content_type_id", content_type),),
        (Key(("user_id", "permission_id")),),
    )


def register() -> None:
    """Called once, when the app is ready: pointers of the core that are no foreign keys."""
    register_pointers(_told_of_guests)
    register_pointers(_threads_of_guests)
    register_pointers(lambda: [named_staff()])

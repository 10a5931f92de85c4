"""The trail in words: what `templates/ui/history.html` shows on the page of a record, and what the audit list shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.translation import gettext as _

from crm_project.core.amounts import AmountField
from crm_project.core.audit.models import AuditEntry
from crm_project.core.rights import Right
from crm_project.core.ui.display_dates import format_date, format_moment

HISTORY_LENGTH = 30
YES_NO = {True: "✓", False: "–"}
NO_WORDS: Mapping[str, Any] = {}
# By subject type, from `register_words`.
_labels: dict[str, Callable[[], Mapping[str, Any]]] = {}
_values: dict[str, Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after, as people read it ("" = there was none)."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One entry of the trail in words."""

    at: datetime
    who: str
    what: str
    subject: str
    kind: str
    changes: Sequence[Change]


def register_words(subject_type: str, *, labels: Callable[[], Mapping[str, Any]], values: Mapping[str, Any]) -> None:
    """What services write of such records beside their fields: the labels of the keys, the words of coded values."""
    _labels[subject_type], _values[subject_type] = labels, values


def history_of(subject: models.Model, limit: int = HISTORY_LENGTH) -> list[HistoryLine]:
    """The newest changes of a record in words, without the reads: `{% ui "history" entries=... %}`."""
    return in_words(AuditEntry.objects.about(subject).changes()[:limit])


def in_words(entries: Iterable[AuditEntry]) -> list[HistoryLine]:
    """Translate entries; rows that changes point to are fetched once per model, however many entries there are."""
    rows = list(entries)
    names = _Names(rows)
    return [
        HistoryLine(
            at=entry.at,
            who=entry.actor_name or "–",
            what=entry.get_action_display(),
            subject=entry.subject_name,
            kind=kind_of(entry.subject_type),
            changes=[names.change(entry, field, value) for field, value in entry.changes.items()],
        )
        for entry in rows
    ]


def in_words_of(model: type[models.Model], name: str, value: Any) -> tuple[str, str]:
    """The label of a field and its plain value (as `services.snapshot` has it) in words."""
    entry = AuditEntry(subject_type=model._meta.label_lower, changes={name: [None, value]})
    change = _Names([entry]).change(entry, name, entry.changes[name])
    return change.label, change.after


def kind_of(subject_type: str) -> str:
    """The name people have for a model ("guest"); the type itself for a model that is gone."""
    model = _model(subject_type)
    return str(model._meta.verbose_name) if model else subject_type


def _model(subject_type: str) -> type[models.Model] | None:
    try:
        return apps.get_model(subject_type)
    except (LookupError, ValueError):
        return None


def _field(subject_type: str, name: str) -> models.Field[Any, Any] | None:
    model = _model(subject_type)
    if model is None:
        return None
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, models.Field) else None


def _rows_beside(subject_type: str, name: str) -> type[models.Model] | None:
    """The model of the rows that belong to the record under this name: the notes of a visit."""
    model = _model(subject_type)
    try:
        found = model._meta.get_field(name) if model is not None else None
    except FieldDoesNotExist:
        return None
    return found.related_model if isinstance(found, models.ManyToOneRel) else None


def _text(field: models.Field[Any, Any], value: str) -> str:
    """A stored text as people read it: the word of a choice, a day with its weekday, an amount with its commas."""
    choices = dict(Right.choices) if field.name == "rights" else dict(field.flatchoices)
    if value in choices:
        return str(choices[value])
    try:
        if type(field) is models.DateTimeField:
            return format_moment(datetime.fromisoformat(value))
        if type(field) is models.DateField:
            return format_date(date.fromisoformat(value))
        if isinstance(field, AmountField):
            return f"{Decimal(value).normalize():,f}"
    except (ArithmeticError, ValueError):
        return value
    return value


class _Names:
    """The names of the rows that changed foreign keys point to."""

    def __init__(self, entries: Iterable[AuditEntry]) -> None:
        wanted: dict[type[models.Model], set[Any]] = {}
        for entry in entries:
            for name, pair in entry.changes.items():
                field = _field(entry.subject_type, name)
                if isinstance(field, models.ForeignKey) and isinstance(pair, list):
                    ids = {value for value in pair if isinstance(value, int)}
                    wanted.setdefault(field.related_model, set()).update(ids)
        self._own_labels: dict[str, Mapping[str, Any]] = {}
        self._found: Mapping[type[models.Model], Mapping[Any, models.Model]] = {
            model: model._default_manager.in_bulk(ids) for model, ids in wanted.items() if ids
        }

    def change(self, entry: AuditEntry, name: str, value: Any) -> Change:
        """One change in words. A value that is no [before, after] pair is told as it is."""
        field = _field(entry.subject_type, name)
        label = self._label(entry.subject_type, field, name)
        words = _values.get(entry.subject_type, {}) if field is None else {}
        if not (isinstance(value, list) and len(value) == 2):
            return Change(label, "", self._written(None, value, words))
        before, after = value
        return Change(label, self._written(field, before, words), self._written(field, after, words))

    def _label(self, subject_type: str, field: models.Field[Any, Any] | None, name: str) -> str:
        if subject_type in _labels:
            if subject_type not in self._own_labels:
                self._own_labels[subject_type] = _labels[subject_type]()
            if name in self._own_labels[subject_type]:
                return str(self._own_labels[subject_type][name])
        return _label(subject_type, field, name)

    def _written(self, field: models.Field[Any, Any] | None, value: Any, words: Mapping[str, Any] = NO_WORDS) -> str:
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return YES_NO[value]
        if isinstance(field, models.ForeignKey) and isinstance(value, int):
            row = self._found.get(field.related_model, {}).get(value)
            return str(row) if row is not None else str(value)
        if isinstance(value, list):
            return "、".join(filter(None, (self._written(field, part, words) for part in value)))
        if isinstance(value, str) and field is not None:
            return _text(field, value)
        if isinstance(value, dict):
            return "、".join(f"{key}: {self._written(None, part)}" for key, part in value.items())
        return str(words.get(value, value)) if isinstance(value, str) else str(value)


def _label(subject_type: str, field: models.Field[Any, Any] | None, name: str) -> str:
    parts = _rows_beside(subject_type, name)
    if parts is not None:
        return str(parts._meta.verbose_name_plural)
    if field is not None:
        return str(field.verbose_name)
    # What services write beside the fields of the record itself.
    words = {
        "activity": _("activity"),
        "answer": _("answer"),
        "ledger": _("ledger"),
        "loan": _("help from another venue (応援)"),
        "query": _("search"),
        "reaction": _("reaction"),
        "role": _("role"),
    }
    return words.get(name, name)

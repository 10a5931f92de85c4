"""Turning images: an import is taken back, or done again as it was, for rows of any model.

Both are one thing read in two directions: a row is expected to be as one side of its image says, and becomes what the other side
says. What people changed since is not as expected: it stays, and is named. A row that an import created stays as a whole (a guest
with phones and addresses) when somebody changed it or something has been attached to it since.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from crm_project.core import text
from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from crm_project.core.audit.services import build, record_many
from crm_project.core.timeline.models import TimelineEntry
from customers.merging.later import refresh_all, reteller_of
from customers.merging.pointers import Pointer, pointers_to_guests
from customers.models import Customer
from customers.services.indexing import index_guests
from integrations import bulk
from integrations.choices import KeptReason, LedgerState, LedgerTarget, RowOutcome
from integrations.ledgers import many_values  # noqa: F401 - registers the lookup any_of
from integrations.ledgers.images import Columns, Image, computed, dump, load, model_of
from integrations.models import KeptRow, LedgerImage, LedgerImport, LedgerRow

GUEST: Final = Customer._meta.label_lower
# Found by a machine or true for a minute: they go with the row and keep nobody.
GO_ALONG: Final = frozenset({"customers.opencard", "customers.duplicateproposal", "reports.rankchange"})
# Entered for the sake of the rows that name them.
COME_ALONG: Final = frozenset({"customers.company", "menus.food", "menus.dishfamily"})
# Told by what is attached, or looked at apart.
NOT_ATTACHED: Final = frozenset({"timeline.timelineentry", "guardian.userobjectpermission", "integrations.keptrow"})
LEDGER_ROWS: Final = "integrations.ledgerrow"
# Ranks are computed in most houses and given by people in some: then the card's version has moved on.
BY_PEOPLE_OR_NOT: Final = frozenset({"rank_id"})
IN_FORCE: Final = (LedgerState.APPLIED, LedgerState.UNDOING, LedgerState.REDOING)

Place = tuple[str, int]
Write = Callable[[type[models.Model], Sequence[str], Sequence[Any]], None]


@dataclass(slots=True)
class Step:
    """What becomes of one row of the database: from what is expected to what shall be (None: no row)."""

    label: str
    model: type[models.Model]
    key: int
    row_number: int
    expected: dict[str, Any] | None
    goal: dict[str, Any] | None
    now: dict[str, Any] | None = None

    @property
    def place(self) -> Place:
        """The row."""
        return self.label, self.key


@dataclass(slots=True)
class Turned:
    """What a turn did, in rows of the ledger. A row of which a part stayed counts as kept, beside what it is else."""

    restored: int = 0
    removed: int = 0
    kept: int = 0

    def as_json(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)

    def add(self, other: Turned) -> None:
        """Add a batch."""
        self.restored += other.restored
        self.removed += other.removed
        self.kept += other.kept


@dataclass(slots=True)
class _Batch:
    """The steps of some images while they are taken."""

    steps: dict[Place, Step]
    # Rows that stay, or are not brought back; `remarks` says why, and of parts of a row that is kept nothing.
    kept: set[Place] = field(default_factory=set)
    remarks: list[KeptRow] = field(default_factory=list)
    # Row of the database -> columns that stay as somebody wrote them.
    kept_columns: dict[Place, set[str]] = field(default_factory=dict)
    # Guests of whom something is not as it was at the other end: what they are found by is made anew.
    unlike: set[int] = field(default_factory=set)

    def of(self, *, expected: bool, goal: bool) -> dict[type[models.Model], list[Step]]:
        """Steps that expect a row or none, and lead to one or none, by model."""
        found: dict[type[models.Model], list[Step]] = {}
        for step in self.steps.values():
            if (step.expected is not None) == expected and (step.goal is not None) == goal:
                found.setdefault(step.model, []).append(step)
        return found


class Turner:
    """Turns the images of one import, a batch at a time, each inside the caller's transaction.

    `back`: take the import back; else do it again. With `looking` the caller rolls every batch back, and the turner remembers
    what would be gone.
    """

    def __init__(self, *, ledger_import: LedgerImport, by: User, back: bool, looking: bool = False) -> None:
        self.ledger_import = ledger_import
        self.by = by
        self.back = back
        self.looking = looking
        self._turned_before: set[Place] = set()
        self._pointers: dict[type[models.Model], list[tuple[Pointer, bool]]] = {}

    def turn(self, images: Sequence[LedgerImage]) -> tuple[Turned, list[KeptRow]]:
        """Turn these images, given in the order of turning; the remarks are not written yet."""
        told = {image.pk: load(image.rows) for image in images}
        batch = _Batch(self._steps(images, told))
        for model, steps in _by_model(batch.steps.values()).items():
            now = bulk.read(model, sorted(step.key for step in steps), lock=True)
            for step in steps:
                step.now = now.get(step.key)
        self._look_at_changes(batch)
        self._look_at_removals(batch)
        self._look_at_returns(batch)
        self._remove(batch)
        self._change(batch)
        self._bring_back(batch)
        self._keep_whole_rows(images, told, batch)
        self._tell(batch)
        self._compute_anew(batch)
        if self.looking:
            self._turned_before.update(place for place in batch.steps if place not in batch.kept)
        return self._counts(images, told, batch), batch.remarks

    # --- what is asked for -------------------------------------------------------------------------------------------

    def _steps(self, images: Sequence[LedgerImage], told: Mapping[int, list[Image]]) -> dict[Place, Step]:
        steps: dict[Place, Step] = {}
        for image in images:
            rows = told[image.pk]
            for one in reversed(rows) if self.back else rows:
                model = model_of(one.model)
                if model is None:
                    continue
                expected, goal = (one.after, one.before) if self.back else (one.before, one.after)
                step = Step(one.model, model, one.key, image.row_number, _copy(expected), _copy(goal))
                first = steps.get(step.place)
                steps[step.place] = step if first is None else _one_after_the_other(first, step)
        return {place: step for place, step in steps.items() if step.expected is not None or step.goal is not None}

    # --- what people changed since -----------------------------------------------------------------------------------

    def _look_at_changes(self, batch: _Batch) -> None:
        for steps in batch.of(expected=True, goal=True).values():
            for step in steps:
                assert step.expected is not None
                assert step.goal is not None
                if step.now is None:
                    self._keep(batch, step, KeptReason.GONE)
                    continue
                hidden = computed(step.label)
                for name in [name for name in step.goal if name not in hidden]:
                    now = step.now.get(name)
                    if _same(step.model, name, now, step.expected.get(name)):
                        continue
                    if not _same(step.model, name, now, step.goal[name]):
                        self._keep_column(batch, step, name, KeptReason.CHANGED)
            self._look_for_parents(batch, steps)

    def _look_at_removals(self, batch: _Batch) -> None:
        removals = batch.of(expected=True, goal=False)
        for steps in removals.values():
            for step in steps:
                if step.now is not None and (since := _changed_since(step)):
                    batch.kept.add(step.place)
                    batch.remarks += [self._remark(step, KeptReason.CHANGED, name) for name in since]
        # Row -> rows of the batch that point to it, with whether they are parts of it.
        children: dict[Place, list[tuple[Place, bool]]] = {}
        for model, steps in removals.items():
            present = {step.key: step for step in steps if step.now is not None}
            if present:
                self._look_for_attached(batch, model, present, children)
        self._spread(batch, children)

    def _look_for_attached(
        self,
        batch: _Batch,
        model: type[models.Model],
        present: Mapping[int, Step],
        children: dict[Place, list[tuple[Place, bool]]],
    ) -> None:
        attached: dict[int, dict[str, int]] = {}
        for pointer, is_part in self._pointers_to(model):
            if pointer.label in NOT_ATTACHED or pointer.label in GO_ALONG:
                continue
            for pk, key in _pointing(pointer, list(present), self.ledger_import):
                pointing = (pointer.label, pk)
                step = batch.steps.get(pointing)
                if step is not None and step.goal is None:
                    children.setdefault((model._meta.label_lower, key), []).append((pointing, is_part))
                elif (step is not None and self._lets_go(batch, step, pointer.column, key)) or (
                    self.looking and pointing in self._turned_before
                ):
                    continue
                else:
                    of_kind = attached.setdefault(key, {})
                    of_kind[pointer.label] = of_kind.get(pointer.label, 0) + 1
        for key, of_kind in attached.items():
            step = present[key]
            if step.place not in batch.kept and not self._is_silent(step):
                batch.remarks.append(self._remark(step, KeptReason.ATTACHED, stays=of_kind))
            batch.kept.add(step.place)

    def _pointers_to(self, model: type[models.Model]) -> list[tuple[Pointer, bool]]:
        """Every foreign key to the model, and the pointers to guests that are none; whether the pointing row is a part."""
        if model not in self._pointers:
            found = []
            for relation in model._meta.get_fields(include_hidden=True):
                if isinstance(relation, models.ManyToOneRel) and relation.field.model._meta.managed:
                    owner: Any = relation.field.model
                    found.append((Pointer(owner, relation.field.attname), relation.on_delete is models.CASCADE))
            if model is Customer:
                known = {(pointer.label, pointer.column) for pointer, _part in found}
                found += [(one, False) for one in pointers_to_guests() if (one.label, one.column) not in known]
            self._pointers[model] = found
        return self._pointers[model]

    @staticmethod
    def _lets_go(batch: _Batch, step: Step, column: str, key: int) -> bool:
        """Whether a row of the batch points elsewhere when the batch is turned."""
        if step.goal is None or column not in step.goal or step.place in batch.kept:
            return False
        return step.goal[column] != key and column not in batch.kept_columns.get(step.place, ())

    def _spread(self, batch: _Batch, children: Mapping[Place, list[tuple[Place, bool]]]) -> None:
        """What points to a row keeps it, and a row that is kept keeps its parts."""
        again = True
        while again:
            again = False
            for place, pointing in children.items():
                if place not in batch.kept and (keeping := [child for child, _part in pointing if child in batch.kept]):
                    step = batch.steps[place]
                    if not self._is_silent(step):
                        kinds: dict[str, int] = {}
                        for label, _key in keeping:
                            kinds[label] = kinds.get(label, 0) + 1
                        batch.remarks.append(self._remark(step, KeptReason.ATTACHED, stays=kinds))
                    batch.kept.add(place)
                    again = True
                if place in batch.kept:
                    parts = {child for child, is_part in pointing if is_part} - batch.kept
                    batch.kept |= parts
                    again = again or bool(parts)

    def _is_silent(self, step: Step) -> bool:
        """A company is there for its guests, a food for its dishes: that it stays with one of them is no news."""
        return step.label in COME_ALONG and self.ledger_import.target != LedgerTarget.FOODS

    def _look_at_returns(self, batch: _Batch) -> None:
        for steps in batch.of(expected=False, goal=True).values():
            for step in steps:
                if step.now is not None:
                    batch.kept.add(step.place)  # it never went, or is here again: nothing to bring
            self._look_for_parents(batch, [step for step in steps if step.place not in batch.kept])

    def _look_for_parents(self, batch: _Batch, steps: Sequence[Step]) -> None:
        """A row cannot point to what is gone: the pointer stays blank, or the row as it is."""
        for step in steps[:1]:
            for column in step.model._meta.concrete_fields:
                if isinstance(column, models.ForeignKey):
                    self._look_for_parent(batch, column, steps)

    def _look_for_parent(self, batch: _Batch, column: models.ForeignKey[Any, Any], steps: Sequence[Step]) -> None:
        name, parent = column.attname, column.related_model
        assert isinstance(parent, type)
        label = parent._meta.label_lower
        wanted: dict[Any, list[Step]] = {}
        for step in steps:
            key = step.goal.get(name) if step.goal else None
            if key is not None and not (step.now is not None and step.now.get(name) == key):
                coming = batch.steps.get((label, key))
                if coming is None or coming.goal is None:
                    wanted.setdefault(key, []).append(step)
        if not wanted:
            return
        there = set(parent._base_manager.filter(pk__any_of=set(wanted)).values_list("pk", flat=True))
        for key in wanted.keys() - there:
            for step in wanted[key]:
                if step.now is not None:
                    self._keep_column(batch, step, name, KeptReason.GONE)
                elif column.null and step.goal is not None:
                    batch.remarks.append(self._remark(step, KeptReason.GONE, name))
                    step.goal[name] = None
                else:
                    self._keep(batch, step, KeptReason.GONE)

    # --- what is done ------------------------------------------------------------------------------------------------

    def _remove(self, batch: _Batch) -> None:
        for model, steps in batch.of(expected=True, goal=False).items():
            keys = [step.key for step in steps if step.now is not None and step.place not in batch.kept]
            if not keys:
                continue
            label = model._meta.label_lower
            for pointer, _is_part in self._pointers_to(model):
                if pointer.label in GO_ALONG:
                    _pointing_rows(pointer, keys).delete()
                elif pointer.model in (LedgerRow, KeptRow):
                    _pointing_rows(pointer, keys).update(**{pointer.column: None})
            for parent in ("parent", "subject"):
                TimelineEntry.objects.filter(**{f"{parent}_type": label, f"{parent}_id__any_of": keys}).delete()
            bulk.delete(model, keys)

    def _change(self, batch: _Batch) -> None:
        for model, steps in batch.of(expected=True, goal=True).items():
            changing = [step for step in steps if step.place not in batch.kept]
            for step in changing:
                self._settle_computed(batch, step)
            names = list(dict.fromkeys(name for step in changing for name in step.goal or ()))
            rows = []
            for step in changing:
                assert step.now is not None
                goal, left = step.goal or {}, batch.kept_columns.get(step.place, ())
                # A column that this row does not speak of is written as it stands.
                rows.append(
                    (step.key, *(goal[name] if name in goal and name not in left else step.now[name] for name in names))
                )
            if rows:
                self._write(batch, model, names, rows, changing, bulk.update)

    def _settle_computed(self, batch: _Batch, step: Step) -> None:
        """Versions, times and search words return with a row that nobody has touched; else they go on."""
        assert step.now is not None
        assert step.goal is not None
        assert step.expected is not None
        now, expected, goal = step.now, step.expected, step.goal
        hidden = computed(step.label)
        untouched = not batch.kept_columns.get(step.place) and all(
            _same(step.model, name, now.get(name), expected.get(name))
            for name in ("version", "search_key")
            if name in goal
        )
        if step.model is Customer:
            untouched = untouched and step.key not in batch.unlike
        if untouched:
            if "search_key" in goal:
                goal["grams"] = text.grams(goal["search_key"])
            return
        for name in hidden & goal.keys():
            del goal[name]
        if "version" in expected:
            goal["version"] = now["version"] + 1
        if "updated_at" in expected:
            goal["updated_at"] = str(connection.ops.adapt_datetimefield_value(timezone.now()))
        if step.model is Customer:
            batch.unlike.add(step.key)

    def _bring_back(self, batch: _Batch) -> None:
        returns = batch.of(expected=False, goal=True)
        failed: set[Place] = set()
        for model in _parents_first(returns):
            steps = [step for step in returns[model] if step.place not in batch.kept]
            for step in steps:
                if _points_to_any(step, failed):
                    batch.kept.add(step.place)
                    failed.add(step.place)
            steps = [step for step in steps if step.place not in failed]
            for names, alike in _by_columns(steps).items():
                rows = [(step.key, *(step.goal or {}).values()) for step in alike]
                failed |= self._write(batch, model, names, rows, alike, _insert)
            if model is Customer:
                self._rows_point_again([step for step in steps if step.place not in failed])
            if (retell := reteller_of(model._meta.label_lower)) is not None:
                retell([step.key for step in steps if step.place not in failed])

    def _write(
        self,
        batch: _Batch,
        model: type[models.Model],
        names: Sequence[str],
        rows: Sequence[Any],
        steps: Sequence[Step],
        write: Any,
    ) -> set[Place]:
        """Write all rows, or one by one when another row has taken the place of one; returns those that could not be."""
        fields = [_field_of(model, name).name for name in names]
        try:
            with transaction.atomic():
                write(model, fields, rows)
        except IntegrityError:
            if len(rows) == 1:
                self._keep(batch, steps[0], KeptReason.TAKEN)
                return {steps[0].place}
            half = len(rows) // 2
            first = self._write(batch, model, names, rows[:half], steps[:half], write)
            return first | self._write(batch, model, names, rows[half:], steps[half:], write)
        return set()

    def _rows_point_again(self, steps: Sequence[Step]) -> None:
        """Rows of the import name the guests that are back."""
        guest_of = {step.row_number: step.key for step in steps}
        rows = LedgerRow.objects.filter(ledger_import=self.ledger_import, row_number__any_of=set(guest_of))
        pairs = [(pk, guest_of[number]) for pk, number in rows.values_list("pk", "row_number")]
        bulk.update(LedgerRow, ("customer",), pairs)

    def _keep_whole_rows(self, images: Sequence[LedgerImage], told: Mapping[int, list[Image]], batch: _Batch) -> None:
        """Keep what was removed with all its columns, so that it can come again; what people removed stays away."""
        outdated = []
        for image in images:
            rows = []
            for one in told[image.pk]:
                step = batch.steps.get((one.model, one.key))
                if step is not None and step.expected is not None and step.goal is None:
                    if step.now is None:
                        one = one._replace(before=None, after=None)
                    elif step.place not in batch.kept and (one.before is None or one.after is None):
                        one = one._replace(after=step.now) if self.back else one._replace(before=step.now)
                rows.append(one)
            if rows != told[image.pk]:
                outdated.append((image.pk, dump(rows)))
        bulk.update(LedgerImage, ("rows",), outdated)

    # --- what is said of it ------------------------------------------------------------------------------------------

    def _keep(self, batch: _Batch, step: Step, reason: KeptReason) -> None:
        batch.kept.add(step.place)
        batch.remarks.append(self._remark(step, reason))
        self._note_guest(batch, step)

    def _keep_column(self, batch: _Batch, step: Step, name: str, reason: KeptReason) -> None:
        batch.kept_columns.setdefault(step.place, set()).add(name)
        batch.remarks.append(self._remark(step, reason, name))
        self._note_guest(batch, step)

    @staticmethod
    def _note_guest(batch: _Batch, step: Step) -> None:
        for columns in (step.now, step.goal, step.expected):
            if columns and columns.get("customer_id"):
                batch.unlike.add(columns["customer_id"])

    def _remark(self, step: Step, reason: KeptReason, name: str = "", *, stays: Any = None) -> KeptRow:
        known = [columns for columns in (step.now, step.goal, step.expected) if columns]
        guest = (
            step.key
            if step.model is Customer
            else next((one["customer_id"] for one in known if one.get("customer_id")), None)
        )
        if name:
            stays = step.now.get(name) if step.now else None
        return KeptRow(
            ledger_import=self.ledger_import,
            row_number=step.row_number,
            model=step.label,
            row_id=step.key,
            customer_id=guest,
            field=name,
            reason=reason,
            stays=stays,
            instead_of=step.goal.get(name) if name and step.goal else None,
        )

    def _tell(self, batch: _Batch) -> None:
        """One entry of the trail for each record that has one of its own."""
        entries: list[AuditEntry] = []
        for place, step in batch.steps.items():
            if place in batch.kept or not _has_a_trail(step.model):
                continue
            columns = (step.goal or {}) | (step.now or {})
            said: dict[str, Any] = {"ledger": self.ledger_import.file_name}
            if step.goal is None:
                if step.now is None:
                    continue
                action = Action.DELETED
            elif step.expected is None:
                action = Action.CREATED
            else:
                action = Action.CHANGED
                left = computed(step.label) | batch.kept_columns.get(place, set())
                now = step.now or {}
                for name, goal in step.goal.items():
                    if name not in left and not _same(step.model, name, now.get(name), goal):
                        said[_field_of(step.model, name).name] = [
                            _told(step.model, name, now.get(name)),
                            _told(step.model, name, goal),
                        ]
            entries.append(
                build(
                    by=self.by,
                    action=action,
                    subject_type=step.label,
                    subject_id=step.key,
                    subject_name=str(columns.get("name") or ""),
                    changes=said,
                )
            )
        record_many(entries)

    def _compute_anew(self, batch: _Batch) -> None:
        """Search words of guests of whom a part stayed, and what other apps compute from rows that came or went."""
        if batch.unlike:
            index_guests(Customer.objects.filter(pk__any_of=batch.unlike))
        guests = {
            columns["customer_id"]
            for place, step in batch.steps.items()
            if not step.label.startswith("customers.") and place not in batch.kept
            for columns in (step.now, step.goal)
            if columns and columns.get("customer_id")
        }
        if guests:
            refresh_all(guests)
        self._tell_again(batch)

    @staticmethod
    def _tell_again(batch: _Batch) -> None:
        """Records that tell timelines (a visit) tell them anew when they, or what hangs on them, have changed."""
        found: dict[type[models.Model], set[int]] = {}
        for step in batch.steps.values():
            known = [columns for columns in (step.now, step.goal) if columns]
            if reteller_of(step.label) is not None:
                found.setdefault(step.model, set()).add(step.key)
            for column in step.model._meta.concrete_fields:
                parent = column.related_model if isinstance(column, models.ForeignKey) else None
                if isinstance(parent, type) and reteller_of(parent._meta.label_lower) is not None:
                    keys = {columns[column.attname] for columns in known if columns.get(column.attname)}
                    found.setdefault(parent, set()).update(keys)
        for model, keys in found.items():
            retell = reteller_of(model._meta.label_lower)
            there = list(model._base_manager.filter(pk__any_of=keys).order_by("pk").values_list("pk", flat=True))
            if retell is not None and there:
                retell(there)

    def _counts(self, images: Sequence[LedgerImage], told: Mapping[int, list[Image]], batch: _Batch) -> Turned:
        turned = Turned()
        along = () if self.ledger_import.target == LedgerTarget.FOODS else COME_ALONG
        remarked = {remark.row_number for remark in batch.remarks}
        for number, rows in _by_row(images, told).items():
            changes = any(one.before is not None for one in rows)
            if number in remarked:
                turned.kept += 1
            if changes:
                turned.restored += any((one.model, one.key) not in batch.kept for one in rows if one.before is not None)
            else:
                turned.removed += all((one.model, one.key) not in batch.kept for one in rows if one.model not in along)
        return turned


# --- small things ----------------------------------------------------------------------------------------------------


def _by_row(images: Sequence[LedgerImage], told: Mapping[int, list[Image]]) -> dict[int, list[Image]]:
    rows: dict[int, list[Image]] = {}
    for image in images:
        rows.setdefault(image.row_number, []).extend(told[image.pk])
    return rows


def _copy(columns: Columns | None) -> dict[str, Any] | None:
    return None if columns is None else dict(columns)


def _one_after_the_other(first: Step, second: Step) -> Step:
    expected = None if first.expected is None else {**(second.expected or {}), **first.expected}
    goal = None if second.goal is None else {**(first.goal or {}), **second.goal}
    return Step(first.label, first.model, first.key, first.row_number, expected, goal)


def _by_model(steps: Iterable[Step]) -> dict[type[models.Model], list[Step]]:
    found: dict[type[models.Model], list[Step]] = {}
    for step in steps:
        found.setdefault(step.model, []).append(step)
    return found


def _by_columns(steps: Iterable[Step]) -> dict[tuple[str, ...], list[Step]]:
    found: dict[tuple[str, ...], list[Step]] = {}
    for step in steps:
        goal = step.goal or {}
        goal.pop(str(step.model._meta.pk.attname), None)
        found.setdefault(tuple(goal), []).append(step)
    return found


def _insert(model: type[models.Model], fields: Sequence[str], rows: Sequence[Any]) -> None:
    bulk.insert(model, [model._meta.pk.name, *fields], rows)


@cache
def _field_of(model: type[models.Model], attname: str) -> models.Field[Any, Any]:
    return next(one for one in model._meta.concrete_fields if one.attname == attname)


def _pointing_rows(pointer: Pointer, keys: Collection[int]) -> models.QuerySet[Any]:
    column = pointer.field
    if isinstance(column, models.ForeignKey):
        target = column.target_field.attname
        return pointer.model._base_manager.filter(
            **dict(pointer.fixed), **{f"{column.name}__{target}__any_of": set(keys)}
        )
    values = {pointer.value(key) for key in keys}
    return pointer.model._base_manager.filter(**dict(pointer.fixed), **{f"{column.name}__any_of": values})


def _pointing(pointer: Pointer, keys: Collection[int], ledger_import: LedgerImport) -> list[tuple[Any, int]]:
    """(key of the pointing row, key of the row it points to) of rows that mean something."""
    rows = _pointing_rows(pointer, keys)
    if pointer.label == LEDGER_ROWS:
        # A later ledger that only found the guest as he was keeps nobody.
        rows = rows.filter(ledger_import__state__in=IN_FORCE).exclude(outcome=RowOutcome.UNCHANGED)
        rows = rows.exclude(ledger_import=ledger_import)
    return [(pk, int(key)) for pk, key in rows.order_by("pk").values_list("pk", pointer.column)]


def _parents_first(found: Mapping[type[models.Model], Any]) -> list[type[models.Model]]:
    ordered: list[type[models.Model]] = []

    def visit(model: type[models.Model]) -> None:
        if model in ordered:
            return
        for column in model._meta.concrete_fields:
            parent = column.related_model if isinstance(column, models.ForeignKey) else None
            if parent in found and parent is not model:
                visit(parent)  # type: ignore[arg-type]
        ordered.append(model)

    for model in found:
        visit(model)
    return ordered


def _points_to_any(step: Step, places: Collection[Place]) -> bool:
    if not places:
        return False
    goal = step.goal or {}
    return any(
        (column.related_model._meta.label_lower, goal.get(column.attname)) in places
        for column in step.model._meta.concrete_fields
        if isinstance(column, models.ForeignKey) and isinstance(column.related_model, type)
    )


def _changed_since(step: Step) -> list[str]:
    """Columns of a row to be removed that are not as the ledger left them: as it wrote them, or blank."""
    assert step.now is not None
    assert step.expected is not None
    hidden = computed(step.label)
    is_versioned = "version" in step.expected
    moved = is_versioned and step.now.get("version") != step.expected["version"]
    since = []
    for name, now in step.now.items():
        if name in hidden or (name in BY_PEOPLE_OR_NOT and not moved):
            continue
        if name in step.expected:
            if not _same(step.model, name, now, step.expected[name]):
                since.append(name)
        elif not _is_blank(step.model, name, now):
            since.append(name)
    return since


def _is_blank(model: type[models.Model], name: str, value: Any) -> bool:
    """Whether a column that the ledger did not write is as the database fills it."""
    column = _field_of(model, name)
    if column.primary_key or isinstance(column, models.DateTimeField):
        return True
    return value in (None, "", 0, "{}", "[]") or value == column.get_default()


def _same(model: type[models.Model], name: str, one: Any, other: Any) -> bool:
    """Whether two values of a column mean the same, however the database writes them."""
    if one == other:
        return True
    if one is None or other is None:
        return False
    column = _field_of(model, name)
    if isinstance(column, models.JSONField):
        return bool(_parsed(one) == _parsed(other))
    if isinstance(column, models.DateTimeField):
        return _moment(one) == _moment(other)
    return str(one) == str(other) and not isinstance(one, bool) and not isinstance(other, bool)


def _parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _moment(value: Any) -> datetime | None:
    found = value if isinstance(value, datetime) else parse_datetime(str(value))
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def _told(model: type[models.Model], name: str, value: Any) -> Any:
    """The value as the trail has it."""
    if isinstance(value, date):
        return value.isoformat()
    return _parsed(value) if isinstance(_field_of(model, name), models.JSONField) else value


@cache
def _has_a_trail(model: type[models.Model]) -> bool:
    return any(column.attname == "version" for column in model._meta.concrete_fields)

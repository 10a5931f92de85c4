"""Verbs of cards that are one person's: make them one, take that back, say that they are two."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from crm_project.core.allergens.choices import AllergyState
from crm_project.core.audit.choices import Action
from crm_project.core.audit.models import AuditEntry
from crm_project.core.audit.services import difference, record
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.timeline.models import TimelineEntry
from customers.merging import later as later_rows
from customers.merging.card import fold_card, written_fields
from customers.merging.columns import columns_of, key_from, values_from
from customers.merging.pointers import Pointer, named_staff, pointers_to_guests
from customers.models import (
    Allergy,
    Customer,
    DistinctPair,
    DuplicateProposal,
    Merge,
    MergedRow,
    Phone,
    Post,
    Rank,
)
from customers.services.indexing import index_guests, next_version
from customers.services.merged_rows import Gathering, chunks, write_columns
from customers.services.undone_rows import Remains, Returning


class MergeRefused(InputProblem):
    """The cards cannot be made one, or two again; nothing was written."""


@dataclass(slots=True)
class Undone:
    """What an undo left as people wrote it since: names of the card's columns and of rows, rows that did not come back."""

    kept_columns: list[str] = field(default_factory=list)
    kept_rows: list[tuple[str, str]] = field(default_factory=list)
    gone: dict[str, int] = field(default_factory=dict)
    # Allergies stand on both cards where somebody asked the guest again in between.
    allergies_on_both: bool = False

    def tell(self, remains: Remains) -> None:
        """What the rows of the merge left."""
        self.gone = remains.gone
        self.kept_rows = [(model, name) for (model, _key), columns in remains.written_since.items() for name in columns]

    @property
    def is_whole(self) -> bool:
        """Whether both cards are as they were."""
        return not (self.kept_columns or self.kept_rows or self.gone or self.allergies_on_both)


@transaction.atomic
def merge_guests(
    *,
    keep: Customer,
    absorb: Customer,
    choices: Mapping[str, str],
    by: User,
    seen: Mapping[int, int] | None = None,
) -> Merge:
    """Take one card into another: its rows move, its values follow the choices (`merging.card`), its code stays known.

    `seen` are the versions of the cards on which the choices were made. The same merge twice is one. Raises
    PermissionDenied for who may not open and change both, MergeRefused when one of the cards was merged or changed meanwhile.
    """
    cards = _locked(keep.pk, absorb.pk)
    kept, absorbed = cards[keep.pk], cards[absorb.pk]
    done = Merge.objects.filter(kept=kept, absorbed=absorbed, undone_at=None).first()
    if done is not None:
        return done
    _check_both(kept, absorbed, by=by, seen=seen)
    told = {pk: told_columns(card) for pk, card in cards.items()}
    ranks = _ranks()
    merge = Merge(kept=kept, absorbed=absorbed, choices=dict(choices), merged_by=by, before=_written(kept))
    merge.after = fold_card(merge.before, _written(absorbed), merge.choices, ranks)
    merge.newest = _newest(pointers_to_guests())
    merge.merged_at = timezone.now()
    merge.save()
    _gather(merge)
    # Newer than any form that was opened on either card.
    version = max(kept.version, absorbed.version)
    Customer.objects.filter(pk=kept.pk).update(**values_from(Customer, merge.after), version=version)
    later_rows.refresh_all([kept.pk])
    _finish(kept.pk, absorbed.pk)
    kept, absorbed = _fresh(kept.pk), _fresh(absorbed.pk)
    record(
        by=by,
        action=Action.CHANGED,
        subject=kept,
        changes={"absorbed": [None, _named(absorbed)], **difference(told[kept.pk], told_columns(kept))},
    )
    record(by=by, action=Action.CHANGED, subject=absorbed, changes={"absorbed_by": [None, _numbered(kept)]})
    return merge


@transaction.atomic
def undo_merge(*, merge: Merge, by: User, later: Collection[str] = ()) -> Undone:
    """Make one card two again, at any time: what the merge moved goes back, also out of the cards of later merges.

    `later` names rows entered since that go with the restored card (`LaterRow.key`); all others stay. Values return to
    what they were where nobody wrote to them since. Twice is once. Raises PermissionDenied for who may not open and
    change the card that stands for both.
    """
    merge = Merge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    if merge.undone_at is not None:
        return Undone()
    holder_id = root_of(merge.kept_id)
    cards = _locked(holder_id, merge.absorbed_id)
    if not Customer.objects.visible_to(by).filter(pk=holder_id).exists() or not by.has_right(Right.EDIT_GUESTS):
        raise PermissionDenied
    told = told_columns(cards[holder_id])
    path = _path(merge)
    moved_allergies = _rows_of(merge, Allergy)
    asked_since = _asked_since(merge, path)
    chosen = [row for row in rows_since(merge, by) if row.key in set(later)]
    told_since = _timeline_since(path)
    newer = _newer(merge, holder_id)
    written: list[Remains] = [Returning(each, for_now=True).take_back() for each in reversed(newer)]
    returning = Returning(merge)
    outcome = Undone(kept_columns=_values_back(merge))
    written.append(returning.take_back())
    _go_along(chosen, returning, holder_id)
    merge.undone_by, merge.undone_at = by, timezone.now()
    merge.save(update_fields=["undone_by", "undone_at"])
    for each in newer:
        _gather(each)
    _leave_as_written(written)
    outcome.tell(written[-1])
    if asked_since:
        outcome.allergies_on_both = _copy_allergies(moved_allergies, merge.absorbed_id, holder_id)
    _timeline_follows(told_since, holder_id, merge.absorbed_id)
    changed = {holder_id, merge.kept_id, merge.absorbed_id}
    _settle_allergy_states(changed)
    later_rows.refresh_all([holder_id, merge.absorbed_id])
    _finish(*changed)
    holder, restored = _fresh(holder_id), _fresh(merge.absorbed_id)
    record(
        by=by,
        action=Action.CHANGED,
        subject=holder,
        changes={"absorbed": [_named(restored), None], **difference(told, told_columns(holder))},
    )
    record(by=by, action=Action.CHANGED, subject=restored, changes={"absorbed_by": [_numbered(holder), None]})
    return outcome


def root_of(card_id: int) -> int:
    """The card that stands for a card now: itself, unless it was taken in."""
    into = Customer.objects.filter(pk=card_id).values_list("merged_into", flat=True).first()
    return card_id if into is None else into


@transaction.atomic
def tell_apart(*, one: Customer, other: Customer, by: User) -> DistinctPair:
    """Say that two cards are two people: the finder asks no more. Raises PermissionDenied."""
    if not by.has_right(Right.EDIT_GUESTS) or _visible({one.pk, other.pk}, by) != {one.pk, other.pk}:
        raise PermissionDenied
    first, second = sorted((one.pk, other.pk))
    pair, made = DistinctPair.objects.get_or_create(first_id=first, second_id=second, defaults={"decided_by": by})
    DuplicateProposal.objects.filter(first_id=first, second_id=second).delete()
    if made:
        for card, else_ in ((one, other), (other, one)):
            record(by=by, action=Action.CHANGED, subject=card, changes={"another_person": [None, _named(else_)]})
    return pair


@transaction.atomic
def gather_late_rows() -> int:
    """Bring home what was written to a card after another one took it in (by a form or a file begun before).

    Returns how many rows. One query per table while there is nothing to do.
    """
    late: dict[int, list[Pointer]] = {}
    for pointer in pointers_to_guests():
        if pointer.model is Customer:
            continue
        absorbed = Customer.objects.exclude(merged_into=None)
        ids = absorbed.filter(pk__in=_ids_in(pointer)).values_list("pk", flat=True)
        for pk in ids:
            late.setdefault(pk, []).append(pointer)
    count = 0
    for pk, pointers in sorted(late.items()):
        path = _path(Merge.objects.get(absorbed=pk, undone_at=None))
        _locked(path[-1].kept_id, pk)
        for merge in path:
            gathering = Gathering(merge)
            gathering.untie(pointers, (merge.kept_id, merge.absorbed_id))
            for pointer in pointers:
                gathering.gather(pointer, merge.absorbed_id, merge.kept_id)
            gathering.save()
        count += len(gathering.entries)
        later_rows.refresh_all([path[-1].kept_id])
        _finish(path[-1].kept_id)
    return count


def _ids_in(pointer: Pointer) -> Any:
    rows = pointer.model._base_manager.filter(**dict(pointer.fixed), **{f"{pointer.column}__isnull": False})
    if isinstance(pointer.field, models.CharField):
        return [
            int(key) for key in rows.order_by().values_list(pointer.column, flat=True).distinct() if key.isdecimal()
        ]
    return rows.values(pointer.column)


# --- before the merge -------------------------------------------------------------------------------------------------


def _locked(*ids: int) -> dict[int, Customer]:
    """Both cards, locked in one order: two people who merge the same pair wait for each other."""
    found = Customer.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    return {card.pk: card for card in found}


def _fresh(pk: int) -> Customer:
    return Customer.objects.select_related("company").get(pk=pk)


def _visible(ids: set[int], by: User) -> set[int]:
    return set(Customer.objects.visible_to(by).filter(pk__in=ids).values_list("pk", flat=True))


def _check_both(kept: Customer, absorbed: Customer, *, by: User, seen: Mapping[int, int] | None) -> None:
    if kept.pk == absorbed.pk:
        raise MergeRefused(_("A card cannot be merged with itself."))
    if kept.merged_into_id or absorbed.merged_into_id:
        raise MergeRefused(_("One of the cards has been merged meanwhile."))
    if not by.has_right(Right.EDIT_GUESTS) or _visible({kept.pk, absorbed.pk}, by) != {kept.pk, absorbed.pk}:
        raise PermissionDenied
    if seen is not None and any(seen.get(card.pk) != card.version for card in (kept, absorbed)):
        raise MergeRefused(_("One of the cards was changed meanwhile. Look at both again, then decide."))


def _written(card: Customer) -> dict[str, Any]:
    return columns_of(card, written_fields())


def _ranks() -> list[int]:
    return list(Rank.objects.order_by("position", "pk").values_list("pk", flat=True))


def _newest(pointers: Iterable[Pointer]) -> dict[str, int]:
    """Model -> its newest row, for models with numbers as keys."""
    newest = {}
    for model in {pointer.model for pointer in pointers}:
        if isinstance(model._meta.pk, models.AutoField | models.BigAutoField):
            newest[model._meta.label_lower] = model._base_manager.aggregate(newest=Max("pk"))["newest"] or 0
    return newest


def _gather(merge: Merge) -> None:
    """Move the rows of the absorbed card to the kept one, also when the merge is done again after an older was undone."""
    kept_id, absorbed_id = merge.kept_id, merge.absorbed_id
    pointers = pointers_to_guests()
    gathering = Gathering(merge)
    _narrow_named_staff(gathering)
    _line_up_phones(gathering)
    _end_former_posts(gathering)
    gathering.untie(pointers, (kept_id, absorbed_id))
    for pointer in pointers:
        gathering.gather(pointer, absorbed_id, kept_id)
    gathering.save()
    Customer.objects.filter(pk=absorbed_id).update(merged_into=kept_id)


def _narrow_named_staff(gathering: Gathering) -> None:
    """Who is named for every card of the two that is confidential goes on seeing the guest, and nobody else."""
    pointer, merge = named_staff(), gathering.merge
    kept, absorbed = (list(pointer.rows(pk).order_by("pk")) for pk in (merge.kept_id, merge.absorbed_id))
    # Whoever was named since, was named for the guest of both cards.
    kept = [row for row in kept if row.pk <= merge.newest[pointer.label]]
    sealed = [{row.user_id for row in kept}] if merge.before["is_confidential"] else []
    if Customer.objects.filter(pk=merge.absorbed_id, is_confidential=True).exists():
        sealed.append({row.user_id for row in absorbed})
    named = set.intersection(*sealed) if sealed else set()
    for row in [*kept, *absorbed]:
        if row.user_id not in named:
            gathering.set_aside(pointer, row)


def _end_former_posts(gathering: Gathering) -> None:
    """A post that is not the one the card names from now on is the past, as far as anybody knows since this day."""
    merge = gathering.merge
    held_now = tuple(merge.after[name] for name in ("company_id", "department", "title"))
    pointer = next(one for one in pointers_to_guests() if (one.model, one.column) == (Post, "customer_id"))
    open_posts = Post.objects.filter(customer__in=(merge.kept_id, merge.absorbed_id), until=None).order_by("pk")
    day = timezone.localdate(merge.merged_at)
    for post in open_posts:
        if (post.company_id, post.department, post.title) != held_now:
            until = max(filter(None, (day, post.since)))
            gathering.change(pointer, post, {"until": until.isoformat()})


def _line_up_phones(gathering: Gathering) -> None:
    """The kept card's numbers come first; new ones follow in their order."""
    kept, absorbed = gathering.merge.kept_id, gathering.merge.absorbed_id
    mine = list(Phone.objects.filter(customer=kept))
    position = 1 + max((phone.position for phone in mine), default=-1)
    known = {phone.digits for phone in mine}
    pointer = next(pointer for pointer in pointers_to_guests() if pointer.model is Phone)
    for phone in Phone.objects.filter(customer=absorbed).exclude(digits__in=known).order_by("position", "pk"):
        gathering.change(pointer, phone, {"position": position})
        position += 1


def told_columns(card: Customer) -> dict[str, Any]:
    """What the trail tells of a card's own columns: names of fields, plain values."""
    columns = columns_of(card, written_fields())
    return {name.removesuffix("_id"): value for name, value in columns.items()}


def _numbered(card: Customer) -> str:
    """A card without its name: the trail of a card that is open to all must not name one that is confidential."""
    return card.code or f"#{card.pk}"


def _named(card: Customer) -> str:
    return _numbered(card) if card.is_confidential else f"{card.name} ({_numbered(card)})"


def _finish(*ids: int) -> None:
    """Found under what they say now, and newer than any form that was opened before."""
    index_guests(Customer.objects.filter(pk__in=ids))
    for card in Customer.objects.filter(pk__in=ids).order_by("pk"):
        next_version(card)


# --- taking back ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LaterRow:
    """A row entered on the card since: what it is, in words."""

    key: str
    kind: str
    words: str
    pointer: Pointer
    row: models.Model


def rows_since(merge: Merge, user: User) -> list[LaterRow]:
    """What was entered since on the card that stands for both, as far as the person may see it, newest first."""
    path = _path(merge)
    found = []
    kinds = later_rows.kinds()
    for pointer in pointers_to_guests():
        kind = kinds.get(pointer.label)
        if kind is None:
            continue
        rows = kind.visible(user, _since(path, pointer)).order_by("-pk")
        found += [
            LaterRow(
                key=f"{pointer.label}.{pointer.column}:{row.pk}",
                kind=str(pointer.model._meta.verbose_name),
                words=kind.words(row),
                pointer=pointer,
                row=row,
            )
            for row in rows
        ]
    return found


def _path(merge: Merge) -> list[Merge]:
    """The merge, the one that took its kept card in, and so on up to the card that stands for all."""
    path = [merge]
    while (above := Merge.objects.filter(absorbed=path[-1].kept_id, undone_at=None).first()) is not None:
        path.append(above)
    return path


def _since(path: Sequence[Merge], pointer: Pointer) -> models.QuerySet[Any]:
    """Rows entered since the first merge of a path on the card that it made, wherever later merges took them.

    Rows of cards that were merged in by others, and what stood on a card before it took this one in, are not among them.
    """
    keys = list(
        pointer.rows(path[-1].kept_id).filter(pk__gt=path[0].newest.get(pointer.label, 0)).values_list("pk", flat=True)
    )
    steps = {merge.pk: place for place, merge in enumerate(path)}
    # Key -> the place on the path where the row was first moved; none for a row that another merge brought.
    first: dict[int, int | None] = {key: len(path) for key in keys}
    for some in chunks(keys):
        brought = MergedRow.objects.in_force().filter(
            model=pointer.label, field=pointer.column, row_id__in=map(str, some), merge__gte=path[0].pk
        )
        for text_key, merge_id in brought.values_list("row_id", "merge"):
            key, place = int(text_key), steps.get(merge_id)
            known = first[key]
            first[key] = None if place is None or known is None or place == 0 else min(known, place)
    since = [
        key for key, place in first.items() if place is not None and key > path[place - 1].newest.get(pointer.label, 0)
    ]
    return pointer.model._default_manager.filter(pk__in=since)


def _newer(merge: Merge, holder_id: int) -> list[Merge]:
    """Merges done after this one to cards that one card stands for now, the oldest first."""
    cards = Customer.objects.filter(models.Q(pk=holder_id) | models.Q(merged_into=holder_id))
    return list(Merge.objects.filter(pk__gt=merge.pk, kept__in=cards, undone_at=None).order_by("pk"))


def _leave_as_written(remains: Iterable[Remains]) -> None:
    """What people wrote to rows since stays, though the rules have spoken again."""
    for each in remains:
        for (label, key), columns in each.written_since.items():
            model = apps.get_model(label)
            write_columns(model, key_from(model, key), columns)


def _go_along(chosen: Iterable[LaterRow], returning: Returning, holder_id: int) -> None:
    """Give the chosen rows to the restored card, and let followers go where their leaders went."""
    for row in chosen:
        if not returning.give(row.pointer, [row.row.pk]):
            returning.remains.miss(row.pointer.label)
    pointers = {pointer.label: pointer for pointer in returning.pointers.values()}
    for follower in later_rows.followers():
        leader, pointer = pointers[follower.leader], pointers[follower.model]
        stays = leader.rows(holder_id).values(follower.through)
        goes = leader.rows(returning.merge.absorbed_id).values(follower.through)
        rows = pointer.rows(holder_id).filter(**{f"{follower.through}__in": goes})
        keys = list(rows.exclude(**{f"{follower.through}__in": stays}).values_list("pk", flat=True))
        returning.give(pointer, keys)


def _values_back(merge: Merge) -> list[str]:
    """Give the kept card what it said before; returns the columns that somebody wrote since.

    The card may itself have been taken in by another one, which then says what the choices of that merge make of it.
    """
    kept_columns: list[str] = []
    card_id: int | None = merge.kept_id
    without: int | None = merge.pk
    ranks = _ranks()
    while card_id is not None:
        card = Customer.objects.get(pk=card_id)
        chain = list(Merge.objects.filter(kept=card, undone_at=None).select_related("absorbed").order_by("pk"))
        if chain:
            kept_columns += _fold_again(card, chain, without, ranks)
        without = None
        card_id = Merge.objects.filter(absorbed=card, undone_at=None).values_list("kept", flat=True).first()
    return list(dict.fromkeys(kept_columns))


def _fold_again(card: Customer, chain: list[Merge], without: int | None, ranks: list[int]) -> list[str]:
    """Go through the merges of a card again; what people wrote in between or since stays. Returns the latter columns."""
    now, last = _written(card), chain[-1].after
    said: dict[str, Any] = {}
    former: dict[str, Any] | None = None
    undone: Merge | None = None
    for merge in chain:
        base = {
            name: said[name] if former is not None and name in said and value == former.get(name) else value
            for name, value in merge.before.items()
        }
        former = merge.after
        if merge.pk == without:
            undone, said = merge, base
            continue
        said = fold_card(now | base, _written(merge.absorbed), merge.choices, ranks)
        if (base, said) != (merge.before, merge.after):
            Merge.objects.filter(pk=merge.pk).update(before=base, after=said)
    changes = {name: said[name] for name in last if name in said and now.get(name) == last[name] != said[name]}
    if changes:
        Customer.objects.filter(pk=card.pk).update(**values_from(Customer, changes))
    if undone is None:
        return []
    return [
        name
        for name, value in last.items()
        # Ranks are computed, not written by people.
        if name != "rank_id" and now.get(name) != value and undone.before.get(name) != undone.after.get(name)
    ]


# --- allergies: nothing that harms a guest gets lost between two cards ---------------------------------------------------


def _rows_of(merge: Merge, model: type[models.Model]) -> list[int]:
    moved = MergedRow.objects.filter(merge=merge, model=model._meta.label_lower, set_aside__isnull=True)
    return [int(key) for key in moved.values_list("row_id", flat=True)]


def _asked_since(merge: Merge, path: Iterable[Merge]) -> bool:
    """Whether somebody wrote to the allergies of the card since: then its answer is its own."""
    written = AuditEntry.objects.filter(
        subject_type=Customer._meta.label_lower,
        subject_id__in=[str(each.kept_id) for each in path],
        at__gt=merge.merged_at,
        changes__has_any_keys=["allergies", *(name for name in written_fields() if name.startswith("allergy_"))],
    )
    return written.exclude(changes__has_key="absorbed").exists()


def _copy_allergies(moved: list[int], restored_id: int, holder_id: int) -> bool:
    """Write the allergies that went back onto the other card, too; whether there were any."""
    there = set(Allergy.objects.filter(customer=holder_id).values_list("allergen_id", flat=True))
    gone_back = Allergy.objects.filter(pk__in=moved, customer=restored_id).exclude(allergen__in=there)
    copies = [
        Allergy(customer_id=holder_id, allergen_id=row.allergen_id, severity=row.severity, note=row.note)
        for row in gone_back
    ]
    Allergy.objects.bulk_create(copies)
    return bool(copies)


def _settle_allergy_states(ids: Iterable[int]) -> None:
    """A card with listed allergies says so, whatever it said before the merge."""
    listed = models.Exists(Allergy.objects.filter(customer=models.OuterRef("pk")))
    cards = Customer.objects.filter(listed, pk__in=list(ids), merged_into=None)
    cards.exclude(allergy_state=AllergyState.LISTED).update(allergy_state=AllergyState.LISTED)


# --- the timeline follows what it tells ---------------------------------------------------------------------------------


def _timeline_since(path: Sequence[Merge]) -> list[tuple[int, str, int]]:
    """(row, parent type, parent) of what was told since: a visit that is changed tells its rows anew."""
    pointer = next(pointer for pointer in pointers_to_guests() if pointer.model is TimelineEntry)
    rows = _since(path, pointer)
    return list(rows.order_by("pk").values_list("pk", "parent_type", "parent_id"))


def _timeline_follows(told: list[tuple[int, str, int]], holder_id: int, restored_id: int) -> None:
    """Rows told since go to the card to which their parent belongs now."""
    by_parent: dict[str, set[int]] = {}
    for _pk, parent_type, parent_id in told:
        by_parent.setdefault(parent_type, set()).add(parent_id)
    pointers = [pointer for pointer in pointers_to_guests() if not pointer.fixed]
    for parent_type, ids in by_parent.items():
        retell = later_rows.reteller_of(parent_type)
        if retell is not None:
            retell(sorted(ids))
            continue
        for pointer in pointers:
            if pointer.label == parent_type:
                gone = set(pointer.rows(restored_id).filter(pk__in=ids).values_list("pk", flat=True))
                rows = [pk for pk, kind, parent in told if kind == parent_type and parent in gone]
                TimelineEntry.objects.filter(pk__in=rows, subject_id=holder_id).update(subject_id=restored_id)

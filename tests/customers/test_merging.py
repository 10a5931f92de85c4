"""Two cards made one, and two again: nothing is lost, nothing is left behind, whatever happened in between."""

from typing import Any

import pytest

from customers.models import Customer, Merge, MergedRow
from customers.services import merge_guests, undo_merge
from tests.customers.merge_worlds import World, dump

pytestmark = pytest.mark.django_db


def merge(world: World, keep: Customer, absorb: Customer, **choices: str) -> Merge:
    """Both cards as they stand now."""
    cards = Customer.objects.in_bulk([keep.pk, absorb.pk])
    return merge_guests(keep=cards[keep.pk], absorb=cards[absorb.pk], choices=choices, by=world.by)


def differences(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> dict[str, Any]:
    """What stands in one dump and not in the other, by table."""
    found = {}
    for label, rows in before.items():
        if rows != after[label]:
            found[label] = (
                [row for row in rows if row not in after[label]],
                [row for row in after[label] if row not in rows],
            )
    return found


@pytest.mark.parametrize("seed", range(6))
def test_a_merge_undone_leaves_every_table_as_it_was(seed: int) -> None:
    world = World(seed, guests=3)
    before = dump()
    choices = {"company_id": world.one(["kept", "absorbed"]), "addresses": world.one(["kept", "absorbed"])}
    made = merge(world, world.guests[0], world.guests[1], **choices)
    undone = undo_merge(merge=made, by=world.by)
    assert differences(before, dump()) == {}
    assert undone.is_whole
    assert not MergedRow.objects.exists()


@pytest.mark.parametrize("seed", range(10))
def test_merges_undone_in_any_order_leave_every_table_as_it_was(seed: int) -> None:
    world = World(seed)
    before = dump()
    present, made = list(world.guests), []
    for _number in range(3):
        keep, absorb = world.random.sample(present, 2)
        present.remove(absorb)
        made.append(merge(world, keep, absorb, company_id=world.one(["kept", "absorbed"])))
    world.random.shuffle(made)
    for each in made:
        assert undo_merge(merge=each, by=world.by).is_whole
    assert differences(before, dump()) == {}
    assert not MergedRow.objects.exists()


@pytest.mark.parametrize("seed", range(4))
def test_undoing_the_first_of_two_merges_is_as_if_only_the_second_had_been(seed: int) -> None:
    world = World(seed)
    one, other, third = world.guests[:3]
    first = merge(world, one, other)
    merge(world, one, third)
    undo_merge(merge=first, by=world.by)
    left = dump()
    for each in Merge.objects.filter(undone_at=None):
        undo_merge(merge=each, by=world.by)
    merge(world, one, third)
    assert differences(left, dump()) == {}

"""Verbs of the finder: what it takes for one person, for people to decide about."""

from collections.abc import Callable, Iterable

from django.db import transaction

from customers.models import Customer, DistinctPair, DuplicateProposal

BATCH = 2_000

# (first guest, second guest, probability, codes of the reasons)
Found = tuple[int, int, float, list[str]]
Progress = Callable[[int, int], None]


def write_proposals(found: Iterable[Found], *, progress: Progress = lambda done, total: None) -> int:
    """Put these pairs in place of what was proposed before; pairs that people told apart are left out.

    One transaction: a worker that is killed leaves the list of the night before. Returns how many pairs there are.
    """
    decided = _told_apart()
    proposals = {
        pair: DuplicateProposal(first_id=pair[0], second_id=pair[1], probability=probability, reasons=reasons)
        for one, other, probability, reasons in found
        if (pair := (min(one, other), max(one, other))) not in decided
    }
    # What was found before keeps its row and the day it was found.
    with transaction.atomic():
        stored = DuplicateProposal.objects.values_list("first", "second", "pk")
        gone = [pk for first, second, pk in stored if (first, second) not in proposals]
        for start in range(0, len(gone), BATCH):
            DuplicateProposal.objects.filter(pk__in=gone[start : start + BATCH]).delete()
        rows = list(proposals.values())
        for start in range(0, len(rows), BATCH):
            DuplicateProposal.objects.bulk_create(
                rows[start : start + BATCH],
                update_conflicts=True,
                unique_fields=["first", "second"],
                update_fields=["probability", "reasons"],
            )
            progress(min(start + BATCH, len(rows)), len(rows))
    return len(rows)


def _told_apart() -> set[tuple[int, int]]:
    """Pairs of people, also where one of the cards has been merged since: the guest is the card that took it in."""
    into = dict(Customer.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into"))
    pairs = DistinctPair.objects.values_list("first", "second")
    standing = ((into.get(one) or one, into.get(other) or other) for one, other in pairs)
    return {(min(pair), max(pair)) for pair in standing}

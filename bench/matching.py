"""Duplicates: made-up guests of a Japanese house, matched by learned weights, beside a bare look at every candidate pair.

300,000 guests: at most 60 s of one core, 1 GB and five candidates each; ten times the guests may take twice the time
for each. No database is needed.
"""

import argparse
import resource
import sys
import time

from bench.people import person_of, true_pairs, usual_guests
from customers.matching import Person, estimate_model, find_pairs
from customers.matching.blocking import candidate_pairs
from customers.matching.fields import compare

SECONDS, MEGABYTES, CANDIDATES, PRECISION, GROWTH = 60, 1024, 5, 0.98, 2.0


def made(count: int) -> tuple[list[Person], set[tuple[int, int]]]:
    """Guests with one in twenty entered twice, and which are."""
    cards = usual_guests(count, seed=count)
    return [person_of(place, card) for place, card in enumerate(cards)], true_pairs(cards)


def measure(count: int) -> tuple[float, float, float]:
    """Seconds of one core for the whole run, candidates per guest and precision; prints the figures."""
    persons, truth = made(count)
    started = time.process_time()
    found = {(match.one.key, match.other.key) for match in find_pairs(persons)}
    whole = time.process_time() - started
    started = time.process_time()
    pairs = candidate_pairs(persons)
    blocking = time.process_time() - started
    started = time.process_time()
    estimate_model(persons, pairs)
    learning = time.process_time() - started
    started = time.process_time()
    for i, j in pairs:
        compare(persons[i], persons[j])
    comparing = time.process_time() - started
    right = len(found & truth)
    precision, recall = right / max(len(found), 1), right / len(truth)
    reachable = sum(pair in truth for pair in pairs) / len(truth)
    print(
        f"{count:9,} guests: {whole:.1f} s (blocking {blocking:.1f}, learning {learning:.1f}, comparing {comparing:.1f} = "
        f"{comparing / whole:.2f} of the whole)"
    )
    print(
        f"    {len(pairs):,} candidates = {len(pairs) / count:.2f} per guest, {reachable:.4f} of the true pairs among them; "
        f"{len(found):,} pairs found, precision {precision:.4f}, recall {recall:.4f}"
    )
    return whole, len(pairs) / count, precision


def main() -> int:
    """Measure and print; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guests", type=int, default=300_000)
    guests = parser.parse_args().guests
    small, small_candidates, _precision = measure(guests // 10)
    seconds, candidates, precision = measure(guests)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    growth = seconds / (10 * small)
    print(f"ten times the guests: {growth:.2f} times the time per guest (limit {GROWTH})")
    print(f"candidates per guest: {small_candidates:.2f} -> {candidates:.2f} (limit {CANDIDATES}); {megabytes:,.0f} MB")
    kept = (
        seconds <= SECONDS,
        megabytes <= MEGABYTES,
        candidates <= CANDIDATES,
        precision >= PRECISION,
        growth <= GROWTH,
    )
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())

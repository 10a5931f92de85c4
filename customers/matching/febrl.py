"""Files of the FEBRL form (made-up people with planted duplicates), and how well a run finds them."""

import csv
import re
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from crm_project.core import text
from customers.matching.finder import find_pairs
from customers.matching.persons import Person

_IDENTITY = re.compile(r"rec-(\d+)-(?:org|dup-\d+)")
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
NAMED = ("given_name", "surname", "street_number", "address_1", "postcode", "date_of_birth", "phone_number")
# What files of the form may say besides; leaving out what a file does not have is no mistake.
MAY_BE_NAMED = (
    *("address_2", "suburb", "state", "soc_sec_id", "title", "sex", "age", "culture"),
    *("family_role", "blocking_number"),
)
# A number by which the makers of the sets cut their own blocks: not something people say of themselves.
IGNORED = ("rec_id", "blocking_number")


class UnusableFile(ValueError):
    """A file that is not of the form; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How a run did. Precision is None where nothing was found, recall where there was nothing to find."""

    records: int
    pairs: int
    precision: float | None
    recall: float | None
    seconds: float


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a file. Raises UnusableFile, in a sentence, for a file that is not of the form."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, skipinitialspace=True, strict=True)
            headings = [heading.strip() for heading in next(reader, [])]
            rows = [
                dict(zip(headings, map(str.strip, cells), strict=False))
                for cells in reader
                if any(map(str.strip, cells))
            ]
    except OSError as error:
        raise UnusableFile(f"{path.name} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnusableFile(f"{path.name} is not a CSV file in UTF-8.") from error
    if "rec_id" not in headings:
        raise UnusableFile(f"{path.name} has no column rec_id.")
    if not rows:
        raise UnusableFile(f"{path.name} has no rows.")
    for number, row in enumerate(rows, start=2):
        if not _IDENTITY.fullmatch(row.get("rec_id", "")):
            raise UnusableFile(
                f"{path.name}, row {number}: “{row.get('rec_id', '')}” is not of the form rec-1-org or rec-1-dup-0."
            )
    return rows


def evaluate(files: Sequence[Sequence[dict[str, str]]], without: Collection[str] = ()) -> Evaluation:
    """Find the same people in one file, or between several, without the named columns; the truth in rec_id only scores.

    Raises UnusableFile for a column that is neither there nor of the form.
    """
    started = time.perf_counter()
    known = {name for rows in files for name in rows[0]} | {*NAMED, *MAY_BE_NAMED}
    if unknown := [name for name in without if name not in known]:
        raise UnusableFile(f"There is no column {unknown[0]} to leave out.")
    left_out = {*without, *IGNORED}
    columns = list(dict.fromkeys(name for rows in files for name in rows[0] if name not in left_out))
    extras = [name for name in columns if name not in NAMED]
    persons: list[Person] = []
    groups: list[int] = []
    people: list[str] = []
    for group, rows in enumerate(files):
        for row in rows:
            persons.append(_person(len(persons), row, columns, extras))
            groups.append(group)
            people.append(row["rec_id"].split("-")[1])
    between = groups if len(files) > 1 else None
    found = [(match.one.key, match.other.key) for match in find_pairs(persons, extras=extras, groups=between)]
    right = sum(people[one] == people[other] for one, other in found)
    true = _true_pairs(people, groups, between=between is not None)
    return Evaluation(
        records=len(persons),
        pairs=len(found),
        precision=right / len(found) if found else None,
        recall=right / true if true else None,
        seconds=time.perf_counter() - started,
    )


def _person(key: int, row: dict[str, str], columns: Sequence[str], extras: Sequence[str]) -> Person:
    values = {name: row.get(name, "") for name in columns}
    born = values.get("date_of_birth", "")
    written = _DAY.fullmatch(born)
    year, month, day = map(int, written.groups()) if written else (0, 0, 0)
    phone = text.phone_digits(values.get("phone_number", ""))
    return Person(
        key=key,
        family=text.fold(values.get("surname", "")),
        given=text.fold(values.get("given_name", "")),
        phones=(phone,) if phone else (),
        year=year,
        month=month,
        day=day,
        postal=text.fold(values.get("postcode", "")),
        place=text.fold(values.get("address_1", "")),
        lot=text.fold(values.get("street_number", "")),
        extras=tuple(text.fold(values[name]) for name in extras),
    )


def _true_pairs(people: Sequence[str], groups: Sequence[int], *, between: bool) -> int:
    pairs = sum(count * (count - 1) // 2 for count in Counter(people).values())
    if between:
        within = Counter(zip(people, groups, strict=True))
        pairs -= sum(count * (count - 1) // 2 for count in within.values())
    return pairs

"""One truth in twelve styles of mess: each comes in complete, every cell accounted for, every planted value equal to its truth."""

import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from crm_project.core.jobs.services import system_user
from crm_project.core.problems import InputProblem
from crm_project.core.tables import Table, inspect_file, read_table, row_place
from crm_project.core.tables.cells import Cell, filled_places
from crm_project.core.text import company_key, compare_key
from customers.models import Customer
from integrations.ledger_passwords import readable
from integrations.ledgers.fields import ledger_map
from integrations.ledgers.ledger_file import LedgerFile
from integrations.ledgers.services import import_file
from tests.ledger_mess.styles import STYLES, Mess
from tests.ledger_mess.truth import Guest


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture(params=STYLES)
def mess(request: pytest.FixtureRequest, tmp_path: Path) -> Mess:
    """A ledger in one of the styles."""
    return STYLES[request.param](tmp_path)


def known(customer: Customer) -> dict[str, object]:
    """What the house knows of a guest, compared as the truth is."""
    address = customer.addresses.first()
    return {
        "code": customer.code,
        "name": customer.name,
        "kana": customer.kana,
        "company": company_key(customer.company.name) if customer.company else "",
        "phone": [phone.digits for phone in customer.phones.all()],
        "postal_code": address.postal_code if address else "",
        "address": compare_key(address.text) if address else "",
        "birthday": customer.birthday,
        "note": customer.note,
    }


def true(guest: Guest) -> dict[str, object]:
    """The truth in the same words."""
    return {
        "code": guest.code,
        "name": guest.name,
        "kana": guest.kana,
        "company": company_key(guest.company),
        "phone": [guest.phone],
        "postal_code": guest.postal_code,
        "address": compare_key(guest.address),
        "birthday": guest.birthday,
        "note": guest.note,
    }


@pytest.mark.django_db
def test_a_messy_ledger_comes_in_complete(mess: Mess) -> None:
    with readable(mess.path, mess.password) as path:
        file = LedgerFile(path, mess.path.name, mess.sheet, ledger_map(mess.map_text))
        _ledger_import, outcome = import_file(file=file, by=system_user())
    counts = outcome.counts
    assert (counts.rows, counts.created, counts.errors) == (len(mess.guests), len(mess.guests), 0)
    assert outcome.left_out == mess.left_out
    guests = {guest.code: guest for guest in Customer.objects.prefetch_related("phones", "addresses", "company")}
    for truth in mess.guests:
        found, wanted = known(guests[truth.code]), true(truth)
        assert {name: found[name] for name in mess.fields} == {name: wanted[name] for name in mess.fields}
    assert {code for code, guest in guests.items() if guest.contact_stopped} == mess.gone
    assert not any(guest.unread for guest in guests.values())


@pytest.mark.django_db
def test_a_messy_ledger_is_the_same_when_it_is_imported_again(mess: Mess) -> None:
    with readable(mess.path, mess.password) as path:
        file = LedgerFile(path, mess.path.name, mess.sheet, ledger_map(mess.map_text))
        import_file(file=file, by=system_user())
        again = import_file(file=file, by=system_user())[1].counts
    assert (again.unchanged, again.created, again.updated, again.errors) == (len(mess.guests), 0, 0, 0)


def cells_of(path: Path, sheet: str) -> dict[int, list[Cell]]:
    """All filled rows of a sheet as the bare reader gives them, headings and all; of text files nothing."""
    with read_table(path, sheet=sheet or None) as table:
        rows = dict(table.source.again()) if table.source.again else {}
    return {number: row for number, row in rows.items() if filled_places(row)}


def rows_of_tables(table: Table) -> set[int]:
    """The rows that a table and those after it account for: titles, headings, data, what was left out."""
    found: set[int] = set()
    for one in [table, *_rest(table, found)]:
        found |= {row for row, _text in one.titles}
        found |= set(range(one.first_heading_row, one.header_row + 1))
        found |= {left.row for left in one.left_out}
    return found


def _rest(table: Table, found: set[int]) -> list[Table]:
    found |= {number for number, _cells in table}
    others = []
    for other in table.rest():
        found |= {number for number, _cells in other}
        others.append(other)
    return others


def test_every_filled_row_of_a_messy_ledger_is_accounted_for(mess: Mess) -> None:
    with readable(mess.path, mess.password) as path:
        for sheet in [about["sheet"] for about in inspect_file(path).sheets] or [""]:
            filled = cells_of(path, sheet)
            with read_table(path, sheet=sheet or None, as_ledger=True, with_hidden=False) as table:
                accounted = rows_of_tables(table)
            assert set(filled) <= accounted, (sheet, set(filled) - accounted)


def test_every_cell_of_a_guest_reaches_the_reader(mess: Mess) -> None:
    with readable(mess.path, mess.password) as path:
        column_map = ledger_map(mess.map_text)
        wish = mess.sheet or None
        with read_table(path, sheet=wish, wanted=column_map.wanted, as_ledger=True, with_hidden=False) as table:
            rows = list(table)
        assert len(rows) == len(mess.guests)
        if table.source.again is None or mess.sheet == "*":
            return
        bare = dict(table.source.again())
        left = table.columns_range[0]
        for number, cells in rows:
            _sheet, row = row_place(number)
            for place in filled_places(bare[row]):
                if left <= place < table.columns_range[1]:
                    assert cells[place - left] == bare[row][place]


# --- damage -----------------------------------------------------------------------------------------------------------

MUTANTS = 300


def mutated(content: bytes, pick: random.Random) -> bytes:
    """The file with a piece cut off, overwritten, doubled, taken out or moved."""
    at, length = pick.randrange(len(content)), pick.choice((1, 2, 16, 256, 4096))
    return [
        lambda: content[:at],
        lambda: content[:at] + bytes(pick.randrange(256) for _ in range(length)) + content[at + length :],
        lambda: content[:at] + bytes(length) + content[at + length :],
        lambda: content[:at] + content[at + length :],
        lambda: content[:at] + content[at : at + length] + content[at:],
        lambda: content[at:] + content[:at],
    ][pick.randrange(6)]()


def with_mutated_part(path: Path, content: bytes, pick: random.Random) -> None:
    """The package with a part of valid compression whose bytes are wrong."""
    path.write_bytes(content)
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    name = pick.choice(sorted(name for name, part in parts.items() if part))
    parts[name] = mutated(parts[name], pick)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for part, data in parts.items():
            package.writestr(part, data)


def test_mutated_and_truncated_files_end_in_one_sentence_or_are_read(tmp_path: Path) -> None:
    pick = random.Random(20261130)
    messes = [write(tmp_path) for write in STYLES.values()]
    contents = [(mess.path, mess.path.read_bytes(), mess.password) for mess in messes]
    refused = 0
    for number in range(MUTANTS):
        original, content, password = contents[number % len(contents)]
        path = tmp_path / f"mutant{original.suffix}"
        if number % 3 == 0 and content.startswith(b"PK"):
            with_mutated_part(path, content, pick)
        else:
            path.write_bytes(mutated(content, pick))
        for read in (_inspected, _read):
            try:
                read(path, password)
            except InputProblem as problem:
                refused += 1
                sentence = str(problem)
                assert sentence.strip(), number
                assert "\n" not in sentence, number
    assert refused > MUTANTS / 4


def _inspected(path: Path, password: str) -> None:
    inspect_file(path, password=password).as_json()


def _read(path: Path, password: str) -> None:
    with read_table(path, password=password, as_ledger=True, with_hidden=False) as table:
        for _number, _cells in table:
            pass

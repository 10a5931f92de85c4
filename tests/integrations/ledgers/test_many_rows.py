"""Ledgers of many rows: a second process reads them, guests are looked up ahead, and of the rows that were seen little is
kept; the answers are the same."""

import dataclasses
from pathlib import Path

import pytest
from django.db import connection, transaction

from crm_project.core.jobs.services import system_user
from integrations.ledgers import ledger_file, rows_of_file
from integrations.ledgers.entries import LedgerEntry
from integrations.ledgers.ledger_file import LONG_ROWS, OpenLedger
from integrations.ledgers.looking_ahead import with_guests
from integrations.ledgers.planning import PlannedRow
from integrations.ledgers.rows_of_file import RowsOfFile, SeenRow
from integrations.ledgers.services import check_ledger, import_file
from integrations.ledgers.vocabulary import Vocabulary
from tests.integrations.ledgers.files import csv_file, ledger, row, workbook

NAMES = "青木 石田 上野 遠藤 岡本 川口 北村 久保 小山 酒井 高橋 渡辺 中村 西田 沼田".split()


def planned(path: Path) -> list[tuple[int, str, int | None, dict[str, list[object]]]]:
    """What the file would do, row by row."""
    found: list[PlannedRow] = []
    check_ledger(ledger(path), on_batch=lambda rows, _reader: found.extend(rows))
    return [(one.entry.number, one.outcome, one.guest.id if one.guest else None, one.changes) for one in found]


@pytest.mark.django_db(transaction=True)
def test_guests_looked_up_ahead_are_those_of_the_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ledger_file.BATCH_ROWS, connection.vendor, 4)
    house = [row(f"K{at}", f"{name} 一郎", phone=f"090-0000-{at:04d}") for at, name in enumerate(NAMES)]
    import_file(file=ledger(workbook(tmp_path / "house.xlsx", house)), by=system_user())
    changed = [row(f"K{at}", f"{name} 一郎", phone=f"090-0000-{at % 5:04d}") for at, name in enumerate(NAMES)]
    new = [row(f"N{at}", f"{name} 花子") for at, name in enumerate(NAMES)]
    mixed = [cells for pair in zip(changed, new, strict=True) for cells in pair] + [row("", "青木 一郎")]
    path = workbook(tmp_path / "copy.xlsx", mixed)
    ahead = planned(path)
    with transaction.atomic():  # where nothing is looked up ahead
        assert planned(path) == ahead
    outcomes = [outcome for _number, outcome, _guest, _changes in ahead]
    assert (outcomes.count("updated"), outcomes.count("unchanged"), outcomes.count("created")) == (10, 5, 15)
    assert len({guest for _number, _outcome, guest, _changes in ahead if guest}) == len(NAMES)


@pytest.mark.django_db(transaction=True)
def test_looking_ahead_gives_back_its_connection() -> None:
    for _ledger in range(10):  # more than there are connections for one process
        [(_entries, guests)] = with_guests([[entry(2, "K1", "青木 一郎")]], with_allergies=True)
        assert not guests


@pytest.mark.django_db(transaction=True)
def test_who_is_gone_is_known_from_a_former_copy_that_was_asked_for_before_the_file_was_read(tmp_path: Path) -> None:
    def gone(name: str) -> list[str]:
        return check_ledger(ledger(workbook(tmp_path / name, [row("K1", "青木 一郎"), row("K2", "石田 花子")]))).gone

    everybody = [row("K2", "石田 花子"), row("K3", "上野 太郎"), row("K1", "青木 一郎")]
    import_file(file=ledger(workbook(tmp_path / "house_1.xlsx", everybody)), by=system_user())
    with transaction.atomic():  # where nothing is asked ahead
        assert (gone("house_2.xlsx"), gone("renamed.xlsx")) == (["K3"], ["K3"])
    for _more in range(10):  # than there are connections for one process
        assert (gone("house_2.xlsx"), gone("renamed.xlsx")) == (["K3"], ["K3"])


MESSY = [
    row("K1", "青木 一郎様", phone="(03)1234-5678 / 携帯 090-1111-2222", birthday="S63.4.1", allergies="えび、くるみ"),
    row("K2", "石田 　花子", company="㈱架空商事", phone="9012345678", birthday="いつか", allergies="不明"),
    row("K3", "上野 太郎・花子", company="〃", address="京都市中京区架空町1"),
    row(),
    row("小計", "", note="3名"),
    row("K4", "", note="名前がない"),
    row("K5", "遠藤 一郎", "ｴﾝﾄﾞｳ ｲﾁﾛｳ", phone="090-3333-4444", birthday="平成1年2月3日"),
]


@pytest.mark.parametrize("kind", ["workbook", "text"])
@pytest.mark.django_db
def test_a_second_process_reads_the_same(kind: str, tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", MESSY) if kind == "workbook" else csv_file(tmp_path / "list.csv", MESSY)
    found = []
    for read in (OpenLedger.read_here, OpenLedger.read_beside):
        with ledger(path).opened() as opened:
            reader = opened.reader(Vocabulary())
            batches = list(read(opened, reader, size=2))
            told = [dataclasses.replace(one, cells=list(one.cells)) for batch in batches for one in batch]
            found.append(([len(batch) for batch in batches], told, reader.log.as_json(), opened.table.read_so_far()))
    here, beside = found
    assert beside == here
    sizes, told, reading, of_table = here
    assert len(sizes) > 1
    assert any(one.messages for one in told)
    assert any(one.others for one in told)
    assert reading["changed_values"]
    assert reading["unread_values"]
    assert of_table["blank_rows"]


@pytest.mark.django_db
def test_a_long_ledger_is_worth_a_second_process_unless_people_are_at_work(tmp_path: Path) -> None:
    rows = [row(f"K{at}", "青木 一郎") for at in range(LONG_ROWS)]
    for path, is_long in (
        (workbook(tmp_path / "long.xlsx", rows), True),
        (workbook(tmp_path / "short.xlsx", MESSY), False),
    ):
        with ledger(path).opened() as opened:
            assert dataclasses.replace(opened, people_at_work=False).is_worth_a_second_process is is_long
            assert not dataclasses.replace(opened, people_at_work=True).is_worth_a_second_process
    long_text = csv_file(tmp_path / "long.csv", [[*one[:-1], "静" * 40] for one in rows])
    with ledger(long_text).opened() as opened:
        assert dataclasses.replace(opened, people_at_work=False).is_worth_a_second_process


def entry(number: int, code: str, name: str, address: str = "") -> LedgerEntry:
    """A row as its reader gives it."""
    return LedgerEntry(number, [], code, name, hash((name, address)), {"address": address} if address else {})


@pytest.mark.parametrize("waiting", [1, 100_000])
def test_a_row_without_a_code_finds_the_rows_before_it(waiting: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_of_file, "WAITING_ROWS", waiting)
    rows = RowsOfFile()
    assert rows.add_all([entry(at, f"K{at}", f"{name} 一郎", f"架空町{at}") for at, name in enumerate(NAMES)])
    rows.settle()
    assert not rows.add_all([entry(90, "N1", "山田 花子"), entry(91, "K3", "遠藤 一郎")])
    rows.add(entry(92, "", "山田 花子", "架空町99"))
    assert rows.earlier(entry(93, "", "青木　一郎", "架空町0")) == SeenRow(0, hash(("青木 一郎", "架空町0")))
    assert rows.earlier(entry(94, "", "青木 一郎", "架空町1")) is None
    assert rows.earlier(entry(95, "", "山田 花子", "架空町99")) == SeenRow(92, hash(("山田 花子", "架空町99")))
    assert rows.earlier(entry(96, "K3", "遠藤 一郎")) == SeenRow(3, hash(("遠藤 一郎", "架空町3")))
    rows.take_back()
    assert rows.earlier(entry(95, "", "山田 花子", "架空町99")) is None
    assert rows.earlier(entry(93, "", "青木 一郎", "架空町0")) is not None
    assert rows.all_codes == {f"K{at}" for at in range(len(NAMES))}

"""The broker of files: whoever reads while another one writes gets whole messages, and all of them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

WRITERS, MESSAGES = 2, 400


@pytest.fixture
def connect(tmp_path: Path) -> Any:
    """Makes channels of their own on one folder."""
    folders = {name: tmp_path / name for name in ("queue", "control")}
    for folder in folders.values():
        folder.mkdir()
    options = {
        "data_folder_in": str(folders["queue"]),
        "data_folder_out": str(folders["queue"]),
        "control_folder": str(folders["control"]),
    }
    return lambda: Connection("files://localhost", transport_options=options).channel()


def test_a_reader_never_meets_half_a_message(connect):
    def write(writer: int) -> None:
        channel = connect()
        for number in range(MESSAGES):
            channel._put("okami", {"number": [writer, number]})

    channel, read = connect(), []

    def read_one() -> bool:
        """Whether there was a message."""
        try:
            read.append(tuple(channel._get("okami")["number"]))
        except Empty:
            return False
        return True

    with ThreadPoolExecutor(WRITERS) as threads:
        writers = [threads.submit(write, writer) for writer in range(WRITERS)]
        while not all(writer.done() for writer in writers):
            read_one()
        for writer in writers:
            writer.result()
    while read_one():
        pass
    assert sorted(read) == [(writer, number) for writer in range(WRITERS) for number in range(MESSAGES)]


def test_a_queue_is_bound_by_many_at_once_and_once(connect):
    channels = [connect() for _ in range(8)]
    with ThreadPoolExecutor(len(channels)) as threads:
        list(threads.map(lambda channel: channel._queue_bind("okami", "okami", "", "okami"), channels))
    assert [tuple(row) for row in channels[0].get_table("okami")] == [("okami", "", "okami")]


def test_nothing_else_is_left_in_the_folders(connect, tmp_path):
    channel = connect()
    channel._queue_bind("okami", "okami", "", "okami")
    channel._put("okami", {"number": 1})
    assert channel._get("okami") == {"number": 1}
    assert [path.name for path in tmp_path.rglob("*.*")] == ["okami.exchange"]

"""Items made by a second process: in their order, with what it has to tell, and without anything left of it afterwards."""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import cast

import pytest
from django.db import connection

from crm_project.core.problems import InputProblem
from crm_project.core.second_process import SecondProcessLost, made_beside
from tests.waiting import wait_until

LONG = "x" * 100_000  # more than a pipe holds


def made(items: Iterator[object]) -> tuple[list[object], list[object]]:
    """The items and what is told behind them."""
    heard: list[object] = []
    return list(made_beside(items, tell=lambda: "the end", hear=heard.append)), heard


def is_gone(process: int) -> bool:
    """Whether a process has ended; one of whom its parent has not asked is a zombie."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def test_items_come_in_their_order_and_what_is_told_behind_them() -> None:
    here = os.getpid()
    items, heard = made(iter([(number, LONG, os.getpid()) for number in range(20)]))
    assert [item[0] for item in cast("list[tuple[int, str, int]]", items)] == list(range(20))
    assert heard == ["the end"]
    made_there, _heard = made(os.getpid() for _ in range(1))
    assert made_there != [here]


def test_what_goes_wrong_there_is_raised_here() -> None:
    def items() -> Iterator[object]:
        yield 1
        raise InputProblem("row %(row)s", {"row": 2})

    found = made_beside(items(), tell=int, hear=print)
    assert next(found) == 1
    with pytest.raises(InputProblem, match="row 2"):
        next(found)


def test_what_cannot_be_sent_is_named() -> None:
    with pytest.raises((AttributeError, pickle.PicklingError), match="lambda"):
        made(iter([lambda: 1]))


@pytest.mark.django_db
def test_it_asks_no_database() -> None:
    def items() -> Iterator[object]:
        with connection.cursor() as cursor:
            yield cursor.execute("SELECT 1")

    with pytest.raises(RuntimeError, match="must not ask the database"):
        made(items())
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_nothing_is_left_of_it_when_it_is_not_needed_to_the_end() -> None:
    with closing(made_beside(((os.getpid(), LONG) for _ in range(9)), tell=int, hear=print)) as items:
        child = next(items)[0]
        assert not is_gone(child)
    assert is_gone(child)


def test_its_death_is_noticed() -> None:
    with closing(made_beside(((os.getpid(), LONG) for _ in range(9)), tell=int, hear=print)) as items:
        child = next(items)[0]
        os.kill(child, signal.SIGKILL)
        with pytest.raises(SecondProcessLost):
            list(items)


def test_they_end_when_their_parent_is_killed() -> None:
    program = """
import os, sys, threading
from crm_project.core.second_process import made_beside
def items():
    while True:
        yield os.getpid(), "x" * 100_000
def work():
    for child, _long in made_beside(items(), tell=int, hear=print):
        sys.stdout.write(f"{child}\\n"); sys.stdout.flush()
        sys.stdin.read()
for _ in range(4):
    threading.Thread(target=work).start()
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        children = [int(parent.stdout.readline()) for _thread in range(4)]
        parent.kill()
    wait_until(lambda: all(map(is_gone, children)), seconds=20, what="the second processes end")

"""Setup says what it needs, on Pythons too old to run anything else."""

import ast
import sys
from pathlib import Path

import pytest
import setup


def test_source_is_readable_for_old_pythons():
    ast.parse(Path(setup.__file__).read_text(), feature_version=(3, 7))


def test_old_python_is_told_which_one_is_needed(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match=r"^Okami needs Python 3\.11 or newer; this is \d\.\d+\."):
        setup.restart_with_newer_python()


def test_stamp_changes_with_the_lock_and_the_set(tmp_path, monkeypatch):
    monkeypatch.setattr(setup, "ROOT", str(tmp_path))
    folder = tmp_path / "requirements"
    folder.mkdir()
    for name in ("base.txt", "test.txt"):
        (folder / name).write_text("django==5.2.19\n")
    first = setup.digest_of("base")
    assert setup.digest_of("test") != first
    (folder / "base.txt").write_text("django==5.2.20\n")
    assert setup.digest_of("base") != first


def test_missing_or_broken_interpreter_does_not_work(tmp_path):
    assert setup.works(sys.executable)
    assert not setup.works(str(tmp_path / "python"))

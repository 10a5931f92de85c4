"""The locked requirements: complete, hashed, without addresses."""

import re
from pathlib import Path

import pytest
from django.conf import settings

FOLDER = Path(settings.BASE_DIR, "requirements")


def pins(name: str) -> dict[str, str]:
    """Package and version (with its condition) of a locked file."""
    lines = re.findall(r"^([a-z0-9._-]+)==([^\\\n]+)", (FOLDER / name).read_text(), re.MULTILINE)
    return {package: version.strip() for package, version in lines}


def test_test_set_holds_the_base_set_version_by_version():
    base, test = pins("base.txt"), pins("test.txt")
    assert base.items() <= test.items()
    assert "pytest" in test
    assert "pytest" not in base


@pytest.mark.parametrize("name", ["base.txt", "test.txt"])
def test_lock_has_hashes_and_no_addresses(name):
    text = (FOLDER / name).read_text()
    assert "://" not in text
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert all("--hash=sha256:" in entry for entry in entries)
    assert len(entries) == len(pins(name))


@pytest.mark.parametrize("name", ["base", "test"])
def test_lock_holds_what_is_asked_for(name):
    asked = re.findall(r"^([A-Za-z][\w.-]*)", (FOLDER / f"{name}.in").read_text(), re.MULTILINE)
    assert {package.lower() for package in asked} <= set(pins(f"{name}.txt"))

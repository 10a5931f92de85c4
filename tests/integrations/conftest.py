"""What tests of ledgers share."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils import translation


@pytest.fixture
def english() -> Iterator[None]:
    """Sentences in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Writes the text of a ledger and gives its address."""

    def _write(text: str, name: str = "ledger.csv") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return _write

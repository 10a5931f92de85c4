"""A protected workbook at the shell. Its password is better not among the arguments, which every user of the machine can see."""

import getpass
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings

from crm_project.core.tables import Limits, decrypted, unpacked

VARIABLE: Final = "OKAMI_LEDGER_PASSWORD"
ASK: Final = "-"
HELP: Final = (
    f"password of a protected workbook; without a value (as the last argument) or with - it is asked for, or read from the first "
    f"line of standard input; else {VARIABLE} of the environment"
)


def password_of(given: str | None) -> str:
    """The password that was given, typed, piped or set in the environment; "" for none."""
    if given is None:
        return os.environ.get(VARIABLE, "")
    if given != ASK:
        return given
    return getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")


@contextmanager
def readable(path: Path, password: str) -> Iterator[Path]:
    """The file, or a copy of a protected workbook without its protection that is deleted afterwards.

    Raises PasswordNeeded without the right password. Files that cannot be opened are left to the reader, which says why.
    """
    with ExitStack() as resources:
        try:
            file = resources.enter_context(path.open("rb"))
        except OSError:
            yield path
            return
        limits = Limits(file_bytes=settings.UPLOAD_LIMIT_BYTES)
        inner, name = unpacked(file, path.name, limits, resources)
        plain = decrypted(inner, name, password, resources)
        if plain is inner:
            yield path
            return
        folder = resources.enter_context(tempfile.TemporaryDirectory(prefix="okami-"))
        copy = Path(folder) / path.name
        with copy.open("wb") as target:
            shutil.copyfileobj(plain, target)
        yield copy

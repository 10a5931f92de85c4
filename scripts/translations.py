"""The Japanese catalogue: `compile` without msgfmt, `collect` the texts of the screens, `check` that none is missing."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = "locale/*/LC_MESSAGES/django.po"
NOT_SOURCE = (".git", ".venv", "var", "staticfiles", "__pycache__", "*.mo", "node_modules")


def read_catalogue(path: Path) -> Catalog:
    """Read a catalogue. Its language is named to babel, which otherwise forgets the plural rule of the file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def compile_all(root: Path = ROOT) -> None:
    """Write the .mo file of every catalogue that is newer than it."""
    for source in root.glob(CATALOGUES):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        unfinished = target.with_suffix(f".{os.getpid()}.tmp")
        with unfinished.open("wb") as file:
            write_mo(file, read_catalogue(source))
        unfinished.replace(target)


def collect(root: Path = ROOT) -> None:
    """Bring the catalogue up to date with the texts in code and templates."""
    command = [sys.executable, "manage.py", "makemessages", "--locale", "ja", "--verbosity", "0"]
    command += ["--no-wrap", "--no-obsolete"]
    for pattern in (".venv", "var", "staticfiles", "tests", "scripts", "bench"):
        command += ["--ignore", pattern]
    subprocess.run(command, cwd=root, check=True)


def find_faults(root: Path = ROOT) -> list[str]:
    """One line for every text without a Japanese translation and every translation that nothing uses."""
    kept = root / "locale/ja/LC_MESSAGES/django.po"
    with tempfile.TemporaryDirectory(prefix="okami-messages-") as folder:
        copy = Path(folder) / "okami"
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*NOT_SOURCE))
        collect(copy)
        collected = read_catalogue(copy / "locale/ja/LC_MESSAGES/django.po")
    faults = [
        f"{place(message)}: {show(message)}" for message in collected if message.id and not is_translated(message)
    ]
    used = {identity(message) for message in collected}
    faults += [
        f"{kept.relative_to(root)}:{message.lineno}: not used any more: {identity(message)[0]!r}"
        for message in read_catalogue(kept)
        if message.id and identity(message) not in used
    ]
    return faults


def identity(message: Message) -> tuple[str, str | None]:
    """What tells the message from others: its text in the singular, and its context."""
    return (message.id[0] if isinstance(message.id, list | tuple) else message.id), message.context


def is_translated(message: Message) -> bool:
    """Whether every form has a text that a person has confirmed, with the same placeholders."""
    forms = message.string if isinstance(message.string, list | tuple) else [message.string]
    return all(forms) and not message.fuzzy and not list(message.check())


def place(message: Message) -> str:
    """Where the text stands: file:line."""
    return ", ".join(f"{file}:{line}" for file, line in message.locations) or "nowhere"


def show(message: Message) -> str:
    """The message for a report."""
    text, _ = identity(message)
    problem = "to be confirmed" if message.fuzzy else "; ".join(map(str, message.check())) or "no translation"
    return f"{text!r} ({problem})"


def main() -> int:
    """Run one of the three commands."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["compile", "collect", "check"])
    command = parser.parse_args().command
    if command == "compile":
        compile_all()
    elif command == "collect":
        collect()
    else:
        faults = find_faults()
        print("\n".join(faults) or "Every text has its translation.")
        return bool(faults)
    return 0


if __name__ == "__main__":
    sys.exit(main())

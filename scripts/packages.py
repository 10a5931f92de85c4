"""Programs that the tests need: found on this machine, else installed as Debian packages, else named in one sentence."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from processes import find_program

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class Need:
    """Something the tests need, how to see that it is there, and the Debian packages that bring it."""

    label: str
    is_there: Callable[[], bool]
    packages: tuple[str, ...]


def has_japanese_font() -> bool:
    """Whether the browser can draw Japanese."""
    fc_list = find_program("fc-list")
    return bool(fc_list and subprocess.run([fc_list, ":lang=ja"], capture_output=True, check=False).stdout.strip())


POSTGRESQL = Need("PostgreSQL", lambda: bool(find_program("initdb") and find_program("postgres")), ("postgresql",))
REDIS = Need("Redis", lambda: find_program("redis-server", "valkey-server") is not None, ("redis-server",))
CHROMIUM = Need("Chromium", lambda: find_program(*CHROMIUM_NAMES) is not None, ("chromium",))
JAPANESE_FONT = Need("a Japanese font", has_japanese_font, ("fonts-noto-cjk", "fontconfig"))
GETTEXT = Need("gettext", lambda: bool(find_program("xgettext") and find_program("msgmerge")), ("gettext",))


def provide(needs: Iterable[Need]) -> None:
    """Install what is missing. Ends the program with one sentence when that is not possible."""
    missing = [need for need in needs if not need.is_there()]
    if not missing:
        return
    labels = ", ".join(need.label for need in missing)
    packages = [package for need in missing for package in need.packages]
    advice = (
        f"The tests need {labels}: install it (on Debian: apt-get install {' '.join(packages)}) and run this again."
    )
    apt_get = shutil.which("apt-get")
    if apt_get is None or os.geteuid() != 0:
        sys.exit(advice)
    print(f"Installing {labels} ...", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([apt_get, "update", "-qq"], env=quiet, check=False)
    install = [apt_get, "install", "-y", "-qq", "--no-install-recommends", *packages]
    installed = subprocess.run(install, env=quiet, stdout=subprocess.DEVNULL, check=False)
    still_missing = [need.label for need in missing if not need.is_there()]
    if installed.returncode or still_missing:
        sys.exit(advice)

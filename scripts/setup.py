"""Make .venv and install the locked requirements. Runs on any Python 3 so that it can say which one is needed."""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "installed.json")
OLDEST = (3, 11)


def main():
    # type: () -> int
    """Prepare .venv; 0 when it stands."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--with-tests", action="store_true", help="also what the tests need")
    wanted = "test" if parser.parse_args().with_tests else "base"
    if sys.version_info[:2] < OLDEST:
        restart_with_newer_python()
    digest = digest_of(wanted)
    if digest in read_stamp() and works(VENV_PYTHON):
        return 0
    started = time.monotonic()
    make_venv()
    print(f"Installing the {wanted} requirements ...", flush=True)
    install(os.path.join(ROOT, "requirements", wanted + ".txt"))
    with open(STAMP, "w") as file:
        # The test set holds the base set, version by version (tests/ops/test_requirements.py).
        json.dump(sorted({digest_of("base"), digest}), file)
    print(f"Ready in {time.monotonic() - started:.0f} s: .venv", flush=True)
    return 0


def restart_with_newer_python():
    # type: () -> None
    """Go on with a newer interpreter of this machine, or end with one sentence."""
    for minor in range(14, OLDEST[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer and works(newer):
            os.execv(newer, [newer, os.path.abspath(__file__)] + sys.argv[1:])  # noqa: RUF005
    sys.exit(
        "Okami needs Python 3.11 or newer; this is {}.{}. Install it and run `make PYTHON=/path/to/python3 ...`.".format(
            *sys.version_info[:2]
        )
    )


def digest_of(wanted):
    # type: (str) -> str
    """A digest of the locked file and the interpreter: any change of either installs anew."""
    with open(os.path.join(ROOT, "requirements", wanted + ".txt"), "rb") as file:
        content = file.read()
    version = "{}.{}".format(*sys.version_info[:2])
    return hashlib.sha256(wanted.encode() + version.encode() + content).hexdigest()


def read_stamp():
    # type: () -> list
    """The digests of what is installed."""
    try:
        with open(STAMP) as file:
            return list(json.load(file))
    except (OSError, ValueError):
        return []


def works(python):
    # type: (str) -> bool
    """Does this interpreter start at all?"""
    try:
        return subprocess.call([python, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def make_venv():
    # type: () -> None
    """A virtual environment of this interpreter; one of another version is replaced."""
    version = "import sys; print('{}.{}'.format(*sys.version_info[:2]))"
    if works(VENV_PYTHON):
        found = subprocess.check_output([VENV_PYTHON, "-c", version]).decode().strip()
        if found == "{}.{}".format(*sys.version_info[:2]):
            return
    print("Making .venv ...", flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], stdout=subprocess.PIPE)
    if made.returncode:
        sys.exit("Python could not make .venv: install its venv module (on Debian: apt-get install python3-venv).")


def install(requirements):
    # type: (str) -> None
    """Install with uv where there is one, else with pip: wheels only, every hash checked."""
    uv = shutil.which("uv") or shutil.which("uv", path=os.path.join(VENV, "bin"))
    common = ["--require-hashes", "--only-binary", ":all:", "--quiet", "-r", requirements]
    if uv and subprocess.call([uv, "pip", "install", "--python", VENV_PYTHON] + common) == 0:  # noqa: RUF005
        return
    pip = [VENV_PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    if subprocess.call(pip + common):
        sys.exit("The requirements could not be installed: see pip's message above, then run the same command again.")


if __name__ == "__main__":
    sys.exit(main())

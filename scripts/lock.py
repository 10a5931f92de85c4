"""Renew requirements/*.txt: pinned with hashes, for every platform, without addresses."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLAGS = ["--quiet", "--generate-hashes", "--universal", "--no-header", "--python-version", "3.11"]


def main() -> int:
    """Compile the base set, then the test set on top of its versions."""
    uv = shutil.which("uv") or shutil.which("uv", path=str(ROOT / ".venv/bin"))
    if uv is None:
        sys.exit("Locking needs uv: .venv/bin/pip install uv, then run `make lock` again.")
    for name, constraint in (("base", []), ("test", ["--constraint", "requirements/base.txt"])):
        command = [uv, "pip", "compile", *FLAGS, *constraint, *sys.argv[1:], f"requirements/{name}.in"]
        subprocess.run([*command, "--output-file", f"requirements/{name}.txt"], cwd=ROOT, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

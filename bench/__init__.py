"""Measurements beside a limit of the same run; `make bench` runs them all."""

import sys
from pathlib import Path

# The programs that start servers and count on them being ended.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))

"""The trial of mutants can fail: it praises strong tests, and names weak, missing and broken ones."""

import json
import os
import subprocess
import sys
from pathlib import Path

RULE = """
LIMIT = 2
def is_regular(visits, limit=LIMIT):
    return visits >= limit
"""
COUNTING = """
def count_down(number):
    steps = 0
    while number > 0:
        number -= 1
        steps += 1
    return steps
"""
STRONG = "assert [rule.is_regular(n) for n in (1, 2, 3)] == [False, True, True]"
FILES = {
    "strong.py": RULE,
    "test_strong.py": f"from strong import LIMIT\nimport strong as rule\ndef test(): {STRONG}; assert LIMIT == 2",
    "weak.py": RULE,
    "test_weak.py": "from weak import is_regular\ndef test(): assert is_regular(5) and not is_regular(0)",
    "endless.py": COUNTING,
    "test_endless.py": "from endless import count_down\ndef test(): assert [count_down(n) for n in (0, 1, 3)] == [0, 1, 3]",
    "broken.py": RULE,
    "test_broken.py": "def test(): assert False",
    "untested.py": RULE,
    "test_untested.py": "import pytest\n@pytest.mark.django_db\ndef test(): assert False",
}
RUN = """
import json, sys
from tests.mutations.runner import run
from tests.mutations.targets import Target
sys.path.insert(0, sys.argv[1])
targets = [Target(name, (f"{sys.argv[1]}/test_{name}.py",)) for name in ("strong", "weak", "endless", "broken", "untested")]
accepted = {
    ("weak", "is_regular", "visits >= limit -> visits > limit"): "said to be the same",
    ("strong", "is_regular", "visits >= limit -> visits > limit"): "said to be the same, but is seen",
}
results, wrong = run(targets, accepted, threshold=1.0, processes=2, least_seconds=1)
json.dump(wrong, open(sys.argv[2], "w"))
"""


def test_strong_tests_pass_and_every_weakness_is_named(tmp_path):
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    told = tmp_path / "wrong.json"
    project = Path(__file__).resolve().parents[2]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "TEST_VAR_DIR"))}
    ran = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path), str(told)],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    wrong = json.loads(told.read_text())
    seen = [line.partition(":")[0] for line in wrong if not line.startswith("accepted")]
    assert sorted(seen) == ["broken", "untested", "weak"], ran.stdout
    assert [line for line in wrong if line.startswith("accepted")] == [
        "accepted.toml: strong is_regular visits >= limit -> visits > limit: is seen, or not there any more: delete it"
    ]
    assert "UNSEEN" in ran.stdout
    assert "LIMIT -> " not in ran.stdout
    assert all((tmp_path / name).read_text() == content for name, content in FILES.items())

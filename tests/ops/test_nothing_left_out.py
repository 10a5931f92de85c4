"""A run that leaves a test out is not a passed run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

LEFT_OUT = {
    "skipped": "import pytest\n\ndef test_one():\n    pytest.skip('no time')\n",
    "expected to fail": "import pytest\n\n@pytest.mark.xfail\ndef test_one():\n    assert False\n",
    "passes although expected to fail": "import pytest\n\n@pytest.mark.xfail\ndef test_one():\n    assert True\n",
}


@pytest.mark.parametrize(("source", "code"), [*((text, 1) for text in LEFT_OUT.values()), ("def test_one(): pass", 0)])
def test_exit_code(tmp_path: Path, source, code):
    (tmp_path / "test_sample.py").write_text(source)
    (tmp_path / "pytest.ini").touch()
    command = [sys.executable, "-m", "pytest", "-p", "tests.no_test_left_out", "-c"]
    command += [str(tmp_path / "pytest.ini"), str(tmp_path)]
    plain = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    result = subprocess.run(command, cwd=settings.BASE_DIR, env=plain, capture_output=True, text=True)
    assert result.returncode == code, result.stdout + result.stderr
    assert ("LEFT OUT" in result.stdout) is bool(code)

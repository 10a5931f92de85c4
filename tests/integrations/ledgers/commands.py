"""manage.py import_ledger as tests call it."""

import io
import json
from typing import Any

from django.core.management import CommandError, call_command


def run(target: str, file: str, *arguments: str) -> tuple[int, Any, str]:
    """Exit code, the JSON answer (or None) and the error output."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_ledger", file, "--target", target, "--json", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, None, str(error)
    except SystemExit as end:
        return int(str(end.code)), json.loads(out.getvalue()), err.getvalue()
    return 0, json.loads(out.getvalue()), err.getvalue()


def counts(answer: Any) -> list[int]:
    """Rows, created, updated, unchanged, errors; every row is one of the four."""
    found = [answer[name] for name in ("rows", "created", "updated", "unchanged", "errors")]
    assert found[0] == sum(found[1:])
    return found

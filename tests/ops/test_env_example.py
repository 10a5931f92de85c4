"""Every setting that the code reads is explained in .env.example, and nothing else is."""

import ast
import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
COMPOSE_ONLY = {"POSTGRES_PASSWORD", "WORKER_THREADS"}


def names_read_by(path: str) -> set[str]:
    """Names given to `env.str("NAME")` and its siblings."""
    calls = [node for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, ast.Call)]
    return {
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def names_explained() -> set[str]:
    """Names that stand in .env.example, set or commented out."""
    return set(re.findall(r"^#?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_example_explains_exactly_what_is_read():
    read = names_read_by("crm_project/settings.py") | names_read_by("scripts/run.py")
    assert names_explained() == read | COMPOSE_ONLY


def test_compose_reads_only_explained_names():
    used = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert used >= COMPOSE_ONLY
    assert used <= names_explained()

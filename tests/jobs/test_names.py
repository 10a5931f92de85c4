"""Whoever starts work by name names work that exists."""

import ast
import importlib
from pathlib import Path

from django.apps import apps
from django.conf import settings

from crm_project.core.jobs import registry


def source_files() -> list[Path]:
    """Every module of the project's own apps."""
    roots = {
        Path(config.path) for config in apps.get_app_configs() if Path(config.path).is_relative_to(settings.BASE_DIR)
    }
    roots = {root for root in roots if ".venv" not in root.parts}
    return sorted({path for root in roots for path in root.rglob("*.py") if "migrations" not in path.parts})


def started_names(path: Path) -> set[str]:
    """The first argument of every `start_job(...)` in a module: a text, or a constant of the module."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or "start_job" not in ast.unparse(node.func).split("."):
            continue
        name = node.args[0]
        if isinstance(name, ast.Constant):
            names.add(str(name.value))
        else:
            module = ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts)
            constant = ast.unparse(name)
            assert isinstance(name, ast.Name), f"{module}: start_job({constant}) cannot be checked"
            names.add(getattr(importlib.import_module(module), constant))
    return names


def test_every_name_that_is_started_exists():
    started = {name: path for path in source_files() for name in started_names(path)}
    assert started, "the scan found nothing"
    unknown = {name: str(path) for name, path in started.items() if name not in registry.names()}
    assert unknown == {}


def test_the_scan_reads_texts_and_constants(tmp_path):
    module = tmp_path / "module.py"
    module.write_text('services.start_job("a", by=me)\nstart_job("b", by=me)\nstart_jobs("c")\n', encoding="utf-8")
    assert started_names(module) == {"a", "b"}

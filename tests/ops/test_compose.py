"""docker-compose.yml as far as it can be checked without a daemon."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

OURS = {"migrate", "web", "worker", "beat"}
LONG_RUNNING = ["web", "worker", "beat", "postgres", "redis"]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file as docker compose reads it (anchors merged)."""
    return yaml.safe_load(Path(settings.BASE_DIR, "docker-compose.yml").read_text())


def test_services_are_those_of_the_architecture(compose):
    assert set(compose["services"]) == OURS | {"postgres", "redis"}


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_every_lasting_service_has_a_health_check_and_comes_back(compose, name):
    service = compose["services"][name]
    assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_services_share_one_image_and_environment(compose, name):
    service = compose["services"][name]
    assert (service["image"], service["env_file"]) == ("okami", ".env")
    assert service["environment"]["PRODUCTION"] == "1"
    assert service["environment"]["DATABASE_URL"].endswith("@postgres:5432/okami")


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_nothing_starts_before_the_migrations(compose, name):
    assert compose["services"][name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


def test_secrets_come_from_the_environment_only(compose):
    environments = [service.get("environment", {}) for service in compose["services"].values()]
    values = {
        name: value
        for environment in environments
        for name, value in environment.items()
        if "PASSWORD" in name or "SECRET" in name or "URL" in name
    }
    assert values["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")
    assert values["DATABASE_URL"].startswith("postgres://okami:${POSTGRES_PASSWORD:?")
    assert "SECRET_KEY" not in values


def test_every_named_volume_is_declared(compose):
    mounted = {
        volume.split(":")[0] for service in compose["services"].values() for volume in service.get("volumes", [])
    }
    assert mounted == set(compose["volumes"])


def test_only_the_web_server_is_reachable_and_only_from_this_host(compose):
    ports = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert ports == {"web": ["127.0.0.1:${PORT:-8000}:8000"]}

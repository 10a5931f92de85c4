"""/healthz: open to everybody, quick, and honest about a broker that is gone."""

import pytest
from django.db import OperationalError, connection
from processes import free_port

pytestmark = pytest.mark.django_db


def test_answers_without_sign_in(client):
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "database": "ok", "broker": "ok"}
    assert "no-store" in response["Cache-Control"]


def test_takes_one_query(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get("/healthz")


def test_is_read_only(client):
    assert client.post("/healthz").status_code == 405


def test_says_that_the_folder_of_the_file_broker_is_gone(client, settings, tmp_path):
    folder = tmp_path / "queue"
    settings.REDIS_URL = ""
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(folder)}
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"status": "unavailable", "database": "ok", "broker": "does not answer"}


def test_says_that_redis_does_not_answer(client, settings):
    settings.REDIS_URL = settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["broker"] == "does not answer"


def test_says_that_the_database_does_not_answer(client):
    with connection.execute_wrapper(refuse):
        response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["database"] == "does not answer"


def refuse(*arguments):
    """Stand in for a database that is gone."""
    raise OperationalError("gone")

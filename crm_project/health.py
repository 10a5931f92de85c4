"""The health check for load balancers, containers and the supervisor."""

import os
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError as BrokerError

from crm_project.celery import app

BROKER_SECONDS = 3


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Say in JSON whether the database and the broker answer; 503 when one of them does not."""
    checks: dict[str, Callable[[], bool]] = {"database": database_answers, "broker": broker_answers}
    results = {name: check() for name, check in checks.items()}
    healthy = all(results.values())
    answers = {name: "ok" if answers else "does not answer" for name, answers in results.items()}
    return JsonResponse({"status": "ok" if healthy else "unavailable", **answers}, status=200 if healthy else 503)


def database_answers() -> bool:
    """Whether the database executes a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError:
        return False


def broker_answers() -> bool:
    """Whether work can be handed to the worker: Redis answers, or the folder of the file broker takes files."""
    if not settings.REDIS_URL:
        return os.access(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"], os.W_OK)
    try:
        with app.connection_for_write(settings.CELERY_BROKER_URL, connect_timeout=BROKER_SECONDS) as broker:
            broker.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
    except BrokerError:
        return False
    return True

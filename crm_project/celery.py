"""The Celery application; web processes only send, workers also execute."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")

# The scheme of CELERY_BROKER_URL where there is no Redis.
TRANSPORT_ALIASES["files"] = "crm_project.core.jobs.file_broker:Transport"

app = Celery("okami")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

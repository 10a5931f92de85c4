"""The Celery application; web processes only send, workers also execute."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")

app = Celery("okami")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

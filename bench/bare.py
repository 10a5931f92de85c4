"""The measure beside the real pages: a Django that only asks its database so many times and answers one byte."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path


def trivial(request: HttpRequest, queries: int) -> HttpResponse:
    """So many times SELECT 1."""
    with connection.cursor() as cursor:
        for _query in range(queries):
            cursor.execute("SELECT 1")
            cursor.fetchone()
    return HttpResponse(b"1", headers={"Content-Length": "1"})


urlpatterns = [path("<int:queries>", trivial)]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")
settings.INSTALLED_APPS, settings.MIDDLEWARE = [], []
settings.ROOT_URLCONF = "bench.bare"
application = get_wsgi_application()

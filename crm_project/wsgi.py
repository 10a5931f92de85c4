"""WSGI entry point, served by granian."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")

application = get_wsgi_application()

# What is loaded now stays until the process ends: the collector need not walk it in the middle of a request.
gc.collect()
gc.freeze()

"""Settings of the test runs: the project's own, on servers and folders that are thrown away afterwards.

A developer's .env never reaches the tests: what the process environment does not name is set here, before it is read.
"""

import atexit
import os
import shutil
import tempfile

if "TEST_VAR_DIR" not in os.environ:
    os.environ["TEST_VAR_DIR"] = tempfile.mkdtemp(prefix="okami-test-")
    atexit.register(shutil.rmtree, os.environ["TEST_VAR_DIR"], ignore_errors=True)
os.environ["VAR_DIR"] = os.environ["TEST_VAR_DIR"]
os.environ["DATABASE_URL"] = os.environ.get("DATABASE_URL") or f"sqlite:///{os.environ['VAR_DIR']}/okami.sqlite3"
os.environ.setdefault("REDIS_URL", "")
os.environ.setdefault("CELERY_QUEUE", f"test-{os.path.basename(os.environ['VAR_DIR'])}")
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ.update(DEBUG="0", PRODUCTION="0", SECRET_KEY="", EMAIL_URL="memorymail://")

from crm_project.settings import *  # noqa: F403
from crm_project.settings import DATABASES, VAR_DIR

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in a real house: a worker process and the browser's server read it from outside.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_IMPORTS = ["tests.worker_jobs"]

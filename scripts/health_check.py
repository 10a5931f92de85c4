"""Health of this container: `web` asks /healthz, `beat` looks whether the schedule is still being written."""

import http.client
import os
import sys
import time
from pathlib import Path

WEB_PORT = 8000
# Beat writes its schedule at least every three minutes.
BEAT_SECONDS = 400


def web_is_healthy() -> bool:
    """Whether the web server, the database and the broker answer."""
    connection = http.client.HTTPConnection("localhost", WEB_PORT, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False


def beat_is_healthy() -> bool:
    """Whether beat has written its schedule lately (the file's ending depends on the system's dbm)."""
    files = Path(os.environ["VAR_DIR"]).glob("celerybeat-schedule*")
    youngest = max((file.stat().st_mtime for file in files), default=0.0)
    return time.time() - youngest < BEAT_SECONDS


if __name__ == "__main__":
    checks = {"web": web_is_healthy, "beat": beat_is_healthy}
    sys.exit(0 if checks[sys.argv[1]]() else 1)

"""The load program: so many users ask, at fixed moments (open) or one after the other (closed); prints JSON.

A process of its own, so that it can step back behind the server. Open: latency counts from the moment a request was due.
"""

import argparse
import json
import threading
import time
from pathlib import Path

from bench.web import Browser


def main() -> None:
    """Ask and print {"seconds": of the whole run, "latencies": [...], "failed": the first errors}."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--requests", type=int, required=True, help="of all users together")
    parser.add_argument(
        "--every", type=float, default=0, help="seconds between two requests of a user; 0 = closed loop"
    )
    parser.add_argument("--headers", type=json.loads, default={})
    parser.add_argument("--paths", type=json.loads, required=True)
    parser.add_argument("--forms", type=Path, help="JSON: one form for each request, posted instead of asked")
    options = parser.parse_args()
    forms: list[str] = json.loads(options.forms.read_text()) if options.forms else []
    latencies: list[float] = []
    failed: list[str] = []
    begun = time.perf_counter() + 0.5

    def user(number: int) -> None:
        browser = Browser(options.port, options.headers)
        for turn in range(options.requests // options.users):
            path = options.paths[(turn * 7 + number * 3) % len(options.paths)]
            due = begun + options.every * (turn + number / options.users)
            if options.every or not turn:
                time.sleep(max(0, due - time.perf_counter()))
            try:
                form = forms[turn * options.users + number] if forms else None
                seconds, _body = browser.get(path, form)
            except (RuntimeError, OSError) as error:
                failed.append(str(error))
                browser = Browser(options.port, options.headers)
                continue
            latencies.append(time.perf_counter() - due if options.every else seconds)

    threads = [threading.Thread(target=user, args=(number,)) for number in range(options.users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"seconds": time.perf_counter() - begun, "latencies": latencies, "failed": failed[:3]}))


if __name__ == "__main__":
    main()

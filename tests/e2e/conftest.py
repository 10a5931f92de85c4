"""The browser of the browser tests: this machine's Chromium, in Japanese, on a phone unless a test asks for more room."""

import os
from typing import Any

import packages
import pytest
from playwright.sync_api import expect
from processes import find_program

# Playwright keeps an event loop in the test's thread; Django takes that for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# As long as a window waits for anything else: a machine that is busy with other tests is slow, not wrong.
expect.set_options(timeout=15_000)

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the installed browser; its sandbox does not work for root."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    path = find_program(*packages.CHROMIUM_NAMES)
    assert path, "Chromium is not installed: `make test` installs it as root, or names the package."
    return {**browser_type_launch_args, "executable_path": path, "args": arguments}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A Japanese phone."""
    return {
        **browser_context_args,
        "locale": "ja-JP",
        "timezone_id": "Asia/Tokyo",
        "viewport": PHONE,
        "has_touch": True,
    }

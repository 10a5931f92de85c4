"""Uploads over the house's limit are not kept: the form then says so in a sentence."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

# The other fields of a form and the borders between them.
FORM_BYTES = 1024 * 1024


class UploadLimitHandler(FileUploadHandler):
    """First of the upload handlers: lets nothing of an upload over the limit through to memory or disk."""

    refused = False

    def handle_raw_input(
        self, input_data: Any, META: dict[str, str], content_length: int, boundary: str, encoding: str | None = None
    ) -> None:
        """Look at the announced length before anything is read."""
        self.refused = content_length > settings.UPLOAD_LIMIT_BYTES + FORM_BYTES
        if self.refused and self.request is not None:
            self.request.META[MARK] = "1"

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Pass a part on, or drop it."""
        return None if self.refused else raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """The next handler keeps the file."""
        return None


MARK = "okami.upload_over_limit"


def is_over_limit(request: HttpRequest) -> bool:
    """Whether the request brought more than the house takes (its file is then empty)."""
    return MARK in request.META


def limit_megabytes() -> int:
    """The limit as people say it."""
    return int(settings.UPLOAD_LIMIT_BYTES) // 1024**2

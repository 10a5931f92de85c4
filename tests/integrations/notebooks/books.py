"""Notebooks for tests: a photo of a page, a notebook with pages, a typed row."""

import io
import uuid
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from crm_project.core.accounts.models import User, Venue
from integrations.models import Notebook, NotebookPage
from integrations.notebooks.services import Saved, add_notebook, save_row


def photo(name: str = "p1.jpg", *, size: tuple[int, int] = (60, 40), form: str = "JPEG") -> SimpleUploadedFile:
    """A page as a phone takes it: it knows where it was taken, and with what."""
    written = io.BytesIO()
    saved: dict[str, Any] = {}
    if form == "JPEG":
        exif = Image.Exif()
        exif[0x010F] = "SecretPhone"
        saved["exif"] = exif
    Image.new("RGB", size, (240, 235, 220)).save(written, form, **saved)
    return SimpleUploadedFile(name, written.getvalue())


def notebook(by: User, venue: Venue, *, pages: int = 1, name: str = "常連帳") -> Notebook:
    """A notebook of so many pages."""
    return add_notebook(name=name, venue=venue, uploads=[photo(f"{n}.jpg") for n in range(pages)], by=by)


def first_page(book: Notebook) -> NotebookPage:
    """Its first page."""
    return book.pages.get(number=1)


def typed(**values: str) -> dict[str, str]:
    """A row as the form sends it."""
    blank = dict.fromkeys(("name", "kana", "phone", "company", "date", "year", "note", "allergies"), "")
    return blank | values


def save(page: NotebookPage, by: User, who: str = "", **values: str) -> Saved:
    """Type a row and save it."""
    return save_row(page=page, token=uuid.uuid4(), typed=typed(**values), who=who, by=by)

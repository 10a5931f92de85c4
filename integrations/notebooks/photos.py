"""Photos of pages: made small and clean before they are kept, turned when they are shown, gone from the disk with their page."""

import io
from collections.abc import Sequence
from typing import Final

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image

from crm_project.core.problems import InputProblem
from integrations.models import NotebookPage
from visits.services.photos import small_photo

# Handwriting of a whole page has to be read, magnified.
LONGEST_SIDE: Final = 2600
MOST_AT_ONCE: Final = 40
TURNS: Final = {1: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_90}
QUALITY: Final = 85


def small_pages(uploads: Sequence[UploadedFile]) -> list[bytes]:
    """Each upload as a clean JPEG. Raises InputProblem with the file's name; then nothing is kept of any."""
    if len(uploads) > MOST_AT_ONCE:
        raise InputProblem(_("Choose at most %(count)s photos at a time."), {"count": MOST_AT_ONCE})
    found = []
    for upload in uploads:
        try:
            found.append(small_photo(upload, longest_side=LONGEST_SIDE)[0])
        except InputProblem as problem:
            raise InputProblem(
                _("%(file)s: %(problem)s"), {"file": (upload.name or "")[:80], "problem": str(problem)}
            ) from problem
    return found


def keep(page: NotebookPage, content: bytes) -> None:
    """Put a photo on the disk and name it in the unsaved page."""
    page.file.save("page.jpg", ContentFile(content), save=False)


def turned(page: NotebookPage) -> bytes:
    """The photo as it is shown. Raises FileNotFoundError where there is none."""
    if not page.file:
        raise FileNotFoundError(page.pk)
    with page.file.open("rb") as file:
        content: bytes = file.read()
    if page.quarter_turns not in TURNS:
        return content
    written = io.BytesIO()
    with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
        image.transpose(TURNS[page.quarter_turns]).save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


def forget_file(page: NotebookPage) -> None:
    """The file goes with its row, however the row went, once that is committed."""
    storage, name = page.file.storage, str(page.file.name or "")
    if name:
        transaction.on_commit(lambda: _forget(storage, name))


def forget_unsaved(pages: Sequence[NotebookPage]) -> None:
    """Take photos from the disk whose pages were not written."""
    for page in pages:
        if page.file:
            _forget(page.file.storage, str(page.file.name))


def _forget(storage: Storage, name: str) -> None:
    storage.delete(name)

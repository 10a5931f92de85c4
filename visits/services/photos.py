"""Photos of a visit: made small and clean before they are kept, gone from the disk when they are removed."""

import io
import warnings
from datetime import date
from typing import Final

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.text import tidy
from visits.choices import PhotoKind
from visits.models import Visit, VisitPhoto

LONGEST_SIDE: Final = 1600
LARGEST_BYTES: Final = 15 * 1024 * 1024
# More than any phone takes; above it a small file can unfold into gigabytes.
MOST_PIXELS: Final = 60_000_000
MOST_PER_VISIT: Final = 30
READABLE: Final = ("JPEG", "PNG", "WEBP")
QUALITY: Final = 82
# What iPhones write: a box of type ftyp with one of these brands.
HEIC_BRANDS: Final = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis", b"avif")


def small_photo(upload: UploadedFile, *, longest_side: int = LONGEST_SIDE) -> tuple[bytes, int, int]:
    """A JPEG of at most `longest_side` pixels, upright, without EXIF: (bytes, width, height). Raises InputProblem."""
    if (upload.size or 0) > LARGEST_BYTES:
        raise InputProblem(
            _("The photo is larger than %(size)s MB. Take it with a lower resolution."),
            {"size": LARGEST_BYTES // 1024**2},
        )
    content = upload.read()
    if content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS:
        raise InputProblem(
            _(
                "This is a HEIC photo. On an iPhone choose Settings, Camera, Formats, Most Compatible, or send it as JPEG."
            )
        )
    try:
        with warnings.catch_warnings():
            # Our own limit is below; a warning must not become one more way out.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=READABLE) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise InputProblem(_("The photo has too many pixels. Take it with a lower resolution."))
                image.draft("RGB", (longest_side, longest_side))
                upright = ImageOps.exif_transpose(image).convert("RGB")
    except Image.DecompressionBombError as bomb:
        raise InputProblem(_("The photo has too many pixels. Take it with a lower resolution.")) from bomb
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as wrong:
        if isinstance(wrong, InputProblem):
            raise
        raise InputProblem(_("This is not a photo that can be read. Choose a JPEG, PNG or WebP file.")) from wrong
    upright.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    # A new picture with the pixels alone: what the camera wrote beside them (place, device, owner) stays behind.
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)
    written = io.BytesIO()
    clean.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue(), clean.width, clean.height


def add_photo(
    *,
    visit: Visit,
    by: User,
    upload: UploadedFile,
    kind: str = PhotoKind.DISH,
    caption: str = "",
    consent_by: str = "",
    consent_on: date | None = None,
) -> VisitPhoto:
    """Keep a photo of a visit. One of people wants who consented, and when.

    Raises PermissionDenied without LOG_VISITS at the venue, InputProblem for what is no photo or has no consent.
    """
    if not by.has_right(Right.LOG_VISITS, visit.venue_id):
        raise PermissionDenied
    if kind not in PhotoKind.values:
        raise InputProblem(_("Say what the photo shows."))
    consenting = tidy(consent_by)[:80] if kind == PhotoKind.PEOPLE else ""
    if kind == PhotoKind.PEOPLE and not (consenting and consent_on):
        raise InputProblem(_("A photo of people needs who consented, and when."))
    if visit.photos.count() >= MOST_PER_VISIT:
        raise InputProblem(_("A visit holds at most %(count)s photos."), {"count": MOST_PER_VISIT})
    content, width, height = small_photo(upload)
    photo = VisitPhoto(
        visit=visit,
        width=width,
        height=height,
        kind=kind,
        caption=tidy(caption)[:80],
        consent_by=consenting,
        consent_on=consent_on if kind == PhotoKind.PEOPLE else None,
        added_by=by,
    )
    photo.file.save("photo.jpg", ContentFile(content), save=False)
    stored = (photo.file.storage, str(photo.file.name))
    try:
        with transaction.atomic():
            photo.save(force_insert=True)
            record(
                by=by,
                action=Action.CHANGED,
                subject=visit,
                changes={"photo": [None, f"{photo.get_kind_display()} {photo.caption}".strip()]},
            )
    except BaseException:
        _forget(*stored)
        raise
    return photo


@transaction.atomic
def remove_photo(*, photo: VisitPhoto, by: User) -> None:
    """Take a photo away for good: the row now, the file when that is settled. Raises PermissionDenied."""
    if not by.has_right(Right.LOG_VISITS, photo.visit.venue_id):
        raise PermissionDenied
    told = f"{photo.get_kind_display()} {photo.caption}".strip()
    record(by=by, action=Action.CHANGED, subject=photo.visit, changes={"photo": [told, None]})
    photo.delete()


def forget_file(photo: VisitPhoto) -> None:
    """The file goes with its row, however the row went (with its visit, too), once that is committed."""
    storage, name = photo.file.storage, str(photo.file.name)
    transaction.on_commit(lambda: _forget(storage, name))


def _forget(storage: Storage, name: str) -> None:
    if name:
        storage.delete(name)

"""Files that were packed for the way: .xz, .gz, and .zip of one file."""

import gzip
import lzma
import tempfile
import zipfile
import zlib
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final, cast

from django.utils.translation import gettext_lazy as _

from crm_project.core.tables.cells import Limits, TableError
from crm_project.core.tables.problems import damaged, packed_too_well

_CHUNK: Final = 1024**2
# What a mail program or a Macintosh puts into an archive beside the file.
_NO_FILES: Final = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")
_PACKAGES: Final = (
    "[content_types].xml",
    "xl/workbook.xml",
    "xl/workbook.bin",
    "content.xml",
    "word/document.xml",
    "mimetype",
)


def unpacked(file: IO[bytes], name: str, limits: Limits, resources: ExitStack) -> tuple[IO[bytes], str]:
    """The file itself and its name: a stream for packed text, a temporary file for a packed workbook.

    Raises TableError for an archive that is damaged, locked, empty or holds several files.
    """
    head = file.read(8)
    file.seek(0)
    if head.startswith(b"\xfd7zXZ\x00"):
        stream = resources.enter_context(lzma.LZMAFile(file))  # noqa: SIM115 - the stack closes it
        return _stream_or_copy(cast("IO[bytes]", stream), name, limits, resources)
    if head.startswith(b"\x1f\x8b"):
        packed = resources.enter_context(gzip.GzipFile(fileobj=file))
        return _stream_or_copy(cast("IO[bytes]", packed), name, limits, resources)
    if head.startswith(b"PK\x03\x04"):
        return _from_zip(file, name, limits, resources)
    return file, name


def first_bytes(file: IO[bytes], name: str) -> bytes:
    """The first bytes of a file that was not read yet. Raises TableError when there are none."""
    try:
        head = file.read(4096)
        file.seek(0)
    except (lzma.LZMAError, zlib.error, EOFError, OSError, zipfile.BadZipFile) as error:
        raise _damaged_archive(name) from error
    if not head:
        raise TableError(_("“%(name)s” is empty"), {"name": name})
    return head


def _damaged_archive(name: str) -> TableError:
    return TableError(_("“%(name)s” is damaged: compress it again"), {"name": name})


def _stream_or_copy(stream: IO[bytes], name: str, limits: Limits, resources: ExitStack) -> tuple[IO[bytes], str]:
    """Text is read as it comes; a workbook has to be searched to and fro, so it is copied out, within its limit."""
    head = first_bytes(stream, name)
    inner = Path(name).stem if Path(name).suffix.lower() in (".xz", ".gz") else name
    if not head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return stream, name
    return _copied(stream, name, limits, resources), inner


def _copied(stream: IO[bytes], name: str, limits: Limits, resources: ExitStack) -> IO[bytes]:
    copy = resources.enter_context(tempfile.SpooledTemporaryFile(max_size=16 * _CHUNK))  # noqa: SIM115 - the stack closes it
    size = 0
    try:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > limits.file_bytes:
                raise packed_too_well(name, limits.file_bytes)
            copy.write(chunk)
    except (
        lzma.LZMAError,
        zlib.error,
        EOFError,
        OSError,
        zipfile.BadZipFile,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise _damaged_archive(name) from error
    copy.seek(0)
    return cast("IO[bytes]", copy)


def _from_zip(file: IO[bytes], name: str, limits: Limits, resources: ExitStack) -> tuple[IO[bytes], str]:
    """A zip that is no workbook itself holds one file."""
    try:
        archive = zipfile.ZipFile(file)
        parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise damaged(name) from error
    names = [part.filename.lower().lstrip("/") for part in parts]
    if any(part in _PACKAGES or part.startswith("xl/") for part in names):
        file.seek(0)
        return file, name
    files = [
        part
        for part, low in zip(parts, names, strict=True)
        if not part.is_dir() and not low.startswith(_NO_FILES[0]) and Path(low).name not in _NO_FILES
    ]
    inside = [_real_name(part) for part in files]
    if len(files) != 1:
        raise TableError(
            _("“%(name)s” holds %(count)s files (%(files)s): unpack it and bring the one that is meant")
            if files
            else _("“%(name)s” holds no file"),
            {"name": name, "count": len(files), "files": ", ".join(inside[:5]) + (" …" if len(inside) > 5 else "")},
        )
    if files[0].flag_bits & 1:
        raise TableError(
            _("“%(name)s” is a zip file with a password: unpack it and bring the file inside"), {"name": name}
        )
    if files[0].file_size > limits.inflated_bytes:
        raise packed_too_well(name, limits.inflated_bytes)
    try:
        stream = resources.enter_context(archive.open(files[0]))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise _damaged_archive(name) from error
    head = first_bytes(stream, name)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _copied(stream, name, limits, resources), Path(inside[0]).name
    return stream, Path(inside[0]).name


def _real_name(part: zipfile.ZipInfo) -> str:
    """The name as it was written: archives of Japanese Windows hold cp932 without saying so."""
    if part.flag_bits & 0x800:
        return part.filename
    try:
        return part.filename.encode("cp437").decode("cp932")
    except UnicodeError:
        return part.filename

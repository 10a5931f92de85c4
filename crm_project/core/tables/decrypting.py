"""Workbooks that are protected by a password: opened once with it, then read like any other. The password is kept nowhere."""

import re
import tempfile
from contextlib import ExitStack
from typing import IO, Final, cast

import msoffcrypto
import olefile
from django.utils.translation import gettext_lazy as _
from msoffcrypto.exceptions import DecryptionError, InvalidKeyError

from crm_project.core.tables.cells import PasswordNeeded, TableError
from crm_project.core.tables.problems import damaged, protected

_OLE: Final = b"\xd0\xcf\x11\xe0"
# Excel turns the password round 100,000 times; a file that asks for more wants to keep the machine busy.
_MOST_TURNS: Final = 1_000_000
_TURNS: Final = re.compile(rb"spinCount\s*=\s*[\"'](\d{1,20})[\"']")
# What Excel itself uses for workbooks that are only protected against changes.
_EVERYBODYS: Final = "VelvetSweatshop"
_IN_MEMORY: Final = 32 * 1024**2


def is_protected(file: IO[bytes]) -> bool:
    """Whether a file is a workbook that cannot be read without a password."""
    head = file.read(8)
    file.seek(0)
    if not head.startswith(_OLE):
        return False
    try:
        with olefile.OleFileIO(file) as ole:
            if ole.exists("EncryptionInfo"):
                return True
        file.seek(0)
        return bool(msoffcrypto.OfficeFile(file).is_encrypted())
    except Exception:  # no workbook of any kind; the reader says what is wrong with it
        return False
    finally:
        file.seek(0)


def decrypted(file: IO[bytes], name: str, password: str, resources: ExitStack) -> IO[bytes]:
    """The workbook without its protection, in a temporary file; the file itself when it has none.

    Raises PasswordNeeded when there is no password or a wrong one, TableError when it cannot be opened with any.
    """
    if not is_protected(file):
        return file
    _refuse_endless_work(file, name)
    copy = resources.enter_context(
        tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the stack closes it
    )
    for attempt in (password, _EVERYBODYS):
        if attempt and _opened_with(file, name, attempt, cast("IO[bytes]", copy)):
            copy.seek(0)
            return cast("IO[bytes]", copy)
    raise wrong_password(name) if password else protected(name)


def wrong_password(name: str) -> PasswordNeeded:
    """A password was given, and the workbook does not open with it."""
    return PasswordNeeded(_("“%(name)s” does not open with this password: type it again"), {"name": name})


def _opened_with(file: IO[bytes], name: str, password: str, copy: IO[bytes]) -> bool:
    file.seek(0)
    copy.seek(0)
    copy.truncate()
    try:
        office = msoffcrypto.OfficeFile(file)
        try:
            office.load_key(password=password, verify_password=True)
        except TypeError:  # the old formats always verify
            office.load_key(password=password)
        office.decrypt(copy)
    except InvalidKeyError:
        return False
    except DecryptionError as error:
        if "ersion" in str(error) or "nsupported" in str(error):
            raise TableError(
                _("“%(name)s” is protected in a way that is not read here: remove the password and save it again"),
                {"name": name},
            ) from error
        return False
    except Exception as error:  # whatever a damaged file makes of the decoder
        raise damaged(name) from error
    return True


def _refuse_endless_work(file: IO[bytes], name: str) -> None:
    """Raise TableError for a description of the encryption that is a bomb."""
    try:
        with olefile.OleFileIO(file) as ole:
            if not ole.exists("EncryptionInfo"):
                return
            with ole.openstream("EncryptionInfo") as stream:
                info = stream.read(65_536)
    except Exception as error:  # olefile raises of all kinds for damaged files
        raise damaged(name) from error
    finally:
        if not file.closed:
            file.seek(0)
    turns = max((int(turns) for turns in _TURNS.findall(info)), default=0)
    if turns > _MOST_TURNS or b"<!" in info:
        raise damaged(name)

"""A map that is named at the shell."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from crm_project.core.column_map import MapError


def read_map_file(path: Path) -> str:
    """The text of a map. Raises MapError with one sentence when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else _("it is not text in UTF-8")
        raise MapError(
            _("the map “%(name)s” cannot be read: %(reason)s"), {"name": str(path), "reason": reason}
        ) from error

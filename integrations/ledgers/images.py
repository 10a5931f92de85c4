"""What every row of the database was before an import wrote it, and after: enough to take the import back, and to do it again.

Whoever writes for a ledger tells an `ImageBook` what it creates, changes and deletes, row of the ledger by row of the ledger, in
the order of writing and in the same transaction, and lets it write once per batch:

    book = ImageBook(ledger_import)
    book.created(entry.number, Visit, visit.pk)                              # its columns are read when the book is written
    book.changed(entry.number, Deal, deal.pk, before={"stage_id": 3}, after={"stage_id": 4})
    book.deleted(entry.number, Phone, phone.pk)                              # told before it is deleted
    book.write()                                                             # one more bulk insert for the whole batch

Values are those of `integrations.bulk` by attribute name ("stage_id"): days and moments as text, amounts in ten-thousandths. Rows
need a whole number as primary key. `undoing` does the rest for any model: it knows foreign keys from Django, and a model with
a `version` is told in the trail. Columns that are computed (see COMPUTED) are put back, but never a reason to keep a row.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from django.apps import apps
from django.db import models

from integrations import bulk
from integrations.models import LedgerImage, LedgerImport

Columns = Mapping[str, Any]
IMAGE_FIELDS: Final = ("ledger_import", "row_number", "rows")
# Of any model, and of one: what no person writes.
COMPUTED_ANYWHERE: Final = frozenset({"version", "updated_at", "created_at"})
COMPUTED: Final[Mapping[str, frozenset[str]]] = {
    "customers.customer": frozenset({"search_key", "grams", "sort_key", "visit_count", "last_visit_on"}),
}


class Image(NamedTuple):
    """One row of the database: `before` is None for a row that was created, `after` for one that was deleted."""

    model: str
    key: int
    before: Columns | None
    after: Columns | None


def computed(model: str) -> frozenset[str]:
    """Columns of the model that people do not write."""
    return COMPUTED_ANYWHERE | COMPUTED.get(model, frozenset())


class ImageBook:
    """The images of one batch."""

    def __init__(self, ledger_import: LedgerImport) -> None:
        self.ledger_import = ledger_import
        self._rows: dict[int, list[Image]] = {}
        self._unread: dict[type[models.Model], list[tuple[int, int, int]]] = {}

    def created(self, row_number: int, model: type[models.Model], key: int, after: Columns | None = None) -> None:
        """A row is new. Without `after` its columns are read from the database when the book is written."""
        self._add(row_number, Image(model._meta.label_lower, key, None, after))
        if after is None:
            self._unread.setdefault(model, []).append((row_number, len(self._rows[row_number]) - 1, key))

    def changed(self, row_number: int, model: type[models.Model], key: int, *, before: Columns, after: Columns) -> None:
        """Columns of a row were changed; both name the same columns."""
        self._add(row_number, Image(model._meta.label_lower, key, before, after))

    def deleted(self, row_number: int, model: type[models.Model], key: int, before: Columns | None = None) -> None:
        """A row is about to be deleted; without `before` its columns are read now, by a query."""
        columns = before if before is not None else bulk.read(model, [key])[key]
        self._add(row_number, Image(model._meta.label_lower, key, columns, None))

    def add(self, row_number: int, images: list[Image]) -> None:
        """All images of a row of the ledger at once, for writers of many rows."""
        if row_number in self._rows:
            self._rows[row_number] += images
        else:
            self._rows[row_number] = images

    def write(self) -> None:
        """Write the images; the book is empty afterwards."""
        for model, places in self._unread.items():
            found = bulk.read(model, [key for _row, _place, key in places])
            hidden = computed(model._meta.label_lower) - {"version"}
            for row_number, place, key in places:
                columns = {name: value for name, value in found[key].items() if name not in hidden}
                self._rows[row_number][place] = self._rows[row_number][place]._replace(after=columns)
        pk = self.ledger_import.pk
        bulk.insert(LedgerImage, IMAGE_FIELDS, [(pk, number, dump(images)) for number, images in self._rows.items()])
        self.clear()

    def clear(self) -> None:
        """Forget what was told: the batch was not written."""
        self._rows.clear()
        self._unread.clear()

    def _add(self, row_number: int, image: Image) -> None:
        self._rows.setdefault(row_number, []).append(image)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def dump(images: Iterable[Image]) -> str:
    """The images as they are kept."""
    return _encode(list(images))


def load(text: str) -> list[Image]:
    """The images that `dump` wrote."""
    return [Image(*image) for image in json.loads(text)]


def model_of(label: str) -> type[models.Model] | None:
    """The model of an image; None when the app has it no more."""
    try:
        return apps.get_model(label)
    except LookupError:
        return None

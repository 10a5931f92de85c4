"""Words of ledgers and accounting."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RunState(TextChoices):
    """How a run of an import or a pull stands."""

    RUNNING = "running", _("running")
    DONE = "done", _("done")
    WITH_ERRORS = "with_errors", _("done, some set aside")
    FAILED = "failed", _("failed")


class LedgerState(TextChoices):
    """The steps of an import on the screens."""

    UPLOADED = "uploaded", _("read")
    MAPPED = "mapped", _("columns matched")
    PLANNED = "planned", _("checked")
    APPLIED = "applied", _("imported")
    FAILED = "failed", _("failed")
    UNDOING = "undoing", _("being taken back")
    UNDONE = "undone", _("taken back")
    REDOING = "redoing", _("being imported again")


# Everything of the file has been written, whatever became of it since.
IMPORTED: Final = (LedgerState.APPLIED, LedgerState.UNDOING, LedgerState.UNDONE, LedgerState.REDOING)


class LedgerTarget(TextChoices):
    """What the rows of a ledger become."""

    CUSTOMERS = "customers", _("guests")
    VISITS = "visits", _("visits")
    DEALS = "deals", _("banquet inquiries")
    DISHES = "dishes", _("dishes")
    FOODS = "foods", _("foods")


# Ledgers of the kitchen: nobody's data, so whoever edits menus reads them in.
OF_THE_KITCHEN: Final = (LedgerTarget.DISHES, LedgerTarget.FOODS)


class RowOutcome(TextChoices):
    """What a ledger row does."""

    CREATED = "created", _("new")
    UPDATED = "updated", _("updated")
    UNCHANGED = "unchanged", _("unchanged")
    ERROR = "error", _("error")


class RowDecision(TextChoices):
    """What a person said of a row that waited."""

    GUEST = "guest", _("this guest")
    NEW = "new", _("a new guest")
    SKIP = "skip", _("left out")


class KeptReason(TextChoices):
    """Why an undo left something as it is."""

    CHANGED = "changed", _("changed since")
    ATTACHED = "attached", _("in use since")
    GONE = "gone", _("deleted since")
    TAKEN = "taken", _("taken by another since")


class DocumentStatus(TextChoices):
    """Only posted documents count."""

    POSTED = "posted", _("posted")
    DRAFT = "draft", _("draft")
    CANCELLED = "cancelled", _("cancelled")
    DELETED = "deleted", _("deleted")


class PartnerStatus(TextChoices):
    """Whom accounting's partner is for us."""

    UNMATCHED = "unmatched", _("not matched yet")
    MATCHED = "matched", _("a guest")
    NOT_A_CUSTOMER = "not_a_customer", _("not a guest")


class MatchMethod(TextChoices):
    """How a partner was matched."""

    CODE = "code", _("same code")
    PERSON = "person", _("by a person")
    CREATED = "created", _("guest made from the partner")

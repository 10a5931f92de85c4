"""Words of ledgers and accounting."""

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


class RowOutcome(TextChoices):
    """What a ledger row does."""

    CREATED = "created", _("new")
    UPDATED = "updated", _("updated")
    UNCHANGED = "unchanged", _("unchanged")
    ERROR = "error", _("error")


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

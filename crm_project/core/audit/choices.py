"""What can happen to a record."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Action(TextChoices):
    """One kind of audit entry."""

    VIEWED = "viewed", _("viewed")
    SEARCHED = "searched", _("searched")
    CREATED = "created", _("created")
    CHANGED = "changed", _("changed")
    DELETED = "deleted", _("deleted")
    IMPORTED = "imported", pgettext_lazy("audit", "imported")
    EXPORTED = "exported", _("exported")
    PULLED = "pulled", _("pulled from accounting")
    RECOMPUTED = "recomputed", _("recomputed")
    SIGNED_IN = "signed_in", _("signed in")
    SIGNED_OUT = "signed_out", _("signed out")
    SIGN_IN_FAILED = "sign_in_failed", _("failed to sign in")

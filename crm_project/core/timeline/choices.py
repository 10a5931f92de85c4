"""What a timeline tells."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class EntryKind(TextChoices):
    """Kinds of rows, which are also the filters of the card."""

    VISIT = "visit", _("Visits")
    NOTE = "note", _("Notes")
    DEAL = "deal", _("Banquets")
    CONTACT = "contact", _("Contacts")
    PROMISE = "promise", _("Promises")
    COMMENT = "comment", _("Answers")
    BILL = "bill", _("Bills")
    RANK = "rank", _("Ranks")
    STAFF = "staff", _("Who looks after the guest")
    LEDGER = "ledger", _("Ledger")

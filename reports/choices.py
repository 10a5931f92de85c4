"""Words of the figures."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Bucket(TextChoices):
    """Where a document's sales belong, so that the sum equals the accounting total."""

    GUESTS = "guests", _("Guests")
    UNMATCHED = "unmatched", _("Not matched yet")
    NOT_A_CUSTOMER = "not_a_customer", _("Not a guest")

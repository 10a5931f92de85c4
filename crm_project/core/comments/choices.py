"""One-tap reactions."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ReactionKind(TextChoices):
    """What a manager says with one tap."""

    THANKS = "thanks", _("Thank you")
    UNDERSTOOD = "understood", _("Understood")
    THANKS_FOR_TELLING = "thanks_for_telling", _("Thank you for telling us")

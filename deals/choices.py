"""The stages of a banquet inquiry. Labels are the house's own (deals.models.StageLabel); the keys are fixed."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Stage(TextChoices):
    """From the first call to won or lost."""

    INQUIRY = "inquiry", _("Inquiry")
    SITE_VISIT = "site_visit", _("Site visit")
    PROPOSAL = "proposal", _("Proposal")
    TENTATIVE_HOLD = "tentative_hold", _("Tentative hold")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


OPEN_STAGES = (Stage.INQUIRY, Stage.SITE_VISIT, Stage.PROPOSAL, Stage.TENTATIVE_HOLD)


class LossReason(TextChoices):
    """Why a deal was lost."""

    DATE = "date", _("The date did not fit")
    PRICE = "price", _("Price")
    ROOM = "room", _("Room or capacity")
    MENU = "menu", _("Menu")
    COMPETITOR = "competitor", _("Decided for another house")
    SLOW = "slow", _("We were too slow")
    CANCELLED = "cancelled", _("The event was called off")
    OTHER = "other", _("Other")

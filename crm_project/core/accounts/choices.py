"""Choices of the house."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class GuestScope(TextChoices):
    """Who knows a guest: every venue of the group, or only the venues where the guest has been."""

    GROUP = "group", _("The whole group")
    VENUE = "venue", _("Only venues where the guest has been")


class StartPage(TextChoices):
    """The page a role lands on after signing in."""

    TODAY = "today", _("Today")
    UNANSWERED = "unanswered", _("Waiting for an answer")
    KITCHEN = "kitchen", _("Kitchen")
    GUESTS = "guests", _("Guests")
    DEALS = "deals", _("Banquets")
    SETTINGS = "settings", _("Settings")
    DASHBOARD = "dashboard", _("Figures")

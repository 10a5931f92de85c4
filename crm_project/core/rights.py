"""What a person may do at a venue (店舗). Roles are sets of these rights; the names are the guardian permissions on Venue."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Right(TextChoices):
    """One right at one venue."""

    VIEW_CONTACTS = "view_contacts", _("See phones, addresses and birthdays")
    EDIT_GUESTS = "edit_guests", _("Add and change guests")
    VIEW_NOTES = "view_notes", _("Read the check sheets")
    LOG_VISITS = "log_visits", _("Record visits")
    TAKE_BOOKINGS = "take_bookings", _("Take and change bookings")
    KEEP_APART = "keep_apart", _("Know who must not meet in the house")
    EDIT_MENUS = "edit_menus", _("Change dishes and courses")
    ANSWER_NOTES = "answer_notes", _("Answer the entries of the floor")
    VIEW_DEALS = "view_deals", _("See banquet inquiries")
    EDIT_DEALS = "edit_deals", _("Work on banquet inquiries")
    VIEW_MONEY = "view_money", _("See sales and profit")
    IMPORT_LEDGERS = "import_ledgers", _("Import ledgers")
    MANAGE_SOURCES = "manage_sources", _("Connect accounting and match its partners")
    MANAGE_RANKS = "manage_ranks", _("Change the rank rules")
    EXPORT_DATA = "export_data", _("Export lists")
    VIEW_AUDIT = "view_audit", _("See who read and changed what")
    HAND_OVER = "hand_over", _("Hand over guests and open work between colleagues")
    MANAGE_HOUSE = "manage_house", _("Manage people, roles, venues and settings")

"""Words of the guest's card."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PhoneLabel(TextChoices):
    """Whose phone it is, or where it rings."""

    MOBILE = "mobile", _("Mobile")
    HOME = "home", _("Home")
    WORK = "work", _("Work")
    SECRETARY = "secretary", _("Secretary")
    OTHER = "other", _("Other")


class AddressLabel(TextChoices):
    """Where mail may go."""

    HOME = "home", _("Home")
    OFFICE = "office", _("Office")


class Honorific(TextChoices):
    """How a guest is addressed on screens and sheets; never part of the stored name."""

    SAMA = "様", _("様 (sama)")
    SENSEI = "先生", _("先生 (sensei)")
    ONCHU = "御中", _("御中 (organisations, envelopes)")


class AskedHow(TextChoices):
    """How an allergy was asked for."""

    IN_PERSON = "in_person", _("in person")
    PHONE = "phone", _("by phone")
    MAIL = "mail", _("by mail")
    LEDGER = "ledger", _("from the ledger")

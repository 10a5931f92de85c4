"""Words of the guest's card."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PhoneLabel(TextChoices):
    """Whose phone it is, or where it rings."""

    MOBILE = "mobile", _("Mobile")
    HOME = "home", _("Home")
    WORK = "work", _("Work")
    SECRETARY = "secretary", _("Secretary")
    OTHER = "other", _("Other")


class AddressLabel(TextChoices):
    """Whose address it is."""

    HOME = "home", _("Home")
    OFFICE = "office", _("Office")
    OTHER = "other", _("Other")


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


class Language(TextChoices):
    """The language a guest is served in; anything but Japanese needs no kana."""

    JAPANESE = "ja", _("Japanese")
    ENGLISH = "en", _("English")
    CHINESE = "zh", _("Chinese")
    KOREAN = "ko", _("Korean")
    FRENCH = "fr", _("French")
    OTHER = "other", _("Another language")


class MailTo(TextChoices):
    """Where mail may go: asked, never assumed."""

    NOT_ASKED = "", _("not asked")
    HOME = "home", _("Home")
    OFFICE = "office", _("Office")
    NOWHERE = "nowhere", _("No mail at all")


class Channel(TextChoices):
    """How the house and a guest reach each other."""

    PHONE = "phone", pgettext_lazy("channel", "Phone")
    VISIT = "visit", _("In person")
    LETTER = "letter", _("Letter")
    MAIL = "mail", pgettext_lazy("channel", "E-mail")


class Direction(TextChoices):
    """Who began."""

    IN = "in", _("from the guest")
    OUT = "out", _("from us")


class ConsentState(TextChoices):
    """What the guest said. The stricter one wins when two cards become one."""

    GRANTED = "granted", _("agreed")
    REFUSED = "refused", _("refused")


class RelationKind(TextChoices):
    """Who somebody is to the guest whose card it is."""

    SPOUSE = "spouse", _("Spouse")
    PARENT = "parent", _("Parent")
    CHILD = "child", _("Child")
    SIBLING = "sibling", _("Brother or sister")
    FAMILY = "family", _("Family")
    SECRETARY = "secretary", _("Secretary")
    PRINCIPAL = "principal", _("Whose secretary")
    ARRANGER = "arranger", _("Arranger (幹事)")
    ARRANGES_FOR = "arranges_for", _("Arranges for")
    INTRODUCER = "introducer", _("Introduced by")
    INTRODUCED = "introduced", _("Introduced to us")
    SUPERIOR = "superior", _("Superior")
    SUBORDINATE = "subordinate", _("Subordinate")
    PREDECESSOR = "predecessor", _("Predecessor")
    SUCCESSOR = "successor", _("Successor")
    FRIEND = "friend", _("Friend")


# How the same relation is read on the other one's card.
INVERSE_RELATION = {
    RelationKind.SPOUSE: RelationKind.SPOUSE,
    RelationKind.PARENT: RelationKind.CHILD,
    RelationKind.CHILD: RelationKind.PARENT,
    RelationKind.SIBLING: RelationKind.SIBLING,
    RelationKind.FAMILY: RelationKind.FAMILY,
    RelationKind.SECRETARY: RelationKind.PRINCIPAL,
    RelationKind.PRINCIPAL: RelationKind.SECRETARY,
    RelationKind.ARRANGER: RelationKind.ARRANGES_FOR,
    RelationKind.ARRANGES_FOR: RelationKind.ARRANGER,
    RelationKind.INTRODUCER: RelationKind.INTRODUCED,
    RelationKind.INTRODUCED: RelationKind.INTRODUCER,
    RelationKind.SUPERIOR: RelationKind.SUBORDINATE,
    RelationKind.SUBORDINATE: RelationKind.SUPERIOR,
    RelationKind.PREDECESSOR: RelationKind.SUCCESSOR,
    RelationKind.SUCCESSOR: RelationKind.PREDECESSOR,
    RelationKind.FRIEND: RelationKind.FRIEND,
}


class SpecialDayKind(TextChoices):
    """Occasions that come back every year."""

    WEDDING = "wedding", _("Wedding anniversary")
    FOUNDING = "founding", _("Founding of the company")
    MEMORIAL = "memorial", _("Memorial day (命日)")
    BIRTHDAY = "birthday", _("Birthday in the family")
    OTHER = "other", _("Other")


class AttributeKind(TextChoices):
    """What is entered."""

    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    DATE = "date", _("Date")
    CHOICE = "choice", _("Choice")
    YES_NO = "yes_no", _("Yes / no")


class YesNo(TextChoices):
    """The answers of an item of the kind yes / no."""

    YES = "yes", _("yes")
    NO = "no", _("no")


class AttributeUse(TextChoices):
    """Whether an item of the house is told before an evening."""

    CARD = "", _("on the card")
    BRIEFING = "briefing", _("before the evening as well (本日の心得)")
    CAUTION = "caution", _("before the evening, as something to avoid")


class GiftDirection(TextChoices):
    """Who gave."""

    GIVEN = "given", pgettext_lazy("gift", "given")
    RECEIVED = "received", pgettext_lazy("gift", "received")


class HandoverReason(TextChoices):
    """Why somebody hands over."""

    CHANGES = "changes", _("Another duty or venue")
    LEAVES = "leaves", _("Leaves the house")
    AWAY = "away", _("Away for a while")

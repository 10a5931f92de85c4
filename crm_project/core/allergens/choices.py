"""Words for allergies and for what a dish contains."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AllergenClass(TextChoices):
    """The two classes of the Japanese labelling rules, and the house's own items."""

    MANDATORY = "mandatory", _("specified ingredient (mandatory)")
    RECOMMENDED = "recommended", _("equivalent to specified (recommended)")


class Presence(TextChoices):
    """What is known of an allergen in a dish. Unchecked is never shown as safe."""

    CONTAINS = "contains", _("contains")
    MAY_CONTAIN = "may_contain", _("may contain")
    FREE = "free", _("free of")
    UNCHECKED = "unchecked", _("not checked")


class AllergyState(TextChoices):
    """What is known of a guest. Not asked is a state of its own."""

    NOT_ASKED = "not_asked", _("not asked")
    NONE = "none", _("none, confirmed")
    LISTED = "listed", _("listed")


class Severity(TextChoices):
    """How bad it is, in the words used on the floor."""

    SEVERE = "severe", _("severe")
    MODERATE = "moderate", _("avoid")
    TRACE_OK = "trace_ok", _("traces are fine")


class DietRule(TextChoices):
    """What a guest's faith, conviction or health lets one eat; dishes will be marked with the same rules."""

    VEGETARIAN = "vegetarian", _("Vegetarian")
    VEGAN = "vegan", _("Vegan")
    HALAL = "halal", _("Halal")
    KOSHER = "kosher", _("Kosher")
    GLUTEN_FREE = "gluten_free", _("Gluten-free")
    NOTHING_RAW = "nothing_raw", _("Nothing raw")
    NO_ALCOHOL = "no_alcohol", _("No alcohol")

"""The reasons of the matching in the words of the house, for screens."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.matching import Reason

SENTENCES: dict[str, Promise] = {
    "family_same": _("same family name"),
    "family_reading": _("family name read the same"),
    "family_other_kanji": _("family name read the same, other kanji"),
    "family_near": _("family name differs by one sign"),
    "family_similar": _("similar family name"),
    "family_shared": _("family name shares a kanji"),
    "family_other_reading": _("same family name, other reading"),
    "family_different": _("other family name"),
    "family_swapped": _("family and given name swapped"),
    "given_same": _("same given name"),
    "given_reading": _("given name read the same"),
    "given_other_kanji": _("given name read the same, other kanji"),
    "given_near": _("given name differs by one sign"),
    "given_similar": _("similar given name"),
    "given_shared": _("given name shares a kanji"),
    "given_other_reading": _("same given name, other reading"),
    "given_different": _("other given name"),
    "birth_same": _("same birthday"),
    "birth_day": _("same birthday, year unknown"),
    "birth_typo": _("birthday differs by a slip"),
    "birth_year": _("same day, other year of birth"),
    "birth_part": _("birthday fits in part"),
    "birth_different": _("other birthday"),
    "phone_same": _("same phone"),
    "phone_near": _("phone differs by a slip"),
    "phone_different": _("other phone"),
    "email_same": _("same e-mail"),
    "email_near": _("e-mail differs by a slip"),
    "email_different": _("other e-mail"),
    "postal_same": _("same postcode"),
    "postal_near": _("postcode differs by a slip"),
    "postal_different": _("other postcode"),
    "place_same": _("same town"),
    "place_near": _("town differs by a slip"),
    "place_similar": _("similar town"),
    "place_moved": _("same address in another field"),
    "place_different": _("other town"),
    "lot_same": _("same house number"),
    "lot_near": _("house number fits in part"),
    "lot_different": _("other house number"),
    "company_same": _("same company"),
    "company_near": _("similar company"),
    "company_different": _("other company"),
    "title_same": _("same post"),
    "title_near": _("similar post"),
    "title_different": _("other post"),
}


def reason_text(reason: Reason | str) -> str:
    """A reason, or its stored code, as a person reads it; a code of a former version stands as it is."""
    code = reason if isinstance(reason, str) else reason.code
    return str(SENTENCES.get(code, code))

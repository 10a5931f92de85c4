"""Which language a page is in: the reader's choice, else the browser's, else Japanese."""

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

HOUSE_LANGUAGE = "ja"


def language_of(request: HttpRequest) -> str:
    """The language of the cookie, else the first one of the browser that we speak, else Japanese."""
    spoken = {code for code, _name in settings.LANGUAGES}
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in spoken:
        return chosen
    for wanted, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if (base := wanted.split("-")[0]) in spoken:
            return base
    return HOUSE_LANGUAGE


class JapaneseFirstLocaleMiddleware(LocaleMiddleware):
    """Django's locale middleware with a fixed last answer: Japanese, whatever LANGUAGE_CODE says."""

    def process_request(self, request: HttpRequest) -> None:
        """Activate the reader's language for this request."""
        translation.activate(language_of(request))
        request.LANGUAGE_CODE = translation.get_language()

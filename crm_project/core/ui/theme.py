"""Light or dark: as the device is set, unless this browser chose otherwise."""

from django.http import HttpRequest

THEME_COOKIE = "okami_theme"
THEMES = ("auto", "light", "dark")
THEME_COOKIE_SECONDS = 365 * 24 * 3600


def theme_of(request: HttpRequest) -> str:
    """The theme a browser chose; "auto" when it chose none or sends nonsense."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "auto"

"""The small views of the interface itself: the theme and the language of this browser."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as django_set_language

from crm_project.core.ui.theme import THEME_COOKIE, THEME_COOKIE_SECONDS, THEMES

# The sign-in page has the language switch too.
set_language = login_not_required(django_set_language)


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen colours in a cookie and go back to the page."""
    chosen = request.POST.get("theme", "")
    if chosen not in THEMES:
        return HttpResponseBadRequest()
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    response.set_cookie(
        THEME_COOKIE, chosen, max_age=THEME_COOKIE_SECONDS, secure=request.is_secure(), httponly=True, samesite="Lax"
    )
    return response

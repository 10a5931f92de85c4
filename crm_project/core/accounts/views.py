"""Where a person lands, the venue worked at, and the house's settings."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from crm_project.core.accounts.active_venue import choose_venue
from crm_project.core.accounts.choices import StartPage
from crm_project.core.accounts.models import as_user

START_URLS: dict[str, str] = {
    StartPage.TODAY: "visits:today",
    StartPage.UNANSWERED: "comments:unanswered",
    StartPage.KITCHEN: "visits:kitchen",
    StartPage.GUESTS: "customers:list",
    StartPage.DEALS: "deals:board",
    StartPage.SETTINGS: "accounts:settings",
    StartPage.DASHBOARD: "reports:dashboard",
}


def home(request: HttpRequest) -> HttpResponse:
    """Go to the start page of the person's role."""
    return redirect(START_URLS[as_user(request.user).start_page])


@require_POST
@login_required
def switch_venue(request: HttpRequest) -> HttpResponse:
    """Work at another venue; back to the start page, whose list is that venue's."""
    venue_id = request.POST.get("venue", "")
    if venue_id.isdecimal():
        choose_venue(request, int(venue_id))
    return redirect("home")

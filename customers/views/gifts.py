"""Gifts on a guest's card: noted with one line, taken off when it was a slip."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_project.core.accounts.active_venue import active_venue
from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.models import as_user
from crm_project.core.dates import DateError, business_date, parse_date
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from customers.models import Customer, Gift
from customers.services.gifts import note_gift, remove_gift


@right_required(Right.LOG_VISITS)
@require_POST
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """One gift of a guest, at the venue one works at; a blank day is the business day."""
    user, venue = as_user(request.user), active_venue(request)
    customer = get_object_or_404(Customer.objects.visible_to(user), pk=pk)
    if venue is None:
        raise Http404
    try:
        today = business_date(timezone.now(), venue.closing_hour, venue.zone)
        note_gift(
            customer=customer,
            venue=venue,
            by=user,
            direction=request.POST.get("direction", ""),
            what=request.POST.get("what", ""),
            given_on=parse_date(request.POST.get("given_on", "")) or today,
        )
    except (DateError, InputProblem) as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("Noted."))
    return redirect("customers:card", pk)


@right_required(Right.LOG_VISITS)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a gift off."""
    user = as_user(request.user)
    gift = get_object_or_404(Gift.objects.visible_to(user).filter(venue__in=user.venues_with(Right.LOG_VISITS)), pk=pk)
    remove_gift(gift=gift, by=user)
    messages.success(request, _("Saved."))
    return redirect("customers:card", gift.customer_id)

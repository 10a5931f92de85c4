"""What the form will keep of what was just written."""

from typing import Any

from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.dates import japanese_date
from crm_project.core.rights import Right
from customers.fields import AnyDateField, Birthday, BirthdayField
from customers.normalising import Beyond, normaliser_of

DATES = {"birthday": BirthdayField(), "since": AnyDateField(), "mourning_until": AnyDateField()}
LONGEST = 500


@right_required(Right.EDIT_GUESTS)
@require_POST
def normalised(request: HttpRequest) -> HttpResponse:
    """A few words under a field: what will be kept of it, or the day in both calendars. Nothing is stored."""
    sent = request.GET.get("field", "")
    written = request.POST.get(sent, "")
    # A field inside another form has a longer name than the value that it writes.
    field = request.GET.get("as", sent)
    if len(written) > LONGEST or max(len(sent), len(field)) > 80:
        raise BadRequest
    if field in DATES:
        return render(request, "customers/_kept.html", {"day": _day_in_words(field, written)})
    found = normaliser_of(field)(written)
    shown = found.value
    if field.endswith("postal_code"):
        shown = f"{shown[:3]}-{shown[3:]}" if shown else ""
    context: dict[str, Any] = {
        "field": sent,
        "seen": _seen(sent, field) if "as" in request.GET else "seen",
        "found": found if shown and shown != written.strip() else None,
        "shown": shown,
        **{beyond.value: beyond in found.beyond for beyond in Beyond},
    }
    return render(request, "customers/_kept.html", context)


def _seen(sent: str, field: str) -> str:
    """The field of a form inside another one that says what was seen; "" for forms that do not ask about it."""
    prefix = sent.removesuffix(field)
    return f"{prefix}seen" if prefix.endswith("-") else ""


def _day_in_words(field: str, written: str) -> str:
    """The day in both calendars; "" for what is no day: the form says why when it is sent."""
    try:
        day = DATES[field].to_python(written)
    except ValidationError:
        return ""
    if isinstance(day, Birthday):
        day = day.day
    return japanese_date(day) if day else ""

"""Colleagues lent to another venue for an evening (応援): who is there, who comes; lent and ended here."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from crm_project.core.accounts.guards import right_required
from crm_project.core.accounts.lending import end_loan, lend, running_and_coming
from crm_project.core.accounts.models import Loan, Role, User, Venue, as_user
from crm_project.core.dates import DateError, refuse_far_ahead
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page

manages_house = right_required(Right.MANAGE_HOUSE)


class LoanForm(forms.Form):
    """Who helps where, as what, from when until when."""

    use_required_attribute = False

    user = forms.ModelChoiceField(label=gettext_lazy("Who"), queryset=User.objects.none())
    venue = forms.ModelChoiceField(label=gettext_lazy("Helps at"), queryset=Venue.objects.none(), empty_label=None)
    role = forms.ModelChoiceField(label=gettext_lazy("Role"), queryset=Role.objects.all(), empty_label=None)
    on = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    from_time = forms.TimeField(
        label=gettext_lazy("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    until_time = forms.TimeField(
        label=pgettext_lazy("help", "Until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy("Blank: until the business day ends."),
    )

    def __init__(self, *args: Any, managed: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.people().filter(is_active=True).order_by("kana", "pk")  # type: ignore[attr-defined]
        self.fields["venue"].queryset = Venue.objects.filter(pk__in=managed)  # type: ignore[attr-defined]

    def clean_on(self) -> date:
        """A day that somebody may plan for."""
        day: date = self.cleaned_data["on"]
        try:
            refuse_far_ahead(day, timezone.localdate())
        except DateError as problem:
            raise forms.ValidationError(str(problem)) from problem
        return day


@require_http_methods(["GET", "POST"])
@manages_house
def loans(request: HttpRequest) -> HttpResponse:
    """Loans to the venues one manages that run or come, and one more."""
    user = as_user(request.user)
    managed = user.venues_with(Right.MANAGE_HOUSE)
    initial = {"on": timezone.localdate(), "from_time": "16:00"}
    form = LoanForm(request.POST if request.method == "POST" else None, managed=managed, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            lend(by=user, **form.cleaned_data)
        except InputProblem as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:loans")
    context = {"form": form, "loans": running_and_coming(managed), "now": timezone.now()}
    return render_page(request, "accounts/loans.html", context, status=422 if form.is_bound else 200)


@require_POST
@manages_house
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """The loan ends now."""
    user = as_user(request.user)
    managed = user.venues_with(Right.MANAGE_HOUSE)
    end_loan(loan=get_object_or_404(Loan.objects.filter(venue__in=managed), pk=pk), by=user)
    messages.success(request, _("The help has ended."))
    return redirect("accounts:loans")

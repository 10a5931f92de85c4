"""The plan of the ledgers: everybody reads what the leader published; who imports ledgers writes it."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_project.core.accounts.models import as_user
from crm_project.core.rights import Right
from crm_project.core.ui.htmx import render_page
from integrations.ledger_plan.progress import phases
from integrations.ledger_plan.services import FIELDS, PlanChangedMeanwhile, save_plan, the_plan
from integrations.models import LedgerPlan
from integrations.notebooks.progress import notebooks_in_figures

LARGEST = 10_000_000
NOTE_LENGTH = 2000
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


if TYPE_CHECKING:
    PlanModelForm = forms.ModelForm[LedgerPlan]
else:
    PlanModelForm = forms.ModelForm


class PlanForm(PlanModelForm):
    """Targets, days and a word to everybody."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    class Meta:
        model = LedgerPlan
        fields = FIELDS
        widgets = {"guests_by": DAY, "visits_by": DAY, "deals_by": DAY, "note": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version
        for name in ("guests", "visits", "deals"):
            self.fields[name].validators.append(
                MaxValueValidator(LARGEST, gettext_lazy("That is more than any house has."))
            )

    def clean_note(self) -> str:
        """A word, not a book."""
        note: str = self.cleaned_data["note"]
        if len(note) > NOTE_LENGTH:
            raise forms.ValidationError(_("Write at most %(limit)s characters."), params={"limit": NOTE_LENGTH})
        return note

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes."""


def ledger_plan(request: HttpRequest) -> HttpResponse:
    """How far the ledgers are; a POST writes the plan, publishes it or takes it back."""
    user = as_user(request.user)
    may_write = user.has_right(Right.IMPORT_LEDGERS)
    plan = the_plan()
    if not may_write and (plan.published_at is None or request.method == "POST"):
        raise PermissionDenied
    form = PlanForm(request.POST if request.method == "POST" else None, instance=plan) if may_write else None
    if form is not None and request.method == "POST" and form.is_valid():
        publish = {"publish": True, "withdraw": False}.get(request.POST.get("do", ""))
        values = {name: form.cleaned_data[name] for name in FIELDS}
        try:
            save_plan(by=user, version=form.cleaned_data["version"], publish=publish, **values)
        except PlanChangedMeanwhile as problem:
            form.add_error(None, str(problem))
            data = request.POST.copy()
            data["version"] = str(the_plan().version)
            form.data = data
        else:
            messages.success(request, _("The plan is saved."))
            return redirect("integrations:ledger_plan")
    today = timezone.localdate()
    found = phases(plan, today)
    context = {
        "plan": plan,
        "notebooks": notebooks_in_figures(),
        "phases": [(phase, phase.is_late(today)) for phase in found],
        "form": form,
    }
    return render_page(request, "ledgers/plan.html", context, status=422 if form is not None and form.errors else 200)

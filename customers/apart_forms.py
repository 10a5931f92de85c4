"""The input boundary of who must not meet."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User
from customers.fields import TidyField
from customers.models import Company
from customers.names import company_identity

SIMILAR_SHOWN = 5


class KeepApartForm(forms.Form):
    """A firm by its name, or a guest chosen by the picker beside it; and why."""

    use_required_attribute = False

    company_name = TidyField(
        label=_("Or a whole firm"), max_length=200, required=False, help_text=_("As it is written on its page.")
    )
    note = TidyField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.company: Company | None = None

    def clean_company_name(self) -> str:
        """A firm there is; else those whose names are like it are told."""
        written: str = self.cleaned_data["company_name"]
        if written:
            firms = Company.objects.visible_to(self.user)
            self.company = firms.filter(key=company_identity(written)).first()
            if self.company is None:
                like = firms.filter(name__icontains=written).order_by("name")[:SIMILAR_SHOWN]
                names = "、".join(company.name for company in like)
                if names:
                    raise ValidationError(_("No firm is called so. Do you mean: %(names)s?") % {"names": names})
                raise ValidationError(_("No firm is called so."))
        return written

"""Forms of the administration: what people type goes the way it goes on the screens of the house."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from customers.models import Company
from customers.normalising import COMPANY_NORMALISERS, normaliser_of

if TYPE_CHECKING:
    CompanyModelForm = forms.ModelForm[Company]
else:
    CompanyModelForm = forms.ModelForm

NORMALISED = ("name", "kana", "code", "phone")


class CompanyAdminForm(CompanyModelForm):
    """A company; whatever is written in another way than it is kept is shown once before it is saved."""

    class Meta:
        model = Company
        fields: ClassVar = ["name", "kana", "code", "phone", "note"]

    def clean(self) -> dict[str, Any]:
        """Show what will be kept, in the fields themselves; saving again keeps it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        data = QueryDict(mutable=True)
        data.update(self.data)
        for name in NORMALISED:
            written = str(self.data.get(self.add_prefix(name), ""))
            found = normaliser_of(COMPANY_NORMALISERS.get(name, name))(written)
            if name in cleaned and found.is_changed:
                data[self.add_prefix(name)] = found.value
                self.add_error(
                    name,
                    _("“%(written)s” will be kept as “%(value)s”. Save again if that is right.")
                    % {"written": written, "value": found.value},
                )
        self.data = data
        return cleaned

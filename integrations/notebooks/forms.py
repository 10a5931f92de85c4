"""The input boundary of notebooks: photos of pages, and the fields of a row."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User, Venue
from crm_project.core.rights import Right
from crm_project.core.ui.uploads import limit_megabytes
from customers.fields import TidyField
from integrations.models import Notebook
from integrations.notebooks.columns import TYPED
from integrations.notebooks.photos import MOST_AT_ONCE

OFF: Final = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
# What a card holds at most; the reader of ledgers says the rest.
LENGTHS: Final = {
    "name": 200,
    "kana": 200,
    "phone": 200,
    "company": 200,
    "date": 40,
    "year": 20,
    "note": 4000,
    "allergies": 1000,
}
LABELS: Final[Mapping[str, str | Promise]] = {
    "name": _("Name"),
    "kana": _("Reading (kana)"),
    "phone": _("Phone"),
    "company": _("Company"),
    "date": _("Last visit"),
    "year": _("Year of days without one"),
    "note": _("Notes"),
    "allergies": _("Allergies"),
}
HELP: Final[Mapping[str, str | Promise]] = {
    "date": _("As it stands there: H29.9.4, 昭和63年4月1日, 9/4"),
    "year": _("Stays for the next row."),
    "allergies": _("As it stands there; なし when the notebook says none."),
}


class ManyFilesInput(forms.FileInput):
    """A field in which several files are chosen at once."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several photos, in the order in which they were chosen."""

    widget = ManyFilesInput(attrs={"accept": "image/jpeg,image/png,image/webp", "multiple": True})

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The uploads; none is "required"."""
        uploads = data if isinstance(data, list | tuple) else [data] if data else []
        if not uploads:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [forms.FileField.clean(self, upload, initial) for upload in uploads]


class PhotosForm(forms.Form):
    """Photos or scans of pages."""

    use_required_attribute = False

    photos = PhotosField(
        label=_("Photos or scans of the pages"),
        help_text=_("JPEG or PNG, one for each page, in their order. Place and device are taken out of them."),
        error_messages={
            "required": _("Choose at least one photo."),
            "empty": _("One of the photos is empty. Choose it again."),
        },
    )

    def __init__(self, *args: Any, over_limit: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._over_limit = over_limit
        self.fields["photos"].widget.attrs["aria-describedby"] = "id_photos_helptext"

    def clean(self) -> dict[str, Any]:
        """What is too large together was not read at all."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self._over_limit:
            self.errors.pop("photos", None)
            self.add_error(
                "photos",
                forms.ValidationError(
                    _("The photos are larger than %(limit)s MB together: choose fewer at a time, at most %(count)s."),
                    params={"limit": limit_megabytes(), "count": MOST_AT_ONCE},
                ),
            )
        return cleaned

    def uploads(self) -> list[UploadedFile]:
        """The photos."""
        found: list[UploadedFile] = self.cleaned_data["photos"]
        return found


class NotebookForm(PhotosForm):
    """A new notebook: what it is called, at which venue it was kept, its pages."""

    name = TidyField(label=_("Name of the notebook"), max_length=80, widget=forms.TextInput(attrs=OFF))
    venue = forms.ModelChoiceField(label=_("Venue"), queryset=Venue.objects.none(), empty_label=None)

    field_order = ("name", "venue", "photos")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        venues = Venue.objects.filter(pk__in=user.venues_with(Right.IMPORT_LEDGERS))
        choice = self.fields["venue"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = venues

    def clean_name(self) -> str:
        """Names tell notebooks apart."""
        name: str = self.cleaned_data["name"]
        if Notebook.objects.filter(name=name).exists():
            raise forms.ValidationError(_("There is a notebook of that name: choose another name."))
        return name


class RowForm(forms.Form):
    """A row as it is typed. What its words mean is the business of the ledger's reader."""

    use_required_attribute = False

    def __init__(self, *args: Any, with_visit: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in TYPED:
            if name in ("date", "year") and not with_visit:
                continue
            lines = name == "note"
            widget = (
                forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}) if lines else forms.TextInput(attrs={**OFF})
            )
            self.fields[name] = TidyField(
                label=LABELS[name],
                help_text=HELP.get(name, ""),
                max_length=LENGTHS[name],
                required=name == "name",
                lines=lines,
                widget=widget,
            )
        self.fields["name"].widget.attrs["data-reading-in"] = "id_kana"
        self.fields["phone"].widget.attrs["inputmode"] = "tel"
        wrong = [name for name in self.fields if self.is_bound and name in self.errors]
        self.begin_at(wrong[0] if wrong else "name")

    def begin_at(self, name: str | None) -> None:
        """Where the cursor stands when the form is shown; None where something else takes it."""
        for one, held in self.fields.items():
            held.widget.attrs.pop("autofocus", None)
            if one == name:
                held.widget.attrs["autofocus"] = True

    def typed(self) -> dict[str, str]:
        """The fields as typed, also those that were refused."""
        return {name: str(self.data.get(name, "")) for name in TYPED if name in self.fields}

"""The input boundary of accounting: a source, its file, its columns, and which partners a person looks at."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import User, Venue
from crm_project.core.column_map import Column, ColumnMap, MapError, dump_map
from crm_project.core.money import AmountError, parse_currency
from crm_project.core.rights import Right
from crm_project.core.text import compare_key
from crm_project.core.ui.uploads import limit_megabytes
from integrations.choices import PartnerStatus
from integrations.models import Source
from integrations.sources.fields import FIELDS, check_source_map, load_source_map
from integrations.sources.pull import FILE_NAMES, place_of

ACCEPTED: Final = ",".join(FILE_NAMES)


class SourceForm(forms.ModelForm):
    """A source's name, place and map."""

    class Meta:
        model = Source
        fields = ("name", "location", "default_venue", "is_active", "map_text")
        widgets = {"map_text": forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "code"})}
        help_texts = {
            "default_venue": _("Documents that name no venue belong to this one."),
            "map_text": _("Which column fills which field. It is easier to match the columns on a page of their own."),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["map_text"].required = False
        self.fields["location"].help_text = _("A file or folder inside %(folder)s, where accounting leaves it.") % {
            "folder": settings.ACTUALS_DIR
        }
        venues = Venue.objects.filter(pk__in=user.venues_with(Right.MANAGE_SOURCES))
        self.fields["default_venue"] = forms.ModelChoiceField(
            venues,
            required=False,
            label=self.fields["default_venue"].label,
            help_text=self.fields["default_venue"].help_text,
        )

    def clean_location(self) -> str:
        """Keep to the folder of accounting's files: no page opens other files of the server."""
        location = str(self.cleaned_data["location"]).strip()
        if location and not place_of(location).resolve().is_relative_to(settings.ACTUALS_DIR.resolve()):
            raise forms.ValidationError(
                _("Name a file or folder inside %(folder)s."), params={"folder": settings.ACTUALS_DIR}
            )
        return location

    def clean_map_text(self) -> str:
        """Refuse a map that could not be used."""
        text = str(self.cleaned_data["map_text"])
        if text.strip():
            try:
                load_source_map(text)
            except MapError as problem:
                raise forms.ValidationError(str(problem)) from problem
        return text


class FileForm(forms.Form):
    """A file of actuals."""

    file = forms.FileField(
        label=_("File (Excel or CSV)"),
        max_length=200,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )

    def __init__(self, *args: Any, over_limit: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.over_limit = over_limit

    def clean_file(self) -> UploadedFile:
        """Refuse a file over the limit, of which nothing was kept."""
        upload: UploadedFile = self.cleaned_data["file"]
        if self.over_limit or (upload.size or 0) > limit_megabytes() * 1024**2:
            raise forms.ValidationError(
                _("The file is too large: the limit is %(limit)s MB. Split it, or save it as CSV."),
                params={"limit": limit_megabytes()},
            )
        return upload


class ColumnsForm(forms.Form):
    """Which column of the file fills which field of a document."""

    currency_is = forms.CharField(
        label=_("Currency of all documents"),
        required=False,
        max_length=3,
        help_text=_("Three letters, such as JPY. Blank: the currency of the house, or the column above."),
    )
    create_customers = forms.BooleanField(
        label=_("Enter a guest for every partner code that no guest has"), required=False
    )

    def __init__(self, *args: Any, headings: Sequence[str], suggested: ColumnMap, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.suggested = suggested
        self.headings = {str(place): heading for place, heading in enumerate(headings) if heading}
        places = {compare_key(heading): place for place, heading in reversed(self.headings.items())}
        choices = [("", "—"), *self.headings.items()]
        for name, label in FIELDS.items():
            column = suggested.columns.get(name)
            found = (
                [place for heading in column.headings if (place := places.get(compare_key(heading)))] if column else []
            )
            self.fields[name] = forms.ChoiceField(
                label=str(label), choices=choices, required=name in ("document", "date"), initial="".join(found[:1])
            )
        self.order_fields([*FIELDS, "currency_is", "create_customers"])
        self.fields["currency_is"].initial = suggested.constants.get("currency", "")
        self.fields["create_customers"].initial = bool(suggested.options.get("create_customers"))

    def clean_currency_is(self) -> str:
        """The currency's three letters."""
        try:
            return parse_currency(self.cleaned_data["currency_is"])
        except AmountError as problem:
            raise forms.ValidationError(str(problem)) from problem

    def clean(self) -> dict[str, Any]:
        """Make the map. A column that joins or has alternatives stays as it is while its first heading is chosen."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        columns = {}
        for name in FIELDS:
            if place := cleaned.get(name):
                former = self.suggested.columns.get(name)
                is_same = former is not None and self.fields[name].initial == place
                columns[name] = former if former is not None and is_same else Column((self.headings[place],))
        constants = {
            name: value for name, value in self.suggested.constants.items() if name not in (*columns, "currency")
        }
        if cleaned["currency_is"] and "currency" not in columns:
            constants["currency"] = cleaned["currency_is"]
        options = {"create_customers": True} if cleaned["create_customers"] else {}
        column_map = ColumnMap(columns, constants, options)
        try:
            check_source_map(column_map)
        except MapError as problem:
            raise forms.ValidationError(_("Choose the net amount, or both quantity and unit price.")) from problem
        cleaned["map_text"] = dump_map(column_map)
        return cleaned


class PartnerFilter(forms.Form):
    """Which partners are listed; what is not known counts as not asked for."""

    status = forms.ChoiceField(choices=PartnerStatus, required=False)
    source = forms.ModelChoiceField(Source.objects.none(), required=False)
    currency = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, sources: Any, currencies: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"] = forms.ModelChoiceField(sources, required=False)
        self.fields["currency"] = forms.ChoiceField(choices=[(one, one) for one in currencies], required=False)
        self.currencies = currencies

    def chosen(self) -> tuple[str, Source | None, str]:
        """Status, source and currency to show."""
        self.is_valid()
        first = self.currencies[0] if self.currencies else ""
        return (
            self.cleaned_data.get("status") or PartnerStatus.UNMATCHED,
            self.cleaned_data.get("source"),
            self.cleaned_data.get("currency") or first,
        )

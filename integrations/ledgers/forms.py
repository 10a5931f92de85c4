"""The input boundary of a ledger: the file, its sheet, its columns, and which rows a person looks at."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from crm_project.core.column_map import Column, ColumnMap, MapError
from crm_project.core.tables import Cell
from crm_project.core.text import cell_text, compare_key, tidy
from crm_project.core.ui.uploads import limit_megabytes
from integrations.ledgers.fields import FIELD_LABELS, REQUIRED_FIELDS, WITH_HIDDEN

# Fields that ledgers often spread over two columns (姓 and 名).
JOINABLE: Final = ("name", "kana", "address")
SECOND: Final = "_and"
SAMPLE_LENGTH: Final = 24


class UploadForm(forms.Form):
    """A ledger's file."""

    file = forms.FileField(
        label=_("Ledger (Excel or CSV)"),
        max_length=200,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.xls,.csv,.tsv,.txt,.gz,.xz,.zip"}),
    )

    password = forms.CharField(
        label=_("Password of the workbook"),
        required=False,
        max_length=255,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Only for a protected workbook. It is used once and kept nowhere."),
    )

    def __init__(self, *args: Any, over_limit: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.over_limit = over_limit
        self.fields["file"].help_text = _("Up to %(limit)s MB. Nothing is written before you have looked at it.") % {
            "limit": limit_megabytes()
        }

    def clean_file(self) -> UploadedFile:
        """Refuse a file over the limit, of which nothing was kept."""
        if self.over_limit or self.cleaned_data["file"].size > limit_megabytes() * 1024**2:
            raise forms.ValidationError(
                _("The file is too large: the limit is %(limit)s MB. Split it, or save it as CSV."),
                params={"limit": limit_megabytes()},
            )
        upload: UploadedFile = self.cleaned_data["file"]
        return upload


class PasswordForm(forms.Form):
    """The password of a protected workbook."""

    password = forms.CharField(
        label=_("Password of the workbook"),
        max_length=255,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("It is used once and kept nowhere."),
        error_messages={"required": _("Type the password of the workbook.")},
    )


class ColumnsForm(forms.Form):
    """Which column of the file fills which field of the card; the name is required."""

    def __init__(
        self,
        *args: Any,
        headings: Sequence[str],
        samples: Mapping[str, Sequence[Cell]],
        suggested: ColumnMap,
        may_hide: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.headings = headings
        self.suggested = suggested
        # Headings are chosen by their place: the same word may stand over two columns.
        self.places = {str(place): heading for place, heading in enumerate(headings) if heading}
        choices = [("", "—"), *((place, _with_samples(heading, samples)) for place, heading in self.places.items())]
        for name, label in FIELD_LABELS.items():
            chosen = self._suggested_places(name)
            self.fields[name] = forms.ChoiceField(
                label=str(label),
                choices=choices,
                required=name in REQUIRED_FIELDS,
                initial=chosen[0] if chosen else "",
                error_messages={"required": _("Choose the column that holds the name.")},
            )
            if name in JOINABLE:
                self.fields[name + SECOND] = forms.ChoiceField(
                    label=_("%(field)s, second column") % {"field": label},
                    choices=choices,
                    required=False,
                    initial=chosen[1] if len(chosen) > 1 else "",
                )

        if may_hide or suggested.options.get(WITH_HIDDEN):
            self.fields[WITH_HIDDEN] = forms.BooleanField(
                label=_("Import hidden rows and columns too"),
                help_text=_("The file hides some, by hand or by a filter. Without this they are left out and named."),
                required=False,
                initial=bool(suggested.options.get(WITH_HIDDEN)),
            )

    def _suggested_places(self, name: str) -> list[str]:
        column = self.suggested.columns.get(name)
        if column is None:
            return []
        by_key = {compare_key(heading): place for place, heading in reversed(self.places.items())}
        found = [by_key[key] for heading in column.headings if (key := compare_key(heading)) in by_key]
        return found if column.joined else found[:1]

    def clean(self) -> dict[str, Any]:
        """Make the map and see that it fits the file."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        columns: dict[str, Column] = {}
        for name in FIELD_LABELS:
            places = [place for place in (cleaned.get(name), cleaned.get(name + SECOND)) if place]
            if not places:
                continue
            headings = tuple(self.places[place] for place in places)
            columns[name] = self._as_before(name, headings) or Column(headings, joined=len(headings) > 1)
        options = {name: value for name, value in self.suggested.options.items() if name != WITH_HIDDEN}
        if cleaned.get(WITH_HIDDEN):
            options[WITH_HIDDEN] = True
        column_map = replace(self.suggested, columns=columns, options=options)
        try:
            column_map.resolve(self.headings)
        except MapError as error:
            raise forms.ValidationError(str(error)) from error
        cleaned["column_map"] = column_map
        return cleaned

    def _as_before(self, name: str, headings: tuple[str, ...]) -> Column | None:
        """The suggested column with its alternatives or its longer join, when the person left it as it was."""
        before = self.suggested.columns.get(name)
        shown = tuple(self.places[place] for place in self._suggested_places(name)[:2])
        return before if before and shown == headings else None


def _with_samples(heading: str, samples: Mapping[str, Sequence[Cell]]) -> str:
    shown = " / ".join(tidy(cell_text(cell))[:SAMPLE_LENGTH] for cell in samples.get(heading, ())[:2])
    return f"{heading}　（{shown}）" if shown else heading

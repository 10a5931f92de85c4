"""The input boundary of a ledger: the file, its sheet, its columns, and which rows a person looks at."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crm_project.core.column_map import FIRST, LIST, Column, ColumnMap, MapError, dump_map
from crm_project.core.tables import STRIKE, Cell
from crm_project.core.text import cell_text, compare_key, tidy
from crm_project.core.ui.uploads import limit_megabytes
from customers.models import Rank
from integrations.choices import LedgerTarget
from integrations.ledgers.fields import CANCELLED, LEFT, STOP, WITH_HIDDEN
from integrations.ledgers.marked_rows import RANK
from integrations.ledgers.match_rules import OPTION, USUAL_RULES
from integrations.ledgers.targets import Target

# Fields that ledgers often spread over two columns (姓 and 名).
JOINABLE: Final = ("name", "kana", "address", "office_address", "other_address")
# Fields of which a second column holds a further value.
LISTABLE: Final = ("phone", "note", "likes", "dislikes")
SECOND: Final = "_and"
# Asked about in every ledger, also where no column looks like them.
USUAL_FIELDS: Final = ("code", "name", "kana", "company", "phone", "address", "note", "date", "time", "people")
# What a mark may mean beside a rank.
MEANINGS: Final[dict[str, str | Promise]] = {
    "ignore": _("nothing"),
    LEFT: _("the guest has left"),
    STOP: _("do not contact"),
}
CANCELLED_MEANS: Final[dict[str, str | Promise]] = {
    LedgerTarget.VISITS.value: _("the visit was cancelled"),
    LedgerTarget.DEALS.value: _("the inquiry was lost"),
}
COLOUR_NAMES: Final[dict[str, str | Promise]] = {
    "FFFF00": _("yellow"),
    "FF0000": _("red"),
    "0000FF": _("blue"),
    "00FF00": _("green"),
    "FFC000": _("orange"),
    "808080": _("grey"),
    "C0C0C0": _("light grey"),
    "00B0F0": _("light blue"),
    "92D050": _("light green"),
}
SAMPLE_LENGTH: Final = 24
MAP_BYTES: Final = 100_000
# So many columns of one field can be chosen on the screen; longer ones are written as text.
MOST_SHOWN: Final = 2


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
    """Which column of the file fills which field; what the map has beside columns (groups, constants) stays as suggested."""

    def __init__(
        self,
        *args: Any,
        target: Target,
        headings: Sequence[str],
        sheet: str,
        samples: Mapping[str, Sequence[Cell]],
        suggested: ColumnMap,
        may_hide: bool = False,
        marks: Mapping[str, int] = MappingProxyType({}),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.target, self.headings, self.sheet = target, headings, sheet
        self.suggested = suggested
        # Headings are chosen by their place: the same word may stand over two columns.
        self.places = {str(place): heading for place, heading in enumerate(headings) if heading}
        choices = [("", "—"), *((place, _with_samples(heading, samples)) for place, heading in self.places.items())]
        self.labels = {
            name: label
            for name, label in target.labels().items()
            if name not in suggested.constants and not self._is_made(name)
        }
        for name, label in self.labels.items():
            chosen = self._suggested_places(name)
            self.fields[name] = forms.ChoiceField(
                label=str(label),
                choices=choices,
                required=name in target.required,
                initial=chosen[0] if chosen else "",
                error_messages={"required": _("Choose the column that holds the name.")},
            )
            if name in (*JOINABLE, *LISTABLE):
                self.fields[name + SECOND] = forms.ChoiceField(
                    label=_("%(field)s, second column") % {"field": label},
                    choices=choices,
                    required=False,
                    initial=chosen[1] if len(chosen) > 1 else "",
                )

        rule = str(suggested.options.get(OPTION, ""))
        rules = {**USUAL_RULES, **({} if rule in USUAL_RULES else {rule: rule})}
        self.fields[OPTION] = forms.ChoiceField(
            label=_("Who is the same guest"),
            choices=[(value, str(label)) for value, label in rules.items()],
            required=False,
            initial=rule,
        )
        if may_hide or suggested.options.get(WITH_HIDDEN):
            self.fields[WITH_HIDDEN] = forms.BooleanField(
                label=_("Import hidden rows and columns too"),
                help_text=_("The file hides some, by hand or by a filter. Without this they are left out and named."),
                required=False,
                initial=bool(suggested.options.get(WITH_HIDDEN)),
            )

        # Field -> mark of the legend.
        self.marks: dict[str, str] = {}
        self._ask_for_marks(marks)

    def asked_first(self) -> list[forms.BoundField]:
        """The usual fields, those that have a column, and what is asked about the file itself."""
        return [field for field in self.visible_fields() if self._is_asked_first(field)]

    def further(self) -> list[forms.BoundField]:
        """Fields that no column of this file fills: folded away, for a telephone would show nothing else."""
        return [field for field in self.visible_fields() if not self._is_asked_first(field)]

    def _is_asked_first(self, field: forms.BoundField) -> bool:
        base = field.name.removesuffix(SECOND)
        is_of_file = base not in self.labels
        return bool(is_of_file or field.name in USUAL_FIELDS or field.field.required or field.value() or field.errors)

    def _ask_for_marks(self, marks: Mapping[str, int]) -> None:
        """One question for each colour of the file, and for struck-through rows: what does it mean?"""
        asked = list(dict.fromkeys([*marks, *self.suggested.legend]))
        if not asked:
            return
        meanings: list[tuple[str, str | Promise]] = [("", _("not decided")), *MEANINGS.items()]
        if (cancelled := CANCELLED_MEANS.get(self.target.key.value)) is not None:
            meanings.append((CANCELLED, cancelled))
        meanings += [
            (f"{RANK}{name}", _("rank “%(rank)s”") % {"rank": name})
            for name in Rank.objects.values_list("name", flat=True)
        ]
        for at, mark in enumerate(asked):
            meaning = self.suggested.legend.get(mark, "")
            known = [value for value, _label in meanings]
            self.marks[f"mark_{at}"] = mark
            self.fields[f"mark_{at}"] = forms.ChoiceField(
                label=str(mark_label(mark)),
                help_text=ngettext("%(count)s cell", "%(count)s cells", marks[mark]) % {"count": marks[mark]}
                if mark in marks
                else "",
                choices=meanings if meaning in known else [*meanings, (meaning, meaning)],
                required=False,
                initial=meaning,
            )

    def _is_made(self, name: str) -> bool:
        """Whether the value is made of several cells (parts of a date, a product): such a column is written as text."""
        column = self.suggested.columns.get(name)
        if column is None or column.how == FIRST:
            return False
        return column.how != LIST or len(column.headings) > MOST_SHOWN

    def _suggested_places(self, name: str) -> list[str]:
        column = self.suggested.columns.get(name)
        if column is None:
            return []
        by_key = {compare_key(heading): place for place, heading in reversed(self.places.items())}
        found = [by_key[key] for heading in column.headings if (key := compare_key(heading)) in by_key]
        return found if column.takes_all else found[:1]

    def clean(self) -> dict[str, Any]:
        """Make the map and see that it fits the file."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        columns = {name: column for name, column in self.suggested.columns.items() if self._is_made(name)}
        for name in self.labels:
            places = [place for place in (cleaned.get(name), cleaned.get(name + SECOND)) if place]
            if not places:
                continue
            headings = tuple(self.places[place] for place in places)
            columns[name] = self._as_before(name, headings) or _column_of(name, headings)
        options = {name: value for name, value in self.suggested.options.items() if name != WITH_HIDDEN}
        if cleaned.get(WITH_HIDDEN):
            options[WITH_HIDDEN] = True
        options.pop(OPTION, None)
        if cleaned.get(OPTION):
            options[OPTION] = cleaned[OPTION]
        legend = {mark: cleaned[name] for name, mark in self.marks.items() if cleaned.get(name)}
        column_map = replace(self.suggested, columns=columns, options=options, legend=legend)
        cleaned["column_map"] = fitting(self.target, dump_map(column_map), self.headings, self.sheet)
        return cleaned

    def _as_before(self, name: str, headings: tuple[str, ...]) -> Column | None:
        """The suggested column with its alternatives or its longer join, when the person left it as it was."""
        before = self.suggested.columns.get(name)
        shown = tuple(self.places[place] for place in self._suggested_places(name)[:2])
        return before if before and shown == headings else None


def mark_label(mark: str) -> str | Promise:
    """A mark of the file as people call it: 黄色の塗り（FFFF00）."""
    kind, _colon, colour = mark.partition(":")
    if kind == STRIKE:
        return _("What does a struck-through row mean?")
    shown = {"colour": f"{COLOUR_NAMES[colour]} {colour}" if colour in COLOUR_NAMES else colour}
    if kind == "fill":
        return _("What does the fill colour %(colour)s mean?") % shown
    return _("What does the text colour %(colour)s mean?") % shown


def _column_of(name: str, headings: tuple[str, ...]) -> Column:
    """One heading, or two that make one value (姓 and 名) or two values (a second phone)."""
    if len(headings) == 1:
        return Column(headings)
    return Column(headings, how=LIST) if name in LISTABLE else Column(headings, joined=True)


class MapForm(forms.Form):
    """A map as text, or as a file that was saved before."""

    map_text = forms.CharField(
        label=_("The map as text (TOML)"),
        required=False,
        max_length=100_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )
    map_file = forms.FileField(
        label=_("A map that was saved"), required=False, widget=forms.FileInput(attrs={"accept": ".toml,.txt"})
    )

    def __init__(self, *args: Any, target: Target, headings: Sequence[str], sheet: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.target, self.headings, self.sheet = target, headings, sheet

    def clean(self) -> dict[str, Any]:
        """Read the map and see that it fits the file."""
        cleaned: dict[str, Any] = super().clean() or {}
        text = cleaned.get("map_text") or ""
        upload = cleaned.get("map_file")
        if upload is not None:
            if upload.size > MAP_BYTES:
                raise forms.ValidationError(_("A map is a small text: this file is too large."))
            try:
                text = upload.read().decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise forms.ValidationError(_("The file of the map is not text in UTF-8.")) from error
        if not text.strip():
            raise forms.ValidationError(_("Write the map, or choose its file."))
        cleaned["column_map"] = fitting(self.target, text, self.headings, self.sheet)
        return cleaned


def fitting(target: Target, text: str, headings: Sequence[str], sheet: str) -> ColumnMap:
    """The map of a text, once it is known to fit the file. Raises ValidationError."""
    try:
        column_map = target.load(text)
        column_map.resolve(headings, sheet=sheet)
    except MapError as error:
        raise forms.ValidationError(str(error)) from error
    return column_map


def _with_samples(heading: str, samples: Mapping[str, Sequence[Cell]]) -> str:
    shown = " / ".join(tidy(cell_text(cell))[:SAMPLE_LENGTH] for cell in samples.get(heading, ())[:2])
    return f"{heading}　（{shown}）" if shown else heading

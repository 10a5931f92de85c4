"""The components of the screens and the props each of them accepts: the one list that templates are checked against."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

TONES = ("plain", "info", "ok", "ask", "allergy")


@dataclass(frozen=True, slots=True)
class Prop:
    """One thing a component accepts; with `choices`, only these values."""

    required: bool = False
    default: Any = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Component:
    """A component: its props, whether it wraps content, the named slots inside, and what it works out from its props."""

    props: Mapping[str, Prop]
    wraps: bool = False
    slots: tuple[str, ...] = ()
    prepare: Callable[[dict[str, Any]], dict[str, Any]] = field(default=lambda values: values)


REQUIRED = Prop(required=True)
OPTIONAL = Prop()


def described_field(values: dict[str, Any]) -> dict[str, Any]:
    """Work out how a form field is drawn, and link its input to its purpose line and its errors."""
    bound: BoundField = values["field"]
    widget = bound.field.widget
    base_id = bound.auto_id or bound.html_name
    help_text = values["help"] or bound.help_text
    described_by = " ".join(
        identity
        for identity, there in ((f"{base_id}_helptext", help_text), (f"{base_id}_error", bound.errors))
        if there
    )
    kind = _field_kind(widget)
    css_class = f"{widget.attrs.get('class', '')} input input-{kind}".strip()
    attrs: dict[str, str | bool] = {"class": css_class}
    if described_by:
        attrs["aria-describedby"] = described_by
    return {
        **values,
        "base_id": base_id,
        "kind": kind,
        "label": values["label"] or bound.label,
        "help_text": help_text,
        "described_by": described_by,
        "widget": "" if kind == "choices" else bound.as_widget(attrs=attrs),
    }


def _field_kind(widget: forms.Widget) -> str:
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.Textarea):
        return "textarea"
    if isinstance(widget, forms.Select):
        return "select"
    return "file" if isinstance(widget, forms.FileInput) else "text"


def measured_bar(values: dict[str, Any]) -> dict[str, Any]:
    """The length of an inline bar, in units of its 100 wide drawing; any value above zero stays visible."""
    value, maximum = float(values["value"] or 0), float(values["maximum"] or 0)
    share = max(0.0, min(1.0, value / maximum)) if maximum > 0 else 0.0
    return {**values, "length": max(2.0, round(share * 100, 1)) if share else 0}


def measured_progress(values: dict[str, Any]) -> dict[str, Any]:
    """How far a job is, in whole per cent (None when its length is not known yet), and whether it still moves."""
    done, total = int(values["done"] or 0), int(values["total"] or 0)
    return {
        **values,
        "percent": min(100, done * 100 // total) if total else None,
        "moving": values["state"] in {"queued", "running"},
    }


COMPONENTS: dict[str, Component] = {
    "alert": Component(
        {"tone": Prop(default="info", choices=("danger", "ask", "ok", "info")), "title": OPTIONAL},
        wraps=True,
        slots=("actions",),
    ),
    "bar": Component(
        {"value": REQUIRED, "maximum": REQUIRED, "label": OPTIONAL, "tone": Prop(default="info", choices=TONES[:4])},
        prepare=measured_bar,
    ),
    "bar_chart": Component({"chart": REQUIRED, "title": REQUIRED, "value_label": REQUIRED, "line_label": OPTIONAL}),
    "button": Component(
        {
            "label": REQUIRED,
            "url": OPTIONAL,
            "icon": OPTIONAL,
            "kind": Prop(default="primary", choices=("primary", "ghost", "quiet", "urgent")),
            "name": OPTIONAL,
            "value": OPTIONAL,
            "opens": OPTIONAL,
        }
    ),
    "card": Component(
        {
            "title": OPTIONAL,
            "id": OPTIONAL,
            "tone": Prop(default="plain", choices=("plain", "now", "ask", "ok", "closed", "urgent")),
        },
        wraps=True,
        slots=("corner",),
    ),
    "chip": Component(
        {"label": REQUIRED, "url": REQUIRED, "on": Prop(default=False), "count": Prop(default=None), "icon": OPTIONAL}
    ),
    "chips": Component({"field": REQUIRED}),
    "dialog": Component(
        {"id": REQUIRED, "title": REQUIRED, "open": Prop(default=False)}, wraps=True, slots=("actions",)
    ),
    "empty_state": Component({"title": REQUIRED, "text": OPTIONAL, "icon": OPTIONAL}, wraps=True),
    "field": Component(
        {"field": REQUIRED, "label": OPTIONAL, "help": OPTIONAL, "hide_label": Prop(default=False)},
        prepare=described_field,
    ),
    "filter_bar": Component(
        {"label": Prop(default=_("Narrow the list")), "url": OPTIONAL, "target": OPTIONAL}, wraps=True
    ),
    "form_errors": Component({"form": REQUIRED}),
    "form_fields": Component({"form": REQUIRED}),
    "hbar_chart": Component({"chart": REQUIRED, "title": REQUIRED, "value_label": REQUIRED}),
    "history": Component({"entries": REQUIRED, "title": Prop(default=_("History"))}),
    "page_heading": Component(
        {"title": OPTIONAL, "subtitle": OPTIONAL, "eyebrow": OPTIONAL, "ruby": OPTIONAL, "guest": Prop(default=None)},
        wraps=True,
        slots=("subtitle",),
    ),
    "pager": Component({"page": REQUIRED, "parameter": OPTIONAL, "target": OPTIONAL}),
    "progress": Component(
        {
            "state": Prop(required=True, choices=("queued", "running", "done", "failed")),
            "label": REQUIRED,
            "done": Prop(default=0),
            "total": Prop(default=0),
            "message": OPTIONAL,
            "poll_url": OPTIONAL,
        },
        wraps=True,
        prepare=measured_progress,
    ),
    "save_bar": Component({"note": OPTIONAL}, wraps=True),
    "stat": Component(
        {
            "label": REQUIRED,
            "value": REQUIRED,
            "delta": OPTIONAL,
            "direction": Prop(default="", choices=("", "up", "down", "same")),
            "delta_tone": Prop(default="ok", choices=("ok", "ask", "plain")),
            "tone": Prop(default="plain", choices=("plain", "ask")),
            "url": OPTIONAL,
        }
    ),
    "table": Component(
        {"caption": REQUIRED, "show_caption": Prop(default=False), "numbers": Prop(default=False)}, wraps=True
    ),
    "tag": Component({"label": REQUIRED, "tone": Prop(default="plain", choices=TONES), "icon": OPTIONAL}),
}

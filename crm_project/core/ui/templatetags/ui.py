"""The tags every template has at hand: components, icons, guest names, dates, money, panels and the menu."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context, Node, NodeList, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from crm_project.core.money import format_amount
from crm_project.core.rokuyo import rokuyo_of
from crm_project.core.text import dialled, format_phone, phone_digits
from crm_project.core.ui.components import COMPONENTS, Component
from crm_project.core.ui.display_dates import format_date, format_moment
from crm_project.core.ui.guest_names import ruby_pairs
from crm_project.core.ui.icons import ICONS
from crm_project.core.ui.registry import TABS_ON_PHONE, NavLink, actions_for, nav_for, panels_for
from crm_project.core.ui.theme import theme_of

register = template.Library()

PASSED_ON = ("request", "csrf_token", "user")
HONORIFIC = "様"


class SlotNode(Node):
    """A named part of a component's content; only the component around it may render it."""

    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        """Refuse to render where no component took the slot."""
        raise TemplateSyntaxError(f"Slot {self.name!r} must stand directly inside a component, not inside another tag.")


class ComponentNode(Node):
    """A component with its props, content and slots."""

    child_nodelists = ("nodelist",)

    def __init__(
        self, name: str, props: Mapping[str, FilterExpression], nodelist: NodeList, slots: Mapping[str, SlotNode]
    ) -> None:
        self.name = name
        self.props = props
        self.nodelist = nodelist
        self.slots = slots

    def render(self, context: Context) -> SafeString:
        """Render the component's template with its props, its content and the request, and nothing else of the page."""
        component = COMPONENTS[self.name]
        values = {name: prop.default for name, prop in component.props.items()}
        values |= {name: expression.resolve(context) for name, expression in self.props.items()}
        for name, value in values.items():
            _check_choice(self.name, name, component.props[name].choices, value)
        values = component.prepare(values)
        for name in component.slots:
            values[f"{name}_slot"] = self.slots[name].nodelist.render(context) if name in self.slots else ""
        if component.wraps:
            values["content"] = self.nodelist.render(context)
        if context.template is None:
            raise TemplateSyntaxError(f"Component {self.name!r} needs a template around it.")
        found = context.template.engine.get_template(f"ui/{self.name}.html")
        return found.render(context.new({name: context.get(name) for name in PASSED_ON} | values))


def _check_choice(component: str, prop: str, choices: tuple[str, ...], value: object) -> None:
    if choices and value not in choices:
        raise TemplateSyntaxError(f"Component {component!r}: {prop}={value!r} is not one of {', '.join(choices)}.")


def _quoted_name(token: Token) -> tuple[str, list[str]]:
    """The literal name a tag starts with, and the rest of the tag."""
    tag, *bits = token.split_contents()
    if not bits or bits[0][0] not in "'\"" or bits[0][0] != bits[0][-1]:
        raise TemplateSyntaxError(f"{{% {tag} %}} starts with a name in quotes.")
    return bits[0][1:-1], bits[1:]


def _declared(parser: Parser, token: Token, *, wraps: bool) -> tuple[str, Component, dict[str, FilterExpression]]:
    """The component a tag names and the props it passes; raises TemplateSyntaxError for anything undeclared."""
    name, bits = _quoted_name(token)
    component = COMPONENTS.get(name)
    if component is None:
        raise TemplateSyntaxError(f"There is no component {name!r}. There are: {', '.join(sorted(COMPONENTS))}.")
    if component.wraps != wraps:
        right = "{% component %} with {% endcomponent %}" if component.wraps else "{% ui %}, without content"
        raise TemplateSyntaxError(f"Component {name!r} is written as {right}.")
    props = token_kwargs(bits, parser)
    if bits:
        raise TemplateSyntaxError(f"Component {name!r} takes name=value only, not {bits[0]!r}.")
    if unknown := props.keys() - component.props.keys():
        raise TemplateSyntaxError(
            f"Component {name!r} has no {', '.join(sorted(unknown))}. It has: {', '.join(sorted(component.props))}."
        )
    required = {prop for prop, declared in component.props.items() if declared.required}
    if missing := required - props.keys():
        raise TemplateSyntaxError(f"Component {name!r} needs {', '.join(sorted(missing))}.")
    for prop, expression in props.items():
        if isinstance(expression.var, str) and not expression.filters:
            _check_choice(name, prop, component.props[prop].choices, expression.var)
    return name, component, props


@register.tag("ui")
def single_component(parser: Parser, token: Token) -> ComponentNode:
    """A component without content: {% ui "tag" label=... %}."""
    name, _component, props = _declared(parser, token, wraps=False)
    return ComponentNode(name, props, NodeList(), {})


@register.tag("component")
def wrapping_component(parser: Parser, token: Token) -> ComponentNode:
    """A component around content: {% component "card" title=... %}...{% endcomponent %}."""
    name, component, props = _declared(parser, token, wraps=True)
    nodelist = parser.parse(("endcomponent",))
    parser.delete_first_token()
    slots: dict[str, SlotNode] = {}
    content = NodeList()
    for node in nodelist:
        if not isinstance(node, SlotNode):
            content.append(node)
        elif node.name in slots or node.name not in component.slots:
            raise TemplateSyntaxError(
                f"Component {name!r} takes each of these slots once: {component.slots or 'none'}."
            )
        else:
            slots[node.name] = node
    return ComponentNode(name, props, content, slots)


@register.tag("slot")
def slot(parser: Parser, token: Token) -> SlotNode:
    """A named part of a component: {% slot "actions" %}...{% endslot %}."""
    name, _bits = _quoted_name(token)
    nodelist = parser.parse(("endslot",))
    parser.delete_first_token()
    return SlotNode(name, nodelist)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A drawn sign. With a label it speaks for itself; without, it decorates the words beside it."""
    return _drawn(name, str(label))


@lru_cache(maxsize=512)
def _drawn(name: str, label: str) -> SafeString:
    path = ICONS.get(name)
    if path is None:
        raise TemplateSyntaxError(f"There is no icon {name!r}. There are: {', '.join(ICONS)}.")
    meaning = format_html('role="img" aria-label="{}"', label) if label else format_html('aria-hidden="true"{}', "")
    return format_html('<svg class="icon" viewBox="0 0 24 24" {}><path d="{}"/></svg>', meaning, path)


@register.simple_tag
def ruby(name: str, kana: str = "") -> SafeString:
    """A name with its reading above each part."""
    return _with_reading(str(name), str(kana))


@lru_cache(maxsize=2048)
def _with_reading(name: str, kana: str) -> SafeString:
    parts = (
        f"<ruby>{escape(part)}<rp>(</rp><rt>{escape(reading)}</rt><rp>)</rp></ruby>" if reading else escape(part)
        for part, reading in ruby_pairs(name, kana)
    )
    return mark_safe(" ".join(parts))


@register.simple_tag
def guest_name(guest: Any) -> SafeString:
    """A guest's name as it stands on screens: reading above, honorific behind. Takes .name, .kana and .honorific."""
    name = ruby(str(guest.name), getattr(guest, "kana", "") or "")
    honorific = escape(getattr(guest, "honorific", HONORIFIC))
    return mark_safe(f'<span class="guest-name" lang="ja">{name} {honorific}</span>')


@register.filter
def yen(amount: Decimal | int | None, currency: str = "JPY") -> str:
    """An amount with its currency's own digits and sign; nothing for None."""
    return "" if amount is None else format_amount(Decimal(amount), currency)


@register.simple_tag
def phone_link(number: str, written: str = "") -> SafeString:
    """A phone number that rings at a tap, as `written` or grouped; without digits in it, the words alone."""
    digits = phone_digits(number)
    shown = written or (format_phone(digits) if digits == number else number)
    if not digits:
        return format_html('<span class="num">{}</span>', shown)
    return format_html('<a class="num" href="tel:{}">{}</a>', dialled(digits), shown)


@register.filter
def jdate(moment: date | None, style: str = "full") -> str:
    """A day with its weekday; style "full", "short" (no year), "near" (the year where it is far) or "month"; nothing for None."""
    return format_date(moment, style) if moment else ""


@register.filter
def rokuyo(day: date | None) -> str:
    """The 六曜 of a day: 大安; nothing where none is known."""
    found = None if day is None else rokuyo_of(day)
    return "" if found is None else str(found.label)


@register.filter
def jdatetime(moment: datetime | None, style: str = "full") -> str:
    """A day with weekday and time on the venue's clock; style "full", "short" or "time"; nothing for None."""
    return format_moment(moment, style) if moment else ""


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """The colours this browser asked for: auto, light or dark."""
    request: HttpRequest | None = context.get("request")
    return theme_of(request) if request else "auto"


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> dict[str, list[NavLink]]:
    """The menu of the signed-in person: all entries, and those that fit the tab bar of a phone."""
    links = nav_for(context["request"])
    tabs = [link for link in links if link.item.on_phone][:TABS_ON_PHONE]
    return {"all": links, "tabs": tabs, "more": [link for link in links if link not in tabs]}


@register.simple_tag(takes_context=True)
def panels(context: Context, page: str, subject: object) -> SafeString:
    """The panels that apps registered for a page, one below the other."""
    if context.template is None:
        raise TemplateSyntaxError("Panels need a template around them.")
    rendered = []
    for shown in panels_for(page, context["request"], subject):
        with context.push(subject=subject, **shown.context):
            rendered.append((context.template.engine.get_template(shown.panel.template).render(context),))
    return format_html_join("\n", "{}", rendered)


@register.inclusion_tag("ui/actions.html", takes_context=True)
def actions(context: Context, page: str, subject: object) -> dict[str, Any]:
    """The buttons that apps registered for a page."""
    found = actions_for(page, context["request"].user, subject)
    return {
        "links": [(action, action.url(subject)) for action in found if not action.folded],
        "folded": [(action, action.url(subject)) for action in found if action.folded],
    }


@register.simple_tag(takes_context=True)
def query_with(context: Context, name: str, value: object) -> str:
    """This page's query with one parameter set; a filter that is chosen stays chosen on the next page."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    query[name] = str(value)
    return query.urlencode()

"""Where apps add themselves to pages they do not own: the menu, the panels of a page and its actions.

Apps register in `AppConfig.ready()`, so that a page loops over what is there and imports nobody.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

Person = AbstractBaseUser | AnonymousUser
Label = str | Promise


class Ordered(Protocol):
    """What a registry needs to know of its entries."""

    @property
    def key(self) -> str: ...

    @property
    def order(self) -> int: ...


Entry = TypeVar("Entry", bound=Ordered)


class Registry(Generic[Entry]):
    """Entries by place and key, read in the order they ask for; a key can be taken once per place."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[str, Entry]] = {}

    def add(self, place: str, entry: Entry) -> None:
        """Add an entry; raises ImproperlyConfigured when its key is taken at that place."""
        entries = self._entries.setdefault(place, {})
        if entry.key in entries:
            raise ImproperlyConfigured(f"{type(entry).__name__} {entry.key!r} is registered twice for {place!r}.")
        entries[entry.key] = entry

    def at(self, place: str) -> list[Entry]:
        """The entries of a place, by order and then key."""
        return sorted(self._entries.get(place, {}).values(), key=lambda entry: (entry.order, entry.key))

    def places(self) -> list[str]:
        """Every place that has an entry, by name."""
        return sorted(self._entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    """One entry of the main menu. `badge` is a count that waits for this person (0 = nothing shown)."""

    key: str
    label: Label
    url_name: str
    icon: str
    order: int
    visible: Callable[[Any], bool]
    badge: Callable[[HttpRequest], int] | None = None
    on_phone: bool = False
    phone_label: Label | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NavLink:
    """A menu entry as one person sees it on one page."""

    item: NavItem
    url: str
    badge: int
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A part of a page. `context` answers None when this person may not see it: it is then absent, not hidden."""

    key: str
    order: int
    template: str
    context: Callable[[HttpRequest, Any], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPanel:
    """A panel with the context it answered for one request."""

    panel: Panel
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something a person can start from a page; `primary` draws the filled button, `folded` puts it under "More"."""

    key: str
    order: int
    label: Label
    url: Callable[[Any], str]
    visible: Callable[[Any, Any], bool]
    icon: str = ""
    primary: bool = False
    folded: bool = False


MENU = "menu"
TABS_ON_PHONE = 5

_nav: Registry[NavItem] = Registry()
_panels: Registry[Panel] = Registry()
_actions: Registry[Action] = Registry()
# Pages by the name of their address, and the entry of the menu they belong to.
_places: dict[str, str] = {}


def register_nav(
    *,
    key: str,
    label: Label,
    url_name: str,
    icon: str,
    order: int,
    visible: Callable[[Any], bool],
    badge: Callable[[HttpRequest], int] | None = None,
    on_phone: bool = False,
    phone_label: Label | None = None,
) -> None:
    """Add an entry to the main menu; `visible(user)` decides who sees it, `phone_label` is for the narrow tab bar."""
    _nav.add(
        MENU,
        NavItem(
            key=key,
            label=label,
            url_name=url_name,
            icon=icon,
            order=order,
            visible=visible,
            badge=badge,
            on_phone=on_phone,
            phone_label=phone_label,
        ),
    )


def place_pages(key: str, url_names: Iterable[str]) -> None:
    """Let pages stand under an entry of the menu that their addresses do not say."""
    _places.update(dict.fromkeys(url_names, key))


def nav_items() -> list[NavItem]:
    """The whole menu in its order, whoever may see it."""
    return _nav.at(MENU)


def nav_for(request: HttpRequest) -> list[NavLink]:
    """The menu of the signed-in person: what they may open, with counts, the current page marked."""
    user: Any = request.user
    seen = [(item, reverse(item.url_name)) for item in nav_items() if item.visible(user)]
    current = _current_key(request, seen)
    return [
        NavLink(item=item, url=url, badge=item.badge(request) if item.badge else 0, current=item.key == current)
        for item, url in seen
    ]


def _current_key(request: HttpRequest, seen: list[tuple[NavItem, str]]) -> str:
    """The key of the entry the page was placed under, or whose address is the longest beginning of the page's; else of the
    same app.
    """
    placed = _places.get(request.resolver_match.view_name, "") if request.resolver_match else ""
    if any(item.key == placed for item, _ in seen):
        return placed
    inside = [
        (len(url), item.key)
        for item, url in seen
        if request.path == url or (url != "/" and request.path.startswith(url))
    ]
    if inside:
        return max(inside)[1]
    namespace = request.resolver_match.namespace if request.resolver_match else ""
    return next((item.key for item, _ in seen if namespace and item.url_name.startswith(f"{namespace}:")), "")


def register_panel(
    page: str,
    *,
    key: str,
    order: int,
    template: str,
    context: Callable[[HttpRequest, Any], Mapping[str, Any] | None],
) -> None:
    """Add a panel to a page. `context(request, subject)` answers the panel's variables, or None to leave it out."""
    _panels.add(page, Panel(key=key, order=order, template=template, context=context))


def panels_for(page: str, request: HttpRequest, subject: object) -> list[ShownPanel]:
    """The panels of a page that this request may see, each with its context."""
    answered = ((panel, panel.context(request, subject)) for panel in _panels.at(page))
    return [ShownPanel(panel=panel, context=context) for panel, context in answered if context is not None]


def register_action(
    page: str,
    *,
    key: str,
    order: int,
    label: Label,
    url: Callable[[Any], str],
    visible: Callable[[Any, Any], bool],
    icon: str = "",
    primary: bool = False,
    folded: bool = False,
) -> None:
    """Add an action to a page. `visible(user, subject)` decides who gets the button, `url(subject)` where it leads.

    `folded` is for what is rarely done: it stands under "More".
    """
    action = Action(
        key=key, order=order, label=label, url=url, visible=visible, icon=icon, primary=primary, folded=folded
    )
    _actions.add(page, action)


def actions_for(page: str, user: Person, subject: object) -> list[Action]:
    """The actions of a page this person may start."""
    return [action for action in _actions.at(page) if action.visible(user, subject)]

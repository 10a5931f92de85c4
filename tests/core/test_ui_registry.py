"""The menu, the panels and the actions that apps add to pages."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.template import Context, Template
from django.test import RequestFactory

from crm_project.core.ui import registry
from crm_project.core.ui.registry import Registry


@pytest.fixture(autouse=True)
def empty_registries(monkeypatch):
    for name in ("_nav", "_panels", "_actions"):
        monkeypatch.setattr(registry, name, Registry())
    monkeypatch.setattr(registry, "_places", {})


def a_request(path="/", **user):
    request: Any = RequestFactory().get(path)
    request.user = SimpleNamespace(is_authenticated=True, **user)
    request.resolver_match = None
    return request


def add_nav(key, order=1, url_name="home", **more):
    registry.register_nav(
        key=key, label=key, url_name=url_name, icon="home", order=order, **{"visible": lambda user: True, **more}
    )


def test_a_key_is_taken_once():
    add_nav("today")
    with pytest.raises(ImproperlyConfigured, match="'today' is registered twice"):
        add_nav("today")


def test_the_same_key_may_stand_on_two_pages():
    for page in ("customer", "deal"):
        registry.register_panel(page, key="history", order=1, template="x.html", context=lambda request, subject: {})
    assert len(registry.panels_for("deal", a_request(), None)) == 1


def test_the_menu_shows_what_the_person_may_open_in_order_with_counts():
    add_nav("money", order=3, visible=lambda user: user.money)
    add_nav("queue", order=2, badge=lambda request: 7)
    add_nav("today", order=1)
    assert [(link.item.key, link.badge) for link in registry.nav_for(a_request(money=False))] == [
        ("today", 0),
        ("queue", 7),
    ]
    assert [link.item.key for link in registry.nav_for(a_request(money=True))] == ["today", "queue", "money"]


def test_nobody_is_counted_for_what_is_not_shown():
    def count(request):
        raise AssertionError("counted")

    add_nav("queue", visible=lambda user: False, badge=count)
    assert registry.nav_for(a_request()) == []


def test_the_page_inside_is_marked_by_the_longest_address():
    add_nav("home")
    add_nav("theme", url_name="set_theme")
    links = registry.nav_for(a_request("/ui/theme/more/"))
    assert [link.item.key for link in links if link.current] == ["theme"]


@pytest.mark.parametrize(("visible", "marked"), [(True, ["settings"]), (False, ["home"])])
def test_a_page_stands_where_it_was_placed(visible, marked):
    add_nav("home", url_name="set_theme")
    add_nav("settings", visible=lambda user: visible)
    registry.place_pages("settings", ("visits:rooms",))
    request = a_request("/ui/theme/rooms/")
    request.resolver_match = SimpleNamespace(view_name="visits:rooms", namespace="visits")
    assert [link.item.key for link in registry.nav_for(request) if link.current] == marked


def test_a_phone_has_five_tabs_and_the_rest_under_more():
    for number in range(7):
        add_nav(f"n{number}", order=number, on_phone=True)
    menu = Template("{% navigation as menu %}{{ menu.tabs|length }} {{ menu.more|length }} {{ menu.all|length }}")
    assert menu.render(Context({"request": a_request()})) == "5 2 7"


def money_panel(request: Any, subject: object) -> dict[str, str] | None:
    return {"label": "金"} if request.user.money else None


def test_panels_come_in_order_and_are_absent_without_the_right():
    registry.register_panel("customer", key="money", order=1, template="ui/tag.html", context=money_panel)
    registry.register_panel(
        "customer", key="visits", order=2, template="ui/tag.html", context=lambda request, subject: {"label": subject}
    )
    page = Template("{% panels 'customer' 'visits of A' %}")
    assert "金" not in page.render(Context({"request": a_request(money=False)}))
    shown = page.render(Context({"request": a_request(money=True)}))
    assert shown.index("金") < shown.index("visits of A")


def test_actions_are_offered_to_those_who_may():
    registry.register_action(
        "customer",
        key="log",
        order=1,
        label="記録",
        url=lambda subject: f"/visits/new/?guest={subject}",
        visible=lambda user, subject: user.floor,
        icon="pencil",
        primary=True,
    )
    page = Template("{% actions 'customer' 12 %}")
    assert 'href="/visits/new/?guest=12"' in page.render(Context({"request": a_request(floor=True)}))
    assert "href" not in page.render(Context({"request": a_request(floor=False)}))

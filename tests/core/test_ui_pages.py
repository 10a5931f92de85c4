"""Whole pages and fragments, and the headers they carry."""

from typing import Any

import pytest
from django.contrib import messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.test import Client, RequestFactory
from django_htmx.middleware import HtmxDetails

from crm_project.core.ui.htmx import is_fragment, render_page
from tests.factories.accounts import person


def a_request(**headers):
    request: Any = RequestFactory().get("/", headers=headers)
    request.htmx = HtmxDetails(request)
    request.session = {}
    request._messages = FallbackStorage(request)
    return request


@pytest.fixture
def template(settings, tmp_path):
    (tmp_path / "list.html").write_text(
        "{% load partials %}<html>{% partialdef rows inline %}<li>{{ name }}</li>{% endpartialdef %}</html>"
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    settings.TEMPLATES[0]["OPTIONS"] = {
        **settings.TEMPLATES[0]["OPTIONS"],
        "context_processors": ["django.template.context_processors.request"],
    }
    return "list.html"


@pytest.mark.parametrize(
    ("headers", "fragment"),
    [({}, False), ({"hx-request": "true"}, True), ({"hx-request": "true", "hx-boosted": "true"}, False)],
)
def test_only_htmx_asking_for_a_part_gets_a_part(template, headers, fragment):
    request = a_request(**headers)
    answer = render_page(request, template, {"name": "渡邉"}, fragment="rows")
    assert is_fragment(request) is fragment
    assert answer.content.decode() == ("<li>渡邉</li>" if fragment else "<html><li>渡邉</li></html>")
    assert "HX-Request" in answer["Vary"]


def test_a_page_without_parts_is_whole_for_htmx_too(template):
    assert render_page(a_request(**{"hx-request": "true"}), template).content.startswith(b"<html>")


def test_messages_travel_with_a_fragment(template):
    request = a_request(**{"hx-request": "true"})
    messages.success(request, "記録しました")
    html = render_page(request, template, {}, fragment="rows", status=422)
    assert html.status_code == 422
    assert 'id="toasts" hx-swap-oob="beforeend"' in html.content.decode()
    assert "記録しました" in html.content.decode()


@pytest.mark.django_db
def test_the_sign_in_page_works_without_a_person(client: Client):
    html = client.get("/sign-in/login/", headers={"accept-language": "fr"}).content.decode()
    assert '<html lang="ja"' in html
    assert "English" in html
    assert html.count("<h1>") == 1


@pytest.mark.django_db
def test_pages_of_a_signed_in_person_are_kept_nowhere(client: Client):
    client.force_login(person("floor"))
    answer = client.get("/sign-in/password/change/", follow=True)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store, private"
    assert "camera=()" in answer["Permissions-Policy"]


@pytest.mark.django_db
def test_the_page_of_a_signed_in_person_has_menu_search_and_a_way_out(client: Client):
    user = person("floor", display_name="小林 さくら")
    client.force_login(user)
    html = client.get("/sign-in/password/change/", headers={"accept-language": "en"}).content.decode()
    assert 'class="skip-link" href="#main"' in html
    assert 'name="q"' in html
    assert "小林 さくら" in html
    assert "Sign out" in html
    assert 'hx-headers=\'{"X-CSRFToken":' in html


@pytest.mark.django_db
def test_a_wrong_address_has_a_kind_page(client: Client):
    client.force_login(person("floor"))
    answer = client.get("/nowhere/", headers={"accept-language": "en"})
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()

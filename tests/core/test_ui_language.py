"""The language of a page, its switch, and the colours."""

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation

from crm_project.core.ui.language import JapaneseFirstLocaleMiddleware, language_of
from crm_project.core.ui.theme import theme_of


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        (None, "ja", "ja"),
        (None, "en", "en"),
        (None, "en-US,en;q=0.9,ja;q=0.8", "en"),
        (None, "ja-JP,en;q=0.9", "ja"),
        (None, "fr", "ja"),
        (None, "fr-FR,zh;q=0.8", "ja"),
        (None, "fr-FR,en;q=0.5", "en"),
        (None, None, "ja"),
        (None, "*", "ja"),
        (None, ";;q=nonsense", "ja"),
        ("en", "ja", "en"),
        ("ja", "en", "ja"),
        ("fr", "en", "en"),
        ("../en", None, "ja"),
    ],
)
def test_choice_then_browser_then_japanese(cookie, accepted, language):
    request = RequestFactory().get("/", headers={"accept-language": accepted} if accepted else {})
    if cookie:
        request.COOKIES["django_language"] = cookie
    assert language_of(request) == language


def test_the_middleware_speaks_it_and_says_so():
    seen = []

    def view(request):
        seen.append(translation.get_language())
        return HttpResponse()

    request = RequestFactory().get("/", headers={"accept-language": "fr"})
    response = JapaneseFirstLocaleMiddleware(view)(request)
    assert isinstance(response, HttpResponse)
    assert seen == ["ja"]
    assert response["Content-Language"] == "ja"
    assert "Accept-Language" in response["Vary"]


@pytest.mark.django_db
def test_somebody_who_is_not_signed_in_can_switch_the_language(client: Client):
    answer = client.post("/ui/language/", {"language": "en", "next": "/sign-in/login/"})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/login/")
    assert client.get("/sign-in/login/")["Content-Language"] == "en"


@pytest.mark.django_db
def test_the_theme_is_kept_in_a_cookie_and_drawn_by_the_server(client: Client):
    answer = client.post("/ui/theme/", {"theme": "dark", "next": "/sign-in/login/"})
    assert answer["Location"] == "/sign-in/login/"
    assert answer.cookies["okami_theme"]["httponly"]
    assert 'class="theme-dark"' in client.get("/sign-in/login/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "status", "target"),
    [
        ({"theme": "dark", "next": "https://elsewhere.example/"}, 302, "/"),
        ({"theme": "dark"}, 302, "/"),
        ({"theme": "plaid"}, 400, None),
        ({}, 400, None),
    ],
)
def test_the_theme_leads_nowhere_else(client: Client, data, status, target):
    answer = client.post("/ui/theme/", data)
    assert answer.status_code == status
    assert answer.get("Location") == target


def test_the_theme_is_not_changed_by_a_link(client: Client):
    assert client.get("/ui/theme/").status_code == 405


def test_a_nonsense_theme_follows_the_device():
    request = RequestFactory().get("/")
    request.COOKIES["okami_theme"] = '"><script>'
    assert theme_of(request) == "auto"

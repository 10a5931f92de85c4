"""What no template of the project may contain, because the content security policy would refuse it."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.test import RequestFactory, override_settings
from django.utils import translation

from crm_project.core.ui import errors

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted({*ROOT.glob("templates/**/*.html"), *ROOT.glob("*/templates/**/*.html")})
FORBIDDEN = {
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc\s*=)", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>{]*\son[a-z]+\s*=", re.IGNORECASE),
    "evaluated htmx": re.compile(
        r"\bhx-on\b|\bhx-(vals|headers|request)\s*=\s*[\"']\s*js:|\bhx-trigger\s*=\s*\"[^\"]*\["
    ),
    "a javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "unescaped text": re.compile(r"\|\s*safe(seq)?\b|\bautoescape\s+off"),
    "something from another server": re.compile(r"(src|href|action)\s*=\s*[\"'](https?:)?//", re.IGNORECASE),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=[str(path.relative_to(ROOT)) for path in TEMPLATES])
def test_templates_hold_nothing_the_policy_refuses(path):
    text = path.read_text(encoding="utf-8")
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize(
    "bad",
    ['<p style="x">', "<script>x</script>", '<a onclick="x">', "{{ x|safe }}", '<i hx-on:click="x">', '<a href="//x">'],
)
def test_the_reader_of_templates_notices(bad):
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(bad)] != []


def test_every_template_of_the_interface_can_be_read():
    for path in sorted(ROOT.glob("templates/**/*.html")):
        get_template(str(path.relative_to(ROOT / "templates")))


@pytest.mark.parametrize(
    ("view", "status", "japanese", "english"),
    [
        (errors.bad_request, 400, "読み取れませんでした", "We could not read that"),
        (errors.permission_denied, 403, "このページはご覧いただけません", "This page is not open to you"),
        (errors.page_not_found, 404, "ページが見つかりません", "There is nothing here"),
        (errors.content_too_large, 413, "ファイルが大きすぎます", "This file is too large"),
        (errors.server_error, 500, "こちらの不具合です", "Something went wrong on our side"),
    ],
)
def test_error_pages_speak_the_readers_language_without_the_database(view, status, japanese, english):
    for language, title in (("ja", japanese), ("en", english)):
        with translation.override(language):
            answer = view(RequestFactory().get("/"))
        assert answer.status_code == status
        assert f"<h1>{title}</h1>" in answer.content.decode()
        assert f'lang="{language}"' in answer.content.decode()


@override_settings(ROOT_URLCONF="crm_project.urls")
def test_the_forgery_page_is_ours():
    assert "<h1>" in get_template("403_csrf.html").render({})

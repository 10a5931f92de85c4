"""Compiling the catalogue without msgfmt, and finding texts without a translation."""

import gettext
import os
from pathlib import Path

import pytest
import translations

CATALOGUE = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: ja\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "%(count)s visit"
msgid_plural "%(count)s visits"
msgstr[0] "%(count)s回のご来店"

msgid "Guest"
msgstr "お客様"
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """A project folder with one small catalogue; the path of its .po file."""
    path = tmp_path / "locale/ja/LC_MESSAGES/django.po"
    path.parent.mkdir(parents=True)
    path.write_text(CATALOGUE)
    return path


def compiled(path: Path) -> gettext.GNUTranslations:
    """The compiled catalogue beside the .po file."""
    with path.with_suffix(".mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def test_plural_forms_are_japanese(catalogue, tmp_path):
    translations.compile_all(tmp_path)
    japanese = compiled(catalogue)
    assert [japanese.ngettext("%(count)s visit", "%(count)s visits", n) for n in (1, 3)] == ["%(count)s回のご来店"] * 2


def test_compiles_again_only_when_the_source_is_newer(catalogue, tmp_path):
    translations.compile_all(tmp_path)
    target = catalogue.with_suffix(".mo")
    os.utime(target, (2_000_000_000, 2_000_000_000))
    catalogue.write_text(CATALOGUE.replace("お客様", "ゲスト"))
    os.utime(catalogue, (1_900_000_000, 1_900_000_000))
    translations.compile_all(tmp_path)
    assert compiled(catalogue).gettext("Guest") == "お客様"
    os.utime(catalogue, (2_000_000_001, 2_000_000_001))
    translations.compile_all(tmp_path)
    assert compiled(catalogue).gettext("Guest") == "ゲスト"


@pytest.mark.parametrize(
    ("msgstr", "fine"),
    [('msgstr "%(name)s様"', True), ('msgstr ""', False), ('msgstr "%(nam)s様"', False)],
)
def test_translation_needs_text_and_the_same_placeholders(catalogue, msgstr, fine):
    catalogue.write_text(CATALOGUE + f'\n#, python-format\nmsgid "Dear %(name)s"\n{msgstr}\n')
    message = translations.read_catalogue(catalogue).get("Dear %(name)s")
    assert message is not None
    assert translations.is_translated(message) is fine


def test_unconfirmed_translation_is_none(catalogue):
    catalogue.write_text(CATALOGUE + '\n#, fuzzy\nmsgid "Guests"\nmsgstr "お客様"\n')
    message = translations.read_catalogue(catalogue).get("Guests")
    assert message is not None
    assert not translations.is_translated(message)

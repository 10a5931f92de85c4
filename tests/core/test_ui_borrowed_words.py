"""Sentences of libraries in the words of the house."""

import pytest
from django import forms
from django.utils.translation import gettext, override

from crm_project.core.ui.borrowed_words import BORROWED_WORDS


class Greeting(forms.Form):
    words = forms.CharField()


def test_a_missing_entry_is_asked_for_in_our_words():
    with override("ja"):
        assert Greeting({}).errors["words"] == ["入力または選択してください。"]


@pytest.mark.parametrize("sentence", BORROWED_WORDS)
def test_nobody_is_told_to_log_in(sentence):
    with override("ja"):
        said = gettext(sentence)
    assert said != sentence
    assert "ログ" not in said

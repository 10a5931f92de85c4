"""Sentences of Django and allauth that the house says in words of its own: our catalogue goes before theirs."""

from typing import Final

from django.utils.translation import gettext_noop

BORROWED_WORDS: Final = (
    gettext_noop("This field is required."),
    gettext_noop("Select a valid choice. That choice is not one of the available choices."),
    gettext_noop("Forgot your password?"),
    gettext_noop("The username and/or password you specified are not correct."),
    gettext_noop("New Password (again)"),
    gettext_noop("Successfully signed in as %(name)s."),
    gettext_noop("You have signed out."),
)

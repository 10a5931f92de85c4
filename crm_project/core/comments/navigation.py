"""The menu entry 返事待ち and its count."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_project.core.accounts.models import as_user
from crm_project.core.comments.models import Thread
from crm_project.core.rights import Right
from crm_project.core.statements import counted
from crm_project.core.ui.registry import register_nav


def waiting_count(request: HttpRequest) -> int:
    """How many entries wait for an answer of this person."""
    user = as_user(request.user)
    return counted(("threads awaiting a reply", user.reach), lambda: Thread.objects.awaiting_reply(user))


def register() -> None:
    """Called once, when the app is ready."""
    register_nav(
        key="unanswered",
        label=pgettext_lazy("menu", "To be answered"),
        phone_label=pgettext_lazy("tab bar", "Answers"),
        url_name="comments:unanswered",
        icon="comment",
        order=60,
        visible=lambda user: user.has_right(Right.ANSWER_NOTES),
        badge=waiting_count,
        on_phone=True,
    )
    register_nav(
        key="my_entries",
        label=_("My entries"),
        url_name="comments:mine",
        icon="comment",
        order=62,
        visible=lambda user: (
            not user.has_right(Right.ANSWER_NOTES)
            and (user.has_right(Right.LOG_VISITS) or user.has_right(Right.EDIT_DEALS))
        ),
        on_phone=True,
        phone_label=pgettext_lazy("tab bar", "Answers"),
    )

"""Threads under entries."""

from typing import Any

from factory.declarations import Sequence, SubFactory
from factory.django import DjangoModelFactory

from crm_project.core.comments.models import Comment, Reaction, Thread
from crm_project.core.comments.services import open_thread
from crm_project.core.rights import Right
from tests.factories.accounts import UserFactory, VenueFactory
from tests.factories.deals import DealFactory


class ThreadFactory(DjangoModelFactory[Thread]):
    """An entry that waits for an answer; its parent is a banquet inquiry unless one is given."""

    class Meta:
        model = Thread

    venue = SubFactory(VenueFactory)
    author = SubFactory(UserFactory)
    read_right = Right.VIEW_NOTES
    label = "ご要望"
    title = Sequence(lambda number: f"渡邉 健{number} 様")
    excerpt = "次回は椅子席を。"

    @classmethod
    def _create(cls, model_class: type[Thread], *args: Any, **kwargs: Any) -> Thread:
        parent = kwargs.pop("parent", None) or DealFactory.create(venue=kwargs["venue"])
        kwargs.setdefault("url", "/banquets/1/")
        return open_thread(parent=parent, **kwargs)


class CommentFactory(DjangoModelFactory[Comment]):
    """A comment as a colleague left it; it answers nothing."""

    class Meta:
        model = Comment

    thread = SubFactory(ThreadFactory)
    author = SubFactory(UserFactory)
    text = "承知しました"


class ReactionFactory(DjangoModelFactory[Reaction]):
    """A tap of a colleague; it answers nothing."""

    class Meta:
        model = Reaction

    thread = SubFactory(ThreadFactory)
    author = SubFactory(UserFactory)
    kind = "thanks"

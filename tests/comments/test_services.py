"""An entry is open until somebody else, who answers for the venue, says a word."""

import pytest
from django.db import IntegrityError, transaction

from crm_project.core.audit.models import AuditEntry
from crm_project.core.comments.choices import ReactionKind
from crm_project.core.comments.models import Comment, Reaction, Thread, ThreadRead
from crm_project.core.comments.queries import threads_about
from crm_project.core.comments.services import answer, mark_read, mark_threads_read, open_thread, react
from crm_project.core.problems import InputProblem
from crm_project.core.rights import Right
from tests.factories.accounts import VenueFactory, person
from tests.factories.comments import ThreadFactory
from tests.factories.deals import DealFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def venue():
    return VenueFactory.create()


@pytest.fixture
def writer(venue):
    return person("floor", venue)


@pytest.fixture
def manager(venue):
    return person("manager", venue)


@pytest.fixture
def thread(venue, writer):
    return ThreadFactory.create(venue=venue, author=writer)


def trail():
    """Audit entries about the entry itself."""
    return AuditEntry.objects.filter(subject_type="deals.deal")


def is_answered(thread: Thread) -> bool:
    return Thread.objects.get(pk=thread.pk).answered_at is not None


def test_a_manager_s_answer_closes_the_thread(thread, manager):
    comment = answer(thread=thread, by=manager, text="  ありがとうございます。\n ")
    assert comment.text == "ありがとうございます。"
    assert Thread.objects.values_list("answered_by", flat=True).get() == manager.pk
    entry = trail().get()
    assert (entry.actor, entry.subject_id) == (manager, str(thread.object_id))
    assert entry.changes == {"answer": [None, "ありがとうございます。"]}


def test_a_manager_s_tap_closes_the_thread_once(thread, manager):
    react(thread=thread, by=manager, kind=ReactionKind.THANKS)
    react(thread=thread, by=manager, kind=ReactionKind.THANKS)
    assert is_answered(thread)
    assert Reaction.objects.count() == 1
    assert trail().count() == 1


def test_the_first_answer_counts(thread, manager, venue):
    answer(thread=thread, by=manager, text="拝見しました")
    first = Thread.objects.get(pk=thread.pk)
    answer(thread=thread, by=person("okami", venue), text="私からも")
    react(thread=thread, by=person("president", venue), kind=ReactionKind.THANKS)
    again = Thread.objects.get(pk=thread.pk)
    assert (again.answered_by, again.answered_at) == (manager, first.answered_at)


def test_a_colleague_s_words_leave_it_open(thread, venue):
    colleague = person("floor", venue)
    answer(thread=thread, by=colleague, text="私も気になりました")
    react(thread=thread, by=colleague, kind=ReactionKind.UNDERSTOOD)
    assert not is_answered(thread)


def test_a_manager_of_another_venue_leaves_it_open(thread):
    answer(thread=thread, by=person("manager"), text="よその店から")
    assert not is_answered(thread)


def test_a_manager_s_own_entry_waits_for_somebody_else(venue, manager):
    thread = ThreadFactory.create(venue=venue, author=manager)
    answer(thread=thread, by=manager, text="補足です")
    assert not is_answered(thread)


@pytest.mark.parametrize("text", ["", " \n　"])
def test_an_empty_answer_is_refused(thread, manager, text):
    with pytest.raises(InputProblem):
        answer(thread=thread, by=manager, text=text)
    assert not Comment.objects.exists()
    assert not trail().exists()


def test_the_database_refuses_an_empty_comment(thread, manager):
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.create(thread=thread, author=manager, text="")


def test_an_unknown_reaction_is_refused(thread, manager):
    with pytest.raises(InputProblem):
        react(thread=thread, by=manager, kind="applause")
    assert not is_answered(thread)


def test_reading_is_remembered_once_and_not_for_the_writer(thread, writer, manager):
    mark_read(thread=thread, by=manager)
    mark_read(thread=thread, by=manager)
    mark_read(thread=thread, by=writer)
    assert list(ThreadRead.objects.values_list("user", flat=True)) == [manager.pk]


def test_answering_is_reading(thread, manager):
    answer(thread=thread, by=manager, text="拝見しました")
    assert ThreadRead.objects.get().user == manager


@pytest.mark.parametrize("count", [1, 3])
def test_reading_a_page_of_entries(venue, writer, manager, django_assert_num_queries, count):
    threads = ThreadFactory.create_batch(count, venue=venue, author=writer)
    with django_assert_num_queries(2):
        mark_threads_read(threads=threads, by=manager)
    assert ThreadRead.objects.count() == count


def test_opening_again_tells_the_entry_as_it_is_now_and_keeps_the_answers(venue, writer, manager):
    deal = DealFactory.create(venue=venue)
    said = {"venue": venue, "read_right": Right.VIEW_DEALS, "label": "ご宴会", "url": "/banquets/1/"}
    first = open_thread(parent=deal, author=writer, title="洛北商工会 様", **said)
    answer(thread=first, by=manager, text="控室を二つ")
    again = open_thread(parent=deal, author=manager, title="洛北商工会 様", detail="120名", excerpt="控室の数", **said)
    assert again.pk == first.pk
    kept = Thread.objects.get()
    assert (kept.author, kept.detail, kept.excerpt, kept.answered_by) == (writer, "120名", "控室の数", manager)
    assert kept.opened_at == first.opened_at


def test_threads_of_a_page_are_those_the_person_may_read(venue, writer):
    notes = ThreadFactory.create(venue=venue, author=writer)
    deals = ThreadFactory.create(venue=venue, author=writer, read_right=Right.VIEW_DEALS)
    parents = [thread.parent for thread in (notes, deals) if thread.parent]
    assert threads_about(parents=parents, user=writer) == {notes.object_id: notes}
    assert set(threads_about(parents=parents, user=person("desk", venue)).values()) == {notes, deals}
    assert threads_about(parents=[], user=writer) == {}

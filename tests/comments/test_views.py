"""The queue 返事待ち, one's own entries, and who may see which."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_project.core.accounts.models import Role, User
from crm_project.core.accounts.services import assign_role
from crm_project.core.audit.models import AuditEntry
from crm_project.core.comments.models import Comment, Thread, ThreadRead
from crm_project.core.comments.queries import queue_figures
from crm_project.core.comments.services import answer
from crm_project.core.rights import Right
from tests.factories.accounts import UserFactory, VenueFactory, person
from tests.factories.comments import CommentFactory, ReactionFactory, ThreadFactory

pytestmark = pytest.mark.django_db

UNANSWERED = reverse("comments:unanswered")
MINE = reverse("comments:mine")
HTMX = {"HX-Request": "true"}


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


def url(name: str, thread: Thread) -> str:
    return reverse(f"comments:{name}", args=[thread.pk])


def titles(client) -> list[str]:
    return [thread.title for thread in client.get(UNANSWERED).context["page"].rows]


def test_bad_news_first_then_the_oldest(client, venue, writer, manager):
    now = timezone.now()
    said = {"venue": venue, "author": writer}
    ThreadFactory.create(title="新しい", opened_at=now, **said)
    ThreadFactory.create(title="古い", opened_at=now - timedelta(hours=5), **said)
    ThreadFactory.create(title="新しいお叱り", opened_at=now, is_urgent=True, **said)
    ThreadFactory.create(title="古いお叱り", opened_at=now - timedelta(hours=1), is_urgent=True, **said)
    client.force_login(manager)
    assert titles(client) == ["古いお叱り", "新しいお叱り", "古い", "新しい"]


def test_the_queue_is_what_this_person_has_to_answer(client, venue, writer, manager):
    expected = ThreadFactory.create(venue=venue, author=writer)
    ThreadFactory.create(venue=venue, author=manager, title="自分の記録")
    ThreadFactory.create(title="よその店")
    done = ThreadFactory.create(venue=venue, author=writer, title="返事済み")
    answer(thread=done, by=person("okami", venue), text="拝見しました")
    client.force_login(manager)
    assert titles(client) == [expected.title]


def test_a_president_of_one_venue_is_not_asked_about_deals_of_another(client, venue, writer):
    elsewhere = VenueFactory.create()
    ThreadFactory.create(venue=elsewhere, read_right=Right.VIEW_DEALS, author=writer)
    client.force_login(person("president", venue))
    assert titles(client) == []


def test_who_answers_for_nobody_has_no_queue(client, writer):
    client.force_login(writer)
    assert client.get(UNANSWERED).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_queue(client, venue, writer, manager, django_assert_num_queries, count):
    ThreadFactory.create_batch(count, venue=venue, author=writer)
    client.force_login(manager)
    with django_assert_num_queries(9):
        client.get(UNANSWERED)


def test_one_tap_without_javascript(client, thread, manager):
    client.force_login(manager)
    response = client.post(url("react", thread), {"kind": "thanks", "queue": "1", "next": UNANSWERED}, follow=True)
    assert response.redirect_chain == [(UNANSWERED, 302)]
    assert response.context["page"].rows == []
    assert thread.title in response.content.decode()  # the message that says what was answered


def test_one_tap_with_htmx_brings_back_the_queue(client, thread, manager):
    client.force_login(manager)
    response = client.post(url("react", thread), {"kind": "thanks", "queue": "1"}, headers=HTMX)
    html = response.content.decode()
    assert response.status_code == 200
    assert 'id="queue"' in html
    assert "<html" not in html
    assert url("react", thread) not in html


def test_an_answer_written_in_the_queue(client, thread, manager):
    client.force_login(manager)
    client.post(url("answer", thread), {"text": "椅子席を手配します", "queue": "1"}, headers=HTMX)
    assert Comment.objects.values_list("text", "author").get() == ("椅子席を手配します", manager.pk)
    assert Thread.objects.get().answered_by == manager


def test_an_empty_answer_says_so_beside_the_field(client, thread, manager):
    client.force_login(manager)
    for data, headers in [({"queue": "1"}, HTMX), ({"queue": "1"}, {}), ({}, HTMX), ({}, {})]:
        response = client.post(url("answer", thread), {"text": " "} | data, headers=headers)
        assert response.status_code == 422
        assert f"answer-{thread.pk}-error" in response.content.decode()
    assert Thread.objects.get().answered_at is None


def test_an_unknown_reaction_says_so(client, thread, manager):
    client.force_login(manager)
    assert client.post(url("react", thread), {"kind": "applause"}).status_code == 422


def test_an_answer_on_the_entry_s_page_goes_back_there(client, thread, manager):
    client.force_login(manager)
    response = client.post(url("answer", thread), {"text": "はい", "next": "/banquets/7/"})
    assert response.url == f"/banquets/7/#thread-{thread.pk}"


def test_an_answer_never_leads_to_another_site(client, thread, manager):
    client.force_login(manager)
    response = client.post(url("answer", thread), {"text": "はい", "next": "https://example.com/"})
    assert response.url == f"{thread.url}#thread-{thread.pk}"


def test_an_answer_with_htmx_brings_back_the_thread(client, thread, manager):
    client.force_login(manager)
    response = client.post(url("answer", thread), {"text": "はい、承りました", "next": "/banquets/7/"}, headers=HTMX)
    html = response.content.decode()
    assert html.lstrip().startswith(f'<div class="thread" id="thread-{thread.pk}"')
    assert "はい、承りました" in html
    assert 'value="/banquets/7/"' in html


@pytest.mark.parametrize("name", ["thread", "react", "answer"])
def test_owner_colleague_and_stranger(client, venue, thread, writer, name):
    address = url(name, thread)
    statuses = {}
    for who, user in {
        "owner": writer,
        "colleague": person("floor", venue),
        "kitchen": person("kitchen", venue),
        "elsewhere": person("manager"),
        "stranger": UserFactory.create(),
    }.items():
        client.force_login(user)
        if name == "thread":
            statuses[who] = client.get(address).status_code
        else:
            statuses[who] = client.post(address, {"kind": "thanks", "text": "はい"}).status_code
    allowed = 200 if name == "thread" else 302
    assert statuses == {"owner": allowed, "colleague": allowed, "kitchen": 404, "elsewhere": 404, "stranger": 404}


def test_a_deal_s_thread_wants_the_right_to_see_deals(client, venue, writer):
    thread = ThreadFactory.create(venue=venue, author=writer, read_right=Right.VIEW_DEALS)
    client.force_login(person("floor", venue))
    assert client.get(url("thread", thread)).status_code == 404
    client.force_login(person("desk", venue))
    assert client.get(url("thread", thread)).status_code == 200


def test_opening_an_entry_is_reading_it(client, thread, manager):
    client.force_login(manager)
    html = client.get(url("thread", thread)).content.decode()
    assert ThreadRead.objects.get().user == manager
    assert html.count(str(manager)) >= 1
    assert AuditEntry.objects.filter(action="viewed", subject_type="deals.deal").count() == 1


def test_the_writer_sees_who_read_and_who_answered(client, thread, writer, manager, venue):
    answer(thread=thread, by=manager, text="椅子席を手配します")
    ReactionFactory.create(thread=thread, author=person("okami", venue, display_name="女将の松"))
    ThreadFactory.create(venue=venue, title="ほかの人の記録")
    client.force_login(writer)
    response = client.get(MINE)
    html = response.content.decode()
    assert [thread.pk for thread in response.context["page"].rows] == [thread.pk]
    assert all(text in html for text in ["椅子席を手配します", str(manager), "女将の松"])


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_one_s_own_entries(client, venue, writer, manager, django_assert_num_queries, count):
    for thread in ThreadFactory.create_batch(count, venue=venue, author=writer):
        CommentFactory.create(thread=thread, author=manager)
        ReactionFactory.create(thread=thread, author=manager)
        ThreadRead.objects.create(thread=thread, user=manager)
    client.force_login(writer)
    with django_assert_num_queries(9):
        client.get(MINE)


def test_figures_of_the_queue(venue, writer, manager):
    # Thursday noon; the week began on Monday the 16th.
    now = datetime(2026, 11, 19, 12, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    said = {"venue": venue, "author": writer}
    last_week = ThreadFactory.create(opened_at=datetime(2026, 11, 15, 23, 59, tzinfo=now.tzinfo), **said)
    for hour in (0, 9, 20):
        thread = ThreadFactory.create(opened_at=datetime(2026, 11, 16, hour, tzinfo=now.tzinfo), **said)
    assert queue_figures(user=manager, now=now).answered_percent == 0
    answer(thread=thread, by=manager, text="はい")
    figures = queue_figures(user=manager, now=now)
    assert (figures.waiting, figures.oldest_opened_at, figures.answered_percent) == (3, last_week.opened_at, 33)


def test_figures_of_an_empty_queue(manager):
    figures = queue_figures(user=manager, now=timezone.now())
    assert (figures.waiting, figures.oldest_opened_at, figures.answered_percent) == (0, None, None)


def test_the_menu_counts_what_waits(client, venue, writer, manager, django_assert_num_queries, rf):
    from crm_project.core.comments.navigation import waiting_count

    ThreadFactory.create_batch(3, venue=venue, author=writer)
    request = rf.get("/")
    request.user = manager
    assert manager.has_right(Right.ANSWER_NOTES)
    with django_assert_num_queries(1):
        assert waiting_count(request) == 3


def test_the_count_follows_what_one_may_read(venue, writer, rf):
    """The statement of the count is kept by what the person may read: somebody else, or other rights, is another one."""
    from crm_project.core.comments.navigation import waiting_count

    elsewhere = VenueFactory.create()
    for at, number in ((venue, 1), (elsewhere, 2)):
        ThreadFactory.create_batch(number, venue=at, author=writer)

    def counts(user: User) -> int:
        request = rf.get("/")
        request.user = User.objects.get(pk=user.pk)
        return waiting_count(request)

    manager, other = person("manager", venue), person("manager", elsewhere)
    assert (counts(manager), counts(other), counts(person("floor", venue))) == (1, 2, 0)
    assign_role(user=manager, venue=elsewhere, role=Role.objects.get(code="manager"), by=manager)
    assert counts(manager) == 3
    ThreadFactory.create(venue=elsewhere, author=writer)
    assert (counts(manager), counts(other)) == (4, 3)


def test_the_menu_shows_the_queue_to_who_answers_and_one_s_own_entries_to_who_writes(client, writer, manager):
    for user, shown, hidden in [(manager, UNANSWERED, None), (writer, MINE, UNANSWERED)]:
        client.force_login(user)
        html = client.get(MINE).content.decode()
        assert f'href="{shown}"' in html
        assert hidden is None or f'href="{hidden}"' not in html

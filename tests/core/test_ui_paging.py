"""Pages of lists: the same number of queries for one row and for many."""

from datetime import timedelta

import pytest
from django.core.exceptions import BadRequest
from django.utils import timezone

from crm_project.core.accounts.models import Venue
from crm_project.core.audit.models import AuditEntry
from crm_project.core.ui.paging import cursor_page, numbered_page
from tests.factories.accounts import VenueFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def entries():
    AuditEntry.objects.bulk_create(AuditEntry(actor_name=str(number), action="created") for number in range(5))
    return AuditEntry.objects.filter(action="created", actor_name__in="01234")


@pytest.mark.parametrize("rows", [1, 3])
def test_a_page_by_cursor_is_one_query(rows, django_assert_num_queries):
    AuditEntry.objects.bulk_create(AuditEntry(actor_name="x", action="created") for _ in range(rows))
    with django_assert_num_queries(1):
        page = cursor_page(AuditEntry.objects.filter(actor_name="x"), "", size=2)
    assert len(page.rows) == min(rows, 2)
    assert bool(page.next_cursor) is (rows > 2)


def test_cursors_walk_all_rows_once_even_when_they_share_a_moment(entries):
    moment = timezone.now()
    walked, cursor = [], ""
    for _page in range(3):
        page = cursor_page(entries, cursor, size=2)
        walked += [entry.pk for entry in page.rows]
        cursor = page.next_cursor
    assert walked == [entry.pk for entry in entries.order_by("-at", "-pk")]
    assert cursor == ""
    assert all(abs(entry.at - moment) < timedelta(minutes=5) for entry in entries)


def test_rows_that_arrive_meanwhile_do_not_shift_the_next_page(entries):
    first = cursor_page(entries, "", size=2)
    AuditEntry.objects.create(actor_name="4", action="created")
    second = cursor_page(entries, first.next_cursor, size=2)
    assert not {entry.pk for entry in first.rows} & {entry.pk for entry in second.rows}
    assert second.rows[0].pk < first.rows[-1].pk


@pytest.mark.parametrize("cursor", ["x", "ééé", "MjAyNg", "MjAyNi0wMS0wMXwx", "MjAyNi0wMS0wMVQwMDowMDowMCswMDowMHx4"])
def test_a_cursor_that_is_not_ours_is_refused(cursor):
    with pytest.raises(BadRequest):
        cursor_page(AuditEntry.objects.all(), cursor)


@pytest.mark.parametrize("rows", [1, 3])
def test_a_numbered_page_is_two_queries(rows, django_assert_num_queries):
    [VenueFactory.create(name="頁") for _ in range(rows)]
    with django_assert_num_queries(2):
        page = numbered_page(Venue.objects.filter(name="頁").order_by("pk"), 1, size=2)
    assert (len(page.rows), page.total, page.last) == (min(rows, 2), rows, 1 + (rows > 2))


@pytest.mark.parametrize(
    ("wanted", "number"),
    [(None, 1), ("", 1), ("2", 2), ("0", 1), ("-1", 1), ("99", 2), ("二", 1), ("9" * 30, 1), (2, 2)],
)
def test_any_number_in_the_address_leads_to_a_page(wanted, number):
    [VenueFactory.create(name="頁") for _ in range(3)]
    page = numbered_page(Venue.objects.filter(name="頁").order_by("pk"), wanted, size=2)
    assert page.number == number


def test_positions_and_neighbours_of_the_last_page():
    [VenueFactory.create(name="頁") for _ in range(3)]
    page = numbered_page(Venue.objects.filter(name="頁").order_by("pk"), 2, size=2)
    assert (page.first_row, page.last_row, page.previous, page.next) == (3, 3, 1, None)


def test_counting_stops_at_the_cap():
    [VenueFactory.create(name="頁") for _ in range(3)]
    page = numbered_page(Venue.objects.filter(name="頁").order_by("pk"), 1, size=1, counted=2)
    assert (page.total, page.capped, page.last) == (2, True, 2)


def test_an_empty_list_is_one_empty_page():
    page = numbered_page(Venue.objects.filter(name="頁").order_by("pk"), 1)
    assert (page.rows, page.last, page.first_row, page.last_row) == ([], 1, 0, 0)

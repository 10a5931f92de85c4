"""The timeline of a card: rights, kinds, pages."""

import base64
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm_project.core.rights import Right
from crm_project.core.timeline.choices import EntryKind
from crm_project.core.timeline.models import TimelineEntry
from crm_project.core.timeline.services import replace_rows
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def tell(guest, venue, *, kind=EntryKind.VISIT, right="", count=1, title="桔梗"):
    """Rows of the guest at the venue, an hour apart."""
    rows = [
        TimelineEntry(
            subject_type="customers.customer",
            subject_id=guest.pk,
            at=NOW - timedelta(hours=number),
            kind=kind,
            venue=venue,
            read_right=right,
            title=f"{title}{number}",
            details=[["献立", "松茸土瓶蒸し"]],
        )
        for number in range(count)
    ]
    replace_rows(parent=guest if kind == EntryKind.VISIT else venue, rows=rows)


def shown(response):
    """Titles on the page."""
    return [entry.title for entry in response.context["timeline"].rows]


def test_rows_follow_the_right_at_their_venue(client):
    """A banquet of one's own venue is read, one of another venue is absent."""
    here, there = VenueFactory.create(), VenueFactory.create()
    guest = CustomerFactory.create()
    tell(guest, here)
    tell(guest, there, kind=EntryKind.DEAL, right=Right.VIEW_DEALS, title="他店の宴")
    url = reverse("customers:card", args=[guest.pk])
    client.force_login(person("manager", here))
    html = client.get(url).content.decode()
    assert "桔梗0" in html
    assert "他店の宴" not in html
    client.force_login(person("manager", there))
    assert "他店の宴" in client.get(url).content.decode()


def test_kinds_narrow_and_pages_follow(client):
    """As a page and as what htmx asks for; a kind nobody knows narrows nothing."""
    venue = VenueFactory.create()
    guest = CustomerFactory.create()
    tell(guest, venue, count=18)
    tell(guest, venue, kind=EntryKind.DEAL, title="宴")
    client.force_login(person("floor", venue))
    url = reverse("customers:card", args=[guest.pk])
    first = client.get(url)
    assert len(shown(first)) == 16
    assert [one.value for one in first.context["kinds"]] == ["visit", "deal"]
    cursor = first.context["timeline"].next_cursor
    assert shown(client.get(url, {"after": cursor})) == ["桔梗15", "桔梗16", "桔梗17"]
    assert shown(client.get(url, {"kind": "deal"})) == ["宴0"]
    assert len(shown(client.get(url, {"kind": "nonsense"}))) == 16
    more = client.get(
        url, {"after": cursor}, headers={"HX-Request": "true", "HX-Target": "timeline-more"}
    ).content.decode()
    assert more.count("<article>") == 3
    assert "<html" not in more
    panel = client.get(url, {"kind": "deal"}, headers={"HX-Request": "true", "HX-Target": "timeline"}).content.decode()
    assert 'id="timeline"' in panel
    assert panel.count("<article>") == 1
    assert client.get(url, {"after": "nonsense"}).status_code == 400
    for written in ("9999-12-31T23:59:59+00:00|99|1", "0001-01-01T00:00:00+14:00|0|1", "2026-11-30T12:00:00|99|1"):
        beyond = base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")
        assert client.get(url, {"after": beyond}).status_code == 400, written


def test_a_day_without_a_time_shows_no_clock():
    """A bill has a day, a visit an hour."""
    midnight = timezone.localtime(NOW).replace(hour=0, minute=0, second=0, microsecond=0)
    assert not TimelineEntry(at=midnight).has_time
    assert TimelineEntry(at=midnight + timedelta(hours=18)).has_time


def test_rows_are_replaced_by_their_parent():
    """Told again, told once."""
    venue, guest = VenueFactory.create(), CustomerFactory.create()
    tell(guest, venue, count=3)
    tell(guest, venue, count=2)
    assert TimelineEntry.objects.about(guest).count() == 2

"""What stands beside a check sheet: three kinds of rows in one statement, in their order, for who may know of them."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from crm_project.core.accounts.confidential import seal
from crm_project.core.accounts.models import User, Venue
from tests.factories.accounts import VenueFactory, person
from tests.factories.customers import CustomerFactory
from tests.factories.visits import VisitFactory
from visits.beside_sheet import BesideSheet, beside_sheet
from visits.models import Complaint, NoteCategory, SheetLine, Visit, VisitPhoto

pytestmark = pytest.mark.django_db

# Without notes there are no threads to read; tests/visits/test_views.py has the page with notes.
QUERIES_OF_DETAIL = 15


@pytest.fixture
def venue() -> Venue:
    """The house."""
    return VenueFactory.create()


@pytest.fixture
def floor(venue: Venue) -> User:
    """Serves there."""
    return person("floor", venue, display_name="山口 花")


def visit_with(venue: Venue, by: User, count: int) -> Visit:
    """A recorded visit with so many open lines, complaints and photos."""
    visit = VisitFactory.create(
        venue=venue, guests=[CustomerFactory.create(allergy_state="none")], status="completed", recorded_by=by
    )
    # Written in another order than that of the sheet.
    for category in reversed(NoteCategory.objects.all()[:count]):
        SheetLine.objects.create(visit=visit, category=category, asked_as=category.name, is_open=True)
    for number in range(count):
        Complaint.objects.create(venue=venue, visit=visit, what=f"お椀がぬるい{number}", reported_by=by)
        VisitPhoto.objects.create(
            visit=visit,
            file=f"visit-photos/{number}.jpg",
            width=1600,
            height=1200 + number,
            kind="people",
            caption=f"お集まり{number}",
            consent_by="渡邉様",
            consent_on=date(2026, 8, 21),
            added_by=by,
        )
    return visit


@pytest.mark.parametrize("count", [1, 3])
def test_one_statement_has_all_in_their_order(
    venue: Venue, floor: User, count: int, django_assert_num_queries: Any
) -> None:
    visit = visit_with(venue, floor, count)
    beside_sheet(visit, floor)
    with django_assert_num_queries(1):
        found = beside_sheet(visit, floor)
    assert found.lines == [category.name for category in NoteCategory.objects.all()[:count]]
    assert [one.what for one in found.complaints] == [f"お椀がぬるい{number}" for number in reversed(range(count))]
    assert {str(one.get_state_display()) for one in found.complaints} == {
        str(Complaint(state="open").get_state_display())
    }
    photo = found.photos[-1]
    assert (photo.pk, photo.width, photo.height) == (VisitPhoto.objects.latest("pk").pk, 1600, 1199 + count)
    assert (photo.caption, photo.kind, photo.consent_by, photo.consent_on, str(photo.added_by)) == (
        f"お集まり{count - 1}",
        "people",
        "渡邉様",
        date(2026, 8, 21),
        "山口 花",
    )


def test_nothing_for_who_reads_no_check_sheets(venue: Venue, floor: User) -> None:
    visit = visit_with(venue, floor, 1)
    assert beside_sheet(visit, person("kitchen", venue)) == BesideSheet()
    assert beside_sheet(visit, person("okami")) == BesideSheet()


def test_a_complaint_about_a_sealed_guest_is_absent(venue: Venue, floor: User) -> None:
    visit = visit_with(venue, floor, 1)
    sealed = CustomerFactory.create()
    Complaint.objects.create(venue=venue, visit=visit, what="別のお客様のこと", customer=sealed, reported_by=floor)
    seal(record=sealed, by=User.objects.system(), people=[person("okami", venue)])
    assert [one.what for one in beside_sheet(visit, floor).complaints] == ["お椀がぬるい0"]


@pytest.mark.parametrize("count", [1, 3])
def test_a_full_page_takes_as_many_queries_as_an_empty_one(
    client: Any, venue: Venue, floor: User, count: int, django_assert_num_queries: Any
) -> None:
    visit = visit_with(venue, floor, count)
    client.force_login(floor)
    url = reverse("visits:detail", args=[visit.pk])
    client.get(url)
    with django_assert_num_queries(QUERIES_OF_DETAIL):
        page = client.get(url).content.decode()
    assert "お集まり0" in page
    assert "お椀がぬるい0" in page

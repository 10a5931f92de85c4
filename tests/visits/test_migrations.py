"""Rows as they were written before a migration are there after it, in the new form; on SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from crm_project.core.accounts.models import User, Venue
from crm_project.core.comments.models import Thread
from crm_project.core.rights import Right
from tests.factories.accounts import UserFactory, VenueFactory
from tests.factories.customers import CustomerFactory
from visits.briefing_content import digest

pytestmark = pytest.mark.django_db(transaction=True)

EVENING = datetime(2026, 11, 1, 9, tzinfo=UTC)


@contextmanager
def back_at(before: str) -> Iterator[Any]:
    """The database as it was after a migration; answers the function that gives old models by name."""
    target = [("visits", before)]
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    try:
        yield executor.loader.project_state(target).apps.get_model
    finally:
        leaves = MigrationExecutor(connection)
        leaves.migrate(leaves.loader.graph.leaf_nodes())


def forward_to(after: str) -> Any:
    """Migrate; answers the function that gives the models of then by name."""
    target = [("visits", after)]
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps.get_model


@pytest.fixture
def venue() -> Venue:
    """The house."""
    return VenueFactory.create()


@pytest.fixture
def writer() -> User:
    """Who wrote everything."""
    return UserFactory.create()


def visit_of(model: Any, venue: Venue, writer: User, **values: Any) -> Any:
    """A visit in the form of then."""
    day = EVENING.date()
    return model("visits", "Visit").objects.create(
        venue_id=venue.pk, starts_at=EVENING, business_date=day, recorded_by_id=writer.pk, **values
    )


def thread_about(note: Any, venue: Venue, writer: User, *, answered: bool) -> None:
    """The thread of a note of bad news."""
    Thread.objects.create(
        content_type=ContentType.objects.get(app_label="visits", model="note"),
        object_id=note.pk,
        venue=venue,
        read_right=Right.VIEW_NOTES,
        author=writer,
        label="苦情",
        title="渡邉 健一 様",
        is_urgent=True,
        opened_at=timezone.now(),
        answered_at=timezone.now() if answered else None,
        answered_by=writer if answered else None,
    )


def test_notes_keep_their_wording_and_bad_news_is_followed_up(venue: Venue, writer: User) -> None:
    guest = CustomerFactory.create()
    with back_at("0007_evening") as old:
        category, note = old("visits", "NoteCategory"), old("visits", "Note")
        category.objects.exclude(code__in=["requests", "complaint"]).delete()
        bad, plain = category.objects.filter(is_bad_news=True).first(), category.objects.get(code="requests")
        if bad is None:
            bad = category.objects.create(code="complaint", name="苦情", is_bad_news=True)
        category.objects.filter(pk=plain.pk).update(name="ご要望（旧）")
        visit = visit_of(old, venue, writer)
        common = {"visit": visit, "author_id": writer.pk}
        wish = note.objects.create(category=plain, text="椅子のお席を", is_standing=True, **common)
        told = note.objects.create(category=bad, text="お椀がぬるい", customer_id=guest.pk, **common)
        looked_after = note.objects.create(
            category=bad, text="お待たせした", **{**common, "visit": visit_of(old, venue, writer)}
        )
        promise = old("visits", "Promise").objects.create(
            customer_id=guest.pk, venue_id=venue.pk, text="次は窓側", made_by_id=writer.pk
        )
        thread_about(told, venue, writer, answered=False)
        thread_about(looked_after, venue, writer, answered=True)

        now = forward_to("0009_wording_of_old_notes")

        rows = now("visits", "Note").objects
        assert dict(rows.values_list("pk", "asked_as")) == {
            wish.pk: "ご要望（旧）",
            told.pk: bad.name,
            looked_after.pk: bad.name,
        }
        kept = rows.get(pk=wish.pk)
        assert (kept.text, kept.is_standing, kept.picked, kept.ended_at) == ("椅子のお席を", True, [], None)
        complaints = now("visits", "Complaint").objects.order_by("note_id")
        assert list(complaints.values_list("note_id", "what", "customer_id", "reported_by_id", "state", "version")) == [
            (told.pk, "お椀がぬるい", guest.pk, writer.pk, "open", 1),
            (looked_after.pk, "お待たせした", None, writer.pk, "handled", 1),
        ]
        assert {row.reported_at for row in complaints} == set(
            rows.filter(pk__in=[told.pk, looked_after.pk]).values_list("created_at", flat=True)
        )
        lines = now("visits", "NoteCategory").objects
        assert lines.get(code="allergy_check").entry == "allergy"
        assert set(lines.values_list("version", flat=True)) == {1}
        kept_promise = now("visits", "Promise").objects.get(pk=promise.pk)
        assert (kept_promise.due_on, kept_promise.release_reason) == (None, "")
        Thread.objects.all().delete()


def test_a_house_without_a_check_sheet_gets_none_of_its_lines_twice(venue: Venue, writer: User) -> None:
    with back_at("0007_evening") as old:
        old("visits", "NoteCategory").objects.all().delete()
        now = forward_to("0009_wording_of_old_notes")
        assert not now("visits", "Complaint").objects.exists()
        codes = list(now("visits", "NoteCategory").objects.values_list("code", flat=True))
        assert len(codes) == len(set(codes))


def test_companions_are_addressed_at_tables_in_drafts_and_on_sheets(venue: Venue, writer: User) -> None:
    guest = CustomerFactory.create(name="お連れ①")
    content = {
        "guests": ["お連れ① 1", "渡邉 健一 様 主催"],
        "seats": ["案", "お連れ12・お連れ様③"],
        "staff": ["お連れ 花"],
    }
    with back_at("0010_seating_plans") as old:
        visit = visit_of(old, venue, writer, status="reserved", party_size=6)
        over = visit_of(old, venue, writer)
        seat = old("visits", "Attendance").objects.create
        seat(visit=visit, customer_id=guest.pk, position=0)
        for position, label in enumerate(
            ("お連れ①", "お連れ21", "お連れ様②", "お連れ②", "お連れの方", "東和精密 ご一行"), 1
        ):
            seat(visit=visit, label=label, position=position)
        seat(visit=over, label="お連れ②", position=1)
        draft = old("visits", "VisitDraft").objects.create(
            form_token="6a0f1f66-3f0e-4d0a-9a52-8e2bcf6c7f11",
            user_id=writer.pk,
            venue_id=venue.pk,
            values={"label_x1": ["お連れ①"], "person": ["x1"], "note_talk": ["お連れ①の方はお酒が苦手"]},
        )
        revision = old("visits", "SheetRevision").objects.create
        common = {
            "sheet": "briefing",
            "number": 1,
            "kind": "printed",
            "made_by_id": writer.pk,
            "digest": digest(content),
        }
        printed = revision(visit=visit, content=content, **common)
        past = revision(visit=over, content=content, **common)

        now = forward_to("0011_companions_are_addressed")

        labels = now("visits", "Attendance").objects.filter(customer=None).order_by("visit_id", "position")
        assert list(labels.values_list("label", flat=True)) == [
            "お連れ様①",
            "お連れ様21",
            "お連れ様②",
            "お連れ②",
            "お連れの方",
            "東和精密 ご一行",
            "お連れ様②",
        ]
        typed = now("visits", "VisitDraft").objects.get(pk=draft.pk).values
        assert (typed["label_x1"], typed["note_talk"]) == (["お連れ様①"], ["お連れ①の方はお酒が苦手"])
        sheets = now("visits", "SheetRevision").objects
        told = sheets.get(pk=printed.pk)
        assert told.content == {
            "guests": ["お連れ様① 1", "渡邉 健一 様 主催"],
            "seats": ["案", "お連れ様12・お連れ様③"],
            "staff": ["お連れ 花"],
        }
        assert told.digest == digest(told.content)
        assert sheets.get(pk=past.pk).content == content

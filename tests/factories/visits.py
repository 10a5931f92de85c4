"""Visits as they stand in the books, without the service that records them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from factory.declarations import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from crm_project.core.dates import business_date
from tests.factories.accounts import UserFactory, VenueFactory
from tests.factories.customers import CustomerFactory
from tests.factories.menus import DishFactory
from visits.choices import CancelReason, VisitStatus
from visits.models import Attendance, Note, NoteCategory, Room, ServedDish, Visit

TOKYO = ZoneInfo("Asia/Tokyo")


class RoomFactory(DjangoModelFactory[Room]):
    """A room."""

    class Meta:
        model = Room

    venue = SubFactory(VenueFactory)
    name = Sequence(lambda number: f"桔梗 {number}")


class VisitFactory(DjangoModelFactory[Visit]):
    """A completed visit; `guests=[customer, ...]` sat there, `served=[dish, ...]` was served to the table."""

    class Meta:
        model = Visit
        skip_postgeneration_save = True

    venue = SubFactory(VenueFactory)
    starts_at = datetime(2026, 8, 21, 18, 0, tzinfo=TOKYO)
    business_date = LazyAttribute(
        lambda visit: business_date(visit.starts_at, visit.venue.closing_hour, visit.venue.zone)
    )
    recorded_by = SubFactory(UserFactory)

    @classmethod
    def _create(cls, model_class: type[Visit], *args: Any, **kwargs: Any) -> Visit:
        guests = kwargs.pop("guests", ())
        served = kwargs.pop("served", ())
        if kwargs.get("status") == VisitStatus.CANCELLED:
            kwargs.setdefault("cancel_reason", CancelReason.PLANS)
        if kwargs.get("status") == VisitStatus.TENTATIVE:
            kwargs.setdefault("tentative_until", kwargs["starts_at"])
        visit = super()._create(model_class, *args, **kwargs)
        for position, customer in enumerate(guests):
            Attendance.objects.create(visit=visit, customer=customer, position=position)
        for dish in served:
            ServedDish.objects.create(visit=visit, dish=dish)
        return visit


class AttendanceFactory(DjangoModelFactory[Attendance]):
    """A guest at a table."""

    class Meta:
        model = Attendance

    visit = SubFactory(VisitFactory)
    customer = SubFactory(CustomerFactory)


class ServedDishFactory(DjangoModelFactory[ServedDish]):
    """A dish served to the table."""

    class Meta:
        model = ServedDish

    visit = SubFactory(VisitFactory)
    dish = SubFactory(DishFactory)


class NoteFactory(DjangoModelFactory[Note]):
    """A line of a check sheet, in the first shipped category unless one is named by `code`."""

    class Meta:
        model = Note

    visit = SubFactory(VisitFactory)
    author = SubFactory(UserFactory)
    text = "次回は椅子席を。"

    @classmethod
    def _create(cls, model_class: type[Note], *args: Any, **kwargs: Any) -> Note:
        code = kwargs.pop("code", "requests")
        kwargs.setdefault("category", NoteCategory.objects.get(code=code))
        kwargs.setdefault("asked_as", kwargs["category"].name)
        return super()._create(model_class, *args, **kwargs)

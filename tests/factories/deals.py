"""Banquet inquiries as the services leave them."""

from typing import Any

from factory.declarations import Sequence, SubFactory
from factory.django import DjangoModelFactory

from deals.choices import LossReason, Stage
from deals.models import Activity, Deal
from tests.factories.accounts import UserFactory, VenueFactory


class DealFactory(DjangoModelFactory[Deal]):
    """An inquiry at the first stage; `stage=Stage.LOST` brings a reason along."""

    class Meta:
        model = Deal

    venue = SubFactory(VenueFactory)
    owner = SubFactory(UserFactory)
    title = Sequence(lambda number: f"懇親会 {number}")

    @classmethod
    def _create(cls, model_class: type[Deal], *args: Any, **kwargs: Any) -> Deal:
        if kwargs.get("stage") == Stage.LOST:
            kwargs.setdefault("loss_reason", LossReason.DATE)
        deal = super()._create(model_class, *args, **kwargs)
        deal.refresh_from_db()
        return deal


class ActivityFactory(DjangoModelFactory[Activity]):
    """Something done for an inquiry."""

    class Meta:
        model = Activity

    deal = SubFactory(DealFactory)
    author = SubFactory(UserFactory)
    text = Sequence(lambda number: f"お電話 {number}")

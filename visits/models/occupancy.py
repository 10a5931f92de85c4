"""What is taken when: the one table that lets nothing be given twice."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from visits.models.rooms import Room
from visits.models.visits import Visit


class Occupancy(models.Model):
    """A room, or one seat of a shared one, taken for a quarter of an hour. Written by `visits.services.occupancy` alone."""

    WHOLE_ROOM: ClassVar = 0

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="occupancy")
    # 0 for a room that one party has alone, else the seat, counted from 1.
    seat = models.PositiveSmallIntegerField()
    # Quarters of an hour since 1970 (UTC): the same number on every clock.
    quarter = models.PositiveIntegerField()
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="occupancy")

    class Meta:
        verbose_name = _("occupancy")
        verbose_name_plural = _("occupancy")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["room", "seat", "quarter"], name="occupancy_given_once")
        ]

    def __str__(self) -> str:
        return f"{self.room} {self.seat} {self.quarter}"

"""Rooms, counters and halls, and what is taken when."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_project.core.accounts.models import Venue
from visits.choices import RoomKind, SeatingStyle


class Room(models.Model):
    """A room, counter or hall of a venue; or several joined ones (襖を外す), which are given as one."""

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="rooms", verbose_name=_("venue"))
    name = models.CharField(_("name"), max_length=40)
    capacity = models.PositiveSmallIntegerField(_("seats"), default=4)
    kind = models.CharField(_("kind"), max_length=8, choices=RoomKind, default=RoomKind.ROOM, db_default=RoomKind.ROOM)
    # Several parties sit there at the same time, each on seats of its own.
    seats_are_shared = models.BooleanField(_("parties share it"), default=False, db_default=False)
    seating = models.CharField(_("seating"), max_length=12, choices=SeatingStyle, blank=True, db_default="")
    has_stairs = models.BooleanField(_("reached by stairs"), default=False, db_default=False)
    view = models.CharField(_("view"), max_length=40, blank=True, db_default="")
    has_alcove = models.BooleanField(_("has an alcove (床の間)"), default=False, db_default=False)
    # The guests look at the garden, and the seat of honour is opposite it, whatever the alcove says.
    view_is_upper = models.BooleanField(_("the view decides the seat of honour"), default=False, db_default=False)
    clearing_minutes = models.PositiveSmallIntegerField(_("minutes to clear it"), default=30, db_default=30)
    is_active = models.BooleanField(_("in use"), default=True, db_default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["venue", "name"], name="room_name_per_venue"),
            models.CheckConstraint(condition=models.Q(capacity__gte=1), name="room_has_a_seat"),
            models.CheckConstraint(condition=models.Q(clearing_minutes__lte=240), name="room_cleared_in_four_hours"),
        ]

    def __str__(self) -> str:
        return self.name


class RoomPart(models.Model):
    """A room that belongs to a joined one: 桔梗 to 桔梗＋萩. Who has the joined one has every part of it."""

    joined = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="parts", verbose_name=_("joined room"))
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="part_of", verbose_name=_("room"))

    class Meta:
        verbose_name = _("part of a joined room")
        verbose_name_plural = _("parts of joined rooms")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["joined", "room"], name="room_part_once"),
            models.CheckConstraint(condition=~models.Q(joined=models.F("room")), name="room_not_part_of_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.joined}: {self.room}"

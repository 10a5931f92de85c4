"""Template tags of the room calendar."""

from datetime import date, datetime

from django import template
from django.utils import timezone

from visits.spoken_time import clock

register = template.Library()


@register.filter
def house_clock(moment: datetime, day: date) -> str:
    """The time on the venue's clock as the house counts it on a business day: 18:00, 25:30 after midnight."""
    zone = timezone.get_current_timezone()
    return clock(moment, day, zone)

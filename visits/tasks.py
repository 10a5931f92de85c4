"""Background work of the visits."""

from celery import shared_task

from visits.services import lapse_tentative


@shared_task(name="okami.lapse_tentative_bookings")
def lapse_tentative_bookings() -> int:
    """Tentative bookings (仮) whose term has passed give their rooms back; how many."""
    return lapse_tentative()

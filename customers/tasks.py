"""Background work of the guests."""

from typing import Any

from celery import shared_task
from django.utils.translation import gettext_lazy

from crm_project.core.jobs.registry import JobContext, job
from crm_project.core.jobs.services import start_job, system_user
from customers.duplicates import found_pairs
from customers.models import Customer
from customers.services import gather_late_rows, write_proposals

FIND = "find_duplicates"


@job(FIND, label=gettext_lazy("Look for possible duplicates"))
def find_duplicates(context: JobContext) -> dict[str, Any]:
    """Compare all guests and put what is found before people; bring home late rows of merged cards first."""
    guests = Customer.objects.present().count()
    context.progress(0, guests)
    late = gather_late_rows()
    found = found_pairs()
    context.progress(guests, guests + len(found))
    pairs = write_proposals(found, progress=lambda done, total: context.progress(guests + done, guests + total))
    return {"guests": guests, "pairs": pairs, "late_rows": late}


@shared_task(name="okami.find_duplicates")
def find_duplicates_every_night() -> None:
    """New guests come by ledgers and by hand every day."""
    start_job(FIND, by=system_user(), lock_key=FIND)

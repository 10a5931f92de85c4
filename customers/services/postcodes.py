"""The verb of postcodes."""

from collections.abc import Iterable
from itertools import islice

from django.db import transaction

from crm_project.core.accounts.models import User
from crm_project.core.audit.choices import Action
from crm_project.core.audit.services import record
from customers.models import PostalCode
from customers.postcodes import TownLine

BATCH = 2000


@transaction.atomic
def replace_postcodes(*, by: User, lines: Iterable[TownLine]) -> int:
    """Put the towns of a file in place of those before; the number of towns. An unreadable file changes nothing."""
    PostalCode.objects.all().delete()
    count = 0
    remaining = iter(lines)
    while batch := list(islice(remaining, BATCH)):
        towns = [
            PostalCode(
                code=line.code,
                prefecture=line.prefecture,
                city=line.city,
                town=line.town,
                prefecture_kana=line.prefecture_kana,
                city_kana=line.city_kana,
                town_kana=line.town_kana,
            )
            for line in batch
        ]
        count += len(PostalCode.objects.bulk_create(towns))
    record(by=by, action=Action.IMPORTED, subject_type=PostalCode._meta.label_lower, changes={"rows": count})
    return count

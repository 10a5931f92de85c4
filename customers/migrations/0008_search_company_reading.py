from typing import Any, ClassVar

from django.db import migrations

from customers.search_index import search_fields

BATCH = 500


def index_guests(apps: Any, schema_editor: Any) -> None:
    guests = apps.get_model("customers", "Customer").objects
    of_companies = guests.exclude(company=None).exclude(company__kana="").select_related("company")
    page = []
    for guest in of_companies.prefetch_related("phones").iterator(chunk_size=BATCH):
        found_by = search_fields(
            name=guest.name,
            kana=guest.kana,
            company_name=guest.company.name,
            company_kana=guest.company.kana,
            other_names=(guest.former_name, guest.called),
            code=guest.code,
            phones=[phone.digits for phone in guest.phones.all()],
        )
        guest.search_key, guest.grams = found_by.search_key, found_by.grams
        page.append(guest)
    guests.bulk_update(page, ["search_key", "grams"], batch_size=BATCH)


class Migration(migrations.Migration):
    """Guests are found by the reading of their company."""

    dependencies: ClassVar = [("customers", "0007_search_fts")]
    operations: ClassVar = [migrations.RunPython(index_guests, migrations.RunPython.noop)]

"""Tens of thousands of small rows whose ids nobody needs: one prepared statement, without building each row's SQL."""

from collections.abc import Iterable

from django.db import connection, models

AS_THEY_ARE = (models.ForeignKey, models.IntegerField, models.BooleanField)


def write_rows(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    """Insert rows of a model without defaults of the database; the rows do not learn their ids."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    table = connection.ops.quote_name(model._meta.db_table)
    # Ids, numbers and truths go as they are; times, texts and JSON want the words of the database.
    getters = [(field.attname, None if isinstance(field, AS_THEY_ARE) else field.get_db_prep_save) for field in fields]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({marks})",
            [
                [
                    prepared(getattr(row, name), connection) if prepared else getattr(row, name)
                    for name, prepared in getters
                ]
                for row in rows
            ],
        )

"""The guard of the append-only table: triggers that refuse UPDATE and DELETE, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "audit_auditentry"

SQLITE_CREATE = [
    f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON {TABLE} BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
    f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
]
SQLITE_DROP = ["DROP TRIGGER IF EXISTS audit_no_update", "DROP TRIGGER IF EXISTS audit_no_delete"]
POSTGRESQL_CREATE = [
    """CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$""",
    f"CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
]
POSTGRESQL_DROP = [f"DROP TRIGGER IF EXISTS audit_no_change ON {TABLE}"]


def create_guard(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers."""
    _run(connection, POSTGRESQL_CREATE if connection.vendor == "postgresql" else SQLITE_CREATE)


def drop_guard(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers (a migration backwards, or a test that empties the database)."""
    _run(connection, POSTGRESQL_DROP if connection.vendor == "postgresql" else SQLITE_DROP)


@contextmanager
def without_guard(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Lift the guard while a test database is emptied."""
    drop_guard(connection)
    try:
        yield
    finally:
        create_guard(connection)


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)

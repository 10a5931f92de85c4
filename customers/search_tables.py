"""The index behind `grams__finds` on SQLite: a full-text table over the grams of guests, kept in step by triggers.

Triggers, so that no write path can forget it: forms, bulk writes, the ledger import, somebody's own SQL. The table keeps
grams in hexadecimal, one token each: SQLite's own tokenizers leave signs out (%, &, ①) and know only the characters of
their Unicode version, and the one named trigram answers nothing for two characters.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

GUESTS = "customers_customer"
TABLE = f"{GUESTS}_grams"
_TRIGGERS = ("customer_grams_insert", "customer_grams_update", "customer_grams_delete")

# No byte of UTF-8 text behind the control characters ends in 2 before one that begins with 0: every "20" is a space.
_TOKENS = "replace(hex({row}grams), '20', ' ')"
_NEW, _OLD = _TOKENS.format(row="new."), _TOKENS.format(row="old.")
_TAKE_OUT = f"INSERT INTO {TABLE} ({TABLE}, rowid, grams) VALUES ('delete', old.id, {_OLD});"
_PUT_IN = f"INSERT INTO {TABLE} (rowid, grams) VALUES (new.id, {_NEW});"

_CREATE = [
    f"CREATE VIRTUAL TABLE IF NOT EXISTS {TABLE} "
    "USING fts5 (grams, content='', detail='none', columnsize=0, tokenize='ascii')",
    f"CREATE TRIGGER IF NOT EXISTS customer_grams_insert AFTER INSERT ON {GUESTS} BEGIN {_PUT_IN} END",
    f"CREATE TRIGGER IF NOT EXISTS customer_grams_update AFTER UPDATE OF id, grams ON {GUESTS} "
    f"WHEN old.id <> new.id OR old.grams <> new.grams BEGIN {_TAKE_OUT} {_PUT_IN} END",
    f"CREATE TRIGGER IF NOT EXISTS customer_grams_delete AFTER DELETE ON {GUESTS} BEGIN {_TAKE_OUT} END",
]
_FILL = [
    f"INSERT INTO {TABLE} ({TABLE}) VALUES ('delete-all')",
    f"INSERT INTO {TABLE} (rowid, grams) SELECT id, {_TOKENS.format(row='')} FROM {GUESTS}",
]


def token(gram: str) -> str:
    """A gram as the table keeps it."""
    return gram.encode().hex()


def ensure(connection: BaseDatabaseWrapper) -> None:
    """Make what is missing and fill the table anew when anything was; on PostgreSQL there is nothing to do.

    Called after every migration as well: one that changes a column of the guests makes their table anew on SQLite, and
    the triggers go with the old one.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE tbl_name IN (%s, %s)", [GUESTS, TABLE])
        found = {name for (name,) in cursor.fetchall()}
        if GUESTS not in found or found.issuperset({TABLE, *_TRIGGERS}):
            return
        for statement in [*_CREATE, *_FILL]:
            cursor.execute(statement)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers and the table away (a migration backwards)."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for trigger in _TRIGGERS:
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")

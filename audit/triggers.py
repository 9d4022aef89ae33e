"""What the database itself refuses: changing or deleting what was written. It stops accidents, not an administrator."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import DDL, Connection, Table, event

_SQLITE = """
CREATE TRIGGER {table}_no_{action} BEFORE {action} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_FUNCTION = """
CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()
"""


def append_only(table: Table) -> None:
    """Have `create_all` also make triggers that abort every update and delete of this table."""
    for action in ("update", "delete"):
        ddl = DDL(_SQLITE.format(table=table.name, action=action))
        event.listen(table, "after_create", ddl.execute_if(dialect="sqlite"))
    for statement in (_FUNCTION, _POSTGRESQL.format(table=table.name)):
        event.listen(table, "after_create", DDL(statement).execute_if(dialect="postgresql"))


@contextmanager
def lifted(tx: Connection, table: Table) -> Iterator[None]:
    """Let this transaction, and no other, update a table that is append-only."""
    if tx.dialect.name == "sqlite":
        tx.execute(DDL(f"DROP TRIGGER {table.name}_no_update"))
        yield
        tx.execute(DDL(_SQLITE.format(table=table.name, action="update")))
        return
    tx.execute(DDL(f"ALTER TABLE {table.name} DISABLE TRIGGER {table.name}_append_only"))
    yield
    tx.execute(DDL(f"ALTER TABLE {table.name} ENABLE TRIGGER {table.name}_append_only"))


def first_row(table: Table) -> None:
    """Have `create_all` also write the one row of a table that counts: its id is 1, everything else 0."""
    values = ", ".join("1" if column.name == "id" else "0" for column in table.columns)
    event.listen(table, "after_create", DDL(f"INSERT INTO {table.name} VALUES ({values})"))  # noqa: S608

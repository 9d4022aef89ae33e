"""Statements compiled once per kind of database and sent to its driver directly: the log is written on every request.

Through SQLAlchemy's usual way the four statements of an entry cost more than the durable commit itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, UpdateBase, exc


class NotInTransaction(RuntimeError):
    """The log is written only inside a transaction that the caller began."""


class Statement:
    """One statement with named parameters. Errors are those of SQLAlchemy."""

    def __init__(self, statement: UpdateBase | Select[Any]) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, Sequence[str] | None, dict[str, object]]] = {}

    def one(self, tx: Connection, values: Mapping[str, object]) -> Any:
        """Run it and return its one row, or None if there is none."""
        cursor = _cursor(tx)
        try:
            self._run(tx, cursor, values)
            row = cursor.fetchone()
            return row if row is None or cursor.fetchone() is None else _too_many()
        finally:
            cursor.close()

    def run(self, tx: Connection, values: Mapping[str, object]) -> None:
        """Run it for its effect."""
        cursor = _cursor(tx)
        try:
            self._run(tx, cursor, values)
        finally:
            cursor.close()

    def _run(self, tx: Connection, cursor: Any, values: Mapping[str, object]) -> None:
        dialect = tx.dialect
        if dialect.name not in self._compiled:
            compiled: Any = self._statement.compile(dialect=dialect)
            constants = {name: value for name, value in compiled.params.items() if value is not None}
            self._compiled[dialect.name] = (str(compiled), compiled.positiontup, constants)
        sql, order, constants = self._compiled[dialect.name]
        given = {**constants, **values}
        parameters = given if order is None else [given[name] for name in order]
        try:
            cursor.execute(sql, parameters)
        except dialect.loaded_dbapi.Error as error:
            raise exc.DBAPIError.instance(sql, None, error, dialect.loaded_dbapi.Error, dialect=dialect) from error


def _cursor(tx: Connection) -> Any:
    if not tx.in_transaction():
        raise NotInTransaction("begin a transaction before writing to the log")
    return tx.connection.cursor()


def _too_many() -> None:
    raise exc.MultipleResultsFound("one row was expected")

"""Statements compiled once per kind of database and sent to its driver directly: these run in every request.

Through SQLAlchemy's usual way the four statements of an entry cost more than the durable commit itself.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect, Select, UpdateBase, exc

Convert = Callable[[Any], Any]
T = TypeVar("T")


class NotInTransaction(RuntimeError):
    """The log is written only inside a transaction that the caller began."""


@dataclass(frozen=True)
class _Form:
    """A statement as one kind of database takes it, and how the values of its parameters and columns are converted."""

    sql: str
    order: Sequence[str] | None  # names of the parameters where the driver takes them by position
    constants: Mapping[str, object]
    given: Mapping[str, Convert]
    found: Sequence[Convert | None]
    row: Callable[..., Any]


class Statement:
    """One statement with named parameters. Errors are those of SQLAlchemy, rows have its columns' names and types."""

    def __init__(self, statement: UpdateBase | Select[Any]) -> None:
        self._statement = statement
        self._forms: dict[str, _Form] = {}

    def one(self, tx: Connection, values: Mapping[str, object]) -> Any:
        """Run it and return its one row, or None if there is none."""
        return self._within(tx, values, lambda cursor, form: _only(cursor, form))

    def run(self, tx: Connection, values: Mapping[str, object]) -> int:
        """Run it for its effect; returns how many rows that had."""
        return self._within(tx, values, lambda cursor, _: int(cursor.rowcount))

    def rows(self, tx: Connection, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Run it and return all rows as the driver gives them; begins a transaction as SQLAlchemy's own way does."""
        if not tx.in_transaction():
            tx.begin()
        return self._within(tx, values, lambda cursor, _: list(cursor.fetchall()))

    def look(self, driver: Any, dialect: Dialect, values: Mapping[str, object]) -> Any:
        """The first row on a connection of the driver's own, or None: for a look at what is committed."""
        return self._on(driver.cursor(), dialect, values, _first)

    def _within(self, tx: Connection, values: Mapping[str, object], answer: Callable[[Any, _Form], T]) -> T:
        if not tx.in_transaction():
            raise NotInTransaction("begin a transaction before writing to the log")
        return self._on(tx.connection.cursor(), tx.dialect, values, answer)

    def _on(self, cursor: Any, dialect: Dialect, values: Mapping[str, object], answer: Callable[[Any, _Form], T]) -> T:
        form = self._forms.get(dialect.name) or self._compile(dialect)
        named = {**form.constants, **values}
        for name, convert in form.given.items():
            named[name] = convert(named[name])
        try:
            cursor.execute(form.sql, named if form.order is None else [named[name] for name in form.order])
            return answer(cursor, form)
        except dialect.loaded_dbapi.Error as error:
            raise exc.DBAPIError.instance(form.sql, None, error, dialect.loaded_dbapi.Error, dialect=dialect) from error
        finally:
            cursor.close()

    def _compile(self, dialect: Dialect) -> _Form:
        compiled: Any = self._statement.compile(dialect=dialect)
        columns = list(self._statement.exported_columns)
        converts = {bind.key: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind in compiled.bind_names}
        names = [getattr(column, "name", None) or "_" for column in columns]
        form = self._forms[dialect.name] = _Form(
            sql=str(compiled),
            order=compiled.positiontup,
            constants={name: value for name, value in compiled.params.items() if value is not None},
            given={name: convert for name, convert in converts.items() if convert},
            found=[column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns],
            row=namedtuple("Row", names, rename=True),
        )
        return form


def _first(cursor: Any, form: _Form) -> Any:
    row = cursor.fetchone()
    if row is None:
        return None
    return form.row(*(convert(value) if convert else value for convert, value in zip(form.found, row, strict=True)))


def _only(cursor: Any, form: _Form) -> Any:
    row = _first(cursor, form)
    if row is not None and cursor.fetchone() is not None:
        raise exc.MultipleResultsFound("one row was expected")
    return row

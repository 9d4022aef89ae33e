"""Rows by many numbers at once, as one parameter: a thousand of them cost more to send than to look up."""

import json
from collections.abc import Iterable

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Connection, any_, bindparam, func, select


def among(tx: Connection, column: ColumnElement[int], numbers: Iterable[int]) -> ColumnElement[bool]:
    """Whether the column holds one of these numbers."""
    if tx.dialect.name == "sqlite":
        given = func.json_each(json.dumps(list(numbers))).table_valued("value")
        return column.in_(select(given.c.value))
    return column == any_(bindparam(None, list(numbers), type_=ARRAY(BigInteger)))

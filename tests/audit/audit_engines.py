"""Engines to the databases that tests of the log write to, as durable as the portal's own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, create_engine, event, make_url, text


def sqlite_engine(file: Path) -> Engine:
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": 60})

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA secure_delete=ON")

    @event.listens_for(engine, "begin")
    def _write_lock(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def postgres_engine(url: str) -> Iterator[Engine]:
    schema = f"audit_{uuid4().hex}"
    outer = create_engine(url)
    with outer.begin() as tx:
        tx.execute(text(f"CREATE SCHEMA {schema}"))
    engine = create_engine(make_url(url).update_query_dict({"options": f"-csearch_path={schema}"}))
    yield engine
    engine.dispose()
    with outer.begin() as tx:
        tx.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    outer.dispose()

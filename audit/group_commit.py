"""Several writers, one commit: whoever comes while another's commit is on its way to the disk joins the next one."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

T = TypeVar("T")


class GroupCommit:
    """Runs pieces of work of many threads in shared write transactions; each returns only once it is durable.

    One that fails is rolled back alone, by a savepoint; a failing commit fails all that shared it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue = threading.Lock()
        self._waiting: list[_Piece] = []
        self._led = False  # whether one of the threads is committing, or was told to

    def run(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a write transaction and return what it returns, or raise what it or the commit raised.

        It must not run longer than it has to, nor commit or roll back itself: others share the transaction.
        """
        piece = _Piece(work)
        with self._queue:
            self._waiting.append(piece)
            leads, self._led = not self._led, True
        if not leads:
            piece.told.acquire()
        if not piece.ended:
            self._lead()
        if piece.error is not None:
            raise piece.error
        value: T = piece.value
        return value

    def _lead(self) -> None:
        with self._queue:
            batch, self._waiting = self._waiting, []
        try:
            self._commit(batch)
        finally:
            with self._queue:
                heir = self._waiting[:1]
                self._led = bool(heir)
            for piece in batch:
                piece.ended = True
            for piece in (*batch, *heir):
                piece.told.release()

    def _commit(self, batch: "list[_Piece]") -> None:
        try:
            with self._engine.begin() as tx:
                for piece in batch:
                    piece.attempt(tx, alone=len(batch) == 1)
        except BaseException as error:
            for piece in batch:
                piece.error = piece.error or error
            if not isinstance(error, Exception):
                raise


class _Piece:
    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.work = work
        self.value: Any = None
        self.error: BaseException | None = None
        self.ended = False
        self.told = threading.Lock()  # released when it ended, or when its thread is to lead
        self.told.acquire()

    def attempt(self, tx: Connection, *, alone: bool) -> None:
        if alone:
            self.value = self.work(tx)
            return
        cursor = tx.connection.cursor()  # SQLAlchemy's own savepoints cost as much as the entry
        cursor.execute("SAVEPOINT audit_piece")
        try:
            self.value = self.work(tx)
        except Exception as error:
            self.error = error
            cursor.execute("ROLLBACK TO SAVEPOINT audit_piece")
        cursor.execute("RELEASE SAVEPOINT audit_piece")
        cursor.close()

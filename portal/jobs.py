"""What the worker runs: the outbox when it is woken, and once a minute everything that must not be forgotten."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from huey import Huey, PostgresHuey, SqliteHuey, crontab

from portal.unwritable import cannot_write

logger = structlog.get_logger("jobs")


@contextmanager
def going_on(job: str, **about: object) -> Iterator[None]:
    """Log what goes wrong in this block, and go on: whatever comes next must not wait until it is mended.

    Raises what says that the database is away: then nothing that comes next would fare better.
    """
    try:
        yield
    except Exception as error:
        if cannot_write(error):
            raise
        logger.exception("job_failed", job=job, **about)


def queue(database: str, state: Path) -> Huey:
    """The queue that wakes workers: a file on one machine, the database itself on several. Losing it loses nothing."""
    if database.startswith("sqlite"):
        return SqliteHuey("sparekey", filename=str(state / "jobs.db"), results=False, fsync=False)
    return PostgresHuey("sparekey", dsn=database.replace("postgresql+psycopg://", "postgresql://"), results=False)


class Jobs:
    """Tasks by name, the same in the web process, which only wakes, and in the worker, which runs them."""

    def __init__(self, huey: Huey) -> None:
        self.huey = huey
        self._carry: Callable[[], object] = lambda: None
        self._minute: Callable[[], object] = lambda: None
        self._passing = threading.Lock()
        self._deliver = huey.task(name="deliver")(self._run_carry)
        self._look_after = huey.periodic_task(crontab(minute="*"), name="every_minute")(self._run_minute)

    def wake(self) -> None:
        """Tell a worker that something waits. If that fails the row is still there, and found within a minute.

        One who has not begun yet sees all that is on disk by then, so there is no need to tell him twice.
        """
        try:
            if not self.huey.pending_count():
                self._deliver()
        except Exception:
            logger.exception("wake_failed")

    def work(
        self, carry: Callable[[], object], minute: Callable[[], object], seconds: Iterable[Callable[[], object]]
    ) -> None:
        """Run until SIGINT or SIGTERM. Each of `seconds` is called about every second, in a thread of its own."""
        self._carry, self._minute = carry, minute
        stop = threading.Event()
        for job in seconds:
            threading.Thread(target=_every_second, args=(job, stop), name="seconds", daemon=True).start()
        try:
            _safely(self._look_after)  # at once, and beside each other: mails wait for no listing
            _safely(self._deliver)
            consumer = self.huey.create_consumer(
                workers=4, initial_delay=0.02, backoff=1.3, max_delay=0.15, scheduler_interval=1, graceful_signal="INT"
            )
            consumer.run()
        finally:
            stop.set()

    def _run_carry(self) -> None:
        self._carry()

    def _run_minute(self) -> None:
        """One at a time: a pass that takes longer than a minute must not take every thread from the mails."""
        if self._passing.acquire(blocking=False):
            try:
                self._minute()
            finally:
                self._passing.release()


def _every_second(job: Callable[[], Any], stop: threading.Event) -> None:
    while not stop.wait(0.5):
        _safely(job)


def _safely(job: Callable[[], Any]) -> None:
    try:
        job()
    except Exception:
        logger.exception("job_failed")

"""The sealer's process: signs what the record has grown by, and ends with an alarm where it is not what was signed."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from audit.feeding import Feeding
from audit.keys import load_any_key, load_key
from audit.notes import VerifierKey
from audit.sealer import Sealer, SealRefused
from audit.witness.client import WitnessClient
from portal.record.sealer_alarm import Alarm
from portal.settings.sealer import SealerSettings

REFUSED = 3  # the exit status; nobody starts it again before somebody has looked
GLANCE = 0.3  # seconds between two looks for something new
LIFE = timedelta(seconds=20)  # how often it says that it lives
WHOLE = timedelta(hours=1)  # how often everything is recomputed
TROUBLE = (OSError, SQLAlchemyError)  # may pass by itself: the database is away, full or locked

Clock = Callable[[], datetime]
logger = structlog.get_logger("sealer")


def sealer_of(settings: SealerSettings, clock: Clock) -> Sealer:
    """The sealer with this installation's keys; what it signed last is kept in a file of its own."""
    own = settings.sealer
    keys = [load_key(settings.signing_key)]
    if own.old_signing_key and own.old_until and clock().date() <= own.old_until:
        keys.append(load_key(own.old_signing_key))
    more = [load_any_key(own.post_quantum_key)] if own.post_quantum_key else []
    clients = [WitnessClient(witness.url, VerifierKey.parse(witness.key)) for witness in own.witnesses]
    feeding = Feeding(clients, clock, lambda name, why: logger.warning("witness_silent", witness=name, why=why))
    settings.state.mkdir(parents=True, exist_ok=True)
    return Sealer(settings.origin, [*keys, *more], settings.state / "sealed.json", clock, feeding)


class Sealing:
    """Runs a sealer until it is told to stop, or the record turns out not to be what was signed."""

    def __init__(self, sealer: Sealer, engine: Engine, alarm: Alarm, clock: Clock) -> None:
        self._sealer = sealer
        self._engine = engine
        self._alarm = alarm
        self._clock = clock
        self._lived = self._looked = datetime.min.replace(tzinfo=clock().tzinfo)
        self._whole: Future[int] | None = None

    def run(self, stop: threading.Event) -> int:
        """Return the exit status: 0 told to stop, 3 refused."""
        with ThreadPoolExecutor(1, "whole") as pool:
            while not stop.is_set():
                try:
                    self._step(pool)
                    self._alarm.well()
                except SealRefused as refused:
                    self._alarm.refused(str(refused))
                    return REFUSED
                except TROUBLE as error:
                    self._alarm.trouble(error)
                    stop.wait(GLANCE)
                stop.wait(GLANCE)
        return 0

    def _step(self, pool: ThreadPoolExecutor) -> None:
        now = self._clock()
        if self._whole is None and now - self._looked >= WHOLE:
            first = self._looked.year == 1
            self._whole, self._looked = pool.submit(self._sealer.full_check, self._engine), now
            if first:  # nothing is signed before everything was looked at
                self._end_of_look(self._whole)
        if self._whole and self._whole.done():
            self._end_of_look(self._whole)
        if self._sealer.seal(self._engine):
            self._lived = now
        elif now - self._lived >= LIFE:
            self._sealer.still_sound(self._engine)
            self._lived = now

    def _end_of_look(self, look: "Future[int]") -> None:
        self._whole = None
        try:
            logger.info("whole_record_sound", entries=look.result())
        except TROUBLE:
            self._looked = datetime.min.replace(tzinfo=self._looked.tzinfo)  # it did not come to an end: once more
            raise

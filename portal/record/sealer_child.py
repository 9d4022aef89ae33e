"""Keeps the sealer running beside the worker, in a process of its own, where this installation's file has its key."""

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from portal.record.sealing import REFUSED

PAUSE = timedelta(seconds=5)  # before it is started again
_COMMAND = (sys.executable, "-m", "portal", "sealer", "--with-starter")


class SealerChild:
    """Started at the first look, and again if it ends; not after a refusal, which people must look into."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._running: subprocess.Popen[bytes] | None = None
        self._started: datetime | None = None
        self._refused = False
        self._log = structlog.get_logger("worker")

    def look(self) -> None:
        """See that it runs."""
        if self._refused or (self._running and self._running.poll() is None):
            return
        if self._running:
            status = self._running.returncode
            self._running, self._refused = None, status == REFUSED
            self._log.error("sealer_ended", status=status, starts_again=not self._refused)
            return
        now = self._clock()
        if self._started is None or now - self._started >= PAUSE:
            self._started = now
            self._running = subprocess.Popen(_COMMAND, stdin=subprocess.DEVNULL)  # noqa: S603 - our own command, no shell

    def stop(self) -> None:
        """End it; it leaves nothing half done."""
        if self._running and self._running.poll() is None:
            self._running.terminate()
            try:
                self._running.wait(10)
            except subprocess.TimeoutExpired:
                self._running.kill()
                self._running.wait()

"""A small stack of connections to one directory, and when work that failed on one may be done again on another."""

import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from connectors.errors import ConnectorError, Forbidden, Obstacle, Unavailable, Unconfirmed
from connectors.ldap.link import Link, Lost
from connectors.ldap.results import Busy
from connectors.ldap.servers import Servers

T = TypeVar("T")

IDLE_SECONDS = 30.0
"""Connections unused for longer are not trusted: a firewall may have forgotten them without telling either end."""

BUSY_PAUSES = (0.05, 0.2, 0.5)
"""Seconds to let a busy server get its breath back; then it is up to the person."""


class Pool:
    """At most `size` connections at once, the one used last first. Safe for threads, and after a fork.

    `enter` opens a connection to a server as whoever this pool is for. `wait` is how long opening one may take.
    """

    def __init__(
        self,
        servers: Servers,
        enter: Callable[[str], Link],
        *,
        size: int,
        wait: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._servers = servers
        self._enter = enter
        self._size = size
        self._wait = wait
        self._clock = clock
        self._idle: list[tuple[Link, float]] = []
        self._start_empty()
        _POOLS.add(self)

    def run(self, work: Callable[[Link], T], *, at: str = "") -> T:
        """Do `work` on a connection, to the server `at` if that answers.

        Raises Unavailable, Forbidden where no server takes changes, or Unconfirmed if a change was sent and not
        answered. Work that certainly changed nothing is done again: on a new connection, since a pooled one may have
        died; on another server; or after a pause. But at most one silence is waited for.
        """
        tries = _Tries(self._servers, at)
        while True:
            with self._link(tries) as link:
                try:
                    done = work(link)
                except (Lost, Forbidden, Unavailable) as problem:
                    if isinstance(problem, Lost):
                        self.close()  # its neighbours go to the same server and are likely to be dead as well
                    pause = tries.pause_after(problem, link)
                else:
                    if link.changed:
                        self._servers.takes_changes(link.url)
                    return done
            time.sleep(pause)

    @contextmanager
    def lend(self) -> Iterator[Link]:
        """A connection of one's own for longer work that only reads. Raises Unavailable."""
        with self._link(_Tries(self._servers)) as link:
            try:
                yield link
            except Lost as lost:
                self.close()
                if lost.silent:
                    self._servers.failed(link.url, lost)
                raise Unavailable(str(lost)) from lost

    def close(self) -> None:
        """Close the idle connections; those in use are closed when they come back."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._generation += 1
        for link, _ in idle:
            link.close()

    @contextmanager
    def _link(self, tries: "_Tries") -> Iterator[Link]:
        if not self._slots.acquire(timeout=self._wait):
            raise Unavailable(f"all {self._size} connections to the directory are busy")
        try:
            generation = self._generation
            link = self._idle_link(tries) or self._servers.open(self._enter, tries.avoid, tries.at)
            usual, link.changed = link.timeout, False
            if tries.waited:
                link.timeout = min(usual, self._wait)
            try:
                yield link
            finally:
                link.timeout = usual
                self._put_back(link, generation)
        finally:
            self._slots.release()

    def _idle_link(self, tries: "_Tries") -> Link | None:
        """One to the best server there is now; those to another are given up, so that it gets its share back."""
        best = next(iter(self._servers.order(tries.avoid, tries.at)), None)
        while not tries.afresh:
            with self._lock:
                if not self._idle:
                    return None
                link, since = self._idle.pop()
            if link.url == best and self._clock() - since < IDLE_SECONDS and link.alive():
                return link
            link.close()
        return None

    def _put_back(self, link: Link, generation: int) -> None:
        with self._lock:
            keep = generation == self._generation and not link.closed
            if keep:
                link.used = True
                self._idle.append((link, self._clock()))
        if not keep:
            link.close()

    def _start_empty(self) -> None:
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(self._size)
        self._generation = 0
        self._idle = []

    def _leave_to_parent(self) -> None:
        idle = self._idle
        self._start_empty()
        self._servers.start_anew()
        for link, _ in idle:
            link.abandon()


class _Tries:
    """What one piece of work has met so far, and whether it may be done once more."""

    def __init__(self, servers: Servers, at: str = "") -> None:
        self.at = at
        self.avoid: set[str] = set()
        self.afresh = False  # no pooled connection any more
        self.waited = False  # through one silence
        self._servers = servers
        self._pauses = iter(BUSY_PAUSES)

    def pause_after(self, problem: Lost | Forbidden | Unavailable, link: Link) -> float:
        """How long to wait before another try; raises what the caller is told if there must not be one."""
        if isinstance(problem, Lost):
            return self._after_loss(problem, link)
        if link.changed:
            raise _begun(problem) from problem
        if isinstance(problem, Forbidden):
            return self._after_refusal(problem, link)
        return self._after_outage(problem, link)

    def _after_loss(self, lost: Lost, link: Link) -> float:
        stale = not lost.silent and link.used and not self.afresh
        if not stale:
            self._servers.failed(link.url, lost)
        if lost.unsure:
            raise Unconfirmed(str(lost)) from lost
        second_silence = lost.silent and self.waited
        self.afresh, self.waited = self.afresh or stale, self.waited or lost.silent
        if not stale and (second_silence or not self._elsewhere(link.url)):
            raise Unavailable(str(lost)) from lost
        return 0.0

    def _after_refusal(self, problem: Forbidden, link: Link) -> float:
        """No referral is followed: it may name any host. But another server of the settings may take the change."""
        if problem.obstacle is not Obstacle.READ_ONLY:
            raise problem
        self._servers.takes_no_changes(link.url)
        if self._elsewhere(link.url):
            return 0.0
        # One that is down may take it tomorrow; if all of them said no, only people can mend that.
        raise Unavailable(problem.detail) if self._servers.some_down else problem

    def _after_outage(self, problem: Unavailable, link: Link) -> float:
        pause = next(self._pauses, None)
        if pause is None or not isinstance(problem, Busy):
            raise problem
        if problem.elsewhere:
            self._elsewhere(link.url)
        return pause

    def _elsewhere(self, url: str) -> bool:
        """Avoid that server from now on, if another is left."""
        if not self._servers.order({*self.avoid, url}):
            return False
        self.avoid.add(url)
        return True


def _begun(problem: ConnectorError) -> ConnectorError:
    """The first of two changes was made: whoever asks must look, not repeat. A missing right is told all the same."""
    return problem if isinstance(problem, Forbidden) else Unconfirmed(problem.detail)


_POOLS: weakref.WeakSet[Pool] = weakref.WeakSet()


def _after_fork() -> None:
    for pool in list(_POOLS):
        pool._leave_to_parent()


os.register_at_fork(after_in_child=_after_fork)

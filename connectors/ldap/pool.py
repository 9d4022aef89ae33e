"""A small stack of connections to one directory, and when the work of a lost one may be done again on another."""

import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from connectors.errors import Unavailable, Unconfirmed
from connectors.ldap.link import Link, Lost

T = TypeVar("T")

IDLE_SECONDS = 30.0
"""Connections unused for longer are not trusted: a firewall may have forgotten them without telling either end."""

PAUSE_SECONDS = 1.0
"""After a server let a connection attempt time out, nobody else waits for it that long."""


class Pool:
    """At most `size` connections at once, the one used last first. Safe for threads, and after a fork."""

    def __init__(
        self, opener: Callable[[], Link], *, size: int, wait: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._opener = opener
        self._size = size
        self._wait = wait
        self._clock = clock
        self._silent_until = float("-inf")
        self._idle: list[tuple[Link, float]] = []
        self._start_empty()
        _POOLS.add(self)

    def run(self, work: Callable[[Link], T]) -> T:
        """Do `work` on a connection. Raises Unavailable, or Unconfirmed if a change was sent and not answered.

        A pooled connection may have died since its last use. Then the work is done once more on a new one, but never
        after a change was sent, and never after a silence: that would make somebody wait twice.
        """
        used_before = False
        try:
            with self._link() as link:
                used_before = link.used
                return work(link)
        except Lost as lost:
            if lost.unsure or lost.silent or not used_before:
                raise _named(lost) from lost
        try:
            with self._link(fresh=True) as link:
                return work(link)
        except Lost as lost:
            raise _named(lost) from lost

    @contextmanager
    def lend(self) -> Iterator[Link]:
        """A connection of one's own for longer work that only reads. Raises Unavailable."""
        try:
            with self._link() as link:
                yield link
        except Lost as lost:
            raise _named(lost) from lost

    def close(self) -> None:
        """Close the idle connections; those in use are closed when they come back."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._generation += 1
        for link, _ in idle:
            link.close()

    @contextmanager
    def _link(self, fresh: bool = False) -> Iterator[Link]:
        if not self._slots.acquire(timeout=self._wait):
            raise Unavailable(f"all {self._size} connections to the directory are busy")
        try:
            generation = self._generation
            link = (None if fresh else self._idle_link()) or self._open()
            link.changed = False
            try:
                yield link
            except Lost:
                self.close()  # its neighbours go to the same server and are likely to be dead as well
                raise
            finally:
                self._put_back(link, generation)
        finally:
            self._slots.release()

    def _idle_link(self) -> Link | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                link, since = self._idle.pop()
            if self._clock() - since < IDLE_SECONDS and link.alive():
                return link
            link.close()

    def _put_back(self, link: Link, generation: int) -> None:
        with self._lock:
            keep = generation == self._generation and not link.closed
            if keep:
                link.used = True
                self._idle.append((link, self._clock()))
        if not keep:
            link.close()

    def _open(self) -> Link:
        if self._clock() < self._silent_until:
            raise Unavailable("the directory did not answer a moment ago")
        try:
            return self._opener()
        except Lost as lost:
            if lost.silent:
                self._silent_until = self._clock() + PAUSE_SECONDS
            raise Unavailable(str(lost)) from lost

    def _start_empty(self) -> None:
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(self._size)
        self._generation = 0
        self._idle = []

    def _leave_to_parent(self) -> None:
        idle = self._idle
        self._start_empty()
        for link, _ in idle:
            link.abandon()


def _named(lost: Lost) -> Unavailable | Unconfirmed:
    return Unconfirmed(str(lost)) if lost.unsure else Unavailable(str(lost))


_POOLS: weakref.WeakSet[Pool] = weakref.WeakSet()


def _after_fork() -> None:
    for pool in list(_POOLS):
        pool._leave_to_parent()


os.register_at_fork(after_in_child=_after_fork)

"""Which of a directory's servers to ask. One that is down costs one wait in the whole process, and then none.

All the servers of a directory hold the same entries. They are asked in the settings' order, but those that take
changes before read-only copies, so that reading and writing go to the same server: what was just written is seen.
A server that failed is tried in the background, by nobody's request, and is used again as soon as it answers.
"""

import threading
import time
import weakref
from collections.abc import Callable, Collection

from connectors.errors import Outage, Unavailable
from connectors.ldap.link import Link, Lost

FIRST_PAUSE, USUAL_PAUSE = 0.5, 2.0
"""Seconds before the first try in the background and, growing, between the later ones. A try costs next to nothing."""

LONGEST_PAUSE = 10.0
"""Seconds to stay away from a server that answers and then fails all the same, or that does not let us in."""

STEADY_SECONDS = 60.0
"""A server that fails again sooner was not well yet: the first pause is twice as long as the last time."""

_MOST_SILENCES = 2  # servers that one request waits for in vain; the others are the next one's


class Servers:
    """Safe for threads. `look` reaches a server and gets an answer from it without signing in, or raises Lost."""

    def __init__(
        self, urls: tuple[str, ...], look: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._urls = urls
        self._look = look
        self._clock = clock
        self.start_anew()

    def start_anew(self) -> None:
        """Forget everything, as after a fork: the threads that would have noticed are not there any more."""
        self._lock = threading.Lock()
        self._down: dict[str, bool] = {}  # and whether it lets people wait, or sends them away at once
        self._read_only: set[str] = set()
        self._back: dict[str, tuple[float, float]] = {}  # when it last came back, and its first pause before that
        self._sort()

    def order(self, avoid: Collection[str] = (), at: str = "") -> list[str]:
        """Whom to ask, best first: `at` if it can be, and never one that is known to let people wait."""
        usable = [url for url in self._order if url not in avoid]
        return sorted(usable, key=lambda url: url != at) if at else usable

    def open(self, enter: Callable[[str], Link], avoid: Collection[str] = (), at: str = "") -> Link:
        """Open a connection to the best server that answers. Raises Unavailable with what each of them said."""
        failures: list[Lost] = []
        for url in self.order(avoid, at):
            try:
                link = enter(url)
            except Lost as lost:
                self.failed(url, lost)
                failures.append(lost)
            else:
                self._is_back(url)
                return link
            if sum(lost.silent for lost in failures) == _MOST_SILENCES:
                break
        detail = "; ".join(map(str, failures)) or "the directory did not answer a moment ago"
        raise Unavailable(detail, outage=failures[0].outage if len(failures) == 1 else Outage.DOWN)

    def failed(self, url: str, lost: Lost) -> None:
        """Ask it last, or not at all if it is silent, until it answers again."""
        if len(self._urls) == 1 and not lost.silent:
            return  # there is nobody to ask before it, and asking costs nothing
        with self._lock:
            known = url in self._down
            self._down[url] = lost.silent or self._down.get(url, False)
            self._sort()
            # Wrong passwords again and again would lock the service account.
            pause = LONGEST_PAUSE if lost.outage is Outage.PORTAL_REFUSED else self._pause(url)
        if not known:
            threading.Thread(target=_watch, args=(weakref.ref(self), url, pause), daemon=True).start()

    def takes_no_changes(self, url: str) -> None:
        with self._lock:
            self._read_only.add(url)
            self._sort()

    def takes_changes(self, url: str) -> None:
        """It did: a copy may have been promoted."""
        if url in self._read_only:
            with self._lock:
                self._read_only.discard(url)
                self._sort()

    @property
    def some_down(self) -> bool:
        return bool(self._down)

    def try_again(self, url: str, first_pause: float) -> bool:
        """Whether it is back; for the background only."""
        if url in self._down:
            try:
                self._look(url)
            except Lost:
                return False
            self._is_back(url, first_pause)
        return True

    def _is_back(self, url: str, first_pause: float = FIRST_PAUSE) -> None:
        if url in self._down:
            with self._lock:
                self._down.pop(url, None)
                self._back[url] = self._clock(), first_pause
                self._sort()

    def _pause(self, url: str) -> float:
        back, pause = self._back.get(url, (float("-inf"), 0.0))
        return min(2 * pause, LONGEST_PAUSE) if self._clock() - back < STEADY_SECONDS else FIRST_PAUSE

    def _sort(self) -> None:
        answering = [url for url in self._urls if not self._down.get(url, False)]
        self._order = sorted(answering, key=lambda url: (url in self._down, url in self._read_only))


def _watch(servers: "weakref.ref[Servers]", url: str, pause: float) -> None:
    """Try a server again and again until it is back, or nobody is interested any more."""
    first_pause = pause
    while True:
        time.sleep(pause)
        watched = servers()
        if watched is None or watched.try_again(url, first_pause):
            return
        del watched
        pause = min(2 * pause, USUAL_PAUSE)

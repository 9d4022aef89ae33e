"""Twisted's one event loop in a thread of its own, started when the first directory needs it."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from twisted.internet import reactor as _reactor
from twisted.internet import threads

T = TypeVar("T")

reactor: Any = _reactor  # a module that stands for whichever loop the platform has; its interfaces carry no types

_starting = threading.Lock()


def call(function: Callable[..., T], *arguments: object) -> T:
    """Run a function in the loop's thread and return what it returns, or raise what it raises.

    The loop runs to the end of the process: twisted cannot start it twice.
    """
    _start()
    return threads.blockingCallFromThread(reactor, function, *arguments)


def _start() -> None:
    with _starting:
        if reactor.running:
            return
        up = threading.Event()
        reactor.callWhenRunning(up.set)
        run = threading.Thread(
            target=reactor.run, kwargs={"installSignalHandlers": False}, name="directory", daemon=True
        )
        run.start()
        if not up.wait(5):
            raise RuntimeError("the directory's event loop did not start")

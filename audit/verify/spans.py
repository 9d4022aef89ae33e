"""A log looked at span by span, by one process or several, and put together in order: both find the same, first."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any, NamedTuple, TypeVar

from audit.tree import TILE, fold
from audit.verify.attempts import Attempts, Stretch
from audit.verify.proofs import VerifyFailed
from audit.verify.rebuild import Rebuild

MANY = 100_000  # entries from which on it is worth while to start processes
_BUNDLES = 16  # in a span: so that no transaction is long, and little goes from process to process


class Span(NamedTuple):
    """Neighbouring entries, from the first of a bundle on."""

    low: int
    high: int


@dataclass
class Seen:
    """What a span came to by itself; if something is wrong in it, what came before that."""

    bundles: list[bytes | list[bytes]] = field(default_factory=list)  # the root of each, or its leaves if it is cut
    stretch: Stretch = field(default_factory=Stretch)
    failure: str = ""

    def add_to(self, rebuild: Rebuild, attempts: Attempts) -> None:
        """Put it behind the spans before it; raises VerifyFailed at the first thing that is wrong."""
        for bundle in self.bundles:
            rebuild.add(bundle)
        attempts.add(self.stretch)
        if self.failure:
            raise VerifyFailed(self.failure)


S = TypeVar("S", bound=Seen)


def hashed(low: int, leaves: Sequence[bytes], sizes: Iterable[int]) -> bytes | list[bytes]:
    """What is needed of a bundle: its root, or all its leaves where one of the sizes that are asked for cuts it."""
    if len(leaves) < TILE or any(low < size < low + TILE for size in sizes):
        return list(leaves)
    return fold(leaves)


def spans(low: int, high: int) -> list[Span]:
    """All of a log from the first of a bundle on."""
    step = TILE * _BUNDLES
    return [Span(start, min(start + step, high)) for start in range(low, high, step)]


def look_at(look: Callable[[Span], S], wanted: Sequence[Span], processes: int | None) -> Iterator[S]:
    """What `look` makes of each span, in their order; it must be something that can be sent to another process.

    `processes` is how many; None is one for each core, and for a small log one.
    """
    if processes is None:
        processes = (os.cpu_count() or 1) if wanted and wanted[-1].high - wanted[0].low >= MANY else 1
    yield from map(look, wanted) if processes == 1 else _several(look, wanted, processes)


def _several(look: Callable[[Span], S], wanted: Sequence[Span], processes: int) -> Iterator[S]:
    # Started anew instead of forked: a connection to a database must not be in two processes.
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _begin, (look,))
    try:
        yield from pool.map(_look, wanted)
    except BrokenExecutor:
        raise VerifyFailed("a process that was verifying has died: nothing is known of the rest") from None
    finally:
        pool.shutdown(cancel_futures=True)


_looks: list[Callable[[Span], Seen]] = []  # in a process that was started for this: the one thing it does


def _begin(look: Callable[[Span], Seen]) -> None:
    _looks.append(look)


def _look(span: Span) -> Any:
    return _looks[0](span)

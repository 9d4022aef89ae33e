"""Whether two kinds of tries can be told apart by how long they take."""

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median

FLOOR = 0.0015  # seconds: what cannot be told apart over a network by a few tries is no difference
CERTAIN = 1e-4  # how unlikely a difference must be by chance; some thirty comparisons are made in one run


def interleaved(tries: Mapping[str, Callable[[], object]], times: int, chance: random.Random) -> dict[str, list[float]]:
    """Do each try so many times, in rounds of random order, so that a busy machine slows all of them alike."""
    seconds: dict[str, list[float]] = {name: [] for name in tries}
    for _ in range(times):
        for name in chance.sample(sorted(tries), len(tries)):
            began = time.perf_counter()
            tries[name]()
            seconds[name].append(time.perf_counter() - began)
    return seconds


def tellable(one: Sequence[float], other: Sequence[float]) -> bool:
    """Do the two differ by more than the floor, and by more than chance (rank-sum test, normal approximation)?"""
    return abs(median(one) - median(other)) > FLOOR and _p_value(one, other) < CERTAIN


def differing(seconds: Mapping[str, Sequence[float]], ordinary: str) -> dict[str, str]:
    """The kinds that can be told from the ordinary one, with both medians in milliseconds."""
    base = seconds[ordinary]
    return {
        name: f"{1000 * median(found):.2f} ms, ordinary {1000 * median(base):.2f} ms"
        for name, found in seconds.items()
        if name != ordinary and tellable(found, base)
    }


def _p_value(one: Sequence[float], other: Sequence[float]) -> float:
    """Two-sided, of the hypothesis that both come from the same distribution (Mann and Whitney 1947)."""
    n, m = len(one), len(other)
    ranked = sorted([(x, True) for x in one] + [(x, False) for x in other])
    ranks = sum(rank for rank, (_, mine) in enumerate(ranked, start=1) if mine)
    u = ranks - n * (n + 1) / 2
    z = (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(z) / math.sqrt(2))

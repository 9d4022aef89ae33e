"""What one slice of a measurement came to, and how processor time and memory of other processes are read."""

import os
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Some seconds of one thing. `cpu` is the processor time of whatever did it, by name, in seconds."""

    done: int
    failed: int
    seconds: float
    cpu: dict[str, float]
    p50: float = 0.0
    p99: float = 0.0
    words: str = ""

    @property
    def rate(self) -> float:
        return self.done / self.seconds if self.seconds else 0.0

    def each(self, name: str) -> float:
        """Microseconds of processor time for each one done."""
        return 1e6 * self.cpu.get(name, 0.0) / self.done if self.done else 0.0


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table: a ratio or a figure, with the goal beside it and what it was made of."""

    number: str
    what: str
    value: str
    must: str = ""
    stretch: str = ""
    reached: bool | None = None
    note: str = ""


def ratio(number: str, what: str, value: float, *, must: float, stretch: float, note: str = "") -> Row:
    """A row whose value must be at least `must`."""
    return Row(
        number=number,
        what=what,
        value=f"{value:.2f}",
        must=f">= {must:g}",
        stretch=f">= {stretch:g}",
        reached=value >= must,
        note=note,
    )


def middle(slices: list[Slice], of: str = "rate") -> float:
    return median(getattr(one, of) for one in slices)


def cpu_seconds(pids: list[int]) -> float:
    """User and system time these processes have used so far; those that are gone count nothing."""
    return sum(_cpu(pid) for pid in pids)


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    children = [int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in _words(file)]
    return [pid, *(one for child in children for one in family(child))]


def _words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:
        return []


def resident_megabytes(pid: int) -> float:
    """Memory of a process: its own pages, and of shared ones its part (PSS, from smaps_rollup)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0

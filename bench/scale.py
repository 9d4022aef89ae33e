"""`python -m bench.scale`: is any page slower in a directory of a million people than in one of a hundred?

Both directories and a portal for each run at the same time, and their slices alternate: what the machine does
meanwhile meets both.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from rich import box
from rich.console import Console
from rich.table import Table

from bench.installation import WIDE_LIMITS, Installation, installation
from bench.load import send
from bench.visits import Visit, Visits
from connectors.capabilities import ListsAccounts
from portal.assembly import assemble
from portal.parts import Parts
from tests.servers import people
from tests.servers.slapd import slapd
from tests.servers.slapd_files import SlapdOptions
from tests.servers.slapd_seed import login_of, seed

SMALL, ENDING, SAMPLE = 100, 50, 40
MEGABYTES = 8192  # room for a million people; only what is used is on the disk


@dataclass(frozen=True)
class Side:
    """A directory of one size with a portal before it, and a few of its people, from one end to the other."""

    portal: Installation
    parts: Parts
    visits: Visits

    def kinds(self) -> dict[str, Callable[[], list[float]]]:
        return {
            "sign-in": lambda: self._walked(self.visits.sign_ins(dict.fromkeys(self.visits.people, people.PASSWORD))),
            "name given, found, first proof tried": lambda: self._walked(self.visits.recoveries()),
            "own account": lambda: self._walked(self.visits.accounts()),
            "list of who ends within 14 days": self._listed,
            "reset": lambda: self._walked(self.visits.resets()),  # last: afterwards nobody signs in any more
        }

    def _walked(self, visits: list[Visit]) -> list[float]:
        told = send(self.portal.port, 1, 60, [visit.steps for visit in visits])
        if told["failed"]:
            raise RuntimeError(f"{told['failed']} visits failed: {told['failures'][:1]}")
        self.portal.settle()
        return [each for _, each in told["times"]]

    def _listed(self) -> list[float]:
        today, took = self.parts.clock().date(), []
        ((_, directory),) = self.parts.connectors.all_able_to(ListsAccounts)
        for _ in range(5):
            began = time.perf_counter()
            found = sum(1 for _ in directory.ending(today, today + timedelta(days=14)))
            took.append(time.perf_counter() - began)
            if found < ENDING:
                raise RuntimeError(f"{found} of {ENDING} listed")
        return took


@contextmanager
def side(folder: Path, count: int) -> Iterator[Side]:
    with slapd(SlapdOptions(durable=True, megabytes=MEGABYTES)) as server:
        seed(server, count, ending=ENDING)
        with installation(folder, server, more=WIDE_LIMITS) as portal:
            parts = assemble(portal.settings)
            logins = [login_of(count * number // SAMPLE) for number in range(SAMPLE)]
            yield Side(portal, parts, Visits(parts, logins))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000, help="how many people the large directory holds")
    parser.add_argument("--rounds", type=int, default=3, help="slices of each kind on each side")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="sparekey-scale-"))
    table = Table(box=box.SIMPLE)
    for heading in ("what", f"{SMALL} people", f"{given.people} people", "ratio"):
        table.add_column(heading)
    try:
        with side(folder / "small", SMALL) as small, side(folder / "large", given.people) as large:
            for what, of_small in small.kinds().items():
                few, many = _alternating(of_small, large.kinds()[what], given.rounds)
                table.add_row(what, f"{1000 * few:.1f} ms", f"{1000 * many:.1f} ms", f"{many / few:.2f}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    Console().print(table)


def _alternating(one: Callable[[], list[float]], other: Callable[[], list[float]], rounds: int) -> tuple[float, float]:
    """The middle of what each took; the first slice of each only warms up."""
    one(), other()
    took = [(one(), other()) for _ in range(rounds)]
    return median(t for first, _ in took for t in first), median(t for _, second in took for t in second)


if __name__ == "__main__":
    main()

"""`python -m bench`: measures in interleaved rounds and prints each ratio with its goal beside it."""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from bench import appends, beside, first_visit, sign_ins, start, verifying
from bench.directory import HASHES, SAID, Directory, directory
from bench.floor import floor
from bench.installation import installation
from bench.measure import Row
from bench.peer import LOG, peer
from bench.resets import Resets
from bench.visits import Visits
from portal.assembly import assemble

ROWS = ("1", "2", "3", "7", "8", "9", "10", "11", "12", "13", "14", "15", "17")


def main() -> None:
    given = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="sparekey-bench-"))
    console = Console(width=None if sys.stdout.isatty() else 160)
    rows: list[Row] = []
    try:
        for row in _measured(folder, given):
            console.print(f"{row.number:>3}  {row.what}: [bold]{row.value}[/bold] {row.must}\n     {row.note}")
            rows.append(row)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    console.print(_table(rows))
    console.print(f"directory: {SAID.format(hash=given.hash)}; database: SQLite, WAL, synchronous=FULL")


def _measured(folder: Path, given: argparse.Namespace) -> Iterator[Row]:
    wanted = set(given.rows)
    with peer(LOG, folder / "peer", given.privacyidea) as other:
        if wanted & {"8", "9", "10"}:
            yield from appends.rows(folder, given.seconds, given.rounds, other)
        if wanted & {"11", "12", "13"}:
            yield from verifying.rows(folder, given.rounds, other)
    if wanted & {"1", "2", "3", "7", "14", "15", "17"}:
        with directory(folder, given.people, given.hash) as server:
            if "7" in wanted:
                yield from beside.rows(folder, server, given.seconds, given.rounds, given.privacyidea)
            if "17" in wanted:
                yield from start.rows(folder, server, given.rounds)
            yield from _with_portal(folder, server, wanted, given)


def _with_portal(folder: Path, server: Directory, wanted: set[str], given: argparse.Namespace) -> Iterator[Row]:
    if not wanted & {"1", "2", "3", "14", "15"}:
        return
    with installation(folder / "state", server.server) as portal:
        if "14" in wanted:
            yield from first_visit.rows(portal.port)
        if not wanted & {"1", "2", "3", "15"}:
            return
        parts = assemble(portal.settings)
        visits = Visits(parts, server.logins)
        resets = Resets(
            portal=portal, directory=server, parts=parts, visits=visits, seconds=given.seconds, rounds=given.rounds
        )
        if wanted & {"1", "2"}:
            with floor(folder / "bare", server) as bare:
                yield from resets.rows(bare)
        if "3" in wanted:
            yield from resets.own_changes()
        if "15" in wanted:
            portal.settle()
            yield from sign_ins.rows(portal, server, visits, given.sign_in_seconds)


def _table(rows: list[Row]) -> Table:
    table = Table(box=box.SIMPLE)
    for heading in ("#", "what", "measured", "must", "stretch", ""):
        table.add_column(heading)
    for row in rows:
        verdict = {True: "reached", False: "not reached", None: ""}[row.reached]
        table.add_row(row.number, row.what, row.value, row.must, row.stretch, verdict)
    return table


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=ROWS, metavar="N", help="only these rows")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of one slice")
    parser.add_argument("--rounds", type=int, default=5, help="slices of each kind")
    parser.add_argument("--people", type=int, default=1000, help="people in the directory")
    parser.add_argument("--hash", choices=HASHES, default=HASHES[0], help="how the directory keeps passwords")
    parser.add_argument("--privacyidea", type=Path, metavar="PYTHON", help="an interpreter that has privacyIDEA")
    parser.add_argument("--sign-in-seconds", type=float, default=90.0, help="length of row 15")
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""`python -m bench.record_pages`: whole pages of /log through the application, in a small and a large record on SQLite.

Processor time of this process, in which application, SQLite and browser run: form, search, picture, entries, names,
templates, and the entry that says what the auditor looked at.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from flask.testing import FlaskClient
from rich import box
from rich.console import Console
from rich.table import Table

from audit.keys import load_key
from audit.sealer import Sealer
from bench.grown import PEOPLE, WRITTEN, multiply, record
from bench.installation import prepared
from bench.visits import Visits
from portal.app import create_app
from portal.assembly import assemble
from portal.keys import Keys
from tests.servers.slapd import Slapd, slapd
from tests.servers.slapd_files import SlapdOptions
from tests.servers.slapd_seed import login_of, seed

ROUNDS = 15


class Took(NamedTuple):
    """The middle of several looks, in seconds, and the bytes of the page."""

    cpu: float
    size: int


def addresses(size: int, person: str) -> dict[str, str]:
    """What an auditor opens."""
    return {
        "first page": "/log",
        "older, from the middle": f"/log?before={size // 2}",
        "somebody": f"/log?person={person}",
        "refused resets": "/log?kind=password_reset&result=failure",
        "an address": "/log?source=192.0.2.17",
        "rare words": "/log?text=sea+phone",
        "one entry, of the middle": f"/log/{size // 2}",
        "its proof": f"/log/{size // 2}/proof",
    }


def opened(folder: Path, server: Slapd, size: int) -> Callable[[], dict[str, Took]]:
    """A portal whose record holds so many entries, all signed; what is returned opens each page some times."""
    made = prepared(folder, server)
    parts = assemble(made.settings)
    logins = [login_of(number) for number in range(PEOPLE)]
    people = [parts.accounts.find(login).id for login in logins]
    own = made.settings.audit
    database, log = record(made.settings.database, key=Keys(own.key).raw("audit"), people=people)
    multiply(database, log, size // WRITTEN)
    assert own.signing_key
    Sealer(own.origin, [load_key(own.signing_key)], folder / "sealed.json").seal(database.engine)
    database.engine.dispose()
    client = create_app(made.settings).test_client()
    name, _, value = Visits(parts, logins[:1]).auditor().partition("=")
    client.set_cookie(name, value)
    asked = addresses(size, logins[137])
    return lambda: {what: _middle(client, address) for what, address in asked.items()}


def _middle(client: FlaskClient, address: str) -> Took:
    took = []
    for number in range(ROUNDS + 2):
        began = time.process_time()
        answer = client.get(address)
        if number > 1:  # the first look up names and compile templates
            took.append(time.process_time() - began)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status}")
    return Took(median(took), len(answer.data))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.record_pages", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000, help="how many entries the large record holds")
    many = parser.parse_args().entries // WRITTEN * WRITTEN
    with tempfile.TemporaryDirectory(prefix="sparekey-pages-") as folder, slapd(SlapdOptions()) as server:
        seed(server, PEOPLE)
        small, large = (opened(Path(folder, str(size)), server, size) for size in (WRITTEN, many))
        first, second, third, fourth = small(), large(), small(), large()
    Console(width=120).print(_table([first, third], [second, fourth], many))


def _table(few: Sequence[dict[str, Took]], many: Sequence[dict[str, Took]], size: int) -> Table:
    table = Table(box=box.SIMPLE, title="processor time of a whole page, and its bytes")
    for heading in ("page", f"{WRITTEN} entries", f"{size} entries", "ratio"):
        table.add_column(heading)
    for what in few[0]:
        small, large = (min(one[what] for one in side) for side in (few, many))
        table.add_row(what, _words(small), _words(large), f"{large.cpu / small.cpu:.2f}")
    return table


def _words(took: Took) -> str:
    return f"{1000 * took.cpu:.1f} ms, {took.size}"


if __name__ == "__main__":
    main()

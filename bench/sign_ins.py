"""Row 15: people sign in at full rate for a minute and a half, and it stays as it began."""

from collections.abc import Iterator

from bench.crowd import crowd
from bench.directory import Directory
from bench.installation import Installation
from bench.measure import Row
from bench.visits import Visits

CLIENTS = 8
_GLANCE = 2.0  # seconds: did the machine itself change meanwhile?
_MOST = 500  # sign-ins a second there are visits for


def rows(portal: Installation, directory: Directory, visits: Visits, seconds: float) -> Iterator[Row]:
    """Counts sign-ins in the first and the last third."""
    before = directory.raw("reset", CLIENTS, _GLANCE).rate
    everybody = visits.sign_ins(directory.passwords)  # as they are after the resets just made
    wanted = (everybody * (1 + int(_MOST * seconds) // len(everybody)))[: int(_MOST * seconds)]
    measured, times = crowd(portal, directory, wanted, CLIENTS, seconds)
    after = directory.raw("reset", CLIENTS, _GLANCE).rate
    third = seconds / 3
    first = sum(at < third for at, _ in times)
    last = sum(2 * third <= at < seconds for at, _ in times)
    stays = last / first if first else 0.0
    note = (
        f"{measured.rate:.0f} sign-ins/s ({CLIENTS} clients, form and POST), {measured.failed} errors, "
        f"first third {first}, last third {last}; us CPU each: web {measured.each('web'):.0f}, "
        f"slapd {measured.each('slapd'):.0f}; p99 {1000 * measured.p99:.0f} ms; "
        f"the client in C reset {before:.0f}/s just before and {after:.0f}/s just after"
    )
    yield Row(
        number="15",
        what=f"{seconds:.0f} s of sign-ins at full rate: last third beside the first",
        value=f"{stays:.2f}, {measured.failed} errors",
        must=">= 0.8, no error",
        reached=stays >= 0.8 and not measured.failed,
        note=f"{note} {measured.words}".rstrip(),
    )

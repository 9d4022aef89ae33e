"""Row 15: people sign in at full rate for a minute and a half, and it stays as it began."""

from collections.abc import Iterator

from bench.crowd import crowd
from bench.directory import Directory
from bench.installation import Installation
from bench.measure import Row
from bench.visits import Visits

CLIENTS = 8
_GLANCE = 2.0  # seconds: did the machine itself change meanwhile?
_WARM = 200  # sign-ins, until each web process has compiled its templates and statements
_MOST = 500  # sign-ins a second there are visits for


def rows(portal: Installation, directory: Directory, visits: Visits, seconds: float) -> Iterator[Row]:
    """Three thirds, warm from the start. What a sign-in costs in each tells a slower portal from a busier machine."""
    crowd(portal, directory, visits.sign_ins(directory.passwords)[:_WARM], CLIENTS, seconds)
    before = directory.raw("reset", CLIENTS, _GLANCE).rate
    everybody = visits.sign_ins(directory.passwords)  # as they are after the resets just made
    most = int(_MOST * seconds / 3)
    wanted = (everybody * (1 + most // len(everybody)))[:most]
    first, middle, last = (crowd(portal, directory, wanted, CLIENTS, seconds / 3)[0] for _ in range(3))
    after = directory.raw("reset", CLIENTS, _GLANCE).rate
    stays = last.rate / first.rate if first.rate else 0.0
    failed = first.failed + middle.failed + last.failed
    cpu = "; ".join(
        f"{name} {first.each(name):.0f}, {middle.each(name):.0f}, {last.each(name):.0f}"
        for name in ("web", "worker", "slapd")
    )
    note = (
        f"{first.rate:.0f}, {middle.rate:.0f}, {last.rate:.0f} sign-ins/s ({CLIENTS} clients, form and POST), "
        f"{failed} errors; us CPU each: {cpu}; p99 {1000 * last.p99:.0f} ms; "
        f"the client in C reset {before:.0f}/s just before and {after:.0f}/s just after"
    )
    yield Row(
        number="15",
        what=f"{seconds:.0f} s of sign-ins at full rate: last third beside the first",
        value=f"{stays:.2f}, {failed} errors",
        must=">= 0.8, no error",
        reached=stays >= 0.8 and not failed,
        note=f"{note} {first.words or middle.words or last.words}".rstrip(),
    )

"""Sends visits to a running portal and says what that cost, program by program."""

from collections.abc import Sequence

from bench.directory import Directory
from bench.installation import Installation
from bench.load import send
from bench.measure import Slice, cpu_seconds
from bench.visits import Visit


def crowd(
    portal: Installation, directory: Directory, visits: Sequence[Visit], clients: int, seconds: float
) -> tuple[Slice, list[tuple[float, float]]]:
    """One slice, and for each visit that went well when it ended and how long it took, in seconds."""
    before, slapd = portal.cpu(), cpu_seconds(directory.pids)
    told = send(portal.port, clients, seconds, [visit.steps for visit in visits])
    cpu = {name: used - before[name] for name, used in portal.cpu().items()}
    cpu |= {"slapd": cpu_seconds(directory.pids) - slapd, "clients": told["cpu"]}
    for visit in visits[: told["taken"]]:
        directory.passwords[visit.login] = visit.password
    took = sorted(each for _, each in told["times"]) or [0.0]
    measured = Slice(
        done=len(told["times"]),
        failed=told["failed"],
        seconds=told["seconds"],
        cpu=cpu,
        p50=took[len(took) // 2],
        p99=took[len(took) * 99 // 100],
        words="; ".join(told["failures"][:2]),
    )
    return measured, [(at, each) for at, each in told["times"]]

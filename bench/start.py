"""Row 17: how soon the web server answers, and what memory one web process holds."""

import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.directory import Directory
from bench.installation import prepared
from bench.load import send
from bench.measure import Row, cpu_seconds, family, resident_megabytes
from bench.visits import Visits
from portal.assembly import assemble

_MUST_SECONDS, _MUST_MEGABYTES = 1.5, 150.0


def rows(folder: Path, directory: Directory, rounds: int) -> Iterator[Row]:
    """Starts `portal run` with one web process a few times; memory is read after some people were served."""
    made = prepared(folder / "start", directory.server, workers=1)
    visits = Visits(assemble(made.settings), directory.logins[:40])
    seconds, work, alone, whole = [], [], [], []
    for turn in range(rounds + 1):
        began = time.monotonic()
        made.start_web()
        took = time.monotonic() - began
        used = cpu_seconds(made.pids("web"))
        send(made.port, 4, 20, [visit.steps for visit in visits.resets()])
        web = made.programs["web"].pid
        memory = [resident_megabytes(pid) for pid in family(web)]
        made.stop()
        if turn:  # the first start also packs the static files
            seconds.append(took)
            work.append(used)
            alone.append(max(memory))
            whole.append(sum(memory))
    value = f"{median(seconds):.2f} s, {median(alone):.0f} MB"
    reached = median(seconds) <= _MUST_SECONDS and median(alone) <= _MUST_MEGABYTES
    note = (
        f"from `portal run` to the first answer, {median(work):.2f} s of it processor time; "
        f"with the process that watches it {median(whole):.0f} MB"
    )
    yield Row(
        number="17",
        what="start of the web server with one process; memory of that process",
        value=value,
        must="<= 1.5 s, <= 150 MB",
        stretch="<= 0.8 s, <= 100 MB",
        reached=reached,
        note=note,
    )

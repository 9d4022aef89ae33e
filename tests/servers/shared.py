"""One server for a whole test run, however many processes run it: the first to need it starts it, the end stops it."""

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_FACTS = "server-{}.json"


def run_folder(basetemp: Path, worker: str) -> Path:
    """The folder all processes of this run have in common."""
    return basetemp if worker == "master" else basetemp.parent


def started_once(folder: Path, name: str, start: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The facts of the run's server of that name; `start` is called if nobody has yet."""
    with _locked(folder / f"server-{name}.lock"):
        facts = folder / _FACTS.format(name)
        if not facts.exists():
            facts.write_text(json.dumps(start()))
        written: dict[str, Any] = json.loads(facts.read_text())
        return written


def stop_all(folder: Path, stops: dict[str, Callable[[dict[str, Any]], None]]) -> None:
    """Stop what was started for the run that had this folder."""
    for name, stop in stops.items():
        facts = folder / _FACTS.format(name)
        if facts.exists():
            stop(json.loads(facts.read_text()))
            facts.unlink()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

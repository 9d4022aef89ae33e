"""Another product beside ours, if an interpreter that has it was named."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.measure import Row

LOG, AUTH = "privacyidea_log.py", "privacyidea_auth.py"
NOT_AT_HAND = "not at hand"


class Peer(NamedTuple):
    """privacyIDEA in a process of its own; what it can be told to do stands in the scripts in `peers/`."""

    process: "subprocess.Popen[str]"

    def ask(self, command: str, number: float = 0) -> float:
        """Have it done, and the number it answers."""
        return self.say(f"{command} {number}")[0]

    def say(self, line: str) -> list[float]:
        """Say this, and the numbers it answers."""
        assert self.process.stdin and self.process.stdout
        print(line, file=self.process.stdin, flush=True)
        return [float(word) for word in self.process.stdout.readline().split()]


@contextmanager
def peer(script: str, folder: Path, python: Path | None, *more: str) -> Iterator[Peer | None]:
    """The peer, or None without an interpreter."""
    if python is None:
        yield None
        return
    folder.mkdir()
    command = [str(python.absolute()), str(Path(__file__).parent / "peers" / script), str(folder), *more]
    with subprocess.Popen(command, cwd=folder, stdin=-1, stdout=-1, stderr=-3, text=True) as process:
        try:
            yield Peer(process)
        finally:
            process.terminate()


def missing(number: str, what: str, must: str, stretch: str, note: str = "") -> Row:
    """A row that needs the peer, where there is none."""
    return Row(number=number, what=what, value=NOT_AT_HAND, must=must, stretch=stretch, note=note)

"""The demo's child processes: started together, watched, and stopped together."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PATIENCE = 8.0  # seconds between asking a child to end and ending it
_LAST_WORDS = 4000  # bytes of a dead child's output that are shown


@dataclass(frozen=True)
class Child:
    """One running `portal` command and the file its output goes to."""

    name: str
    running: subprocess.Popen[bytes]
    output: Path

    def last_words(self) -> str:
        """The end of what it wrote."""
        return self.output.read_bytes()[-_LAST_WORDS:].decode("utf-8", "replace").strip()


class Children:
    """Child processes as a context manager: leaving it stops them all."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._children: list[Child] = []

    def __enter__(self) -> "Children":
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, name: str, *command: str) -> Child:
        """Start a Python module's command, such as `portal run`; its output replaces that of the last time."""
        output = self._logs / f"{name}.log"
        program = [sys.executable, "-m", "portal.demo.leash", str(os.getpid()), sys.executable, "-m", *command]
        with output.open("wb") as file:
            # A session of its own: Ctrl-C in the terminal reaches the demo alone, which then stops all in order.
            running = subprocess.Popen(  # noqa: S603 - our own command, no shell
                program, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, start_new_session=True
            )
        child = Child(name, running, output)
        self._children.append(child)
        return child

    def dead(self) -> Child | None:
        """A child that has ended, if there is one."""
        return next((child for child in self._children if child.running.poll() is not None), None)

    def stop(self) -> None:
        """Ask all to end, and end those that do not."""
        for child in self._children:
            if child.running.poll() is None:
                child.running.terminate()
        deadline = time.monotonic() + _PATIENCE
        for child in self._children:
            try:
                child.running.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.running.kill()
                child.running.wait()
            # Processes of its own that it left behind, as a web server does that was killed.
            with suppress(ProcessLookupError):
                os.killpg(child.running.pid, signal.SIGKILL)
        self._children.clear()

"""Programs started for tests: free ports, waiting until they answer, stopping them by number and nothing else."""

import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(ready: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Ask until it is so, with growing pauses. Raises TimeoutError."""
    end, pause = time.monotonic() + seconds, 0.005
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)


def state_folder(kind: str) -> Path:
    """A new folder that a server may enter even if it runs as another user."""
    folder = Path(tempfile.mkdtemp(prefix=f"sparekey-{kind}-"))
    folder.chmod(0o755)
    return folder


def alive(pid: int, mark: str) -> bool:
    """Is there such a process, is it no zombie, and is it ours (its command line holds `mark`)?"""
    folder = Path("/proc") / str(pid)
    try:
        state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z" and mark.encode() in (folder / "cmdline").read_bytes()
    except OSError:
        return False


def stopped(pid: int) -> bool:
    """Has a SIGSTOP reached every thread of it?"""
    threads = (Path("/proc") / str(pid) / "task").glob("*/stat")
    return all(thread.read_text().rpartition(")")[2].split()[0] == "T" for thread in threads)


def stop(pid: int, mark: str, *, seconds: float = 10, first: signal.Signals = signal.SIGTERM) -> None:
    """End the process if it is ours: politely, then not."""
    for number, patience in ((first, seconds), (signal.SIGKILL, 5.0)):
        if not alive(pid, mark):
            break
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
            os.kill(pid, number)
        with suppress(TimeoutError):
            wait_until(lambda: _reaped(pid, mark), seconds=patience, what=f"end of process {pid}")


def _reaped(pid: int, mark: str) -> bool:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return not alive(pid, mark)

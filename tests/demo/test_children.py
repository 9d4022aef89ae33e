"""Child processes: they end when asked, when forced, and when their starter is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.demo.children import Child, Children

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for little programs that the children run with `python -m`."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(ROOT)]))
    return tmp_path


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not what():
        assert time.monotonic() < deadline, "waited ten seconds"
        time.sleep(0.02)


def run(children: Children, modules: Path, program: str) -> Child:
    (modules / "little_program.py").write_text(program)
    return children.start("little", "little_program")


def test_leaving_ends_them(modules: Path) -> None:
    with Children(modules / "logs") as children:
        child = run(children, modules, "import time\nprint('up', flush=True)\ntime.sleep(60)")
        wait_for(lambda: child.last_words() == "up")
        assert children.dead() is None
    assert child.running.returncode == -signal.SIGTERM


def test_one_that_will_not_end_is_ended(modules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.demo.children._PATIENCE", 0.2)
    stubborn = "import signal, time\nsignal.signal(15, signal.SIG_IGN)\nprint('up', flush=True)\ntime.sleep(60)"
    with Children(modules / "logs") as children:
        child = run(children, modules, stubborn)
        wait_for(lambda: child.last_words() == "up")
    assert child.running.returncode == -signal.SIGKILL


def test_a_dead_one_is_seen_with_its_code_and_last_words(modules: Path) -> None:
    with Children(modules / "logs") as children:
        child = run(children, modules, "raise SystemExit('out of paper')")
        wait_for(lambda: children.dead() is child)
        assert (child.running.returncode, child.last_words()) == (1, "out of paper")


def test_what_a_killed_one_left_behind_is_ended(modules: Path) -> None:
    program = (
        "import subprocess, sys, time\n"
        "left = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(left.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with Children(modules / "logs") as children:
        child = run(children, modules, program)
        wait_for(lambda: child.last_words().isdigit())
        left = int(child.last_words())
        child.running.kill()
        wait_for(lambda: children.dead() is child)
        assert is_running(left)
    wait_for(lambda: not is_running(left))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_they_do_not_outlive_a_starter_that_is_killed(modules: Path) -> None:
    (modules / "little_program.py").write_text("import time\nprint('up', flush=True)\ntime.sleep(60)")
    (modules / "starter.py").write_text(
        "import pathlib, sys, time\n"
        "from portal.demo.children import Children\n"
        "children = Children(pathlib.Path(sys.argv[1])).__enter__()\n"
        "print(children.start('little', 'little_program').running.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    logs = modules / "logs"
    with subprocess.Popen([sys.executable, "-m", "starter", str(logs)], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout
        child = int(starter.stdout.readline())
        wait_for(lambda: (logs / "little.log").read_text() == "up\n")
        starter.kill()
    wait_for(lambda: not is_running(child))


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"

"""The whole demo as somebody starts it: up quickly, telling where everything is, gone when it is stopped."""

import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.demo.directory_client import Client

ROOT = Path(__file__).parent.parent.parent
KEYS = {
    "ldap": {"url", "base_dn", "ca_file", "service_dn", "service_password"},
    "mail": {"inbox", "messages", "smtp"},
    "audit": {"checkpoint", "verifier_key", "database"},
}
PERSON = {
    *("login", "dn", "password", "mail", "recovery_mail", "totp_secret", "recovery_codes", "states", "roles"),
}


@dataclass
class Demo:
    """A running demo."""

    running: subprocess.Popen[str]
    state: Path
    facts: dict[str, Any]
    seconds: float

    def children(self) -> list[int]:
        """The numbers of all processes below it."""
        return _below(self.running.pid)

    def stop(self) -> tuple[int, str]:
        """Stop it politely; return its code and all it said."""
        self.running.send_signal(signal.SIGTERM)
        said, _ = self.running.communicate(timeout=20)
        return self.running.returncode, said


@dataclass(frozen=True)
class Directory:
    """The part of the facts that the LDAP client needs."""

    url: str
    ca_file: str


def _below(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [number for child in map(int, listed) for number in (child, *_below(child))]


def _is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _wait_for(what: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"waited {seconds} seconds"
        time.sleep(0.05)


@contextmanager
def demo(state: Path, *options: str) -> Iterator[Demo]:
    facts = state.parent / f"{state.name}.json"
    facts.unlink(missing_ok=True)
    command = [sys.executable, "-m", "portal", "demo", "--state", str(state), "--facts", str(facts), *options]
    began = time.monotonic()
    running = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "COLUMNS": "100"},
    )  # fmt: skip
    try:
        _wait_for(lambda: facts.exists() or running.poll() is not None, 60)
        if not facts.exists():
            pytest.fail(f"the demo did not start: {running.communicate()[0]}")
        yield Demo(running, state, json.loads(facts.read_text()), time.monotonic() - began)
    finally:
        if running.poll() is None:
            running.terminate()
            running.communicate(timeout=20)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("demo") / "state") as started:
        yield started


def client(one: Demo) -> Client:
    return Client(Directory(one.facts["ldap"]["url"], one.facts["ldap"]["ca_file"]))  # type: ignore[arg-type]


def test_the_facts_have_exactly_the_agreed_keys(running: Demo) -> None:
    assert set(running.facts) == {"portal", "identity", "people", "guests", *KEYS}
    for part, keys in KEYS.items():
        assert set(running.facts[part]) == keys
    guests = running.facts["guests"]
    assert set(guests) == {"directory", "base_dn", "people"}
    assert all(set(person) == PERSON for person in (*running.facts["people"], *guests["people"]))


def test_the_portal_answers_where_the_facts_say(running: Demo) -> None:
    assert requests.get(f"{running.facts['portal']}/readyz", timeout=5).status_code == 200
    assert "<h1" in requests.get(running.facts["portal"], timeout=5).text


def test_the_directory_lets_the_people_in(running: Demo) -> None:
    alice = next(person for person in running.facts["people"] if person["login"] == "alice")
    assert client(running).bind(alice["dn"], alice["password"]).code == 0
    ldap = running.facts["ldap"]
    assert client(running).bind(ldap["service_dn"], ldap["service_password"]).code == 0


def test_mail_sent_to_it_shows_in_the_inbox(running: Demo) -> None:
    host, _, port = running.facts["mail"]["smtp"].partition(":")
    with smtplib.SMTP(host, int(port), timeout=5) as server:
        server.sendmail("a@nordvik.example", ["b@nordvik.example"], "Subject: hello\r\n\r\nthere")
    mails = requests.get(running.facts["mail"]["messages"], timeout=5).json()
    [ours] = [mail for mail in mails if mail["to"] == "b@nordvik.example"]
    assert (ours["subject"], ours["text"].strip()) == ("hello", "there")
    assert "hello" in requests.get(running.facts["mail"]["inbox"], timeout=5).text


def test_only_one_demo_runs_on_one_folder(running: Demo) -> None:
    command = [sys.executable, "-m", "portal", "demo", "--state", str(running.state)]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 2
    assert "already runs" in second.stdout


def test_a_second_start_finds_everything_again_and_killed_it_leaves_nothing_running(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with demo(state) as first:
        assert first.seconds < 20  # 5 on a machine that has nothing else to do
        tor = next(person for person in first.facts["people"] if person["login"] == "tor")
        own = client(first)
        own.bind(tor["dn"], tor["password"])
        assert own.set_password(tor["dn"], tor["password"], "Brand-new-password-1").code == 0
        processes = first.children()
        code, said = first.stop()
        assert (code, len(processes) >= 2) == (0, True)
        assert tor["password"] not in said
        assert "alice" in said
        assert "Traceback" not in said
        _wait_for(lambda: not any(map(_is_running, processes)))
    with demo(state) as second:
        kept = ("ldap", "mail", "audit")
        assert [second.facts[part] for part in kept] == [first.facts[part] for part in kept]
        assert client(second).bind(tor["dn"], "Brand-new-password-1").code == 0
        assert client(second).bind(tor["dn"], tor["password"]).code == 49
        processes = second.children()
        second.running.kill()
        second.running.communicate(timeout=20)
        _wait_for(lambda: not any(map(_is_running, processes)))


def test_a_port_that_is_taken_is_told_and_nothing_is_left_running(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "portal", "demo", "--state", str(tmp_path / "state"), "--port", port]
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (answer.returncode, f"port {port}" in answer.stdout) == (2, True)
    assert "Traceback" not in answer.stdout + answer.stderr


def test_when_the_worker_dies_all_ends_and_it_is_said(running: Demo) -> None:
    """The last of this file, since it ends the demo that the others share."""
    processes = running.children()
    worker = next(n for n in processes if b"\0worker\0" in Path(f"/proc/{n}/cmdline").read_bytes())
    os.kill(worker, signal.SIGKILL)
    said, _ = running.running.communicate(timeout=30)
    assert running.running.returncode == 128 + signal.SIGKILL
    assert "worker process has ended" in said
    _wait_for(lambda: not any(map(_is_running, processes)))

"""One running demo for the walks: its people, its mail, its directory, started and stopped as a process of its own."""

import fcntl
import json
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyotp
import requests
from ldap3 import NONE, Connection, Server, Tls

from tests.servers.running import free_port, state_folder, stop, wait_until
from tests.servers.shared import started_once, stop_all

ROOT = Path(__file__).parents[2]
MAIL_SECONDS = 40  # the machine may be busy with other tests


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody of the demo, as the facts file has them."""

    login: str
    dn: str
    password: str
    mail: str
    recovery_mail: str | None
    totp_secret: str | None
    recovery_codes: tuple[str, ...]
    states: tuple[str, ...]
    roles: tuple[str, ...]

    def totp(self) -> str:
        """The six digits their app shows now. Each counts once: one test, one person."""
        assert self.totp_secret
        return pyotp.TOTP(self.totp_secret).now()


@dataclass(frozen=True)
class Demo:
    """A running demo. Both values can be written down, so that several processes share it."""

    folder: str
    pid: int

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What `portal demo --facts` wrote."""
        read: dict[str, Any] = json.loads((Path(self.folder) / "facts.json").read_text())
        return read

    @property
    def address(self) -> str:
        return str(self.facts["portal"])

    def person(self, login: str) -> Person:
        """Raises StopIteration if there is nobody of that name."""
        return _person(self.facts["people"], login)

    def guest(self, login: str) -> Person:
        """Somebody of the guests' directory. Raises StopIteration if there is nobody of that name."""
        return _person(self.facts["guests"]["people"], login)

    def binds(self, person: Person, password: str) -> bool:
        """Does the directory itself, asked over StartTLS, let this person in with this password?"""
        ldap = self.facts["ldap"]
        tls = Tls(ca_certs_file=ldap["ca_file"], validate=ssl.CERT_REQUIRED)
        connection = Connection(Server(ldap["url"], tls=tls, get_info=NONE), person.dn, password)
        connection.open()
        assert connection.start_tls()
        try:
            return bool(connection.bind())
        finally:
            connection.unbind()

    def mailbox(self, address: str | None) -> "Mailbox":
        """The mail that comes to an address from now on."""
        assert address
        return Mailbox(str(self.facts["mail"]["messages"]), address)

    def stop(self) -> None:
        stop(self.pid, self.folder, seconds=20)


class Mailbox:
    """The letters to one address, each read once, the oldest first."""

    def __init__(self, messages: str, address: str) -> None:
        self._messages = messages
        self._address = address
        self._seen = len(self._all())

    def next(self, subject: str) -> dict[str, str]:
        """The next letter whose subject matches the pattern; those before it are skipped. Raises TimeoutError."""
        end = time.monotonic() + MAIL_SECONDS
        while time.monotonic() < end:
            for place, letter in enumerate(self._all()[self._seen :], self._seen + 1):
                if re.search(subject, letter["subject"]):
                    self._seen = place
                    return letter
            time.sleep(0.05)
        raise TimeoutError(f"no letter “{subject}” to {self._address}")

    def code(self) -> str:
        """The six digits of the next code."""
        return self.next(r"^\d{3} \d{3} ")["subject"][:7]

    def _all(self) -> list[dict[str, str]]:
        letters = requests.get(self._messages, timeout=5).json()
        return [letter for letter in letters if letter["to"] == self._address]


def _person(people: list[dict[str, Any]], login: str) -> Person:
    about = next(one for one in people if one["login"] == login)
    lists = {name: tuple(about[name]) for name in ("recovery_codes", "states", "roles")}
    return Person(**{**about, **lists})


def start_demo() -> Demo:
    """Start one on a free port with a state of its own. Raises TimeoutError, RuntimeError with what it said."""
    folder = state_folder("demo")
    facts = folder / "facts.json"
    command = [sys.executable, "-m", "portal", "demo", "--state", str(folder / "state"), "--facts", str(facts)]
    with (folder / "output").open("wb") as output:
        running = subprocess.Popen(
            [*command, "--port", str(free_port())], cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
        )
    wait_until(lambda: facts.exists() or running.poll() is not None, seconds=60, what="the demo")
    if running.poll() is not None:
        raise RuntimeError((folder / "output").read_text())
    return Demo(str(folder), running.pid)


@contextmanager
def shared_demo(folder: Path) -> Iterator[Demo]:
    """The demo of all processes that share this folder: the first starts it, the last to leave stops it."""
    with (folder / "walks.users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)  # the system lets go of it even for a process that was killed
        try:
            yield Demo(**started_once(folder, "walks", lambda: asdict(start_demo())))
        finally:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            stop_all(folder, {"walks": lambda facts: Demo(**facts).stop()})

"""A portal as somebody would run it: its own settings, web server, worker and mail server, on free ports."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from bench.measure import cpu_seconds, family
from portal.demo.secret_files import ensure_secret, ensure_signing_key, write
from portal.schema import upgrade_schema
from portal.settings.file import load
from portal.settings.installation import Settings
from tests.servers.running import free_port
from tests.servers.slapd import Slapd

# All come from one address here.
WIDE_LIMITS = """
[limits]
walks_per_source = "1000000 per hour"
walks_per_claim = "1000000 per hour"
tries_per_account = "1000000 per hour"
tries_per_source = "1000000 per hour"
"""
_SETTINGS = """\
public_url = "http://localhost:{port}"
listen = "127.0.0.1:{port}"
state = "{state}"
database = "sqlite:///{state}/portal.db"
secret_key = {{ file = "secret-key" }}
log_level = "warning"
workers = {workers}

[organisation]
name = "Bench"

[audit]
origin = "bench.example/audit"
key = {{ file = "audit-key" }}
signing_key = "{state}/signing-key.pem"

[[directories]]
name = "main"
urls = ["{ldap}"]
ca_file = "{ca}"
bind_dn = "{service}"
bind_password = {{ file = "directory-password" }}
people_bases = ["{people}"]
groups_base = "{groups}"
protected_groups = ["cn=admins,{groups}"]

[mail]
host = "127.0.0.1"
port = {smtp}
security = "none"
sender = "no-reply@example.org"

[rules]
reset_password = {{ channels = 2 }}
change_password = {{ channels = 1 }}
unlock_account = {{ channels = 1 }}
anything_else = {{ channels = 1 }}
"""


@dataclass
class Installation:
    """Settings and the programs that run with them; `pids` by what they are."""

    settings: Settings
    file: Path
    port: int
    programs: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *command: str) -> None:
        environment = os.environ | {"PORTAL_SETTINGS": str(self.file)}
        with (self.file.parent / f"{name}.log").open("ab") as log:
            self.programs[name] = subprocess.Popen(
                [sys.executable, "-m", *command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def start_web(self) -> None:
        """Start `portal run` and return when it answers."""
        self.start("web", "portal", "run")
        wait_for_answer(self.port)

    def stop(self) -> None:
        for program in self.programs.values():
            program.send_signal(signal.SIGTERM)
        for program in self.programs.values():
            try:
                program.wait(15)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()
        self.programs.clear()

    def pids(self, name: str) -> list[int]:
        return family(self.programs[name].pid)

    def cpu(self) -> dict[str, float]:
        """Processor seconds used so far by each program with its children."""
        return {name: cpu_seconds(self.pids(name)) for name in self.programs}

    def waiting(self) -> int:
        """Rows the worker has not carried out yet."""
        return int(self._get("/readyz").partition(b'"outbox_waiting":')[2].split(b"}")[0].split(b",")[0])

    def settle(self, seconds: float = 120) -> None:
        """Wait until the worker has nothing left to do."""
        end = time.monotonic() + seconds
        while self.waiting() and time.monotonic() < end:
            time.sleep(0.25)

    def _get(self, path: str) -> bytes:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().read()
        finally:
            connection.close()


def prepared(state: Path, server: Slapd, *, workers: int = 0, more: str = "") -> Installation:
    """Write the settings, with `more` below them, and the secrets, and make the tables. Starts nothing."""
    state.mkdir(parents=True, exist_ok=True)
    port, smtp = free_port(), free_port()
    ensure_secret(state / "secret-key")
    ensure_secret(state / "audit-key")
    ensure_signing_key(state / "signing-key.pem")
    write(state / "directory-password", server.service_password.encode())
    text = _SETTINGS.format(
        port=port,
        smtp=smtp,
        state=state,
        workers=workers,
        ldap=server.url,
        ca=server.ca_file,
        service=server.service_dn,
        people=server.people_base,
        groups=server.groups_base,
    )
    file = state / "portal.toml"
    write(file, (text + more).encode())
    settings = load(file)
    upgrade_schema(settings.database)
    return Installation(settings, file, port)


@contextmanager
def installation(state: Path, server: Slapd, *, more: str = "") -> Iterator[Installation]:
    """Everything running, for as long as the block lasts."""
    made = prepared(state, server, more=more)
    try:
        made.start("mail", "bench.sink", str(made.settings.mail.port))
        made.start("worker", "portal", "worker")
        made.start_web()
        yield made
    finally:
        made.stop()


def wait_for_answer(port: int, seconds: float = 60) -> None:
    """Return as soon as the web server answers; raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.005)
        finally:
            connection.close()
    raise TimeoutError("the portal does not answer")

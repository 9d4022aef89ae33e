"""A whole installation in a folder of its own: settings, secrets, database, mail server, `portal run` and worker."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyotp
import requests

from audit.keys import generate_key
from connectors.account import Account
from portal.assembly import assemble
from portal.demo.children import Child, Children
from portal.demo.mail import Mail, Mailbag, MailSink
from portal.parts import Clock, Parts, utc_now
from portal.settings.file import load
from portal.settings.installation import Settings
from tests.servers.deployment_settings import settings_toml
from tests.servers.people import PASSWORD, State
from tests.servers.running import free_port, state_folder, wait_until
from tests.servers.slapd import Slapd

ROOT = Path(__file__).parent.parent.parent


@dataclass
class Person:
    """Somebody in the directory who has enrolled an authenticator app and recovery codes."""

    login: str
    account: Account
    secret: str
    codes: list[str]
    password: str = PASSWORD

    def totp(self, at: datetime | None = None) -> str:
        """The six digits for this moment."""
        return pyotp.TOTP(self.secret).at(at or datetime.now(UTC))

    @property
    def recovery_mail(self) -> str:
        return f"{self.login}@elsewhere.test"


@dataclass
class Deployment:
    """Everything but the directory. `options` are lines of TOML tables by name, in place of those of the settings."""

    directory: Slapd
    options: Mapping[str, str] = field(default_factory=dict)
    directory_port: int = 0  # of a proxy before the directory
    database: str = ""  # SQLAlchemy address; empty: SQLite in the folder
    port: int = field(default_factory=free_port)
    megabytes: int = 0  # of a file system of its own for the state; 0: none of its own, any other number needs root

    def __post_init__(self) -> None:
        self.folder = state_folder("deployment")
        self.mailbag = Mailbag(self.folder / "mail.db", utc_now)
        self.sink = MailSink(self.mailbag)
        self._children = Children(self.folder / "logs")
        self._web: Child | None = None
        self._worker: Child | None = None
        self._starts = 0
        self._parts: Parts | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def settings_path(self) -> Path:
        return self.folder / "portal.toml"

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.folder / 'state' / 'portal.db'}"

    def settings(self) -> Settings:
        return load(self.settings_path)

    def parts(self, *, clock: Clock | None = None) -> Parts:
        """The installation's parts in this process: to enrol, to read, and, with another clock, to settle."""
        if clock:
            return assemble(self.settings(), clock=clock)
        self._parts = self._parts or assemble(self.settings())
        return self._parts

    def person(self, *, state: State = State.ORDINARY, groups: tuple[str, ...] = (), **attributes: Any) -> Person:
        """Somebody new in the directory, with both factors enrolled here."""
        login = self.directory.person(state=state, **attributes)
        for group in groups:
            self.directory._join(
                f"cn={group},{self.directory.groups_base}", f"uid={login},{self.directory.people_base}"
            )
        parts = self.parts()
        account, own = parts.accounts.find(login), parts.own_factors
        with parts.database.write() as tx:
            totp, secret = own.begin_totp(tx, account.id, "Phone")
            paper, codes = own.begin_codes(tx, account.id, "Paper")
            for factor_id in (totp, paper):
                own.within(tx).confirm_factor(account, factor_id)
        return Person(login, account, secret, codes)

    def mails(self, to: str = "") -> list[Mail]:
        """Mails to this address, oldest first."""
        return [mail for mail in self.mailbag.all() if to in mail.recipient]

    def code(self, person: Person, *, after: int = 0, seconds: float = 10) -> str:
        """The newest code mailed to somebody, once more than `after` have come."""

        def codes() -> list[Mail]:
            return [m for m in self.mails(person.recovery_mail) if m.subject[:3].isdigit() and m.subject[4:7].isdigit()]

        wait_until(lambda: len(codes()) > after, seconds=seconds, what="a mailed code")
        return codes()[-1].subject[:7]

    def start(self) -> None:
        self.start_worker()
        self.start_web()

    def start_web(self) -> None:
        """Start `portal run`; it answers when this returns."""
        self._web = self._start("web", "run")
        wait_until(self._answers, seconds=60, what="the portal")

    def start_worker(self) -> None:
        self._worker = self._start("worker", "worker")

    def stop_web(self) -> None:
        self._web = _end(self._web, signal.SIGTERM)

    def stop_worker(self) -> None:
        self._worker = _end(self._worker, signal.SIGTERM)

    def kill_web(self) -> None:
        """End the web server and all its processes at once, without a word."""
        self._web = _end(self._web, signal.SIGKILL)

    def kill_worker(self) -> None:
        self._worker = _end(self._worker, signal.SIGKILL)

    def web_pids(self) -> list[int]:
        """Every process of the web server."""
        assert self._web is not None
        return [int(p.name) for p in Path("/proc").glob("[0-9]*") if _group(int(p.name)) == self._web.running.pid]

    def mail_down(self) -> None:
        """Nobody listens any more where the mail server was."""
        self.sink.__exit__(None, None, None)

    def mail_up(self) -> None:
        self.sink = MailSink(self.mailbag, self.sink.port)
        self.sink.__enter__()

    def portal(self, *arguments: str, module: str = "portal") -> subprocess.CompletedProcess[str]:
        """Run a command of the portal, or of another module, and return what it said."""
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env={**os.environ, "PORTAL_SETTINGS": str(self.settings_path)},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def logs(self) -> str:
        """All that web server and worker have written, over all starts."""
        return "\n".join(f.read_text(errors="replace") for f in sorted((self.folder / "logs").glob("*.log")))

    def files(self) -> Iterator[Path]:
        """Every file the portal has written: database, journals, job queue, logs, assets; not the settings' secrets."""
        for folder in (self.folder / "state", self.folder / "logs"):
            yield from (path for path in folder.rglob("*") if path.is_file())

    def prepare(self) -> None:
        """Write settings and secrets, and make the tables."""
        if self.megabytes:
            state = self.folder / "state"
            state.mkdir()
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.megabytes}m", "tmpfs", str(state)], check=True)
        hidden = self.folder / "secrets"
        hidden.mkdir(mode=0o700)
        for name in ("secret-key", "audit-key"):
            _write_secret(hidden / name, secrets.token_hex(32))
        _write_secret(hidden / "directory-password", self.directory.service_password)
        generate_key(hidden / "signing.pem")
        self.settings_path.write_text(settings_toml(self))
        made = self.portal("db", "upgrade")
        if made.returncode:
            raise RuntimeError(made.stdout + made.stderr)

    def close(self) -> None:
        self._children.stop()
        if self._parts:
            self._parts.database.engine.dispose()
        self.mailbag.close()
        if self.megabytes:
            subprocess.run(["umount", "--lazy", str(self.folder / "state")], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, name: str, command: str) -> Child:
        self._starts += 1
        return self._children.start(
            f"{name}-{self._starts:03}", "portal", command, "--settings", str(self.settings_path)
        )

    def _answers(self) -> bool:
        if self._web and self._web.running.poll() is not None:
            raise RuntimeError(f"the portal did not start: {self._web.last_words()}")
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).status_code == requests.codes.ok
        except requests.RequestException:
            return False


@contextmanager
def deployment(directory: Slapd, **options: Any) -> Iterator[Deployment]:
    """An installation, made ready but not started, for as long as the block lasts."""
    with ExitStack() as stack:
        made = Deployment(directory, **options)
        stack.callback(made.close)
        stack.enter_context(made._children)
        made.sink.__enter__()
        stack.callback(made.mail_down)
        made.prepare()
        yield made


def _end(child: Child | None, number: signal.Signals) -> None:
    """Send a signal to the whole process group and wait until its first process is gone."""
    if child is None or child.running.poll() is not None:
        return
    if number is signal.SIGKILL:
        os.killpg(child.running.pid, number)
    else:
        child.running.send_signal(number)
    child.running.wait(timeout=15)


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)

"""A throw-away 389 Directory Server from the system's package, on free ports of the loopback address."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.servers import ds389_people, people
from tests.servers.certificates import write_certificates
from tests.servers.ds389_files import (
    ADMIN_DN,
    INSTANCE,
    TESTED_WITH,
    config_folder,
    create,
    install_certificate,
    manual,
    run,
)
from tests.servers.people import State
from tests.servers.running import free_port, state_folder, wait_until
from tests.servers.slapd import Slapd


@dataclass
class Ds389(Slapd):
    """As the throw-away OpenLDAP, with the same people."""

    admin_dn, controls = ADMIN_DN, ()

    @property
    def socket_url(self) -> str:
        return f"ldapi://{quote(f'{self.folder}/run/slapd-{INSTANCE}.socket', safe='')}"

    @property
    def _pid_file(self) -> Path:
        return Path(self.folder) / "run" / "dirsrv" / f"slapd-{INSTANCE}.pid"

    def start(self) -> None:
        for lock in (Path(self.folder) / "run" / "lock" / "dirsrv").glob("*/*/*"):
            lock.unlink()  # after a kill: the server believes them as long as there is a process of that number
        self._pid_file.unlink(missing_ok=True)
        folder = Path(self.folder)
        run(folder, "ns-slapd", "-D", str(config_folder(folder)), "-i", str(self._pid_file))
        wait_until(self._answers, seconds=60, what="ns-slapd")
        self.read_pid()

    def read_pid(self) -> None:
        """The server goes into the background by itself and leaves its number."""
        wait_until(self._pid_file.exists, seconds=10, what="the number of ns-slapd")
        self.pid = int(self._pid_file.read_text())

    def person(self, login: str = "", *, state: State = State.ORDINARY, **attributes: str | list[str]) -> str:
        login = login or f"u{secrets.token_hex(6)}"
        self.put(people.dn_of(login), ds389_people.person(login, **attributes))
        self.replace(people.dn_of(login), ds389_people.marks(state))
        return login

    def load(self, ldif: str) -> None:
        """Load it as an administrator would who followed the manual."""
        password = Path(self.folder) / "admin-password"
        password.touch(mode=0o600)
        password.write_text(self.admin_password)
        changes = Path(self.folder) / "changes.ldif"
        changes.touch(mode=0o600)
        changes.write_text(ldif)
        signed_in = ("-x", "-H", self.socket_url, "-D", self.admin_dn, "-y", str(password))
        run(Path(self.folder), "ldapmodify", *signed_in, "-f", str(changes))


def new_ds389() -> Ds389:
    """Make a server with the people of `people.py` in it. Whoever calls this calls `remove()`."""
    folder = state_folder("ds389")
    server = Ds389(str(folder), free_port(), free_port(), secrets.token_urlsafe(18), secrets.token_urlsafe(18))
    try:
        write_certificates(folder / "tls")
        create(folder, server.port, server.tls_port, server.admin_password)
        server.read_pid()
        install_certificate(folder)
        server.load(manual("server"))
        server.load(TESTED_WITH)
        server.stop()
        server.start()
        _fill(server)
    except BaseException:
        server.remove()
        raise
    return server


def _fill(server: Ds389) -> None:
    for unit in ("people", "groups", "services", "policies"):
        server.put(f"ou={unit},{server.base}", {"objectClass": "organizationalUnit", "ou": unit})
    server.load(manual("service").replace("choose-a-long-random-one", server.service_password))
    for dn, attributes in ds389_people.policies().items():
        server.put(dn, attributes)
    server.load(manual("access"))
    for login in people.ORDINARY:
        server.person(login)
    for dn, attributes in people.groups().items():  # last: memberOf is written when somebody joins, not when added
        server.put(dn, attributes)


@contextmanager
def ds389() -> Iterator[Ds389]:
    """A server for as long as the block lasts."""
    server = new_ds389()
    try:
        yield server
    finally:
        server.remove()

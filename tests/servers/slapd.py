"""A throw-away OpenLDAP server from the system's package, on free ports of the loopback address, as any user."""

import os
import secrets
import shutil
import signal
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ldap3 import BASE as ENTRY_ONLY
from ldap3 import MODIFY_ADD, MODIFY_REPLACE, NONE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException

from tests.servers import people
from tests.servers.certificates import write_certificates
from tests.servers.people import Attributes, State
from tests.servers.running import alive, free_port, state_folder, stop, stopped, wait_until
from tests.servers.slapd_files import ADMIN_DN, BASE, GROUPS, PEOPLE, SCHEMA, SERVICE_DN, SlapdOptions, configuration

_RELAX = ("1.3.6.1.4.1.4203.666.5.12", True, None)  # lets the administrator write operational attributes


@dataclass
class Slapd:
    """A running server, or one that can be started again. Everything below can be written down and read as JSON."""

    folder: str
    port: int
    tls_port: int
    admin_password: str
    service_password: str
    pid: int = 0
    shared: bool = False  # by all tests of the run

    base, people_base, groups_base = BASE, PEOPLE, GROUPS
    admin_dn, service_dn, password = ADMIN_DN, SERVICE_DN, people.PASSWORD
    controls = (_RELAX,)  # of the administrator's changes

    @property
    def url(self) -> str:
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        return f"ldaps://127.0.0.1:{self.tls_port}"

    @property
    def socket_url(self) -> str:
        return f"ldapi://{quote(f'{self.folder}/ldapi', safe='')}"

    @property
    def ca_file(self) -> Path:
        return Path(self.folder) / "tls" / "ca.pem"

    @property
    def other_ca_file(self) -> Path:
        return Path(self.folder) / "tls" / "other-ca.pem"

    def facts(self) -> dict[str, Any]:
        return asdict(self)

    def start(self) -> None:
        """Start it, or start it again with all it held; it answers when this returns."""
        addresses = f"{self.url} {self.tls_url} {self.socket_url}"
        program = shutil.which("slapd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        if program is None:
            raise FileNotFoundError("slapd is not installed (Debian and Ubuntu: the package slapd)")
        with (Path(self.folder) / "log").open("ab") as log:
            child = subprocess.Popen(
                [program, "-f", f"{self.folder}/slapd.conf", "-h", addresses, "-d", "0"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.pid = child.pid
        wait_until(lambda: self._answers() or child.poll() is not None, seconds=30, what="slapd")
        if child.poll() is not None:
            raise RuntimeError(f"slapd did not start: {(Path(self.folder) / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        stop(self.pid, self.folder)

    def kill(self) -> None:
        """End it without a word to anybody."""
        stop(self.pid, self.folder, first=signal.SIGKILL)

    def freeze(self) -> None:
        """It stays connected and says nothing."""
        if self.shared:
            raise RuntimeError("every test of the run waits for this server: take `own_slapd`")
        os.kill(self.pid, signal.SIGSTOP)
        wait_until(lambda: stopped(self.pid), seconds=5, what="the freezing")

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    @property
    def running(self) -> bool:
        return alive(self.pid, self.folder)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def person(self, login: str = "", *, state: State = State.ORDINARY, **attributes: str | list[str]) -> str:
        """Make a person, or make one anew as if nothing had been; returns the login, a new one if none is given."""
        login = login or f"u{secrets.token_hex(6)}"
        self.put(people.dn_of(login), people.person(login, state=state, **attributes))
        for group in people.groups_of(login):  # the server took the old entry out of them
            self._join(group, people.dn_of(login))
        return login

    def put(self, dn: str, attributes: Attributes) -> None:
        """Add an entry, in place of the one that may be there."""
        with self.admin() as admin:
            if not admin.add(dn, attributes=dict(attributes), controls=self.controls):
                admin.delete(dn)
                if not admin.add(dn, attributes=dict(attributes), controls=self.controls):
                    raise RuntimeError(f"{dn}: {admin.result}")

    def replace(self, dn: str, attributes: Mapping[str, str | list[str]]) -> None:
        """Put other values into attributes, operational ones too; an empty list removes one."""
        with self.admin() as admin:
            changes = {k: [(MODIFY_REPLACE, v if isinstance(v, list) else [v])] for k, v in attributes.items()}
            if not admin.modify(dn, changes, controls=self.controls):
                raise RuntimeError(f"{dn}: {admin.result}")

    def entry(self, dn: str) -> dict[str, list[bytes]]:
        """All attributes as stored, operational ones too."""
        with self.admin() as admin:
            admin.search(dn, "(objectClass=*)", ENTRY_ONLY, attributes=["*", "+"])
            return {name: values for name, values in admin.response[0]["raw_attributes"].items() if values}

    def holds(self, dn: str) -> bool:
        with self.admin() as admin:
            return bool(admin.search(dn, "(objectClass=*)", ENTRY_ONLY))

    def binds(self, dn: str, password: str) -> bool:
        """Does the directory itself let somebody in with this password?"""
        server = Server(
            self.tls_url, get_info=NONE, tls=Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(self.ca_file))
        )
        connection = Connection(server, dn, password)
        try:
            return bool(connection.bind())
        finally:
            connection.unbind()

    @contextmanager
    def admin(self) -> Iterator[Connection]:
        connection = Connection(Server(self.socket_url, get_info=NONE), self.admin_dn, self.admin_password)
        if not connection.bind(read_server_info=False):
            raise RuntimeError(f"the administrator may not sign in: {connection.result}")
        try:
            yield connection
        finally:
            connection.unbind()

    def _join(self, group: str, dn: str) -> None:
        with self.admin() as admin:
            admin.modify(group, {"member": [(MODIFY_ADD, [dn])]})

    def _answers(self) -> bool:
        try:
            with self.admin():
                return True
        except (LDAPException, OSError):
            return False


def new_slapd(options: SlapdOptions | None = None) -> Slapd:
    """Start a server with the people of `people.py` in it. Whoever calls this calls `remove()`."""
    folder = state_folder("slapd")
    server = Slapd(str(folder), free_port(), free_port(), secrets.token_urlsafe(18), secrets.token_urlsafe(18))
    write_certificates(folder / "tls", days=(options or SlapdOptions()).certificate_days)
    (folder / "db").mkdir()
    (folder / "sparekey.schema").write_text(SCHEMA)
    settings = folder / "slapd.conf"
    settings.touch(mode=0o600)
    configured = configuration(folder, server.admin_password, options or SlapdOptions())
    settings.write_text(configured)
    entries = people.tree(server.service_password)
    if options is not None and options.copies:
        entries = {}
    elif "overlay ppolicy" not in configured:
        entries = people.without_policies(entries)
    try:
        server.start()
        for dn, attributes in entries.items():
            server.put(dn, attributes)
    except BaseException:
        server.remove()
        raise
    return server


def new_copy(of: Slapd, *, port: int = 0, refers_to: str = "") -> Slapd:
    """Start a read-only copy of a server that has `copied` set; it holds all when this returns.

    It follows the changes through `port`, a proxy's, if one is given, and may refer who wants to change something.
    """
    lines = f"""\
syncrepl rid=001 provider=ldap://127.0.0.1:{port or of.port} type=refreshAndPersist retry="1 +" searchbase={BASE}
  bindmethod=simple binddn={ADMIN_DN} credentials={of.admin_password} starttls=critical tls_cacert={of.ca_file}
"""
    copy = new_slapd(SlapdOptions(copies=lines + (f"updateref {refers_to}" if refers_to else "")))
    try:
        wait_until(lambda: copy.holds(people.dn_of("carol")), seconds=20, what="the first copy")
    except BaseException:
        copy.remove()
        raise
    return replace(copy, service_password=of.service_password)


@contextmanager
def slapd(options: SlapdOptions | None = None) -> Iterator[Slapd]:
    """A server for as long as the block lasts."""
    server = new_slapd(options)
    try:
        yield server
    finally:
        server.remove()

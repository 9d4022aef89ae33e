"""A throw-away Samba as an Active Directory domain controller, from the system's packages; needs root.

Samba's LDAP ports are fixed, so each server takes a loopback address of its own. Only LDAP runs: no SMB, Kerberos, DNS.
"""

import os
import secrets
import shutil
import socket
import ssl
import struct
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ldap3 import BASE as ENTRY_ONLY
from ldap3 import MODIFY_ADD, MODIFY_REPLACE, NONE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException

from tests.servers import samba_people
from tests.servers.certificates import write_certificates
from tests.servers.people import PASSWORD, Attributes, State
from tests.servers.running import state_folder, stop, wait_until
from tests.servers.samba_files import (
    ADMIN_DN,
    BASE,
    DOMAIN,
    GROUPS,
    OWN_DATA,
    PEOPLE,
    REALM,
    SERVICE_DN,
    configuration,
    exchange_schema,
    grants,
)  # fmt: skip

LOCKS_AFTER, LEAST_LENGTH, REMEMBERED = 5, 10, 5
_PORTS = (389, 636, 3268, 3269)
_NO_REFERRALS = "searchResEntry"


def why_not() -> str:
    """What keeps Samba from running here, or an empty string."""
    if os.geteuid() != 0:
        return "Samba as a domain controller runs as root only (ports below 1024, security attributes of its files)"
    return ""


@dataclass
class Samba:
    """A running server, or one that can be started again. Everything below can be written down and read as JSON."""

    folder: str
    address: str
    admin_password: str
    service_password: str
    pid: int = 0

    base, people_base, groups_base = BASE, PEOPLE, GROUPS
    admin_dn, service_dn, password = ADMIN_DN, SERVICE_DN, PASSWORD

    @property
    def url(self) -> str:
        return f"ldap://{self.address}"

    @property
    def tls_url(self) -> str:
        return f"ldaps://{self.address}"

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
        with (Path(self.folder) / "log").open("ab") as log:
            child = subprocess.Popen(
                [_program("samba"), "-s", f"{self.folder}/smb.conf", "-F", "--no-process-group", "-M", "single"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.pid = child.pid
        wait_until(lambda: self._answers() or child.poll() is not None, seconds=60, what="samba")
        if child.poll() is not None:
            raise RuntimeError(f"samba did not start: {(Path(self.folder) / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        stop(self.pid, "samba")  # it writes over its command line, in which the folder stood

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def tool(self, *words: str) -> str:
        """Run samba-tool on the server's own files, as its administrator would on the machine itself."""
        files = ["-H", f"{self.folder}/private/sam.ldb", "-s", f"{self.folder}/smb.conf"]
        return _run([_program("samba-tool"), *words, *files])

    def grant(self, rights: Iterable[tuple[str, str]], trustee: str = SERVICE_DN) -> None:
        """Give an account these rights: objects and SDDL, as the manual writes them."""
        sid = _sid(self.entry(trustee, "objectSid")["objectSid"][0])
        for dn, sddl in rights:
            self.tool("dsacl", "set", "--action=allow", f"--objectdn={dn}", f"--sddl={sddl.replace('$SID', sid)}")

    def person(self, login: str = "", *, state: State = State.ORDINARY, **attributes: str | list[str]) -> str:
        """Make a person, or make one anew as if nothing had been; returns the login, a new one if none is given."""
        login = login or f"u{secrets.token_hex(6)}"
        made = samba_people.person(login, state=state, **attributes)
        self.put(samba_people.dn_of(login), made.entry)
        for group in made.groups:
            self.join(group, samba_people.dn_of(login))
        if made.below:
            self.write_below(samba_people.dn_of(login), made.below)
        return login

    def put(self, dn: str, attributes: Attributes) -> None:
        """Add an entry, in place of the one that may be there."""
        with self.admin() as admin:
            if not admin.add(dn, attributes=dict(attributes)):
                admin.delete(dn)
                if not admin.add(dn, attributes=dict(attributes)):
                    raise RuntimeError(f"{dn}: {admin.result}")

    def join(self, group: str, dn: str) -> None:
        """Put somebody, or another group, into a group."""
        with self.admin() as admin:
            if not admin.modify(group, {"member": [(MODIFY_ADD, [dn])]}):
                raise RuntimeError(f"{group}: {admin.result}")

    def replace(self, dn: str, attributes: Mapping[str, str | list[str]]) -> None:
        """Put other values into attributes; an empty list removes one."""
        with self.admin() as admin:
            changes = {k: [(MODIFY_REPLACE, v if isinstance(v, list) else [v])] for k, v in attributes.items()}
            if not admin.modify(dn, changes):
                raise RuntimeError(f"{dn}: {admin.result}")

    def write_below(self, dn: str, attributes: Mapping[str, str]) -> None:
        """Write what the server keeps for itself, such as the time of a lock, into its database behind its back."""
        lines = [f"dn: {dn}", "changetype: modify"]
        for name, value in attributes.items():
            lines += [f"replace: {name}", f"{name}: {value}", "-"]
        database = f"{self.folder}/private/sam.ldb.d/{BASE.upper()}.ldb"
        _run([_program("ldbmodify"), "-H", database], "\n".join(lines) + "\n")

    def entry(self, dn: str, *attributes: str) -> dict[str, list[bytes]]:
        """Attributes as stored; those the server works out must be named."""
        with self.admin() as admin:
            admin.search(dn, "(objectClass=*)", ENTRY_ONLY, attributes=list(attributes) or ["*"])
            found = next(e for e in admin.response if e["type"] == _NO_REFERRALS)
            return {name: values for name, values in found["raw_attributes"].items() if values}

    @contextmanager
    def admin(self) -> Iterator[Connection]:
        with closing(self._bound(self.admin_dn, self.admin_password)) as connection:
            yield connection

    def binds(self, dn: str, password: str) -> bool:
        """Does the directory itself let somebody in with this password?"""
        try:
            self._bound(dn, password).unbind()
        except PermissionError:
            return False
        return True

    def _bound(self, dn: str, password: str) -> Any:
        tls = Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(self.ca_file))
        server = Server(self.tls_url, get_info=NONE, tls=tls, connect_timeout=5)
        connection = Connection(server, dn, password, receive_timeout=30, auto_referrals=False)
        connection.close = connection.unbind
        if not connection.bind(read_server_info=False):
            connection.unbind()
            raise PermissionError(f"{dn} may not sign in: {connection.result}")
        return connection

    def _answers(self) -> bool:
        try:
            return self.binds(self.admin_dn, self.admin_password)
        except (LDAPException, OSError):
            return False


def new_samba() -> Samba:
    """Start a domain controller with the people of `samba_people.py`. Whoever calls this calls `remove()`."""
    folder = state_folder("samba")
    server = Samba(str(folder), _free_address(), f"Aa1-{secrets.token_hex(9)}", f"Aa1-{secrets.token_hex(9)}")
    try:
        _provision(server)
        for change in exchange_schema():
            _write_schema(server, change)
        write_certificates(folder / "tls", server.address)
        (folder / "smb.conf").write_text(configuration(folder, server.address))
        server.tool(
            "domain", "passwordsettings", "set", "--complexity=on", f"--min-pwd-length={LEAST_LENGTH}",
            f"--history-length={REMEMBERED}", "--min-pwd-age=0", "--max-pwd-age=0",
            f"--account-lockout-threshold={LOCKS_AFTER}", "--account-lockout-duration=0",
            "--reset-account-lockout-after=0",
        )  # fmt: skip
        server.start()
        for dn, attributes in samba_people.tree(server.service_password).items():
            server.put(dn, attributes)
        server.grant([*grants(), (PEOPLE, "".join(OWN_DATA))])
    except BaseException:
        server.remove()
        raise
    return server


@contextmanager
def samba() -> Iterator[Samba]:
    """A server for as long as the block lasts."""
    server = new_samba()
    try:
        yield server
    finally:
        server.remove()


def _provision(server: Samba) -> None:
    listen = [f"--option=interfaces={server.address}/8", "--option=bind interfaces only=yes"]
    _run(
        [
            _program("samba-tool"), "domain", "provision", f"--targetdir={server.folder}", f"--realm={REALM}",
            f"--domain={DOMAIN}", "--host-name=dc1", f"--host-ip={server.address}", "--server-role=dc",
            "--dns-backend=NONE", f"--adminpass={server.admin_password}", *listen,
        ]
    )  # fmt: skip
    for name in ("run", "cache"):
        (Path(server.folder) / name).mkdir(exist_ok=True)


def _write_schema(server: Samba, change: str) -> None:
    """Into the database itself: a running server lets nobody do this without a restart."""
    database = [_program("ldbmodify"), "-H", f"{server.folder}/private/sam.ldb"]
    allowed = [f"--configfile={server.folder}/etc/smb.conf", "--option=dsdb:schema update allowed=yes"]
    _run([*database, *allowed], change)


def _free_address() -> str:
    """A loopback address on which nobody uses the ports that Samba wants."""
    for _ in range(50):
        address = f"127.{secrets.randbelow(200) + 20}.{secrets.randbelow(250) + 1}.{secrets.randbelow(250) + 1}"
        if all(_is_free(address, port) for port in _PORTS):
            return address
    raise RuntimeError("no loopback address has its LDAP ports free")


def _is_free(address: str, port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True


def _sid(octets: bytes) -> str:
    """A security identifier as it is written (MS-DTYP, 2.4.2.1)."""
    authority, parts = int.from_bytes(octets[2:8], "big"), octets[8:]
    return "-".join(["S-1", str(authority), *(str(n) for (n,) in struct.iter_unpack("<I", parts))])


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        packages = "samba-ad-dc samba-ad-provision ldb-tools"
        raise FileNotFoundError(f"{name} is not installed (Debian and Ubuntu: {packages})")
    return found


def _run(command: list[str], typed: str = "") -> str:
    done = subprocess.run(command, input=typed, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    return done.stdout

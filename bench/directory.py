"""The slapd everything is measured against, with many people in it, and the client in C beside it."""

import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ldap3 import Connection

from bench.measure import Slice, cpu_seconds
from tests.servers import people
from tests.servers.slapd import Slapd, slapd
from tests.servers.slapd_files import GROUPS, SlapdOptions

SAID = "slapd: mdb with fsync on each commit, {hash}, ppolicy (history of 5), StartTLS"
HASHES = ("{SSHA}", "{ARGON2}")  # the second is what slapd takes for its default today, and costs it 7 ms each


@dataclass(frozen=True)
class Directory:
    """A running server and the people in it with their passwords; `program` is the compiled client."""

    server: Slapd
    passwords: dict[str, str]
    program: Path

    @property
    def logins(self) -> list[str]:
        return list(self.passwords)

    @property
    def pids(self) -> list[int]:
        return [self.server.pid]

    def raw(self, mode: str, threads: int, seconds: float) -> Slice:
        """Resets, or own changes (each person once), by the client in C."""
        server, mark = self.server, f"Raw-{secrets.token_hex(6)}"
        head = (mode, server.url, server.ca_file, server.service_dn, server.service_password, threads, seconds, mark)
        lines = [*map(str, head), *(f"{p}\t{people.dn_of(login)}" for login, p in self.passwords.items())]
        before = cpu_seconds(self.pids)
        told = subprocess.run([self.program], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
        done, failed, took, used = told.stdout.split()
        logins = self.logins
        for turn in range(int(done) + int(failed)):
            self.passwords[logins[turn % len(logins)]] = f"{mark}-{turn}"
        cpu = {"client": float(used), "slapd": cpu_seconds(self.pids) - before}
        return Slice(done=int(done), failed=int(failed), seconds=float(took), cpu=cpu)


@contextmanager
def directory(folder: Path, count: int, hash_: str) -> Iterator[Directory]:
    """A server with `count` people of ours for as long as the block lasts."""
    program = compiled(folder)
    with slapd(SlapdOptions(durable=True, hash=hash_)) as server:
        logins = [f"bench{number:05d}" for number in range(count)]
        with server.admin() as admin:
            for login in logins:
                if not admin.add(people.dn_of(login), attributes=people.person(login)):
                    raise RuntimeError(f"{login}: {admin.result}")
            _in_one_group(admin, logins)
        yield Directory(server, dict.fromkeys(logins, people.PASSWORD), program)


def _in_one_group(admin: Connection, logins: list[str]) -> None:
    """As in every organisation: nobody is in no group at all."""
    members = [people.dn_of(login) for login in logins]
    if not admin.add(f"cn=everybody,{GROUPS}", "groupOfNames", {"cn": "everybody", "member": members}):
        raise RuntimeError(f"everybody: {admin.result}")


def compiled(folder: Path) -> Path:
    """The client in C, compiled into `folder`. Raises FileNotFoundError without a compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise FileNotFoundError("a C compiler and libldap2-dev are needed for the client to compare with")
    program = folder / "raw"
    source = Path(__file__).with_name("raw.c")
    command = [compiler, "-O2", "-Wall", "-Wextra", "-o", str(program), str(source), "-lldap", "-llber", "-lpthread"]
    subprocess.run(command, check=True)
    return program

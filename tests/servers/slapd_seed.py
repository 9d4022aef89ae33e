"""Very many people in a throw-away slapd, loaded past the server, as one loads a whole organisation."""

import base64
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.servers import people
from tests.servers.slapd import Slapd


def login_of(number: int) -> str:
    return f"many{number:07d}"


def seed(server: Slapd, count: int, *, ending: int = 0) -> None:
    """Add `count` people with the password of all the others. The accounts of `ending` of them end in ten days."""
    program = shutil.which("slapadd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if program is None:
        raise FileNotFoundError("slapadd is not installed (Debian and Ubuntu: the package slapd)")
    file = Path(server.folder) / "many.ldif"
    with file.open("w") as ldif:
        ldif.writelines(_entries(count, ending))
    server.stop()
    try:
        command = [program, "-q", "-f", f"{server.folder}/slapd.conf", "-l", str(file)]
        subprocess.run(command, check=True, capture_output=True)
    finally:
        file.unlink()
        server.start()


def _entries(count: int, ending: int) -> Iterator[str]:
    attributes = people.person("LOGIN", userPassword=_hashed(people.PASSWORD))
    lines = [f"{name}: {value}" for name, given in attributes.items() for value in _several(given)]
    written = "\n".join([f"dn: {people.dn_of('LOGIN')}", *lines, ""])
    soon = f"shadowExpire: {int(datetime.now(UTC).timestamp()) // 86400 + 10}\n"
    for number in range(count):
        yield written.replace("LOGIN", login_of(number)) + (soon if number < ending else "") + "\n"


def _several(given: str | list[str]) -> list[str]:
    return given if isinstance(given, list) else [given]


def _hashed(password: str) -> str:
    salt = os.urandom(8)
    return "{SSHA}" + base64.b64encode(hashlib.sha1(password.encode() + salt).digest() + salt).decode()

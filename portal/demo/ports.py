"""Which ports the demo listens on: the same as last time wherever they are still free."""

import json
import socket
from pathlib import Path

USUAL = 8080
_NEXT = 50  # how many ports after the usual one are tried


class PortTaken(Exception):
    """Something else listens there. The message says so in a sentence."""


def portal_port(asked: int | None) -> int:
    """The port for the portal: the one asked for, else the usual one or the next that is free. Raises PortTaken."""
    if asked is not None:
        if not is_free(asked):
            raise PortTaken(f"Something else uses port {asked}. Stop it or choose another with --port.")
        return asked
    for port in range(USUAL, USUAL + _NEXT):
        if is_free(port):
            return port
    raise PortTaken(f"All ports from {USUAL} to {USUAL + _NEXT - 1} are in use. Choose one with --port.")


def is_free(port: int) -> bool:
    """Whether nothing listens on this port, on either loopback address: "localhost" may mean both."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind((address, port))
        except OSError:
            if family is socket.AF_INET or _listens(address, port):
                return False
    return True


def _listens(address: str, port: int) -> bool:
    """Binding fails on a machine without IPv6, too; only an answer proves that somebody is there."""
    try:
        with socket.create_connection((address, port), timeout=0.5):
            return True
    except OSError:
        return False


class RememberedPorts:
    """The ports of the last start, by the name of what listened there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._ports: dict[str, int] = json.loads(path.read_text())
        except (OSError, ValueError):
            self._ports = {}

    def wish(self, name: str) -> int:
        """The port to listen on: last time's if it is free, else 0 for any."""
        port = self._ports.get(name, 0)
        return port if port and is_free(port) else 0

    def remember(self, **ports: int) -> None:
        """Write down where everything listens."""
        self._ports |= ports
        self._path.write_text(json.dumps(self._ports, indent=1))

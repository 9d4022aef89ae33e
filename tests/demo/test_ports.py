"""Choosing ports: the usual one, the next, or last time's."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.demo import ports


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_port_asked_for_and_taken_is_told_in_a_sentence(taken: int) -> None:
    with pytest.raises(ports.PortTaken, match=f"port {taken}"):
        ports.portal_port(taken)


def test_without_a_wish_the_next_free_port_is_taken(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "USUAL", taken)
    assert taken < ports.portal_port(None) < taken + 50


def test_a_port_taken_on_ipv6_only_is_not_free() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listening:
        assert not ports.is_free(listening.getsockname()[1])


def test_last_times_port_is_wished_for_only_while_it_is_free(tmp_path: Path, taken: int) -> None:
    remembered = ports.RememberedPorts(tmp_path / "ports.json")
    assert remembered.wish("smtp") == 0
    with socket.create_server(("127.0.0.1", 0)) as listening:
        free = listening.getsockname()[1]
    remembered.remember(smtp=free, ldap=taken)
    again = ports.RememberedPorts(tmp_path / "ports.json")
    assert (again.wish("smtp"), again.wish("ldap")) == (free, 0)


def test_a_garbled_file_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text("{")
    assert ports.RememberedPorts(tmp_path / "ports.json").wish("smtp") == 0

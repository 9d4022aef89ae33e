"""What holds for every request over HTTPS, whoever is asked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors import wire
from connectors.errors import Outage, Unavailable, Unconfirmed
from connectors.wire import Lost, Trust, Wire
from tests.servers.proxy import Proxy
from tests.servers.running import free_port
from tests.standins.http import Reply, Standin


def test_an_authority_that_is_missing_is_that_systems_fault(tmp_path: Path) -> None:
    with pytest.raises(Lost) as lost:
        Wire(Trust(tmp_path / "missing.pem")).request("GET", "https://localhost:1", {}, 1.0)
    error = lost.value.error(write=True)
    assert isinstance(error, Unavailable)
    assert error.outage is Outage.PORTAL_REFUSED
    assert "missing.pem" in error.detail


def test_what_was_asked_and_by_whom_is_never_told() -> None:
    with pytest.raises(Lost) as lost:
        Wire(Trust(None)).request("GET", f"http://me:hidden@127.0.0.1:{free_port()}/secret?q=secret", {}, 1.0)
    assert str(lost.value).startswith("http://127.0.0.1:")
    assert "hidden" not in str(lost.value)
    assert "secret" not in str(lost.value)


class Agreeable(Standin):
    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, str]) -> Reply:
        return 200, {}


def test_only_a_question_is_asked_again_when_a_kept_connection_has_died() -> None:
    with Agreeable() as server, Proxy(server.port) as proxy:
        asked, url = Wire(Trust(None)), f"http://127.0.0.1:{proxy.port}/"
        asked.request("GET", url, {}, 1.0)
        proxy.cut_next_answer()
        assert asked.request("GET", url, {}, 1.0).status == 200
        proxy.cut_next_answer()
        with pytest.raises(Lost) as lost:
            asked.request("POST", url, {}, 1.0, write=True)
        assert isinstance(lost.value.error(write=True), Unconfirmed)
        assert [method for method, *_rest in server.requests].count("POST") <= 1


def test_a_change_goes_over_no_connection_that_was_idle_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    with Agreeable() as server, Proxy(server.port) as proxy:
        asked, url = Wire(Trust(None)), f"http://127.0.0.1:{proxy.port}/"
        for idle, connections in ((30.0, 1), (-1.0, 2)):
            monkeypatch.setattr(wire, "_IDLE_SECONDS", idle)
            asked.request("GET" if idle > 0 else "POST", url, {}, 1.0, write=idle < 0)
            assert proxy.connections == connections

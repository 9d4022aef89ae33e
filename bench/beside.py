"""Row 7: sign-ins beside privacyIDEA's `/auth`: each application in a process of its own, before one directory."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from bench.directory import Directory
from bench.installation import WIDE_LIMITS, prepared
from bench.measure import Row, ratio
from bench.peer import AUTH, missing, peer
from portal.app import create_app

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_WHAT = "sign-in, beside privacyIDEA's /auth"


def rows(folder: Path, directory: Directory, seconds: float, rounds: int, python: Path | None) -> Iterator[Row]:
    """The form opened and sent by a stranger, beside one request with name and password."""
    server, (login, password) = directory.server, next(iter(directory.passwords.items()))
    sign_in = _ours(folder / "beside", directory, login, password)
    told = {"url": server.url, "base": server.people_base, "dn": server.service_dn, "ca": str(server.ca_file)}
    told |= {"password": server.service_password, "login": login, "person": password}
    ours: list[list[float]] = []
    theirs: list[list[float]] = []
    with peer(AUTH, folder / "privacyidea", python, json.dumps(told)) as other:
        for _ in range(rounds):
            ours.append(_measured(sign_in, seconds))
            if other:
                theirs.append(other.say(str(seconds)))
    rate, cpu = (median(one[which] for one in ours) for which in (0, 1))
    if not theirs:
        yield missing("7", _WHAT, ">= 10", ">= 30", f"{rate:.0f}/s, {cpu:.0f}/s of processor time")
        return
    their_rate, their_cpu = (median(one[which] for one in theirs) for which in (0, 1))
    note = (
        f"{rate:.0f}/s beside {their_rate:.0f}/s by the clock; {cpu:.0f}/s beside {their_cpu:.0f}/s of processor time"
    )
    yield ratio("7", _WHAT, rate / their_rate, must=10, stretch=30, note=note)


def _ours(state: Path, directory: Directory, login: str, password: str) -> Callable[[], None]:
    app = create_app(prepared(state, directory.server, more=WIDE_LIMITS).settings)

    def sign_in() -> None:
        client = app.test_client()
        found = _TOKEN.search(client.get("/sign-in").text)
        assert found
        sent = client.post("/sign-in", data={"csrf_token": found[1], "login": login, "password": password})
        assert sent.status_code == 302, sent.text

    sign_in()
    return sign_in


def _measured(work: Callable[[], None], seconds: float) -> list[float]:
    began, used, done = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() < began + seconds:
        work()
        done += 1
    return [done / (time.perf_counter() - began), done / (time.process_time() - used)]

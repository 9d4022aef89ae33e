"""Without a sign-in nobody can tell an account that exists from one that does not, by how long an answer takes."""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial

import pytest
from flask import request
from werkzeug.serving import make_server

from connectors.errors import AccountNotFound
from portal.app import create_app
from tests.robustness.browser import Browser
from tests.robustness.classes import ORDINARY, one_of_each
from tests.robustness.timing import differing, interleaved
from tests.servers.deployment import Deployment
from tests.servers.proxy import Proxy
from tests.servers.slapd import Slapd

ROUNDS = 50  # by eight kinds of accounts: 400 tries
PROMISES = 25
WRONG_CODES = 20  # for each of three factors: 480 tries
DEVICES = 4  # each wrong password waits for its time to be over
CHANCE = random.Random(20260101)


class Poster:
    """Posts one form again and again on one connection, and follows nothing."""

    def __init__(self, made: Deployment, path: str) -> None:
        self.at, self.path = Browser(made.url), path
        self.at.open("/recover")
        self.token = self.at.token()

    def post(self, **fields: str) -> int:
        return self.at.post(self.path, fields, token=self.token, follow=False).status


def test_the_name_is_taken_in_the_same_time(running: Deployment) -> None:
    poster = Poster(running, "/recover")
    tries = {name: partial(poster.post, login=login) for name, login in one_of_each(running).items()}
    assert differing(interleaved(tries, ROUNDS, CHANCE), ORDINARY) == {}


def test_a_code_is_promised_in_the_same_time(running: Deployment) -> None:
    posters = {name: _walking(running, login, "/recover/choose") for name, login in one_of_each(running).items()}
    tries = {name: partial(poster.post, factor="mailed_code") for name, poster in posters.items()}
    assert differing(interleaved(tries, PROMISES, CHANCE), ORDINARY) == {}


@pytest.mark.parametrize("factor", ["totp", "recovery_code", "mailed_code"])
def test_a_wrong_code_is_refused_in_the_same_time(running: Deployment, factor: str) -> None:
    path = f"/recover/prove/{factor}"
    posters = {name: _walking(running, login, path) for name, login in one_of_each(running).items()}
    for poster in posters.values():
        poster.at.post("/recover/choose", {"factor": factor}, token=poster.token)
        assert poster.post(code="000000") == 422
    tries = {name: partial(poster.post, code="000000") for name, poster in posters.items()}
    assert differing(interleaved(tries, WRONG_CODES, CHANCE), ORDINARY) == {}


def test_a_wrong_password_is_refused_in_the_same_time(running: Deployment) -> None:
    kinds = _unlockable(running)

    def one_device(seed: int) -> dict[str, list[float]]:
        poster = Poster(running, "/sign-in")
        tries = {name: partial(poster.post, login=login, password="wrong!") for name, login in kinds.items()}
        return interleaved(tries, 6, random.Random(seed))

    with ThreadPoolExecutor(DEVICES) as pool:
        found = list(pool.map(one_device, range(DEVICES)))
    assert differing({name: [s for f in found for s in f[name]] for name in kinds}, ORDINARY) == {}


def test_a_build_that_looks_people_up_in_the_request_is_found_out(
    slapd_server: Slapd, proxy_to: Callable[[int], Proxy], own_deployment: Callable[..., Deployment]
) -> None:
    """The same comparison on a portal that does in the request what belongs behind it: the test has its power."""
    proxy = proxy_to(slapd_server.port)
    made = own_deployment(slapd_server, directory_port=proxy.port)
    with _served(made, look_up=False):
        assert _told_apart_by_name(made, proxy) == {}
    with _served(made, look_up=True):
        assert "unknown" in _told_apart_by_name(made, proxy)


def _told_apart_by_name(made: Deployment, proxy: Proxy) -> dict[str, str]:
    kinds = {name: login for name, login in one_of_each(made).items() if name in (ORDINARY, "unknown", "mail-less")}
    poster = Poster(made, "/recover")
    tries = {name: partial(poster.post, login=login) for name, login in kinds.items()}
    proxy.delay = 0.02  # each way; what a directory in the next building takes
    try:
        return differing(interleaved(tries, 30, CHANCE), ORDINARY)
    finally:
        proxy.delay = 0.0


@contextmanager
def _served(made: Deployment, *, look_up: bool) -> Iterator[None]:
    """The portal in this process, with or without a look-up before the answer to the first form."""
    app = create_app(made.settings())

    @app.before_request
    def in_the_request() -> None:
        if look_up and request.method == "POST" and request.endpoint == "recover.identify":
            with suppress(AccountNotFound):
                app.extensions["parts"].accounts.find(request.form["login"])

    server = make_server("127.0.0.1", made.port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["parts"].database.engine.dispose()


def _unlockable(made: Deployment) -> dict[str, str]:
    """Kinds whose state many wrong passwords do not change: the directory locks the others after five."""
    kinds = one_of_each(made)
    kinds[ORDINARY] = made.directory.person(pwdPolicySubentry=f"cn=services,ou=policies,{made.directory.base}")
    return {name: login for name, login in kinds.items() if name in (ORDINARY, "unknown", "locked", "disabled")}


def _walking(made: Deployment, login: str, path: str) -> Poster:
    """Somebody in the middle of a walk, whose look-up is done."""
    poster = Poster(made, path)
    poster.at.post("/recover", {"login": login}, token=poster.token)
    return poster

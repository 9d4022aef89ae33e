"""The directory is down, frozen, or silent after it was told to write: pages answer in time, and nothing is lost."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from connectors.ldap.servers import USUAL_PAUSE
from portal.tables import ticket
from tests.robustness.browser import Browser, Page
from tests.robustness.killing import LONG_AGO, NEW
from tests.robustness.record import open_operations, settle, story, verify_inside
from tests.servers.deployment import Deployment, Person, deployment
from tests.servers.people import PASSWORD
from tests.servers.proxy import Proxy
from tests.servers.running import wait_until
from tests.servers.slapd import Slapd

AT_MOST = 10.0  # seconds for any answer


@pytest.fixture(scope="module")
def made(own_slapd: Slapd) -> Iterator[Deployment]:
    """An installation with the time limits that hold when nothing is set, on a directory of its own."""
    with (
        Proxy(own_slapd.port) as proxy,
        deployment(own_slapd, directory_port=proxy.port) as installed,
    ):
        installed.start()
        installed.proxy = proxy  # type: ignore[attr-defined]
        yield installed


Ask = Callable[[], Page]


def _everywhere(made: Deployment) -> dict[str, Ask]:
    """Somebody at each page that needs the directory, about to press the button."""
    doing: dict[str, Ask] = {}
    for name in ("walk unknown yet", "wrong code", "password page", "last step", "unlock"):
        at, person = Browser(made.url), made.person(pwdChangedTime=LONG_AGO)
        if name in ("walk unknown yet", "wrong code"):
            at.identify(person.login)
            at.send({"factor": "totp"})
        else:
            at.recover(person)
        doing[name] = _press(name, at)
    signed_in, person = Browser(made.url), made.person()
    signed_in.sign_in(person)
    doing["my account"] = lambda: signed_in.open("/account")
    stranger = Browser(made.url)
    stranger.open("/sign-in")
    doing["sign-in"] = lambda: stranger.send({"login": person.login, "password": PASSWORD})
    return doing


def _press(name: str, at: Browser) -> Ask:
    return {
        "walk unknown yet": lambda: at.identify("somebody") and at.prove("totp", "000000"),
        "wrong code": lambda: at.send({"code": "000000"}),
        "password page": lambda: at.open("/recover/password"),
        "last step": lambda: at.choose(NEW),
        "unlock": lambda: at.post("/recover/unlock"),
    }[name]


def _answers(made: Deployment, down: Callable[[], None], up: Callable[[], None]) -> dict[str, Page]:
    """What each page says while the directory is gone; public pages answer at once all the while."""
    doing = _everywhere(made)
    down()
    try:
        with ThreadPoolExecutor(len(doing)) as pool:
            waiting = {name: pool.submit(press) for name, press in doing.items()}
            public = [Browser(made.url).open(path) for path in ("/", "/recover", "/sign-in")]
            pages = {name: answer.result() for name, answer in waiting.items()}
        assert {page.status for page in public} == {200}
        return pages
    finally:
        up()


def _clear(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        assert page.seconds < AT_MOST, f"{name}: {page.seconds} s"
        assert page.status in ((422, 503) if name == "wrong code" else (503,)), f"{name}: {page.status} {page.text}"
        assert page.tree.h1 is not None, name


def test_while_the_directory_is_down_every_page_says_so_in_time(made: Deployment) -> None:
    pages = _answers(made, made.directory.stop, made.directory.start)
    _clear(pages)
    assert max(page.seconds for page in pages.values()) < 4


def test_while_the_directory_is_frozen_every_page_says_so_in_time(made: Deployment) -> None:
    _clear(_answers(made, made.directory.freeze, made.directory.thaw))
    time.sleep(USUAL_PAUSE + 1)  # each process finds out by itself that it is back
    settle(made)
    assert open_operations(made) == 0


def test_a_wish_kept_while_the_directory_is_down_is_one_ticket(made: Deployment) -> None:
    person, at = made.person(), Browser(made.url)
    at.recover(person)
    made.directory.stop()
    try:
        page = at.choose(NEW)
        assert page.about("result") == "failed"
        token, keep = at.token(), "/recover/keep"
        with ThreadPoolExecutor(8) as pool:
            pages = list(pool.map(lambda _: at.post(keep, token=token), range(8)))
    finally:
        made.directory.start()
    assert {page.status for page in pages} == {200}
    assert _tickets(made, person) == ["directory_down"]
    assert made.directory.binds(person.account.dn, PASSWORD)


def test_the_proofs_hold_until_the_directory_is_back(made: Deployment) -> None:
    person, at = made.person(), Browser(made.url)
    at.recover(person)
    made.directory.stop()
    try:
        assert at.choose(NEW).status == 503
    finally:
        made.directory.start()
    at.open("/recover/password")
    assert at.choose(NEW).about("result") == "done"
    assert made.directory.binds(person.account.dn, NEW)


def test_a_write_whose_answer_never_comes_is_unsure_and_settled_by_looking(made: Deployment) -> None:
    proxy: Proxy = made.proxy  # type: ignore[attr-defined]
    person, at = made.person(pwdChangedTime=LONG_AGO), Browser(made.url)
    at.recover(person)
    proxy.delay = 0.1
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(at.choose, NEW)
        wait_until(lambda: open_operations(made) > 0, seconds=10, what="an open intent")
        proxy.swallow_answers = True
        page = answer.result()
    proxy.swallow_answers, proxy.delay = False, 0.0
    assert page.about("result") == "unsure"
    assert page.seconds < AT_MOST
    settle(made)
    told = story(made, person)
    assert (told.intents, told.outcomes) == (1, ("success",))
    assert made.directory.binds(person.account.dn, NEW)
    verify_inside(made)


def _tickets(made: Deployment, person: Person) -> list[str]:
    with made.parts().database.read() as db:
        rows = db.execute(select(ticket.c.reason).where(ticket.c.requester_id == person.account.id))
        return [str(row.reason) for row in rows]

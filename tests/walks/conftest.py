"""What the walks may ask for. One demo serves the whole run, so that every test has people of its own:

recover       alice, bjorn, lars, linnea, hedda, yusuf, oskar, aase     sign in  erik, eva, mats, maja, astrid
in four ways  magnus, carl, solveig, enno                               change   siobhan
proofs        ida, leila, jonas                                         account  kirsten, xiaolong
stuck         nora and carol, nils and dag, dina             queue, shifts       tuva, audun, sigrid
not me        bob                                               own      signe, einar, frida
guests        hedda, viktor: of their own directory   sponsors  gunnar with petra and ravn, jorunn with otto
more time     pavel and wanda, whom ingrid answers for; gro at the desk, tor of whom a new password is asked
callers       mirja, whom gro checks                           mailbox  vidar, selma, odd, runa, frida; of tor
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.servers.shared import run_folder
from tests.walks.demo import Demo, shared_demo
from tests.walks.visitor import ARGUMENTS, CHROMIUM, Visit, Visitor


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Demo]:
    """The run's demo."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "master")
    with shared_demo(run_folder(tmp_path_factory.getbasetemp(), worker)) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; for one module, since two in one process would stand in each other's way."""
    if not CHROMIUM.exists():
        pytest.skip("needs Debian's chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, demo: Demo) -> Iterator[Visit]:
    """Opens browsers of their own, with their own cookies; at the end all they met must have been in order."""
    visitors: list[Visitor] = []

    def opened(**options: Any) -> Visitor:
        visitors.append(Visitor(chromium, demo.address, **options))
        return visitors[-1]

    yield opened
    for visitor in visitors:
        visitor.leave()
    assert [problem for visitor in visitors for problem in visitor.problems] == []


@pytest.fixture
def visitor(visit: Visit) -> Visitor:
    """One browser as most people have it."""
    return visit()

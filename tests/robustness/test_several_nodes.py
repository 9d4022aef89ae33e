"""Two machines on one PostgreSQL: any of them may take any step, and any worker carries what the others promised."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.robustness.browser import Browser
from tests.servers.deployment import Deployment, deployment
from tests.servers.running import wait_until
from tests.servers.slapd import Slapd

NEW = "Blue-harbour-lantern-9"


@pytest.fixture
def nodes(slapd_server: Slapd, postgres_url: str) -> Iterator[tuple[Deployment, Deployment]]:
    """Two installations with the same settings, database and keys, each with processes of its own."""
    with ExitStack() as stack:
        first = stack.enter_context(deployment(slapd_server, database=postgres_url))
        second = stack.enter_context(deployment(slapd_server, database=postgres_url))
        for secret in (first.folder / "secrets").iterdir():
            shutil.copy(secret, second.folder / "secrets" / secret.name)
        first.start()
        second.start_web()
        yield first, second


def test_a_walk_goes_on_at_another_node_and_the_only_worker_left_mails_the_code(
    nodes: tuple[Deployment, Deployment],
) -> None:
    first, second = nodes
    person, here, there = first.person(), Browser(first.url), Browser(second.url)
    there.http = here.http  # one browser, sent to another node at each step
    here.identify(person.login)
    there.open("/recover/choose")
    there.send({"factor": "mailed_code"})
    assert there.send({"code": first.code(person)}).about("step") == "choose"
    here.open("/recover/choose")
    here.prove("totp", person.totp())
    there.open("/recover/password")
    assert there.choose(NEW).about("result") == "done"
    assert first.directory.binds(person.account.dn, NEW)
    wait_until(lambda: "OK" in first.portal("audit", "verify").stdout, seconds=10, what="the seal")

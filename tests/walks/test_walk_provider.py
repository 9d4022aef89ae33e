"""Signing in, proving again and signing out with a real identity provider, in a real browser."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.servers.deployment import Deployment, Person, deployment
from tests.servers.oidc import PASSWORD, OidcProvider
from tests.servers.running import free_port
from tests.servers.slapd import Slapd
from tests.walks.visitor import Visitor

ELSEWHERE = "asks another host"  # on this walk on purpose


@pytest.fixture(scope="module")
def portal(slapd_server: Slapd, oidc_provider: OidcProvider) -> Iterator[Deployment]:
    """Registered at the provider, with nothing but its web server."""
    port = free_port()
    own = f"http://localhost:{port}"
    client = oidc_provider.client(
        redirect=f"{own}/sign-in/lab/callback",
        after_sign_out=f"{own}/sign-out/lab",
        backchannel=f"{own}/sign-out/backchannel/lab",
    )
    values = {
        "name": "lab",
        "title": "Lab ID",
        "issuer": oidc_provider.issuer,
        "client_id": client.id,
        "client_secret": client.secret,
    }
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
    with deployment(slapd_server, port=port, options={"[providers]": lines}) as made:
        made.start_web()
        yield made


@pytest.fixture
def visitor(portal: Deployment, chromium: Browser) -> Iterator[Visitor]:
    """The portal comes first: its mail server needs an event loop, and a browser does not let go of its own."""
    visitor = Visitor(chromium, portal.url)
    yield visitor
    visitor.leave()
    ours = [problem for problem in visitor.problems if problem[0].startswith("/")]  # not those of the provider's pages
    assert [problem for problem in ours if problem[1] != ELSEWHERE] == []


def sign_in_there(visitor: Visitor, login: str) -> Visitor:
    assert visitor.heading == "Sign in" and visitor.path.startswith("http"), visitor.text
    return visitor.send("Go in", login=login, password=PASSWORD)


def linked(visitor: Visitor, alice: Person) -> None:
    """The first time the account is proved once, too."""
    visitor.open("/sign-in").follow("Lab ID")
    sign_in_there(visitor, alice.login).send("Sign in", login=alice.login, password=alice.password)
    visitor.send("Yes, both are me")
    assert visitor.path == "/account/security", visitor.text
    assert "Signed in with Lab ID" in visitor.text


def test_somebody_signs_in_proves_it_again_and_signs_out_with_a_provider(visitor: Visitor, portal: Deployment) -> None:
    alice = portal.person()
    linked(visitor, alice)
    visitor.page.locator(".menu summary").click()
    visitor.press(visitor.page.locator(".menu button"))
    assert "Lab ID" in visitor.text
    visitor.follow("Sign out at Lab ID too")
    visitor.press(visitor.page.get_by_role("button", name="Yes, sign me out"))
    assert (visitor.path, visitor.mark("result")) == ("/sign-out/lab", "done")
    assert "at Lab ID" in visitor.text

    visitor.open("/sign-in").follow("Lab ID")
    assert sign_in_there(visitor, alice.login).path == "/account"
    visitor.open("/prove-again?next=/account/security").follow("Lab ID")
    assert sign_in_there(visitor, alice.login).path == "/account/security"

    visitor.page.goto(f"{portal.settings().providers[0].issuer}/session/end")
    visitor.page.get_by_role("button", name="Yes, sign me out").click()
    visitor.page.wait_for_load_state()
    assert visitor.open("/account").path == "/sign-in"

"""Signing in, proving again and signing out with a real identity provider, in a real browser."""

import json
from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser

from tests.servers.deployment import Deployment, Person, deployment
from tests.servers.oidc import PASSWORD, OidcProvider
from tests.servers.running import free_port
from tests.servers.slapd import Slapd
from tests.standins.mailcow import KEY, MIB, Mailcow
from tests.walks.visitor import Visitor

ELSEWHERE = "asks another host"  # on this walk on purpose


@pytest.fixture(scope="module")
def cow() -> Iterator[Mailcow]:
    with Mailcow() as running:
        yield running


@pytest.fixture(scope="module")
def portal(slapd_server: Slapd, oidc_provider: OidcProvider, cow: Mailcow) -> Iterator[Deployment]:
    """Registered at the provider, before a mail system, with nothing but its web server."""
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
    mail = {"name": "cow", "kind": "mailcow", "url": cow.url, "key": KEY, "domains": ["cow.test"]}
    options = {"[providers]": lines(values), "[mailboxes]": lines(mail)}
    with deployment(slapd_server, port=port, options=options) as made:
        made.start_web()
        yield made


def lines(values: Mapping[str, object]) -> str:
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())


@pytest.fixture
def visitor(portal: Deployment, chromium: Browser) -> Iterator[Visitor]:
    """The portal comes first: its mail server needs an event loop, and a browser does not let go of its own."""
    visitor = Visitor(chromium, portal.url)
    yield from watched(visitor)


@pytest.fixture
def plain(portal: Deployment, chromium: Browser) -> Iterator[Visitor]:
    """Small, and without scripts."""
    yield from watched(Visitor(chromium, portal.url, viewport={"width": 320, "height": 640}, java_script_enabled=False))


def watched(visitor: Visitor) -> Iterator[Visitor]:
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


def test_a_mail_program_gets_a_password_of_its_own(plain: Visitor, portal: Deployment, cow: Mailcow) -> None:
    bob = portal.person(mail=cow.mailbox(used=900 * MIB))
    linked(plain, bob)
    plain.follow("Mailbox")
    assert "900 MB of 1 GB" in plain.text
    plain.follow("Passwords for mail programs").follow("Make one").send("Make it", label="", status=422)
    plain.send("Make it", label="Thunderbird on my laptop")
    [program] = cow.programs.values()
    assert (plain.mark("result"), program["app_passwd"] in plain.text) == ("done", True)
    plain.follow("I have typed it in")
    assert "You have 1 app password Thunderbird on my laptop" in plain.text
    assert program["app_passwd"] not in plain.page.content()
    plain.follow("Remove").send("Remove it")
    assert "No app passwords yet" in plain.text
    assert cow.programs == {}

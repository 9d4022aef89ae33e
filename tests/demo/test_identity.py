"""The demo's identity provider, asked by the portal's own client over real HTTP."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from flask import Flask, request

from connectors.oidc import Provider, ProviderSettings
from connectors.oidc.logout_token import LogoutNotice, read_logout_token
from connectors.oidc.results import Fault, Identity, Refusal
from portal.demo import identity
from portal.demo.directory.embedded import utc_now
from portal.demo.people import PERSONS
from portal.demo.served import Served
from portal.web.assets import Assets

PORTAL = "http://localhost:9"  # nobody listens there
BACK = f"{PORTAL}/sign-in/nordvik-id/callback"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    static = Assets(tmp_path, {"favicon.svg": "f.svg", "sparekey.css": "s.css"})
    with Served(identity.identity_app(identity.Identity(PORTAL, "known", PERSONS), static)) as running:
        yield running


def provider(served: Served, secret: str = "known") -> Provider:
    chosen = {"name": "nordvik-id", "title": identity.TITLE, "client_id": identity.CLIENT, "client_secret": secret}
    return Provider(ProviderSettings(issuer=served.url.rstrip("/"), **chosen), utc_now)


def choose(served: Served, url: str, **more: str) -> dict[str, str]:
    """Press the button on the provider's page; what the browser brings back."""
    assert "Nordvik ID" in requests.get(url, timeout=5).text
    fields = dict(parse_qsl(urlsplit(url).query)) | {"login": "bob"} | more
    answer = requests.post(f"{served.url}authorize", data=fields, allow_redirects=False, timeout=5)
    assert answer.headers["Location"].startswith(fields["redirect_uri"])
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def test_whoever_is_chosen_there_is_who_comes_back(served: Served) -> None:
    there = provider(served)
    url, asked = there.ask(BACK, again=True)
    found = there.answer(choose(served, url, proof="pwd otp"), asked)
    assert isinstance(found, Identity)
    assert (found.shown, found.channels) == ("bob@nordvik.example", {"memory", "phone"})


def test_a_code_is_good_once_and_for_the_portal_alone(served: Served) -> None:
    there = provider(served)
    url, asked = there.ask(BACK)
    answer = choose(served, url)
    assert provider(served, "guessed").answer(answer, asked) == Refusal(Fault.CODE, "invalid_client")
    assert there.answer(answer, asked) == Refusal(Fault.CODE, "invalid_grant")


def test_giving_up_there_is_an_answer_too(served: Served) -> None:
    there = provider(served)
    url, asked = there.ask(BACK)
    assert there.answer(choose(served, url, cancel="1"), asked) == Refusal(Fault.ERROR)


def test_it_sends_nobody_anywhere_but_to_the_portal(served: Served) -> None:
    url, _asked = provider(served).ask("https://evil.example/sign-in/x/callback")
    assert requests.get(url, timeout=5).status_code == 400
    out = requests.get(
        f"{served.url}sign-out",
        params={"post_logout_redirect_uri": "https://evil.example/"},
        allow_redirects=False,
        timeout=5,
    )
    assert out.headers["Location"] == PORTAL


@pytest.fixture
def told() -> Iterator[tuple[str, list[str]]]:
    """The portal's place for messages of providers, as far as the demo's provider can see it."""
    tokens: list[str] = []
    portal = Flask("portal")

    @portal.post("/sign-out/backchannel/nordvik-id")
    def listen() -> str:
        tokens.append(request.form["logout_token"])
        return ""

    with Served(portal) as running:
        yield running.url.rstrip("/"), tokens


def test_signing_out_everywhere_there_tells_the_portal(tmp_path: Path, told: tuple[str, list[str]]) -> None:
    portal, tokens = told
    static = Assets(tmp_path, {"favicon.svg": "f.svg", "sparekey.css": "s.css"})
    with Served(identity.identity_app(identity.Identity(portal, "known", PERSONS), static)) as served:
        there = provider(served)
        one, another = (signed_in(there, served, portal).sid for _time in range(2))
        requests.post(f"{served.url}end", data={"sid": one}, timeout=5).raise_for_status()
        notice = read_logout_token(there, tokens.pop(), utc_now())
        assert isinstance(notice, LogoutNotice)
        assert (notice.sid, tokens) == (one, [])
        page = requests.get(served.url, timeout=5).text
        assert (one in page, another in page) == (False, True)


def test_leaving_by_the_portals_own_link_ends_that_sign_in_there(tmp_path: Path, told: tuple[str, list[str]]) -> None:
    portal, tokens = told
    static = Assets(tmp_path, {"favicon.svg": "f.svg", "sparekey.css": "s.css"})
    with Served(identity.identity_app(identity.Identity(portal, "known", PERSONS), static)) as served:
        leaving = signed_in(provider(served), served, portal)
        for hint in ("made.up.one", leaving.id_token, leaving.id_token):
            asked = {"id_token_hint": hint, "post_logout_redirect_uri": f"{portal}/sign-out/nordvik-id"}
            requests.get(f"{served.url}sign-out", params=asked, allow_redirects=False, timeout=5)
        assert len(tokens) == 1
        assert leaving.sid not in requests.get(served.url, timeout=5).text


def test_a_portal_that_cannot_be_told_is_said_to_keep_what_is_open(served: Served) -> None:
    sid = signed_in(provider(served), served, PORTAL).sid
    assert "stays open" in requests.post(f"{served.url}end", data={"sid": sid}, timeout=9).text


def signed_in(there: Provider, served: Served, portal: str) -> Identity:
    url, asked = there.ask(f"{portal}/sign-in/nordvik-id/callback")
    found = there.answer(choose(served, url), asked)
    assert isinstance(found, Identity)
    return found

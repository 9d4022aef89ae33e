"""The demo's identity provider, asked by the portal's own client over real HTTP."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from connectors.oidc import Provider, ProviderSettings
from connectors.oidc.results import Fault, Identity, Refusal
from portal.assets import Assets
from portal.demo import identity
from portal.demo.directory.embedded import utc_now
from portal.demo.people import PERSONS
from portal.demo.served import Served

PORTAL = "http://localhost:8080"
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
    assert answer.headers["Location"].startswith(BACK)
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
    assert provider(served, "guessed").answer(answer, asked) == Refusal(Fault.CODE, "invalid_grant")
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

"""Signing in with canaille, a provider on Authlib: the flow as somebody else has read the specifications."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.oidc import ProviderSettings
from connectors.oidc.results import Fault
from portal.settings.installation import Settings
from tests.portal.providers.visit import refused
from tests.portal.site import Browser, Site
from tests.servers.canaille import Canaille, canaille
from tests.servers.people import PASSWORD

HERE = "http://localhost:8080"


@pytest.fixture(scope="module")
def there() -> Iterator[Canaille]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # it listens on loopback, without TLS
        with canaille() as running:
            yield running


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def algorithm() -> str | None:
    return "RS256"


@pytest.fixture
def settings(settings: Settings, there: Canaille, algorithm: str | None) -> Settings:
    back, out = f"{HERE}/sign-in/canaille/callback", f"{HERE}/sign-out/canaille"
    id_, secret = there.client(redirect=back, after_sign_out=out, algorithm=algorithm)
    known = {"name": "canaille", "title": "Canaille", "issuer": there.issuer, "userinfo": True}
    provider = ProviderSettings(**known, client_id=id_, client_secret=secret, scopes=("openid", "profile", "groups"))
    return settings.model_copy(update={"providers": (provider,)})


def come_by(there: Canaille, browser: Browser, path: str = "/sign-in/canaille") -> Browser:
    """Follow the button; whoever is signed in there comes straight back."""
    back = urlsplit(there.authorize(browser.client.get(path).headers["Location"]))
    return browser.open(back.path, query_string=back.query)


def test_somebody_links_signs_in_proves_it_again_and_is_shown_the_way_out(site: Site, there: Canaille) -> None:
    alice = site.person()
    there.server.login(there.server.random_user(formatted_name="Alice Berg"))
    first = come_by(there, site.browser())
    assert first.path == "/sign-in" and "Alice Berg" in first.text
    assert first.send({"login": alice.login, "password": PASSWORD}).send().path == "/account/security"
    second = come_by(there, site.browser())
    assert second.path == "/account", second.text
    assert site.entries(alice)[-1] == ("login", "record", "success", "")
    assert second.open("/prove-again").step == "choose"
    token = second.page.find("input", attrs={"name": "csrf_token"})
    out = second.client.post("/sign-out", data={"csrf_token": str(token["value"])}).get_data(as_text=True)
    assert f"{there.issuer}/oauth/end_session?client_id=" in out
    assert second.client.get("/account").status_code == 302


def test_somebody_else_there_is_somebody_else_here(site: Site, there: Canaille) -> None:
    there.server.login(there.server.random_user())
    assert come_by(there, site.browser()).path == "/sign-in"


def test_a_code_of_the_provider_cannot_be_used_by_another_browser(site: Site, there: Canaille) -> None:
    there.server.login(there.server.random_user())
    owner, thief = site.browser(), site.browser()
    back = urlsplit(there.authorize(owner.client.get("/sign-in/canaille").headers["Location"]))
    own = parse_qs(urlsplit(thief.client.get("/sign-in/canaille").headers["Location"]).query)
    stolen = {**{name: values[0] for name, values in parse_qs(back.query).items()}, "state": own["state"][0]}
    assert thief.open(back.path, query_string=stolen).status == 403
    assert refused(site) == [Fault.CODE]  # the challenge is another's


@pytest.mark.parametrize("algorithm", [None])
def test_a_provider_that_signs_nothing_unless_told_to_lets_nobody_in(site: Site, there: Canaille) -> None:
    """So it is with canaille, where a client names no algorithm."""
    there.server.login(there.server.random_user())
    assert come_by(there, site.browser()).status == 403
    assert refused(site) == [Fault.ALGORITHM]

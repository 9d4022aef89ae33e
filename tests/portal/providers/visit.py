"""Somebody on the way to a provider and back."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from audit import reading
from connectors.oidc import ProviderSettings
from tests.portal.site import Browser, Person, Site
from tests.standins.hostile_provider import SECRET, TRUTH, HostileProvider, Lie

CLIENT = "portal"
STRICT = {"max_age": 300, "acr_values": ("gold",), "required_claims": {"hd": "example.org"}}
METADATA = {
    "careless": {"id_token_signing_alg_values_supported": ["RS256", "HS256", "none"]},
    "impostor": {"issuer": "https://login.example.com"},
    "nowhere": {"token_endpoint": "http://127.0.0.1:9/token"},
    "endless": {"end_session_endpoint": None},
}


def known_as(liar: HostileProvider) -> tuple[ProviderSettings, ...]:
    """The settings of all the providers it plays."""

    def known(name: str, **more: Any) -> ProviderSettings:
        told = {"name": name, "title": f"{name.title()} ID", "issuer": liar.issuer(name), "client_id": CLIENT}
        roles = {"coordinator": ("service-desk",)}
        return ProviderSettings(**{**told, "client_secret": SECRET, "roles": roles, **more})

    return (*map(known, ("lying", "other", *METADATA)), known("strict", **STRICT), known("dragging", timeout=0.6))


@dataclass
class Visit:
    """One browser, from an address of its own: wrong answers count by where they come from."""

    site: Site
    liar: HostileProvider
    browser: Browser
    number: int

    def ask(self, name: str = "lying") -> str:
        """Where the portal sends the browser."""
        return str(self.browser.client.get(f"/sign-in/{name}").headers["Location"])

    def come_back(self, address: str) -> Browser:
        where = urlsplit(address)
        origin = {"REMOTE_ADDR": f"198.51.100.{self.number}"}
        return self.browser.open(where.path, query_string=where.query, environ_overrides=origin)

    def sign_in(self, person: Person, lie: Lie = TRUTH, name: str = "lying") -> Browser:
        return self.come_back(self.liar.answer(self.ask(name), subject=person.login, lie=lie))

    @property
    def is_in(self) -> bool:
        return self.browser.client.get("/account").status_code == 200


def refused(site: Site, *kinds: str) -> list[str]:
    """What was wrong with what providers said, as the record has it, newest first."""
    log = site.parts.log
    with site.parts.database.read() as db:
        wanted = reading.Wanted(60, kinds=kinds or ("login", "proof"), outcomes=("failure",))
        found = reading.read(db, log.keyring, reading.find(db, wanted))
    return [entry.disclosures.get("fault", "") for entry in found]

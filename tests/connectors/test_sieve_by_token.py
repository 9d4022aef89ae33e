"""The portal signs in to a real Dovecot by a token of a real identity provider, in place of a password."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests

from connectors.account import Account
from connectors.errors import Outage, Unavailable
from connectors.mailbox import AutoReply
from connectors.mailboxes.managesieve import ManageSieve
from connectors.mailboxes.sieve_client import ManageSieveSettings, tokens_of
from connectors.oauth import TokenFiles
from portal.parts import utc_now
from tests.servers.dovecot import DOMAIN, Dovecot
from tests.servers.oidc import Client, OidcProvider

AWAY = AutoReply(subject="Away", text="Back soon.")


@dataclass
class Place:
    """A mail server that takes tokens, whoever gives them, and the portal's name there."""

    dovecot: Dovecot
    provider: OidcProvider
    portal: Client
    folder: Path

    @property
    def settings(self) -> ManageSieveSettings:
        return ManageSieveSettings(
            name="post",
            host="127.0.0.1",
            port=self.dovecot.sieve_port,
            ca_file=self.dovecot.ca_file,
            user=self.portal.id,
            token_url=f"{self.provider.issuer}/token",
            client_id=self.portal.id,
            client_secret=self.portal.secret,
            domains=(DOMAIN,),
        )

    def post(self, **changed: str) -> ManageSieve:
        settings = replace(self.settings, **changed)  # type: ignore[arg-type]
        return ManageSieve(settings, (DOMAIN,), tokens_of(settings, self.store, utc_now))

    @property
    def store(self) -> TokenFiles:
        return TokenFiles(self.folder, bytes(32))

    def person(self) -> Account:
        address = self.dovecot.mailbox()
        login = address.partition("@")[0]
        return Account(id=f"d:{login}", directory="d", dn=f"uid={login}", login=login, name=login, mail=address)


@pytest.fixture(scope="module")
def place(
    dovecot_server: Dovecot, oidc_provider: OidcProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    mail = oidc_provider.service()
    where = oidc_provider.issuer.replace("http://", f"http://{mail.id}:{mail.secret}@")
    dovecot_server.take_tokens(f"{where}/token/introspection")
    yield Place(dovecot_server, oidc_provider, oidc_provider.service(), tmp_path_factory.mktemp("tokens"))


def test_a_token_lets_the_portal_act_for_everybody(place: Place) -> None:
    one, other = place.person(), place.person()
    post = place.post()
    post.set_auto_reply(one, AWAY)
    assert post.read_mailbox(one).auto_reply == AWAY
    assert post.read_mailbox(other).auto_reply is None
    assert "vacation" in place.dovecot.sieve(one.mail or "")
    assert [found.severity.value for found in post.examine()] == ["ok"]


def test_a_revoked_token_is_replaced_by_another(place: Place) -> None:
    settings, person = place.settings, place.person()
    tokens = tokens_of(settings, place.store, utc_now)
    assert tokens is not None
    first = tokens.token(5)
    who = {"client_id": settings.client_id, "client_secret": settings.client_secret}
    gone = requests.post(f"{place.provider.issuer}/token/revocation", data={"token": first.value, **who}, timeout=10)
    assert gone.status_code == 200
    place.post().set_auto_reply(person, AWAY)
    assert tokens.token(5).value != first.value


def test_another_programs_token_opens_nothing(place: Place) -> None:
    stranger = place.provider.service()
    other = place.post(client_id=stranger.id, client_secret=stranger.secret)
    with pytest.raises(Unavailable) as caught:
        other.read_mailbox(place.person())
    assert caught.value.outage is Outage.PORTAL_REFUSED
    assert [found.severity.value for found in other.examine()] == ["fault"]


def test_a_wrong_secret_is_told_as_such(place: Place) -> None:
    with pytest.raises(Unavailable, match="invalid_client") as caught:
        place.post(client_secret="wrong", client_id=place.provider.service().id).read_mailbox(place.person())
    assert caught.value.outage is Outage.PORTAL_REFUSED


def test_a_token_and_a_password_cannot_both_be_set(place: Place) -> None:
    with pytest.raises(ValueError, match="one of them"):
        replace(place.settings, password="too")
    with pytest.raises(ValueError, match="https"):
        replace(place.settings, token_url="http://idp.example.org/token")

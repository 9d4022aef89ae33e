"""Signing out at a provider: which of its messages are believed, and where it is told of ours."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses

from connectors.oidc import Provider
from connectors.oidc.end_session import end_session_url
from connectors.oidc.logout_token import EVENT, LogoutNotice, read_logout_token
from connectors.oidc.results import Fault, Refusal
from tests.standins.identity_provider import NOW, IdentityProvider, settings

AT = int(NOW.timestamp())
BACK = "https://account.example.org/sign-out/example"


@pytest.fixture
def idp() -> Iterator[IdentityProvider]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        standin = IdentityProvider(mock)
        standin.claims = {"events": {EVENT: {}}, "jti": "token-1", "sid": "session-1", "nonce": None}
        standin.header["typ"] = "logout+jwt"
        yield standin


def told(idp: IdentityProvider, **claims: Any) -> LogoutNotice | Refusal:
    idp.claims |= claims
    return read_logout_token(Provider(settings(), lambda: NOW), idp.token(), NOW)


def test_a_right_token_says_which_sign_in_has_ended(idp: IdentityProvider) -> None:
    assert told(idp) == LogoutNotice(id="token-1", sub="s-1", sid="session-1")


@pytest.mark.parametrize("left_out", ["sub", "sid"])
def test_the_person_or_the_session_is_enough(idp: IdentityProvider, left_out: str) -> None:
    assert isinstance(told(idp, **{left_out: None}), LogoutNotice)


@pytest.mark.parametrize("kind", [None, "JWT", "application/logout+jwt"])
def test_a_token_need_not_say_what_it_is_for_but_by_its_event(idp: IdentityProvider, kind: str | None) -> None:
    idp.header = {"alg": "ES256", "kid": "1"} | ({"typ": kind} if kind else {})
    assert isinstance(told(idp), LogoutNotice)


@pytest.mark.parametrize(
    ("claims", "fault"),
    [
        ({"iss": "https://id.example.com"}, Fault.ISSUER),
        ({"aud": "another"}, Fault.AUDIENCE),
        ({"exp": None}, Fault.EXPIRED),
        ({"exp": AT - 61}, Fault.EXPIRED),
        ({"iat": None}, Fault.NOT_YET),
        ({"iat": AT + 61}, Fault.NOT_YET),
        ({"iat": AT - 601}, Fault.EXPIRED),
        ({"events": None}, Fault.EVENT),
        ({"events": {"http://schemas.openid.net/event/else": {}}}, Fault.EVENT),
        ({"events": {EVENT: "yes"}}, Fault.EVENT),
        ({"events": [EVENT]}, Fault.EVENT),
        ({"nonce": ""}, Fault.NONCE),
        ({"jti": None}, Fault.CLAIM),
        ({"sub": None, "sid": None}, Fault.CLAIM),
        ({"sid": ["session-1"]}, Fault.MALFORMED),
        ({"jti": "x" * 256}, Fault.MALFORMED),
    ],
)
def test_a_token_that_is_wrong_in_one_claim_signs_nobody_out(
    idp: IdentityProvider, claims: dict[str, Any], fault: Fault
) -> None:
    answer = told(idp, **claims)
    assert isinstance(answer, Refusal)
    assert answer.fault is fault


def test_a_token_made_for_something_else_signs_nobody_out(idp: IdentityProvider) -> None:
    idp.header["typ"] = "at+jwt"
    assert told(idp) == Refusal(Fault.TYPE)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "e30.e30.", "é" * 50])
def test_what_is_no_token_signs_nobody_out(idp: IdentityProvider, token: str) -> None:
    assert isinstance(read_logout_token(Provider(settings(), lambda: NOW), token, NOW), Refusal)


def url_of(idp: IdentityProvider, id_token: str = "an.id.token", **metadata: Any) -> str:
    idp.metadata = metadata
    provider = Provider(settings(), lambda: NOW + timedelta(days=1))
    return end_session_url(provider, id_token=id_token, back=BACK, state="a-state", language="nb")


def test_the_browser_brings_along_who_signs_out_and_where_to_come_back(idp: IdentityProvider) -> None:
    url = url_of(idp, end_session_endpoint=f"{idp.issuer}/end?realm=staff")
    assert url.startswith(f"{idp.issuer}/end?realm=staff&")
    assert parse_qs(urlsplit(url).query) == {
        "realm": ["staff"],
        "id_token_hint": ["an.id.token"],
        "client_id": ["sparekey"],
        "post_logout_redirect_uri": [BACK],
        "state": ["a-state"],
        "ui_locales": ["nb"],
    }


def test_a_token_too_long_for_an_address_is_left_out(idp: IdentityProvider) -> None:
    url = url_of(idp, "x" * 6000, end_session_endpoint=f"{idp.issuer}/end")
    assert "id_token_hint" not in url and "client_id=sparekey" in url


def test_where_a_provider_offers_none_there_is_no_address(idp: IdentityProvider) -> None:
    assert url_of(idp) == ""

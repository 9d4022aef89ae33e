"""The requests to Google, to the letter, and its own examples of answers (developers.google.com)."""

import json
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import responses
from joserfc import jwt
from joserfc.jwk import RSAKey
from responses import matchers

from connectors.account import Account
from connectors.errors import Forbidden, Outage, Unavailable
from connectors.google import GoogleDirectory, GoogleSettings
from connectors.google.scopes import Scope
from tests.connectors.token_lab import now, tokens
from tests.standins.google import signing_key

TOKEN = "https://oauth2.googleapis.com/token"
USER = "https://admin.googleapis.com/admin/directory/v1/users/117"
KEY = {
    "client_email": "sparekey@p.iam.gserviceaccount.com",
    "client_id": "104857600000000000001",
    "private_key_id": "key-1",
    "private_key": signing_key(1).as_pem(private=True).decode(),
    "token_uri": TOKEN,
}
ALICE = Account(id="workspace:117", directory="workspace", dn="alice@example.org", login="alice", name="Alice")


@pytest.fixture
def directory(tmp_path: Path) -> GoogleDirectory:
    settings = GoogleSettings(name="workspace", key=json.dumps(KEY), admin="admin@example.org", timeout=1)
    return GoogleDirectory(settings, now, tokens(tmp_path))


@responses.activate
def test_the_assertion_and_the_change_are_as_google_describes_them(directory: GoogleDirectory) -> None:
    token = responses.post(TOKEN, json={"access_token": "ya29.a", "expires_in": 3599, "token_type": "Bearer"})
    responses.put(
        USER,
        json={"id": "117", "primaryEmail": "alice@example.org", "suspended": True, "etag": '"2"'},
        match=[
            matchers.json_params_matcher({"suspended": True}, strict_match=True),
            matchers.header_matcher({"Authorization": "Bearer ya29.a", "Content-Type": "application/json"}),
        ],
    )
    directory.disable_account(ALICE)
    form = parse_qs(str(token.calls[0].request.body, "ascii"))  # type: ignore[arg-type]
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"] and set(form) == {
        "grant_type",
        "assertion",
    }
    public = RSAKey.import_key(signing_key(1).as_dict(private=False))
    read = jwt.decode(form["assertion"][0], public, algorithms=["RS256"])
    assert read.header == {"alg": "RS256", "typ": "JWT", "kid": "key-1"}
    claims = read.claims
    assert (claims["iss"], claims["sub"], claims["aud"], claims["scope"]) == (
        KEY["client_email"],
        "admin@example.org",
        TOKEN,
        Scope.WRITE_USERS,
    )
    assert 0 < claims["exp"] - claims["iat"] <= 3600


@pytest.mark.parametrize(
    ("reason", "error"),
    [("userRateLimitExceeded", Unavailable), ("forbidden", Forbidden), ("accessNotConfigured", Forbidden)],
)
@responses.activate
def test_a_403_is_throttling_or_a_missing_right(directory: GoogleDirectory, reason: str, error: type) -> None:
    responses.post(TOKEN, json={"access_token": "ya29.a", "expires_in": 3599})
    body = {"code": 403, "message": "…", "errors": [{"domain": "usageLimits", "reason": reason, "message": "…"}]}
    responses.put(USER, status=403, json={"error": body})
    with pytest.raises(error, match=reason) as caught:
        directory.require_password_change(ALICE)
    if isinstance(caught.value, Unavailable):
        assert caught.value.outage is Outage.BUSY


@responses.activate
def test_no_redirect_is_followed_with_a_token(directory: GoogleDirectory) -> None:
    responses.post(TOKEN, json={"access_token": "ya29.a", "expires_in": 3599})
    responses.put(USER, status=302, headers={"Location": "https://elsewhere.test/"})
    with pytest.raises(Forbidden, match="redirected"):
        directory.disable_account(ALICE)

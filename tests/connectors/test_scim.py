"""People of a SCIM server, on a real one: found, given a password, disabled, and only what it says it can."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import responses
from responses.matchers import header_matcher, json_params_matcher

from connectors.access import EnablesAccount, SignsOutEverywhere
from connectors.account import Account
from connectors.capabilities import (
    ChecksPassword,
    DisablesAccount,
    RequiresPasswordChange,
    SetsPassword,
    Severity,
    UnlocksAccount,
)
from connectors.errors import (
    AccountAmbiguous,
    AccountNotFound,
    ConnectorError,
    Forbidden,
    Obstacle,
    Outage,
    Refusal,
    Refused,
    Unavailable,
    Unconfirmed,
)
from connectors.scim.directory import ScimDirectory
from connectors.scim.settings import ScimSettings
from tests.connectors.contract_base import NEW, refusal_of
from tests.connectors.token_lab import builder, now, tokens
from tests.servers.people import PASSWORD
from tests.servers.proxy import Proxy
from tests.servers.scim import TOKEN, ScimServer, scim_server

Build = Callable[..., ScimDirectory]
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BASE, ID = "https://id.example.org/scim/v2", "2819c223"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": ID, "userName": "alice"}
CAN = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    "patch": {"supported": True}, "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
    "filter": {"supported": True, "maxResults": 100}, "changePassword": {"supported": True},
    "sort": {"supported": False}, "etag": {"supported": False}, "authenticationSchemes": [],
}  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[ScimServer]:
    with scim_server() as running:
        yield running


@pytest.fixture
def build(server: ScimServer, tmp_path: Path) -> Iterator[Build]:
    def make(**settings: Any) -> ScimDirectory:
        given = server.settings() | {"timeout": 2.0} | settings
        return ScimDirectory(ScimSettings(name="scim", **given), now, tokens(tmp_path))

    with builder(make) as build:
        yield build


@pytest.fixture
def directory(build: Build) -> ScimDirectory:
    return build()


def test_somebody_is_found_by_login_and_address_in_any_case(build: Build, server: ScimServer) -> None:
    private = {"value": "a@home.example.org", "type": "home"}
    login = server.person(
        preferredLanguage="nb",
        userType="contractor",
        name={"givenName": "Alice", "familyName": "Berg"},
        emails=[private, {"value": "alice.berg@example.org", "type": "work"}],
        schemas=[*USER["schemas"], ENTERPRISE],
        **{ENTERPRISE: {"department": "Physics"}},
    )
    directory = build(recovery_mail_type="home")
    found = directory.find(login.upper())
    assert (found.login, found.mail, found.recovery_mail) == (login, "alice.berg@example.org", ("a@home.example.org",))
    assert (found.given_name, found.language, found.kind, found.unit) == ("Alice", "nb", "contractor", "Physics")
    assert directory.find("Alice.Berg@Example.org").id == found.id
    assert directory.read(found.id) == found


@pytest.mark.parametrize(
    "claim", ["", "nobody", 'a" or userName pr or "', "a\\", "a\n", "x" * 400, "nobody@example.org"]
)
def test_what_is_no_name_of_anybody_is_nobody(directory: ScimDirectory, server: ScimServer, claim: str) -> None:
    server.person()
    with pytest.raises(AccountNotFound):
        directory.find(claim)


@pytest.mark.parametrize(
    "identity", ["", "other:1", "scim:", "scim:..", "scim:.", "scim:a\nb", "scim:../Groups", "scim:none"]
)
def test_what_is_no_id_of_anybody_reads_nobody(directory: ScimDirectory, server: ScimServer, identity: str) -> None:
    with pytest.raises(AccountNotFound):
        directory.read(identity)
    assert not any(" /v2/Groups" in request for request in server.requests)


def test_two_with_one_address_are_never_told_apart(directory: ScimDirectory, server: ScimServer) -> None:
    for _ in range(2):
        server.person(emails=[{"value": "both@example.org"}])
    with pytest.raises(AccountAmbiguous):
        directory.find("both@example.org")


@pytest.mark.parametrize("patch", ["path", "value"])
def test_a_new_password_is_set_and_never_told(build: Build, server: ScimServer, patch: str) -> None:
    directory, login = build(patch=patch), server.person()
    before = directory.find(login)
    directory.set_password(before, NEW)
    assert server.user(login).password == NEW
    assert directory.read(before.id).state.revision != before.state.revision
    assert before.state.password_outcome(before.state.facts()) == "failure", "an entry as it was has no new password"


@pytest.mark.parametrize("patch", ["path", "value"])
def test_somebody_is_disabled_and_let_in_again(build: Build, server: ScimServer, patch: str) -> None:
    directory, login = build(patch=patch), server.person()
    account = directory.find(login)
    directory.disable_account(account)
    assert directory.read(account.id).state.disabled
    assert refusal_of(lambda: directory.set_password(directory.read(account.id), NEW)) is Refusal.DISABLED
    directory.enable_account(account)
    assert not directory.read(account.id).state.disabled
    assert server.user(login).password == PASSWORD


def test_whoever_is_protected_is_never_changed(build: Build, server: ScimServer) -> None:
    login = server.person()
    directory = build(protected_users=(login.upper(),))
    account = directory.find(login)
    for change in (
        lambda: directory.set_password(account, NEW),
        lambda: directory.disable_account(account),
        lambda: directory.enable_account(account),
    ):
        with pytest.raises(Forbidden) as caught:
            change()
        assert caught.value.obstacle is Obstacle.PROTECTED
    assert server.user(login).password == PASSWORD


def test_an_account_of_another_directory_is_refused(directory: ScimDirectory) -> None:
    stranger = Account(id="ldap:1", directory="ldap", dn="", login="alice", name="Alice")
    with pytest.raises(Forbidden):
        directory.set_password(stranger, NEW)


@pytest.mark.parametrize(
    ("supported", "sets", "disables"),
    [({}, True, True), ({"change_password": False}, False, True), ({"patch": False}, False, False)],
)
def test_what_the_server_says_of_itself_decides_what_is_offered(
    build: Build, supported: dict[str, bool], sets: bool, disables: bool
) -> None:
    with scim_server(**supported) as other:
        directory, login = build(url=other.url), other.person()
        account = directory.find(login)
        assert directory.offers(SetsPassword) is sets
        assert directory.offers(DisablesAccount) is directory.offers(EnablesAccount) is disables
        if not sets:
            with pytest.raises(Forbidden) as caught:
                directory.set_password(account, NEW)
            assert caught.value.obstacle is Obstacle.UNSUPPORTED
        subjects = {f.subject for f in build(url=other.url).examine() if f.severity is Severity.FAULT}
        assert subjects == {
            name for name, can in (("passwords", sets), ("switching accounts off", disables)) if not can
        }


def test_what_scim_has_no_word_for_is_not_offered(directory: ScimDirectory, build: Build) -> None:
    never = (ChecksPassword, UnlocksAccount, RequiresPasswordChange, SignsOutEverywhere)
    assert not any(directory.offers(kind) for kind in never)
    assert not any(build(without=("password", "disable")).offers(kind) for kind in (SetsPassword, DisablesAccount))


def test_a_lost_answer_to_a_password_is_asked_once_more(build: Build, server: ScimServer) -> None:
    login = server.person()
    with Proxy(server.http.server_port) as proxy:
        directory = build(url=server.url.replace(str(server.http.server_port), str(proxy.port)), timeout=1.0)
        account = directory.find(login)
        proxy.cut()
        try:
            directory.set_password(account, NEW)
        except (Unconfirmed, Unavailable):
            pytest.fail("the same once more does no harm")
    assert server.user(login).password == NEW


def test_a_server_that_is_not_there_or_does_not_know_us(build: Build) -> None:
    for settings, outage in (
        ({"url": "http://127.0.0.1:9"}, Outage.DOWN),
        ({"token": "wrong-1"}, Outage.PORTAL_REFUSED),
    ):
        with pytest.raises(Unavailable) as caught:
            build(**settings).find("alice")
        assert caught.value.outage is outage
        findings = list(build(**settings).examine())
        assert Severity.FAULT in {finding.severity for finding in findings}
        assert "wrong-1" not in repr(findings)
    assert TOKEN not in repr(build().settings)


def answering(directory: Build, **settings: Any) -> ScimDirectory:
    responses.get(f"{BASE}/ServiceProviderConfig", json=CAN, content_type="application/scim+json")
    return directory(url=BASE, **settings)


@responses.activate
def test_exactly_this_request_is_sent(build: Build) -> None:
    directory = answering(build)
    body = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "password", "value": NEW}]}
    said = header_matcher({"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"})
    responses.patch(f"{BASE}/Users/{ID}", status=204, match=[said, json_params_matcher(body)])
    directory.set_password(Account(id=f"scim:{ID}", directory="scim", dn="", login="alice", name="Alice"), NEW)


@responses.activate
def test_a_token_may_be_fetched_by_a_client_of_its_own(build: Build) -> None:
    responses.post("https://id.example.org/token", json={"access_token": "t1", "expires_in": 300})
    directory = answering(build, token="", token_url="https://id.example.org/token", client_id="c", client_secret="s")
    bearer = header_matcher({"Authorization": "Bearer t1"})
    responses.get(f"{BASE}/Users/{ID}", json=USER, content_type="application/scim+json", match=[bearer])
    assert directory.read(f"scim:{ID}").login == "alice"


@responses.activate
@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (400, "invalidValue", Refused),
        (400, "mutability", Forbidden),
        (400, "invalidPath", Forbidden),
        (403, "", Forbidden),
        (404, "", AccountNotFound),
        (412, "", Forbidden),
        (500, "", Unconfirmed),
        (501, "", Unconfirmed),
        (429, "", Unavailable),
    ],
)
def test_each_refusal_is_what_the_caller_can_do_about_it(
    build: Build, status: int, kind: str, error: type[ConnectorError]
) -> None:
    directory = answering(build, timeout=0.4)
    said = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": str(status), "detail": f"not {NEW}"}
    responses.patch(f"{BASE}/Users/{ID}", json=said | {"scimType": kind}, status=status, headers={"Retry-After": "9"})
    with pytest.raises(error) as caught:
        directory.set_password(Account(id=f"scim:{ID}", directory="scim", dn="", login="a", name="A"), NEW)
    assert NEW not in caught.value.detail


@responses.activate
def test_what_is_no_scim_is_said_so(build: Build) -> None:
    directory = answering(build)
    responses.get(f"{BASE}/Users/{ID}", json=["nothing"])
    with pytest.raises(Unavailable):
        directory.read(f"scim:{ID}")
    responses.patch(f"{BASE}/Users/{ID}", body="<html>", content_type="text/html", status=200)
    with pytest.raises(Unconfirmed):
        directory.disable_account(Account(id=f"scim:{ID}", directory="scim", dn="", login="a", name="A"))


@responses.activate
def test_an_odd_value_hides_nobody(build: Build) -> None:
    directory = answering(build)
    emails, meta = [{"value": "alice@corp.local"}, "x", {}], {"created": "1st May"}
    odd = {**USER, "emails": emails, "active": "False", "meta": meta}
    listed = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 1, "Resources": [odd]}
    responses.get(f"{BASE}/Users", json=listed, content_type="application/json")
    found = directory.find("alice@corp.local")
    assert (found.login, found.mail, found.state.disabled) == ("alice", "alice@corp.local", True)


@responses.activate
def test_a_server_that_ignores_the_filter_hands_out_nobody(build: Build) -> None:
    directory = answering(build)
    listed = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 1, "Resources": [USER]}
    responses.get(f"{BASE}/Users", json=listed, content_type="application/scim+json")
    with pytest.raises(AccountNotFound):
        directory.find("bob")
    responses.replace(
        "GET", f"{BASE}/Users", json=listed | {"totalResults": 5000}, content_type="application/scim+json"
    )
    with pytest.raises(Forbidden):
        directory.find("bob")


@pytest.mark.parametrize(
    "wrong",
    [{"url": "http://id.example.org"}, {"token": ""}, {"client_id": "c"}, {"without": ("all",)}, {"name": "a:b"},
     {"token": "", "token_url": "http://id.example.org", "client_id": "c", "client_secret": "s"}],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused(server: ScimServer, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        ScimSettings(**({"name": "scim"} | server.settings() | wrong))

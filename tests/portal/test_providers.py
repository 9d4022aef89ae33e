"""Signing in with an identity provider: first link, roles, fresh proof, and everything that must not get in."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import responses
from sqlalchemy import select

from connectors.oidc import Provider
from portal.providers.tables import provider_link, provider_question
from portal.settings.installation import Settings
from tests.portal.site import Browser, MovableClock, Person, Site
from tests.servers.people import PASSWORD, State
from tests.standins import identity_provider
from tests.standins.identity_provider import IdentityProvider

OTHER = "https://other.example.org"
LINK, DOOR = "/sign-in/example/link", "/sign-in/example"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind for the pages; what is kept, and how often it is good, is tried on both in test_provider_links."""
    return sqlite_url


@pytest.fixture
def settings(settings: Settings) -> Settings:
    both = (identity_provider.settings(), identity_provider.settings(name="other", title="Other ID", issuer=OTHER))
    return settings.model_copy(update={"providers": both})


@pytest.fixture
def idp(clock: MovableClock) -> Iterator[IdentityProvider]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield _Now(mock, clock)


class _Now(IdentityProvider):
    """Goes by the portal's clock."""

    def __init__(self, mock: responses.RequestsMock, clock: MovableClock, issuer: str = identity_provider.ISSUER):
        self._clock = clock
        super().__init__(mock, issuer)

    def token(self) -> str:
        self.now = self._clock()
        return super().token()


def come_by(idp: IdentityProvider, browser: Browser, path: str = DOOR, **args: Any) -> Browser:
    """Follow the button to the provider, sign in there, come back."""
    sent = browser.client.get(path)
    back = {**idp.visit(sent.headers["Location"]), **args}
    return browser.open(urlsplit(idp.asked["redirect_uri"]).path, query_string=back)


def linked(idp: IdentityProvider, site: Site, person: Person) -> None:
    """Link the person with whoever signs in at the provider."""
    browser = come_by(idp, site.browser())
    browser.send({"login": person.login, "password": PASSWORD})
    if browser.step == "choose":
        browser.prove(person, "totp")
    assert browser.path == LINK
    assert browser.send().path == "/account/security"


def already_linked(idp: IdentityProvider, site: Site, person: Person) -> None:
    with site.parts.database.write() as tx:
        site.parts.providers.links.within(tx).link_provider(person.account, idp.issuer, "s-1", "alice")


def links(site: Site) -> list[str]:
    with site.parts.database.read() as db:
        return list(db.execute(select(provider_link.c.account_id)).scalars())


def principal(browser: Browser) -> dict[str, Any]:
    with browser.client.session_transaction() as session:
        return dict(session.get("principal", {}))


def refusals(site: Site) -> list[tuple[str, str]]:
    """Reason and exact fault of every sign-in that failed, newest first."""
    from audit import reading

    log = site.parts.log
    with site.parts.database.read() as db:
        found = reading.read(db, log.keyring, reading.find(db, reading.Wanted(50, kinds=("login", "proof"))))
    return [(e.reason, e.disclosures.get("fault", "")) for e in found if e.outcome == "failure"]


def test_the_first_time_the_account_is_proved_once_and_from_then_on_the_provider_is_enough(
    site: Site, idp: IdentityProvider
) -> None:
    alice, browser = site.person(), site.browser()
    come_by(idp, browser)
    assert (browser.path, links(site)) == ("/sign-in", [])
    assert "Example ID" in browser.text and "alice" in browser.text
    browser.send({"login": alice.login, "password": PASSWORD})
    assert browser.path == LINK
    assert alice.account.name in browser.text
    assert browser.send().path == "/account/security"
    assert links(site) == [alice.account.id]
    site.work()
    assert any("Example ID can now sign you in" in mail.subject for mail in site.mails(alice.login))
    assert come_by(idp, second := site.browser()).path == "/account"
    assert principal(second)["channels"] == ["memory"]
    assert ("provider_link", "outcome", "success", "") in site.entries(alice)
    assert site.entries(alice)[-1] == ("login", "record", "success", "")


def test_a_wrong_password_links_nothing(site: Site, idp: IdentityProvider) -> None:
    alice, browser = site.person(), site.browser()
    come_by(idp, browser).send({"login": alice.login, "password": "wrong-" + PASSWORD})
    assert browser.open(LINK).path == "/sign-in"
    assert links(site) == []


def test_a_link_left_half_way_is_not_made_by_whoever_signs_in_next(site: Site, idp: IdentityProvider) -> None:
    """On a shared computer: somebody begins with their own identity and leaves."""
    alice, browser = site.person(), site.browser()
    come_by(idp, browser)
    browser.sign_in(alice)
    assert browser.path == "/account"
    assert browser.open(LINK).path == "/account"
    assert links(site) == []


def test_one_identity_opens_one_account(site: Site, idp: IdentityProvider) -> None:
    alice, bob = site.person(), site.person()
    browser = come_by(idp, site.browser())
    browser.send({"login": bob.login, "password": PASSWORD})
    linked(idp, site, alice)
    assert browser.send().result == "failed"
    assert links(site) == [alice.account.id]


def test_a_namesake_at_another_provider_is_somebody_else(
    site: Site, idp: IdentityProvider, clock: MovableClock
) -> None:
    linked(idp, site, site.person())
    other = _Now(idp.mock, clock, OTHER)
    assert come_by(other, site.browser(), "/sign-in/other").path == "/sign-in"


@pytest.mark.parametrize(("state", "reason"), [(State.ENDED, "ended"), (State.DISABLED, "disabled")])
def test_an_account_that_may_not_be_used_is_not_opened(
    site: Site, idp: IdentityProvider, state: State, reason: str
) -> None:
    stopped = site.person(state=state)
    already_linked(idp, site, stopped)
    browser = come_by(idp, site.browser())
    assert (browser.status, browser.result) == (403, "denied")
    assert site.entries(stopped)[-1] == ("login", "record", "failure", reason)
    assert browser.open("/account").path == "/sign-in"


def test_a_password_locked_by_wrong_tries_does_not_stop_it(site: Site, idp: IdentityProvider) -> None:
    already_linked(idp, site, site.person(state=State.LOCKED))
    assert come_by(idp, site.browser()).path == "/account"


def test_a_role_by_claim_needs_a_second_channel_and_gets_it_from_the_provider_or_here(
    site: Site, idp: IdentityProvider
) -> None:
    carol = site.person()
    linked(idp, site, carol)
    idp.claims = {"groups": ["service-desk"]}
    browser = come_by(idp, site.browser())
    assert browser.step == "choose"
    assert browser.open("/desk").path == "/sign-in"
    come_by(idp, browser).prove(carol, "totp")
    assert principal(browser)["roles"] == ["coordinator"]
    idp.claims |= {"amr": ["pwd", "otp"]}
    assert come_by(idp, strong := site.browser()).path == "/account"
    assert strong.open("/desk").status == 200


def test_claimed_roles_stay_with_the_account_that_showed_them(site: Site, idp: IdentityProvider) -> None:
    """They wait in the session for the second factor; somebody else who signs in there gets none of them."""
    carol, alice, browser = site.person(), site.person(), site.browser()
    linked(idp, site, carol)
    idp.claims = {"groups": ["service-desk"]}
    assert come_by(idp, browser).step == "choose"
    browser.sign_in(alice)
    assert principal(browser)["roles"] == []
    assert "provider" not in principal(browser)


@pytest.mark.parametrize("claims", [{}, {"_claim_names": {"groups": "src1"}, "groups": ["service-desk"]}])
def test_no_role_comes_from_groups_that_are_missing(site: Site, idp: IdentityProvider, claims: dict[str, Any]) -> None:
    alice, browser = site.person(), site.browser()
    linked(idp, site, alice)
    idp.claims = claims
    come_by(idp, browser)
    assert principal(browser)["roles"] == []
    assert ("more groups there than it can name" in browser.open("/account/security").text) == bool(claims)


def test_groups_that_a_token_has_no_room_for_are_asked_of_the_directory(site: Site, idp: IdentityProvider) -> None:
    group = f"cn=auditors,{site.settings.ldap[0].groups_base}".lower()
    asks = replace(site.settings.providers[0], groups_directory="main", roles={"auditor": (group,)})
    site.parts.providers.by_name["example"] = Provider(asks, site.clock)
    alice, there, browser = site.person(), site.person(groups=("auditors",)), site.browser()
    already_linked(idp, site, alice)
    idp.claims = {"_claim_names": {"groups": "src1"}, "oid": "00000000-0000-0000-0000-000000000000"}
    come_by(idp, browser)
    assert principal(browser)["roles"] == []
    assert "more groups there than it can name" in browser.open("/account/security").text
    idp.claims["oid"] = there.account.id.partition(":")[2]
    come_by(idp, browser := site.browser())
    assert browser.step == "choose"  # a role that needs a second factor
    browser.prove(alice, "totp")
    assert principal(browser)["roles"] == ["auditor"]


def test_a_coordinator_proves_both_factors_before_anything_is_linked(site: Site, idp: IdentityProvider) -> None:
    carol, browser = site.person(groups=("coordinators",)), site.browser()
    come_by(idp, browser).send({"login": carol.login, "password": PASSWORD})
    assert browser.step == "choose"
    assert browser.open(LINK).path == "/sign-in"
    linked(idp, site, carol)
    assert links(site) == [carol.account.id]


def test_a_password_that_must_be_changed_is_changed_before_the_link(site: Site, idp: IdentityProvider) -> None:
    from tests.portal.test_sign_in import CHANGE

    alice, browser = site.person(state=State.MUST_CHANGE), site.browser()
    come_by(idp, browser).send({"login": alice.login, "password": PASSWORD})
    assert browser.path == "/sign-in/expired"
    assert browser.send(CHANGE).path == LINK
    browser.send()
    assert links(site) == [alice.account.id]


def test_a_fresh_sign_in_there_is_a_fresh_proof_here(
    site: Site, idp: IdentityProvider, later: Callable[..., None]
) -> None:
    alice, browser = site.person(), site.browser()
    linked(idp, site, alice)
    come_by(idp, browser)
    later(minutes=30)
    assert "Example ID" in browser.open("/account/security/totp").text
    assert browser.step == "choose"
    come_by(idp, browser, "/sign-in/example/again")
    assert browser.path == "/account/security/totp"
    assert browser.step != "choose"
    assert ("proof", "record", "success", "") in site.entries(alice)


def test_an_old_sign_in_there_is_no_fresh_proof(
    site: Site, idp: IdentityProvider, clock: MovableClock, later: Callable[..., None]
) -> None:
    alice, browser = site.person(), site.browser()
    linked(idp, site, alice)
    come_by(idp, browser)
    signed_in = int(clock().timestamp())
    later(minutes=30)
    browser.open("/account/security/totp")
    idp.claims = {"auth_time": signed_in}
    assert come_by(idp, browser, "/sign-in/example/again").result == "denied"
    assert refusals(site)[0] == ("provider_assurance", "auth_time")
    assert browser.open("/account/security/totp").step == "choose"


def test_somebody_else_signing_in_there_is_no_proof_for_me(
    site: Site, idp: IdentityProvider, later: Callable[..., None]
) -> None:
    alice, bob, browser = site.person(), site.person(), site.browser()
    linked(idp, site, alice)
    idp.claims = {"sub": "s-2", "preferred_username": "bob"}
    linked(idp, site, bob)
    idp.claims = {}
    come_by(idp, browser)
    later(minutes=30)
    browser.open("/account/security/totp")
    idp.claims = {"sub": "s-2"}
    assert come_by(idp, browser, "/sign-in/example/again").result == "denied"
    assert refusals(site)[0][0] == "not_your_account"


def test_a_fresh_proof_has_to_be_wanted(site: Site, idp: IdentityProvider) -> None:
    linked(idp, site, site.person())
    browser = come_by(idp, site.browser())
    assert browser.open("/sign-in/example/again").path == "/account"


def test_somebody_signed_in_links_another_sign_in_and_removes_it(site: Site, idp: IdentityProvider) -> None:
    alice, browser = site.person(), site.browser()
    browser.sign_in(alice).open("/account/security")
    assert "Sign in with Example ID" in browser.text
    come_by(idp, browser, "/sign-in/example/add")
    assert browser.path == LINK
    browser.send()
    assert links(site) == [alice.account.id]
    remove = next(str(a["href"]) for a in browser.main.select("a.btn-stop") if "Example ID" in a.get_text())
    assert browser.open(remove).send().path == "/account/security"
    assert links(site) == []
    assert ("provider_unlink", "outcome", "success", "") in site.entries(alice)
    assert come_by(idp, site.browser()).path == "/sign-in"


def test_nobody_removes_the_link_of_another(site: Site, idp: IdentityProvider) -> None:
    alice, bob = site.person(), site.person()
    linked(idp, site, alice)
    with site.parts.database.read() as db:
        theirs = db.execute(select(provider_link.c.id)).scalar_one()
    browser = site.browser().sign_in(bob)
    assert browser.open(f"/account/security/providers/{theirs}/remove").status == 404


@pytest.mark.parametrize(
    ("args", "refusal"),
    [
        ({"state": "of-another"}, ("provider_state", "state")),
        ({"state": ""}, ("provider_state", "state")),
        ({"iss": "https://evil.example"}, ("provider_answer", "response_issuer")),
        ({"error": "access_denied", "error_description": "<script>alert(1)</script>"}, ("provider_error", "error")),
        ({"code": ""}, ("provider_answer", "code")),
        ({"code": ["one", "two"]}, ("provider_answer", "malformed")),
    ],
)
def test_an_answer_that_is_not_right_signs_nobody_in_and_is_recorded(
    site: Site, idp: IdentityProvider, args: dict[str, Any], refusal: tuple[str, str]
) -> None:
    linked(idp, site, site.person())
    browser = come_by(idp, site.browser(), **args)
    assert (browser.status, browser.result) == (403, "denied")
    assert "<script>" not in browser.answer.get_data(as_text=True)
    assert refusals(site)[0] == refusal
    assert {"/sign-in", "/recover"} <= {a["href"] for a in browser.main.select("a[href]")}
    assert browser.open("/account").path == "/sign-in"


def test_an_answer_is_good_once_in_the_browser_that_asked_and_for_a_short_time(
    site: Site, idp: IdentityProvider, later: Callable[..., None]
) -> None:
    linked(idp, site, site.person())
    browser = site.browser()
    answer = idp.visit(browser.client.get(DOOR).headers["Location"])
    thief = site.browser()
    thief.open("/sign-in")
    assert thief.open(f"{DOOR}/callback", query_string=answer).result == "denied"
    assert browser.open(f"{DOOR}/callback", query_string=answer).path == "/account"
    assert browser.open(f"{DOOR}/callback", query_string=answer).result == "denied"
    browser = site.browser()
    answer = idp.visit(browser.client.get(DOOR).headers["Location"])
    later(minutes=16)
    assert browser.open(f"{DOOR}/callback", query_string=answer).result == "denied"


def test_the_answer_of_one_provider_is_not_taken_at_the_door_of_another(site: Site, idp: IdentityProvider) -> None:
    linked(idp, site, site.person())
    browser = site.browser()
    answer = idp.visit(browser.client.get(DOOR).headers["Location"])
    assert browser.open("/sign-in/other/callback", query_string=answer).result == "denied"
    assert refusals(site)[0] == ("provider_state", "state")


def test_the_session_gets_a_new_key(site: Site, idp: IdentityProvider) -> None:
    linked(idp, site, site.person())
    browser = site.browser()
    browser.open("/sign-in")
    before = browser.client.get_cookie("sparekey")
    come_by(idp, browser)
    after = browser.client.get_cookie("sparekey")
    assert before and after and before.value != after.value


def test_too_many_refusals_from_one_place_slow_down(site: Site, idp: IdentityProvider) -> None:
    source = site.settings.limits.tries_per_source
    tries = int(source.split()[0])
    for _ in range(tries):
        site.parts.limits.wrong_proof(source="127.0.0.1", names=(), factor="provider")
    assert site.browser().open(f"{DOOR}/callback?state=x").status == 429


def test_a_provider_that_is_down_is_no_dead_end(site: Site, idp: IdentityProvider) -> None:
    idp.metadata = {"issuer": "https://evil.example"}
    browser = site.browser().open(DOOR)
    assert browser.status == 503
    assert "Sign in with your password" in browser.text


def test_there_is_no_way_over_a_provider_that_is_not_in_the_settings(site: Site) -> None:
    assert site.browser().open("/sign-in/nowhere").status == 404
    assert site.browser().open("/sign-in/nowhere/callback").status == 404


def test_nothing_secret_of_a_sign_in_is_in_the_database_or_the_page(site: Site, idp: IdentityProvider) -> None:
    browser = site.browser()
    url = browser.client.get(DOOR).headers["Location"]
    with site.parts.database.read() as db:
        kept = [bytes(row.content) for row in db.execute(select(provider_question.c.content))]
    answer = idp.visit(url)
    page = browser.open(f"{DOOR}/callback", query_string=answer).answer.get_data(as_text=True)
    token = idp.token()
    for secret in (idp.asked["nonce"], idp.asked["state"], token):
        assert not any(secret.encode() in content for content in kept)
        assert secret not in page


class TestMatching:
    """The provider's word for a login name, where the settings believe it."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        home = settings.directories[0].name
        trusted = identity_provider.settings(match_claim="uid", match_directory=home)
        return settings.model_copy(update={"providers": (trusted,)})

    def test_whoever_shows_a_login_name_is_linked_at_once(self, site: Site, idp: IdentityProvider) -> None:
        alice, browser = site.person(), site.browser()
        idp.claims = {"uid": alice.login.upper()}
        assert come_by(idp, browser).path == "/account"
        assert links(site) == [alice.account.id]
        assert ("provider_link", "outcome", "success", "") in site.entries(alice)

    @pytest.mark.parametrize("claim", ["mail", "nobody", "*"])
    def test_an_address_or_an_unknown_name_matches_nobody(self, site: Site, idp: IdentityProvider, claim: str) -> None:
        alice = site.person()
        idp.claims = {"uid": alice.account.mail if claim == "mail" else claim}
        assert come_by(idp, site.browser()).path == "/sign-in"
        assert links(site) == []

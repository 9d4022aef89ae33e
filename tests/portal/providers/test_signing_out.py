"""Signing out together with the provider: here and there, there and here, and by nobody else's word."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from connectors.oidc.results import Fault
from tests.portal.providers.visit import CLIENT, Visit, refused
from tests.portal.site import Person, Site
from tests.servers.people import PASSWORD
from tests.standins.hostile_provider import EVENT, TRUTH, HostileProvider, Lie, by_foreign_key, not_at_all

THERE = "/sign-out/backchannel/lying"
OUT = "/sign-out/lying"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where the kind makes no difference


def post(site: Site, token: str, path: str = THERE, source: str = "203.0.113.9") -> TestResponse:
    """As the provider does: no cookies, no token of a form."""
    return site.app.test_client().post(path, data={"logout_token": token}, environ_overrides={"REMOTE_ADDR": source})


def told(site: Site, liar: HostileProvider, person: Person, **claims: Any) -> TestResponse:
    lie = Lie(claims=claims)
    return post(site, liar.logout_token(liar.issuer("lying"), CLIENT, person.login, lie))


def leave(visit: Visit) -> str:
    """Sign out by the button of the menu; where it is offered to go on, or nothing."""
    page = visit.browser.page
    token = page.find("input", attrs={"name": "csrf_token"})
    visit.browser._show(visit.browser.client.post("/sign-out", data={"csrf_token": token["value"]}))
    links = [str(a["href"]) for a in visit.browser.main.select("a") if str(a["href"]).startswith("http")]
    return links[0] if links else ""


def test_whoever_signs_out_there_is_signed_out_here_and_it_is_on_record(
    site: Site, liar: HostileProvider, alice: Person, visit: Callable[[], Visit]
) -> None:
    one = visit()
    one.sign_in(alice)
    answer = told(site, liar, alice)
    assert (answer.status_code, answer.data, answer.headers["Cache-Control"]) == (200, b"", "no-store")
    assert "Set-Cookie" not in answer.headers
    assert not one.is_in
    assert site.entries(alice)[-1] == ("provider_logout", "record", "success", "")


def test_only_the_session_that_is_named_ends(
    site: Site, liar: HostileProvider, alice: Person, visit: Callable[[], Visit]
) -> None:
    phone, desk = visit(), visit()
    phone.sign_in(alice, Lie(claims={"sid": "on the phone"}))
    desk.sign_in(alice, Lie(claims={"sid": "at the desk"}))
    assert told(site, liar, alice, sid="on the phone").status_code == 200
    assert (phone.is_in, desk.is_in) == (False, True)


def test_without_a_session_all_end_that_began_at_this_provider_and_no_others(
    site: Site, liar: HostileProvider, alice: Person, visit: Callable[[], Visit]
) -> None:
    phone, desk, elsewhere, by_password = visit(), visit(), visit(), visit()
    phone.sign_in(alice)
    desk.sign_in(alice, Lie(claims={"sid": None}))
    elsewhere.sign_in(alice, name="other")
    by_password.browser.sign_in(alice)
    assert told(site, liar, alice, sid=None).status_code == 200
    assert [one.is_in for one in (phone, desk, elsewhere, by_password)] == [False, False, True, True]


@on_sqlite
def test_a_session_that_is_over_already_is_no_fault(site: Site, liar: HostileProvider, alice: Person) -> None:
    assert told(site, liar, alice).status_code == 200
    assert refused(site, "provider_logout") == []


def test_a_session_that_is_linked_with_a_provider_ends_with_it_too(
    site: Site, liar: HostileProvider, visit: Callable[[], Visit]
) -> None:
    bob, one = site.person(), visit()
    one.sign_in(bob).send({"login": bob.login, "password": PASSWORD}).send()
    assert one.browser.path == "/account/security"
    told(site, liar, bob)
    assert not one.is_in


@on_sqlite
def test_a_fresh_proof_does_not_make_the_session_forget_where_it_began(
    site: Site, liar: HostileProvider, alice: Person, visit: Callable[[], Visit], later: Callable[..., None]
) -> None:
    one = visit()
    one.sign_in(alice)
    later(minutes=10)
    one.browser.open("/account/security/totp")
    one.come_back(liar.answer(one.ask("lying/again"), subject=alice.login, lie=Lie(claims={"sid": "another"})))
    told(site, liar, alice)
    assert one.is_in  # under the name it had before
    told(site, liar, alice, sid="another")
    assert not one.is_in


@on_sqlite
def test_nobody_is_signed_out_by_a_word_that_cannot_be_trusted(
    site: Site, liar: HostileProvider, alice: Person, visit: Callable[[], Visit]
) -> None:
    one, issuer = visit(), liar.issuer("lying")
    one.sign_in(alice)
    id_token = liar.tokens(issuer, next(iter(liar.asked)))["id_token"]
    lies: dict[str, tuple[str, Lie]] = {
        "signed by nobody": (Fault.ALGORITHM, Lie(sign=not_at_all)),
        "signed by others": (Fault.SIGNATURE, Lie(sign=by_foreign_key)),
        "a key nobody knows": (Fault.KEY, Lie(header={"kid": "stranger"})),
        "for another client": (Fault.AUDIENCE, Lie(claims={"aud": "another"})),
        "of another provider": (Fault.ISSUER, Lie(claims={"iss": liar.issuer("other")})),
        "a nonce": (Fault.NONCE, Lie(claims={"nonce": "x"})),
        "no event": (Fault.EVENT, Lie(claims={"events": None})),
        "another event": (Fault.EVENT, Lie(claims={"events": {f"{EVENT}-not": {}}})),
        "made for something else": (Fault.TYPE, Lie(header={"typ": "secevent+jwt"})),
        "over": (Fault.EXPIRED, Lie(claims={"exp": liar.ago(minutes=2)})),
        "old": (Fault.EXPIRED, Lie(claims={"iat": liar.ago(minutes=12)})),
        "without a number": (Fault.CLAIM, Lie(claims={"jti": None})),
        "about nobody": (Fault.CLAIM, Lie(claims={"sub": None, "sid": None})),
    }
    for what, (fault, lie) in lies.items():
        answer = post(site, liar.logout_token(issuer, CLIENT, alice.login, lie))
        assert (answer.status_code, answer.json) == (
            400,
            {"error": "invalid_request", "error_description": fault},
        ), what
        assert answer.headers["Cache-Control"] == "no-store"
        assert refused(site, "provider_logout")[0] == fault, what
    assert post(site, id_token).status_code == 400
    assert post(site, "").status_code == 400
    other = liar.logout_token(liar.issuer("other"), CLIENT, alice.login)
    assert post(site, other).status_code == 400
    assert len(refused(site, "provider_logout")) == len(lies) + 3
    assert one.is_in


def test_a_token_counts_once(site: Site, liar: HostileProvider, alice: Person, visit: Callable[[], Visit]) -> None:
    token = liar.logout_token(liar.issuer("lying"), CLIENT, alice.login)
    assert post(site, token).status_code == 200
    one = visit()
    one.sign_in(alice)
    assert post(site, token).status_code == 400
    assert refused(site, "provider_logout") == [Fault.REPLAY]
    assert one.is_in


@on_sqlite
def test_whoever_sends_many_wrong_ones_waits_and_nobody_else(site: Site, liar: HostileProvider, alice: Person) -> None:
    stopped = next(n for n in range(150) if post(site, "x", source="198.51.100.66").status_code == 429)
    assert stopped == 100
    assert int(post(site, "x", source="198.51.100.66").headers["Retry-After"]) > 0
    assert told(site, liar, alice).status_code == 200


@on_sqlite
def test_a_provider_nobody_knows_signs_nobody_out(site: Site) -> None:
    assert post(site, "x", "/sign-out/backchannel/nobody").status_code == 404
    assert site.app.test_client().get(THERE).status_code == 405


@on_sqlite
def test_whoever_signs_out_here_is_shown_the_way_out_there_and_back(
    site: Site, liar: HostileProvider, alice: Person, visit: Callable[[], Visit]
) -> None:
    one = visit()
    one.sign_in(alice)
    address = leave(one)
    assert one.browser.result == "done" and "Lying ID" in one.browser.text
    assert not one.is_in
    wishes = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{liar.issuer('lying')}/end?")
    assert wishes["post_logout_redirect_uri"] == f"http://localhost:8080{OUT}"
    assert wishes["client_id"] == CLIENT
    assert wishes["id_token_hint"].count(".") == 2
    assert "Lying ID" in one.browser.open(OUT, query_string={"state": wishes["state"]}).text
    assert "Lying ID" not in one.browser.open(OUT, query_string={"state": wishes["state"]}).text


@on_sqlite
def test_whoever_comes_from_elsewhere_is_told_no_more_than_is_so(alice: Person, visit: Callable[[], Visit]) -> None:
    for state in ("", "made up", "é"):
        one = visit()
        one.sign_in(alice)
        leave(one)
        page = one.browser.open(OUT, query_string={"state": state})
        assert page.result == "done" and "Lying ID" not in page.text


@on_sqlite
def test_somebody_who_is_signed_in_is_not_told_to_be_out(alice: Person, visit: Callable[[], Visit]) -> None:
    one = visit()
    one.sign_in(alice)
    assert one.browser.open(OUT).path == "/account"


@on_sqlite
def test_where_the_provider_offers_no_way_out_it_is_said_so(alice: Person, visit: Callable[[], Visit]) -> None:
    one = visit()
    one.sign_in(alice, name="endless")
    assert leave(one) == ""
    assert "sign out there too" in one.browser.text


@on_sqlite
def test_whoever_came_with_a_password_hears_of_no_provider(alice: Person, visit: Callable[[], Visit]) -> None:
    one = visit()
    one.browser.sign_in(alice)
    assert leave(one) == ""
    assert "ID" not in one.browser.text


@on_sqlite
def test_the_page_of_sessions_names_the_provider(alice: Person, visit: Callable[[], Visit]) -> None:
    one, two = visit(), visit()
    one.sign_in(alice, TRUTH, "other")
    two.browser.sign_in(alice)
    sessions = two.browser.open("/account/security").page.find(id="sessions").find_parent("section")
    assert sessions.get_text(" ").count("Signed in with") == 1
    assert "Signed in with Other ID" in sessions.get_text(" ")

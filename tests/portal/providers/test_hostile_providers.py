"""A provider that lies: whatever it says, nobody is signed in, and it is put on record."""

from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey

from connectors.oidc.results import Fault
from tests.portal.providers.visit import CLIENT, Visit, refused
from tests.portal.site import Person, Site
from tests.standins.hostile_provider import (
    GIANT,
    OWN,
    SECRET,
    HostileProvider,
    Lie,
    by_foreign_key,
    by_secret,
    not_at_all,
    signed,
)

DOWN = "down"  # it cannot be asked: nobody's fault, and nothing that goes on record


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What a provider says is believed or not, whatever the database."""
    return sqlite_url


def lies(liar: HostileProvider) -> dict[str, tuple[str, Lie, str]]:
    """What it lies about -> through which provider, how, and what the portal finds wrong."""

    def claims(**changed: Any) -> Lie:
        return Lie(claims=changed)

    own = liar.issuer("lying")
    public = OWN.as_pem(private=False)
    stranger = ECKey.generate_key("P-256", {"kid": "stranger"})
    embedded = {"alg": "ES256", "kid": "stranger", "jwk": stranger.as_dict(private=False)}
    return {
        "it signs nothing": ("lying", Lie(sign=not_at_all), Fault.ALGORITHM),
        "it says that it signs nothing": ("careless", Lie(sign=not_at_all), Fault.ALGORITHM),
        "its public key as a secret": ("lying", Lie(sign=by_secret(public)), Fault.ALGORITHM),
        "it says that it has secrets": ("careless", Lie(sign=by_secret(public)), Fault.ALGORITHM),
        "our secret signs": ("careless", Lie(sign=by_secret(SECRET.encode())), Fault.ALGORITHM),
        "another key signs": ("lying", Lie(sign=by_foreign_key), Fault.SIGNATURE),
        "a key nobody knows": ("lying", Lie(header={"kid": "stranger"}), Fault.KEY),
        "it brings its key along": ("lying", Lie(header=embedded, sign=lambda h, c: signed(h, c, stranger)), Fault.KEY),
        "a key from elsewhere": ("lying", Lie(header={"kid": "x", "jku": "https://e.example/k"}), Fault.KEY),
        "an extension nobody knows": ("lying", Lie(header={"crit": ["exp"]}), Fault.HEADER),
        "a logout token": ("lying", Lie(header={"typ": "logout+jwt"}), Fault.TYPE),
        "an access token": ("lying", Lie(header={"typ": "at+jwt"}), Fault.TYPE),
        "for another client": ("lying", claims(aud="another"), Fault.AUDIENCE),
        "for nobody": ("lying", claims(aud=None), Fault.AUDIENCE),
        "for us and others, by others": ("lying", claims(aud=[CLIENT, "another"], azp="another"), Fault.PARTY),
        "for us and others, by nobody": ("lying", claims(aud=[CLIENT, "another"]), Fault.PARTY),
        "from another issuer": ("lying", claims(iss=liar.issuer("other")), Fault.ISSUER),
        "from its issuer with a slash": ("lying", claims(iss=f"{own}/"), Fault.ISSUER),
        "the answer of another issuer": ("lying", Lie(callback={"iss": liar.issuer("other")}), Fault.RESPONSE_ISSUER),
        "an answer that names no issuer": ("lying", Lie(callback={"iss": None}), Fault.RESPONSE_ISSUER),
        "no nonce": ("lying", claims(nonce=None), Fault.NONCE),
        "another nonce": ("lying", claims(nonce="of somebody else"), Fault.NONCE),
        "it is over": ("lying", claims(exp=liar.ago(minutes=2)), Fault.EXPIRED),
        "it never ends": ("lying", claims(exp=None), Fault.EXPIRED),
        "it is from the future": ("lying", claims(iat=liar.ago(minutes=-2)), Fault.NOT_YET),
        "it does not hold yet": ("lying", claims(nbf=liar.ago(minutes=-2)), Fault.NOT_YET),
        "another access token": ("lying", claims(at_hash="bm90IHRoaXMgb25lIQ"), Fault.ACCESS_HASH),
        "nobody": ("lying", claims(sub=None), Fault.CLAIM),
        "a number": ("lying", claims(sub=1), Fault.CLAIM),
        "no token": ("lying", Lie(token={"id_token": None}), Fault.NO_TOKEN),
        "a list": ("lying", Lie(token={"id_token": ["e30"]}), Fault.NO_TOKEN),
        "no time of sign-in": ("strict", claims(hd="example.org", auth_time=None), Fault.AUTH_TIME),
        "an old sign-in": ("strict", claims(hd="example.org", auth_time=liar.ago(minutes=7)), Fault.AUTH_TIME),
        "a sign-in to come": ("strict", claims(hd="example.org", auth_time=liar.ago(minutes=-7)), Fault.AUTH_TIME),
        "a lower level": ("strict", claims(hd="example.org", acr="silver"), Fault.ASSURANCE),
        "no level": ("strict", claims(hd="example.org", acr=None), Fault.ASSURANCE),
        "another organisation": ("strict", claims(hd="example.com"), Fault.CLAIM),
        "no organisation": ("strict", claims(), Fault.CLAIM),
        "no": ("lying", Lie(callback={"code": None, "error": "access_denied"}), Fault.ERROR),
        "no, with markup": (
            "lying",
            Lie(callback={"error": "<script>alert(1)</script>", "error_description": "<img src=x>"}),
            Fault.ERROR,
        ),
        "no code": ("lying", Lie(callback={"code": None}), Fault.CODE),
        "the code is not taken": ("lying", Lie(status=400, raw=b'{"error": "invalid_grant"}'), Fault.CODE),
        "a page in place of a token": ("lying", Lie(raw=b"<html>"), Fault.MALFORMED),
        "another list": ("lying", Lie(raw=b"[1, 2]"), Fault.MALFORMED),
        "a giant": ("lying", Lie(raw=GIANT), DOWN),
        "drops": ("dragging", Lie(raw=b'{"id_token": "x"}', slow=0.1), DOWN),
        "elsewhere": ("lying", Lie(status=307, raw=b"{}"), DOWN),
        "out of order": ("lying", Lie(status=500, raw=b"{}"), DOWN),
    }


def test_the_truth_signs_somebody_in(alice: Person, visit: Callable[[], Visit]) -> None:
    """Without this the rest would prove nothing."""
    for name in ("lying", "strict", "careless", "other"):
        one = visit()
        assert one.sign_in(alice, Lie(claims={"hd": "example.org"}), name).path == "/account", one.browser.text
        assert one.is_in


def test_no_lie_signs_anybody_in_and_each_is_on_record(
    site: Site, liar: HostileProvider, alice: Person, visit: Callable[[], Visit]
) -> None:
    wrong = {}
    for what, (name, lie, fault) in lies(liar).items():
        before, one = len(refused(site)), visit()
        page = one.sign_in(alice, lie, name)
        recorded = refused(site)
        new = recorded[0] if len(recorded) > before else DOWN
        harmless = "<script>" not in page.answer.text and "<img" not in str(page.main)
        seen = (page.status, new, harmless, one.is_in)
        if seen != (503 if fault == DOWN else 403, fault, True, False):
            wrong[what] = seen
    assert wrong == {}


def test_whoever_says_to_be_another_issuer_is_never_asked(visit: Callable[[], Visit]) -> None:
    page = visit().browser.open("/sign-in/impostor")
    assert page.status == 503
    assert "Sign in with your password" in page.text


def test_a_token_endpoint_nobody_listens_on_is_said_so(alice: Person, visit: Callable[[], Visit]) -> None:
    one = visit()
    assert (one.sign_in(alice, name="nowhere").status, one.is_in) == (503, False)


def test_an_answer_counts_once(site: Site, liar: HostileProvider, alice: Person, visit: Callable[[], Visit]) -> None:
    first, second = visit(), visit()
    address = liar.answer(first.ask(), subject=alice.login)
    first.come_back(address)
    assert first.come_back(address).status == second.come_back(address).status == 403
    assert refused(site) == [Fault.STATE] * 2
    assert first.is_in and not second.is_in


def test_a_code_of_somebody_else_is_worth_nothing_with_ones_own_state(
    site: Site, liar: HostileProvider, alice: Person, visit: Callable[[], Visit]
) -> None:
    """Stolen on its way to the browser of its owner. The provider here takes any code from anybody."""
    owner, thief = visit(), visit()
    code = liar.answer(owner.ask(), subject=alice.login).partition("code=")[2].partition("&")[0]
    page = thief.come_back(liar.answer(thief.ask(), subject="mallory", lie=Lie(callback={"code": code})))
    assert (page.status, refused(site), thief.is_in) == (403, [Fault.NONCE], False)


def test_an_answer_nobody_asked_for_is_refused(site: Site, alice: Person, visit: Callable[[], Visit]) -> None:
    for number, state in enumerate((None, "", "of nobody", "é" * 300), 1):
        one = visit()
        page = one.sign_in(alice, Lie(callback={"state": state}))
        assert (page.status, refused(site), one.is_in) == (403, [Fault.STATE] * number, False)


def test_an_answer_to_another_browser_is_refused(
    site: Site, liar: HostileProvider, alice: Person, visit: Callable[[], Visit]
) -> None:
    """Or somebody could be signed in, without noticing, as somebody else."""
    attacker, victim = visit(), visit()
    victim.ask()
    page = victim.come_back(liar.answer(attacker.ask(), subject=alice.login))
    assert (page.status, refused(site), victim.is_in) == (403, [Fault.STATE], False)


def test_an_answer_to_one_provider_is_not_taken_for_anothers(
    site: Site, liar: HostileProvider, alice: Person, visit: Callable[[], Visit]
) -> None:
    """The mix-up of RFC 9700, 4.4: the code of an honest provider is not brought to the other one."""
    one = visit()
    address = liar.answer(one.ask("lying"), subject=alice.login)
    page = one.come_back(address.replace("/sign-in/lying/", "/sign-in/other/"))
    assert (page.status, refused(site), one.is_in) == (403, [Fault.STATE], False)


def test_an_answer_with_everything_twice_is_refused(
    site: Site, liar: HostileProvider, alice: Person, visit: Callable[[], Visit]
) -> None:
    one = visit()
    address = liar.answer(one.ask(), subject=alice.login)
    assert (one.come_back(f"{address}&code=another").status, refused(site)) == (403, [Fault.MALFORMED])
    assert not one.is_in


def test_an_answer_that_comes_too_late_is_refused(
    site: Site, liar: HostileProvider, alice: Person, visit: Callable[[], Visit], later: Callable[..., None]
) -> None:
    one = visit()
    address = liar.answer(one.ask(), subject=alice.login)
    later(minutes=16)
    assert (one.come_back(address).status, refused(site), one.is_in) == (403, [Fault.STATE], False)


def test_a_role_is_given_by_a_group_that_is_named_and_by_nothing_else(
    alice: Person, visit: Callable[[], Visit]
) -> None:
    cut = {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "http://127.0.0.1:9"}}}
    nothing = ({}, {"groups": "coordinator"}, {"groups": {"service-desk": True}}, cut)
    for told, roles in (
        ({"groups": ["service-desk"]}, ["coordinator"]),
        *((one, []) for one in (*nothing, {"hasgroups": True, "groups": ["service-desk"]})),
    ):
        one = visit()
        one.sign_in(alice, Lie(claims=told | {"amr": ["pwd", "otp"]}))
        with one.browser.client.session_transaction() as session:
            assert session["principal"]["roles"] == roles, told


def test_an_old_sign_in_is_no_fresh_proof(
    site: Site, liar: HostileProvider, alice: Person, visit: Callable[[], Visit], later: Callable[..., None]
) -> None:
    one = visit()
    one.sign_in(alice)
    later(minutes=10)
    assert one.browser.open("/account/security/totp").step == "choose"
    old = Lie(claims={"auth_time": liar.ago(minutes=10)})
    page = one.come_back(liar.answer(one.ask("lying/again"), subject=alice.login, lie=old))
    assert (page.status, refused(site)) == (403, [Fault.AUTH_TIME])
    assert one.browser.open("/account/security/totp").step == "choose"
    one.come_back(liar.answer(one.ask("lying/again"), subject=alice.login))
    assert one.browser.open("/account/security/totp").step != "choose"

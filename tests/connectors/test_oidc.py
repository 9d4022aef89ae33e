"""One provider: what is asked of it, and which of its answers are believed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import responses
from joserfc.jwk import ECKey

from connectors.errors import Unavailable
from connectors.oidc import Provider, ProviderSettings
from connectors.oidc.results import Asked, Fault, Identity, Refusal
from tests.standins.identity_provider import NOW, IdentityProvider, settings

HERE = "https://account.example.org/sign-in/example/callback"


@pytest.fixture
def idp() -> Iterator[IdentityProvider]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield IdentityProvider(mock)


def signed_in(idp: IdentityProvider, *, again: bool = False, args: dict[str, Any] | None = None, **more: Any) -> Any:
    provider = Provider(settings(**more), lambda: idp.now)
    url, asked = provider.ask(HERE, again=again)
    return provider.answer({**idp.visit(url), **(args or {})}, asked)


def test_somebody_is_who_the_provider_says(idp: IdentityProvider) -> None:
    idp.claims = {"amr": ["pwd", "otp"], "groups": ["service-desk", "staff"], "sid": "session-1"}
    identity = signed_in(idp)
    assert isinstance(identity, Identity)
    assert (identity.issuer, identity.subject, identity.shown) == (idp.issuer, "s-1", "alice")
    assert identity.channels == {"memory", "phone"}
    assert identity.roles == {"coordinator"}
    assert identity.sid == "session-1"


def test_the_question_holds_state_nonce_and_an_s256_challenge(idp: IdentityProvider) -> None:
    signed_in(idp)
    assert idp.asked["response_type"] == "code"
    assert idp.asked["code_challenge_method"] == "S256"
    assert idp.asked["redirect_uri"] == idp.exchanged["redirect_uri"] == HERE
    assert len({idp.asked["state"], idp.asked["nonce"], idp.exchanged["code_verifier"]}) == 3


def test_what_is_remembered_survives_being_written_down(idp: IdentityProvider) -> None:
    _url, asked = Provider(settings(acr_values=("gold",)), lambda: NOW).ask(HERE, again=True)
    assert Asked.read(asked.written()) == asked
    assert asked.state not in repr(asked)


@pytest.mark.parametrize(
    ("claims", "fault"),
    [
        ({"iss": "https://id.example.com"}, Fault.ISSUER),
        ({"aud": "another"}, Fault.AUDIENCE),
        ({"aud": "another", "azp": "sparekey"}, Fault.AUDIENCE),
        ({"aud": ["sparekey", "another"]}, Fault.PARTY),
        ({"azp": "another"}, Fault.PARTY),
        ({"exp": int(NOW.timestamp()) - 61}, Fault.EXPIRED),
        ({"exp": None}, Fault.EXPIRED),
        ({"exp": "soon"}, Fault.MALFORMED),
        ({"exp": 10**30}, Fault.MALFORMED),
        ({"iat": int(NOW.timestamp()) + 61}, Fault.NOT_YET),
        ({"nbf": int(NOW.timestamp()) + 61}, Fault.NOT_YET),
        ({"nonce": "of-another"}, Fault.NONCE),
        ({"nonce": None}, Fault.NONCE),
        ({"at_hash": "wrong"}, Fault.ACCESS_HASH),
        ({"sub": None}, Fault.CLAIM),
        ({"sub": "x" * 256}, Fault.CLAIM),
    ],
)
def test_a_token_that_is_wrong_in_one_claim_signs_nobody_in(
    idp: IdentityProvider, claims: dict[str, Any], fault: Fault
) -> None:
    idp.claims = claims
    refusal = signed_in(idp)
    assert isinstance(refusal, Refusal)
    assert refusal.fault is fault


def test_a_right_hash_of_the_access_token_is_accepted(idp: IdentityProvider) -> None:
    from connectors.oidc.identity import half_hash

    idp.claims = {"at_hash": half_hash("an-access-token", "ES256")}
    assert isinstance(signed_in(idp), Identity)


def test_several_audiences_are_fine_if_the_party_is_ours(idp: IdentityProvider) -> None:
    idp.claims = {"aud": ["sparekey", "another"], "azp": "sparekey"}
    assert isinstance(signed_in(idp), Identity)


def test_an_answer_without_an_id_token_signs_nobody_in(idp: IdentityProvider) -> None:
    idp.answer = {"id_token": None}
    assert signed_in(idp) == Refusal(Fault.NO_TOKEN)


def test_another_providers_answer_is_refused(idp: IdentityProvider) -> None:
    assert signed_in(idp, args={"iss": "https://evil.example"}) == Refusal(Fault.RESPONSE_ISSUER)


def test_a_provider_that_names_itself_must_do_so(idp: IdentityProvider) -> None:
    provider = Provider(settings(), lambda: NOW)
    url, asked = provider.ask(HERE)
    answer = idp.visit(url)
    del answer["iss"]
    assert provider.answer(answer, asked) == Refusal(Fault.RESPONSE_ISSUER)


def test_an_error_is_the_end_whatever_it_says(idp: IdentityProvider) -> None:
    assert signed_in(idp, args={"error": "<script>", "error_description": "<b>"}) == Refusal(Fault.ERROR)


def test_a_question_to_one_provider_is_not_answered_by_another(idp: IdentityProvider) -> None:
    url, asked = Provider(settings(), lambda: NOW).ask(HERE)
    other = Provider(settings(name="other"), lambda: NOW)
    assert other.answer(idp.visit(url), asked) == Refusal(Fault.STATE)


def test_another_question_has_another_verifier(idp: IdentityProvider) -> None:
    provider = Provider(settings(), lambda: NOW)
    _url, first = provider.ask(HERE)
    url, _second = provider.ask(HERE)
    assert provider.answer(idp.visit(url), first) == Refusal(Fault.CODE, "invalid_grant")


@pytest.mark.parametrize(("seconds", "right"), [(0, True), (30, True), (61, False), (None, False)])
def test_a_fresh_sign_in_is_proved_by_its_time_alone(idp: IdentityProvider, seconds: int | None, right: bool) -> None:
    idp.claims = {"auth_time": None if seconds is None else int(NOW.timestamp()) - seconds}
    answer = signed_in(idp, again=True)
    assert (idp.asked["prompt"], idp.asked["max_age"]) == ("login", "0")
    assert isinstance(answer, Identity) if right else answer == Refusal(Fault.AUTH_TIME)


def test_an_old_sign_in_is_refused_where_a_newer_is_asked_for(idp: IdentityProvider) -> None:
    idp.claims = {"auth_time": int(NOW.timestamp()) - 3700}
    assert signed_in(idp, max_age=3600) == Refusal(Fault.AUTH_TIME)
    assert isinstance(signed_in(idp, max_age=7200), Identity)


def test_a_level_is_not_only_asked_for(idp: IdentityProvider) -> None:
    idp.claims = {"acr": "bronze"}
    assert signed_in(idp, acr_values=("gold", "silver")) == Refusal(Fault.ASSURANCE)
    assert idp.asked["acr_values"] == "gold silver"
    idp.claims = {"acr": "silver"}
    assert isinstance(signed_in(idp, acr_values=("gold", "silver")), Identity)


def test_authentication_contexts_of_entra_are_asked_for_as_claims(idp: IdentityProvider) -> None:
    idp.claims = {"acrs": ["c1", "c2"]}
    contexts = {"acr_claim": "acrs", "step_up_acr_values": ("c1",), "acr_channels": {"c1": ("memory", "key")}}
    identity = signed_in(idp, again=True, **contexts)
    assert isinstance(identity, Identity)
    assert identity.channels == {"memory", "key"}
    assert idp.asked["claims"] == '{"id_token": {"acrs": {"essential": true, "value": "c1"}}}'
    assert "acr_values" not in idp.asked


def test_of_entra_tenant_and_object_are_the_person(idp: IdentityProvider) -> None:
    idp.claims = {"tid": "t-1", "oid": "o-1"}
    assert signed_in(idp, subject_claims=("tid", "oid")).subject == "t-1/o-1"
    idp.claims = {"tid": "t-1"}
    assert signed_in(idp, subject_claims=("tid", "oid")) == Refusal(Fault.CLAIM, "tid, oid")


def test_only_the_named_organisation_gets_in(idp: IdentityProvider) -> None:
    assert signed_in(idp, required_claims={"hd": "example.org"}) == Refusal(Fault.CLAIM, "hd")
    idp.claims = {"hd": "example.org"}
    assert isinstance(signed_in(idp, required_claims={"hd": "example.org"}), Identity)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"groups": None},
        {"groups": {"service-desk": True}},
        {"groups": [["service-desk"]]},
        {"groups": ["service-desk"], "_claim_names": {"groups": "src1"}},
        {"groups": ["service-desk"], "hasgroups": True},
    ],
)
def test_groups_that_are_missing_cut_or_misshapen_give_no_role(idp: IdentityProvider, claims: dict[str, Any]) -> None:
    idp.claims = claims
    identity = signed_in(idp)
    assert identity.roles == frozenset()
    assert identity.overage == bool({"_claim_names", "hasgroups"} & set(claims))


def test_what_names_no_channel_counts_as_a_password(idp: IdentityProvider) -> None:
    idp.claims = {"amr": ["user", "mfa"]}
    assert signed_in(idp).channels == {"memory"}


def test_new_keys_of_the_provider_are_fetched_once(idp: IdentityProvider) -> None:
    provider = Provider(settings(), lambda: idp.now)
    url, asked = provider.ask(HERE)
    idp.now += timedelta(minutes=2)
    idp.key = ECKey.generate_key("P-256", {"kid": "2", "use": "sig"})
    idp.header = {"alg": "ES256", "kid": "2"}
    assert isinstance(provider.answer(idp.visit(url), asked), Identity)
    assert sum(call.request.url == f"{idp.issuer}/keys" for call in idp.mock.calls) == 2


def test_forged_keys_do_not_flood_the_provider(idp: IdentityProvider) -> None:
    idp.header = {"alg": "ES256", "kid": "unknown"}
    for _ in range(3):
        assert signed_in(idp).fault is Fault.KEY
    assert sum(call.request.url == f"{idp.issuer}/keys" for call in idp.mock.calls) == 3  # once a provider


def test_metadata_is_read_again_after_a_day_and_kept_while_it_cannot_be(idp: IdentityProvider) -> None:
    provider = Provider(settings(), lambda: idp.now)
    provider.metadata()
    idp.now += timedelta(hours=25)
    idp.metadata = {"token_endpoint": f"{idp.issuer}/other"}
    assert provider.metadata().token_endpoint.endswith("/other")
    idp.now += timedelta(hours=25)
    idp.metadata = {"issuer": "https://evil.example"}
    assert provider.metadata().token_endpoint.endswith("/other")


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://id.example.org/realms/other"},
        {"token_endpoint": None},
        {"jwks_uri": "http://id.example.org/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_metadata_that_is_not_to_be_trusted_is_not_used(idp: IdentityProvider, metadata: dict[str, Any]) -> None:
    idp.metadata = metadata
    with pytest.raises(Unavailable):
        Provider(settings(), lambda: NOW).ask(HERE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "prove"},
        {"name": "Über"},
        {"issuer": "http://id.example.org"},
        {"issuer": "https://id.example.org/?a=b"},
        {"algorithms": ("HS256",)},
        {"algorithms": ("none",)},
        {"algorithms": ()},
        {"scopes": ("profile",)},
        {"subject_claims": ("email",)},
        {"match_claim": "email", "match_directory": "main"},
        {"match_claim": "uid"},
        {"amr_channels": {"pwd": ("brain",)}},
        {"timeout": 60},
    ],
)
def test_settings_that_would_not_be_safe_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+: .+"):
        settings(**wrong)


def test_the_secret_shows_nowhere() -> None:
    assert "not-for-logs" not in repr(settings()) + repr(Provider(settings(), lambda: NOW))


def findings(settings: ProviderSettings) -> dict[str, str]:
    return {f.subject: f.severity.value for f in Provider(settings, lambda: NOW).examine()}


def test_the_doctor_tells_what_a_provider_can_do(idp: IdentityProvider) -> None:
    assert set(findings(settings()).values()) == {"ok"}
    idp.metadata = {"id_token_signing_alg_values_supported": ["HS256"], "acr_values_supported": ["bronze"]}
    found = findings(settings(acr_values=("gold",), match_claim="uid", match_directory="main"))
    assert (found["signatures"], found["levels"], found["matching"]) == ("fault", "warning", "warning")
    idp.metadata, idp.knows_client = {}, False
    [wrong] = [f for f in Provider(settings(), lambda: NOW).examine() if f.severity.value == "fault"]
    assert (wrong.subject, "client_secret" in wrong.remedy) == ("secret of the client", True)
    idp.metadata = {"issuer": "https://evil.example"}
    assert findings(settings()) == {"metadata": "fault"}

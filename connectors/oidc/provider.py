"""One identity provider: asks it who somebody is, and believes only an answer that holds in every respect."""

import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from joserfc.jwk import KeySet

from connectors.capabilities import Examined, Finding
from connectors.errors import Unavailable
from connectors.oidc.doctor import examine
from connectors.oidc.identity import check_id_token, identity_of
from connectors.oidc.metadata import Metadata, read_keys, read_metadata
from connectors.oidc.results import Asked, Fault, Identity, Refusal, Rejected
from connectors.oidc.settings import ProviderSettings
from connectors.oidc.tokens import verified
from connectors.oidc.wire import get_json, session
from connectors.wire import loss_of

RENEWED = timedelta(days=1)  # addresses and keys
PAUSE = timedelta(minutes=1)  # between two looks for keys, so that forged tokens do not flood the provider
_NOWHERE = "https://nowhere.invalid/"  # a code that nobody gave leads nowhere
SILENCE = timedelta(seconds=10)  # after a failure, so that not everybody waits for a provider that is down


@dataclass(frozen=True)
class _Known:
    metadata: Metadata
    keys: KeySet
    at: datetime


class Provider(Examined):
    """Safe for threads. Remembers nothing about people."""

    def __init__(self, settings: ProviderSettings, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self._clock = clock
        self._known: _Known | None = None
        self._silent_until = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    def metadata(self) -> Metadata:
        """What it says about itself, at most a day old. Raises Unavailable."""
        return self._fresh(RENEWED).metadata

    def ask(self, redirect_uri: str, *, again: bool = False, language: str = "") -> tuple[str, Asked]:
        """Where to send the browser, and what to remember; `again`: the person is to sign in anew, whoever they are.

        Raises Unavailable.
        """
        metadata, settings = self.metadata(), self.settings
        asked = Asked(
            provider=settings.name,
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            redirect_uri=redirect_uri,
            at=self._clock(),
            max_age=0 if again else settings.max_age or None,
            fresh=again,
            acr_values=(settings.step_up_acr_values or settings.acr_values) if again else settings.acr_values,
        )
        with session(settings, scope=" ".join(settings.scopes), code_challenge_method="S256") as client:
            url, _state = client.create_authorization_url(
                metadata.authorization_endpoint,
                state=asked.state,
                code_verifier=asked.verifier,
                redirect_uri=redirect_uri,
                nonce=asked.nonce,
                **self._wishes(asked, language),
            )
        return url, asked

    def answer(self, args: Mapping[str, str], asked: Asked) -> Identity | Refusal:
        """What an answer to this very question comes to. Raises Unavailable."""
        try:
            return self._identity(args, asked)
        except Rejected as rejected:
            return rejected.refusal

    def verified(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims of a token the provider has signed. Raises Rejected, Unavailable."""
        try:
            return verified(token, self._fresh(RENEWED).keys, self.settings.algorithms)
        except Rejected as rejected:
            if rejected.refusal.fault not in (Fault.KEY, Fault.SIGNATURE):
                raise
        return verified(token, self._fresh(PAUSE).keys, self.settings.algorithms)  # it may have new keys

    def examine(self) -> Iterator[Finding]:
        yield from examine(self.settings, self._try_code)

    def _try_code(self, metadata: Metadata) -> Refusal:
        """What the provider says to a code that it cannot have given."""
        _url, asked = self.ask(_NOWHERE)
        try:
            self._exchange(metadata, secrets.token_urlsafe(32), asked)
        except Rejected as rejected:
            return rejected.refusal
        return Refusal(Fault.CODE, "taken")

    def _identity(self, args: Mapping[str, str], asked: Asked) -> Identity:
        settings, metadata = self.settings, self.metadata()
        if asked.provider != settings.name:
            raise Rejected(Fault.STATE)
        named = args.get("iss")
        if named != settings.issuer and (named is not None or metadata.names_itself):
            raise Rejected(Fault.RESPONSE_ISSUER)
        if "error" in args:
            raise Rejected(Fault.ERROR)
        if not args.get("code"):
            raise Rejected(Fault.CODE, "missing")
        token = self._exchange(metadata, args["code"], asked)
        id_token, access_token = token.get("id_token"), token.get("access_token")
        if not isinstance(id_token, str):
            raise Rejected(Fault.NO_TOKEN)
        access = access_token if isinstance(access_token, str) else ""
        header, claims = self.verified(id_token)
        check_id_token(settings, header, claims, access, asked, self._clock())
        told = self._told(metadata, access, claims) if settings.userinfo else {}
        return identity_of(settings, claims, told, id_token, self._clock())

    def _exchange(self, metadata: Metadata, code: str, asked: Asked) -> Mapping[str, Any]:
        """The code for tokens (RFC 6749 4.1.3). Raises Rejected, Unavailable."""
        methods = metadata.auth_methods
        method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        if not self.settings.client_secret:
            method = "none"
        with session(self.settings, token_endpoint_auth_method=method) as client:
            try:
                token: dict[str, Any] = client.fetch_token(
                    metadata.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=asked.verifier,
                    redirect_uri=asked.redirect_uri,
                )
                return token
            except AuthlibBaseError as error:
                raise Rejected(Fault.CODE, _code(error.error)) from error
            except requests.RequestException as error:
                raise loss_of(metadata.token_endpoint, error).error(write=False) from error
            except (ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
                raise Rejected(Fault.MALFORMED, type(error).__name__) from error

    def _told(self, metadata: Metadata, access_token: str, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the provider tells elsewhere about the same person (OpenID Connect Core 1.0, 5.3.2)."""
        if not metadata.userinfo_endpoint:
            raise Unavailable("it has no userinfo address")
        told = get_json(self.settings, metadata.userinfo_endpoint, {"Authorization": f"Bearer {access_token}"})
        if told.get("sub") != claims.get("sub"):
            raise Rejected(Fault.CLAIM, "sub")
        return told

    def _wishes(self, asked: Asked, language: str) -> dict[str, str | int]:
        wishes: dict[str, str | int] = {"ui_locales": language} if language else {}
        if asked.fresh:
            wishes["prompt"] = "login"
        if asked.max_age is not None:
            wishes["max_age"] = asked.max_age
        if asked.acr_values and self.settings.acr_claim == "acr":
            wishes["acr_values"] = " ".join(asked.acr_values)
        elif asked.acr_values:  # Entra ID: authentication contexts, one at a time
            wishes["claims"] = json.dumps({"id_token": {"acrs": {"essential": True, "value": asked.acr_values[0]}}})
        return wishes

    def _fresh(self, age: timedelta) -> _Known:
        """Metadata and keys no older than that; while it cannot be asked, those there are. Raises Unavailable."""
        if (known := self._usable(age)) is not None:
            return known
        with self._lock:
            if (known := self._usable(age)) is not None:  # another thread has just asked
                return known
            now = self._clock()
            try:
                metadata = read_metadata(self.settings)
                self._known = _Known(metadata, read_keys(self.settings, metadata), now)
            except Unavailable:
                self._silent_until = now + SILENCE
                if self._known is None:
                    raise
            return self._known

    def _usable(self, age: timedelta) -> _Known | None:
        known, now = self._known, self._clock()
        if known and (now - known.at < age or now < self._silent_until):
            return known
        if now < self._silent_until:
            raise Unavailable("did not answer a moment ago")
        return None


def _code(error: object) -> str:
    """An error code of the provider, as long as it looks like one."""
    text = str(error or "")
    return text if len(text) <= 40 and text.replace("_", "").isalnum() and text.isascii() else "other"

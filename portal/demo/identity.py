"""An identity provider for the demo: a real one by its protocol, but it believes whoever chooses a name.

OpenID Connect Core 1.0 with the code flow and PKCE (RFC 7636), and Back-Channel Logout 1.0, for one client. Everything
is in memory.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, abort, jsonify, redirect, render_template, request, send_from_directory
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from connectors.wire import Lost, Trust, Wire
from portal.demo.people import DemoPerson
from portal.web import assets

CLIENT = "sparekey"
NAME = "nordvik-id"  # in the portal's settings
TITLE = "Nordvik ID"
_PATIENCE = 5  # seconds for the portal to take a message
_LASTS = 300  # seconds: a code or a token
_ASKED = ("client_id", "redirect_uri", "state", "nonce", "code_challenge")


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """One sign-in at the provider, from the token to the end of it."""

    sid: str
    person: DemoPerson
    at: int

    @property
    def since(self) -> str:
        """The time of day, as the computer has it."""
        return f"{datetime.fromtimestamp(self.at, UTC).astimezone():%H:%M}"


class Identity:
    """What the provider remembers: codes until they are used, who is signed in, and its key until it ends."""

    def __init__(self, portal: str, secret: str, people: Sequence[DemoPerson]) -> None:
        self.portal = portal
        self.people = {person.login: person for person in people}
        self.key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        self._secret = secret
        self._codes: dict[str, Mapping[str, Any]] = {}
        self._signed_in: dict[str, SignedIn] = {}

    def asked(self, args: Mapping[str, str]) -> dict[str, str]:
        """The portal's question; anything else ends here, and leads nowhere."""
        found = {name: args.get(name, "") for name in _ASKED}
        ours = found["client_id"] == CLIENT and found["redirect_uri"].startswith(f"{self.portal}/sign-in/")
        if not ours or not all(found.values()):
            abort(400)
        return found

    def code(self, asked: Mapping[str, str], login: str, methods: Sequence[str]) -> str:
        code = secrets.token_urlsafe(32)
        self._codes[code] = {**asked, "login": login, "amr": [*methods], "at": int(time.time())}
        return code

    def token(self, issuer: str, form: Mapping[str, str], authorization: Any) -> str | None:
        """The id_token for a code, once; None if anything is not as it was asked."""
        given = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if given is None or not self.knows(authorization) or challenge != given["code_challenge"]:
            return None
        if form.get("redirect_uri") != given["redirect_uri"] or time.time() > given["at"] + _LASTS:
            return None
        person = self.people[given["login"]]
        now = SignedIn(sid=secrets.token_urlsafe(16), person=person, at=given["at"])
        self._signed_in[now.sid] = now
        claims = {
            **self._about(issuer, person),
            "sid": now.sid,
            "auth_time": given["at"],
            "nonce": given["nonce"],
            "amr": given["amr"],
            "preferred_username": person.mail or person.login,
            "name": person.name,
        }
        return self._signed("JWT", claims)

    def knows(self, authorization: Any) -> bool:
        """Whether it is the portal that asks."""
        return bool(authorization) and (authorization.username, authorization.password) == (CLIENT, self._secret)

    def signed_in(self) -> list[SignedIn]:
        """Everybody who is, the last first."""
        return sorted(self._signed_in.values(), key=lambda one: one.at, reverse=True)

    def session_of(self, hint: str) -> str:
        """The sign-in that an id_token of ours began; empty if it is none, or an old one."""
        try:
            return str(jwt.decode(hint, self.key, algorithms=["ES256"]).claims.get("sid", ""))
        except (JoseError, ValueError):
            return ""

    def end(self, issuer: str, sid: str) -> bool:
        """End a sign-in and tell the portal, which ends what began with it; whether the portal took it."""
        ended = self._signed_in.pop(sid, None)
        if ended is None:
            return True  # by another window, a moment ago
        claims = {
            **self._about(issuer, ended.person),
            "sid": sid,
            "jti": secrets.token_urlsafe(16),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        }
        token = self._signed("logout+jwt", claims)
        body = urlencode({"logout_token": token}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        url = f"{self.portal}/sign-out/backchannel/{NAME}"
        try:
            answer = Wire(Trust(None)).request("POST", url, headers, _PATIENCE, write=True, body=body)
        except Lost:
            return False
        return answer.status == 200  # OpenID Connect Back-Channel Logout 1.0, 2.8

    def _about(self, issuer: str, person: DemoPerson) -> dict[str, Any]:
        """What both kinds of token say of somebody."""
        now = int(time.time())
        sub = hashlib.sha256(person.login.encode()).hexdigest()[:24]
        return {"iss": issuer, "aud": CLIENT, "sub": sub, "iat": now, "exp": now + _LASTS}

    def _signed(self, kind: str, claims: Mapping[str, Any]) -> str:
        return jwt.encode({"typ": kind, "alg": "ES256", "kid": self.key.kid}, {**claims}, self.key)


def identity_app(identity: Identity, static: assets.Assets) -> Flask:
    """The provider as a WSGI application."""
    app = Flask("portal.demo.identity", template_folder="templates", static_folder=None)
    app.config["TRUSTED_HOSTS"] = ["127.0.0.1"]
    _machines(app, identity)
    _people(app, identity, static)

    @app.get("/static/<name>")
    def files(name: str) -> Response:
        return send_from_directory(static.folder, name)

    @app.after_request
    def strict(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {identity.portal}; "
            "base-uri 'none'; frame-ancestors 'none'"
        )
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return app


def _people(app: Flask, identity: Identity, static: assets.Assets) -> None:
    """What somebody sees there."""

    def shown(**more: Any) -> str:
        return render_template("identity.html", title=TITLE, portal=identity.portal, static_url=static.url, **more)

    @app.get("/")
    def home() -> str:
        return shown(signed_in=identity.signed_in())

    @app.post("/end")
    def end() -> str:
        """Sign out everywhere: here, and wherever this sign-in was used."""
        told = identity.end(_issuer(), request.form.get("sid", ""))
        return shown(signed_in=identity.signed_in(), told=told)

    @app.get("/authorize")
    def choose() -> str:
        asked = identity.asked(request.args)
        return shown(asked=asked, people=identity.people.values())

    @app.post("/authorize")
    def chosen() -> Any:
        asked = identity.asked(request.form)
        answer = {"state": asked["state"], "iss": _issuer()}
        login = request.form.get("login", "")
        if "cancel" in request.form:
            answer["error"] = "access_denied"
        elif login in identity.people:
            answer["code"] = identity.code(asked, login, request.form.get("proof", "pwd").split())
        else:
            abort(400)
        return redirect(f"{asked['redirect_uri']}?{urlencode(answer)}", 303)

    @app.get("/sign-out")
    def sign_out() -> Any:
        identity.end(_issuer(), identity.session_of(request.args.get("id_token_hint", "")))
        back = request.args.get("post_logout_redirect_uri", identity.portal)
        if not back.startswith(f"{identity.portal}/"):
            back = identity.portal
        state = request.args.get("state")
        return redirect(f"{back}?{urlencode({'state': state})}" if state else back, 303)


def _machines(app: Flask, identity: Identity) -> None:
    """What the portal reads by itself."""

    @app.get("/.well-known/openid-configuration")
    def metadata() -> Response:
        issuer = _issuer()
        return jsonify(
            issuer=issuer,
            authorization_endpoint=f"{issuer}/authorize",
            token_endpoint=f"{issuer}/token",
            jwks_uri=f"{issuer}/keys",
            end_session_endpoint=f"{issuer}/sign-out",
            response_types_supported=["code"],
            subject_types_supported=["public"],
            id_token_signing_alg_values_supported=["ES256"],
            token_endpoint_auth_methods_supported=["client_secret_basic"],
            code_challenge_methods_supported=["S256"],
            authorization_response_iss_parameter_supported=True,
            backchannel_logout_supported=True,
            backchannel_logout_session_supported=True,
        )

    @app.get("/keys")
    def keys() -> Response:
        return jsonify(keys=[identity.key.as_dict(private=False)])

    @app.post("/token")
    def token() -> Any:
        made = identity.token(_issuer(), request.form, request.authorization)
        if made is None and not identity.knows(request.authorization):
            return jsonify(error="invalid_client"), 401
        if made is None:
            return jsonify(error="invalid_grant"), 400
        access_token = secrets.token_urlsafe(32)  # opens nothing here
        return jsonify(id_token=made, access_token=access_token, token_type="Bearer", expires_in=_LASTS)  # noqa: S106


def _issuer() -> str:
    return request.host_url.rstrip("/")

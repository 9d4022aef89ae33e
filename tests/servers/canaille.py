"""The OpenID provider of pytest-iam (canaille, on Authlib), in this process and without a browser.

Its own fixture would leave an application context behind for all tests that come later; this one does not.
"""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from canaille import create_app
from canaille.backends import Backend
from joserfc.jwk import RSAKey
from pytest_iam import Server

from tests.servers.running import free_port


@dataclass(frozen=True)
class Canaille:
    """A running provider; `server.login(user)` signs somebody in there."""

    server: Server
    issuer: str

    def client(self, *, redirect: str, after_sign_out: str, algorithm: str | None = "RS256") -> tuple[str, str]:
        """Register a portal that nobody has to consent to; its id and secret. None signs nothing."""
        id_, secret = str(uuid.uuid4()), str(uuid.uuid4())
        with self.server.app.app_context():
            client = self.server.models.Client(
                client_id=id_,
                client_secret=secret,
                client_name="Sparekey",
                client_uri=redirect,
                redirect_uris=[redirect],
                post_logout_redirect_uris=[after_sign_out],
                grant_types=["authorization_code"],
                response_types=["code"],
                scope=["openid", "profile", "groups"],
                token_endpoint_auth_method="client_secret_basic",
                id_token_signed_response_alg=algorithm,
            )
            self.server.backend.save(client)
            client.audience = [client]
            self.server.backend.save(client)
        return id_, secret

    def authorize(self, address: str) -> str:
        """Where the browser of whoever is signed in there is sent back to."""
        return requests.get(address, allow_redirects=False, timeout=10).headers["Location"]


@contextmanager
def canaille() -> Iterator[Canaille]:
    """A provider for as long as the block lasts."""
    port = free_port()
    app = create_app(config=_configuration(port), env_file="", env_prefix="NOTHING_")
    server = Server(app, port, Backend.instance)
    thread = threading.Thread(target=server.httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        told = requests.get(f"{server.url}.well-known/openid-configuration", timeout=10).json()
        yield Canaille(server, told["issuer"])
    finally:
        server.httpd.shutdown()
        server.httpd.server_close()
        thread.join()


def _configuration(port: int) -> dict[str, Any]:
    key = RSAKey.generate_key(2048, {"kid": "first"}).as_dict(private=True)
    return {
        "TESTING": True,
        "SECRET_KEY": str(uuid.uuid4()),
        "WTF_CSRF_ENABLED": False,
        "PREFERRED_URL_SCHEME": "http",
        "SERVER_NAME": f"localhost:{port}",
        "CANAILLE": {"DATABASE": "memory", "JAVASCRIPT": False, "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"]}}},
        "CANAILLE_OIDC": {"ACTIVE_JWKS": [key], "TRUSTED_DOMAINS": ["localhost"]},
    }

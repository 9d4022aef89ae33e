"""A real SCIM server (scim2-server) in this process, on a free port; what it holds can be looked at directly."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from scim2_models import ScimProvider
from scim2_server.memory import InMemoryStorage
from scim2_server.service import ScimService
from scim2_server.testserver.application import BEARER_TOKEN_SCHEME, BearerTokenApplication
from scim2_server.testserver.cli import ThreadingWSGIServer
from scim2_server.utils import (
    load_default_resource_types,
    load_default_schemas,
    load_default_service_provider_config,
)

from tests.servers.people import PASSWORD

TOKEN = "scim-token-1"


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@dataclass
class ScimServer:
    """`requests`: method, path and query of each, in order."""

    http: WSGIServer
    service: ScimService
    storage: InMemoryStorage
    requests: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}/v2"

    def settings(self) -> dict[str, Any]:
        return {"url": self.url, "token": TOKEN}

    def person(self, login: str = "", **more: Any) -> str:
        """Somebody with a password, made as another client would; the user name."""
        import requests

        login = login or f"s{secrets.token_hex(4)}"
        body = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": login,
            "displayName": f"{login.capitalize()} Berg",
            "emails": [{"value": f"{login}@example.org", "type": "work", "primary": True}],
            "active": True,
            "password": PASSWORD,
        } | more
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"}
        answer = requests.post(f"{self.url}/Users", json=body, headers=headers, timeout=5)
        assert answer.status_code == 201, answer.text
        return login

    def user(self, login: str) -> Any:
        """As the server holds it, password included."""
        return next(user for user in self.storage.resources if getattr(user, "user_name", None) == login)


@contextmanager
def scim_server(**supported: bool) -> Iterator[ScimServer]:
    """`supported`: what it says of itself, such as change_password=False."""
    config = load_default_service_provider_config()
    config.authentication_schemes = [BEARER_TOKEN_SCHEME]
    for name, yes in supported.items():
        getattr(config, name).supported = yes
    provider = ScimProvider.from_discovery(
        load_default_schemas().values(), load_default_resource_types().values(), config=config
    )
    service, storage = ScimService(provider, secret=secrets.token_urlsafe(32)), InMemoryStorage()
    app = BearerTokenApplication(storage, provider, service=service, bearer_tokens=[TOKEN])
    seen: list[str] = []

    def noted(environ: Any, start: Any) -> Any:
        seen.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {environ.get('QUERY_STRING', '')}")
        return app(environ, start)

    with make_server("127.0.0.1", 0, noted, server_class=ThreadingWSGIServer, handler_class=_Quiet) as http:
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield ScimServer(http, service, storage, seen)
        http.shutdown()

"""A small FreeIPA on loopback: its sessions, forms and JSON over HTTPS, as ipaserver/rpcserver.py has them.

FreeIPA itself needs a machine of its own. What this one answers is written after its source and its own tests.
"""

import json
import secrets
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs

from tests.servers.certificates import write_certificates
from tests.servers.freeipa_realm import Failed, Realm


class FreeIpaServer(Realm):
    """Listens on a free port while it is entered. `rejects_vaguely`: as versions do that tell no reason but expiry."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        write_certificates(folder)
        self.ca_file, self.other_ca_file = folder / "ca.pem", folder / "other-ca.pem"
        self.rejects_vaguely = False
        self.sessions: dict[str, str] = {}
        self.sign_ins = 0
        self.requests = 0
        self._http = _Https(self, folder)
        self.port = int(self._http.server_address[1])
        self.url = f"https://localhost:{self.port}"

    def __enter__(self) -> "FreeIpaServer":
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Https(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, realm: FreeIpaServer, folder: Path) -> None:
        self.realm = realm
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(folder / "server.pem", folder / "server.key")
        super().__init__(("127.0.0.1", 0), _Requests)

    def finish_request(self, request: socket, client_address: Any) -> None:  # type: ignore[override]
        """The handshake belongs to the connection's own thread: a client that stalls it holds up nobody else."""
        try:
            request.settimeout(20)
            super().finish_request(self._context.wrap_socket(request, server_side=True), client_address)
        except OSError:
            return  # cut by the client or by a proxy: the business of the test


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Https

    def do_POST(self) -> None:
        realm = self.server.realm
        realm.requests += 1
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        referer = self.headers.get("Referer", "")
        if not referer.startswith(f"https://{self.headers.get('Host')}/ipa"):
            return self._answer(400, {}, b"Bad Request: missing or invalid HTTP Referer")
        match self.path:
            case "/ipa/session/login_password":
                return self._login(self._form(body))
            case "/ipa/session/change_password":
                return self._change(self._form(body))
            case "/ipa/session/json":
                return self._json(json.loads(body))
            case _:
                return self._answer(404, {}, b"")

    def _login(self, form: dict[str, str] | None) -> None:
        if form is None or not {"user", "password"} <= set(form):
            return self._answer(400, {}, b"Bad Request")
        realm = self.server.realm
        realm.sign_ins += 1
        reason = realm.rejection(form["user"].lower(), form["password"])
        if reason:
            told = "invalid-password" if realm.rejects_vaguely and reason != "password-expired" else reason
            return self._answer(401, {"X-IPA-Rejection-Reason": told}, b"<html><h1>Invalid Authentication</h1></html>")
        token = f"MagBearerToken={secrets.token_urlsafe(32)}%3d%3d"
        realm.sessions[token] = form["user"].lower()
        return self._answer(200, {"Set-Cookie": f"ipa_session={token};path=/ipa;httponly;secure;"}, b"")

    def _change(self, form: dict[str, str] | None) -> None:
        if form is None or not {"user", "old_password", "new_password"} <= set(form):
            return self._answer(400, {}, b"Bad Request")
        result, why = self.server.realm.change_own(form["user"], form["old_password"], form["new_password"])
        headers = {"X-IPA-Pwchange-Result": result} | ({"X-IPA-Pwchange-Policy-Error": why} if why else {})
        return self._answer(200, headers, b"<html><h1>Password change</h1></html>")

    def _json(self, call: dict[str, Any]) -> None:
        realm = self.server.realm
        token = self.headers.get("Cookie", "").partition("ipa_session=")[2].split(";")[0]
        if token not in realm.sessions:
            return self._answer(401, {}, b"")
        if call["method"] == "session_logout":
            del realm.sessions[token]
        args, options = call["params"]
        reply: dict[str, Any] = {
            "result": None,
            "error": None,
            "id": call["id"],
            "principal": realm.sessions.get(token),
        }
        try:
            if call["method"] == "batch":
                reply["result"] = {"count": len(args), "results": [_one(realm, one) for one in args]}
            else:
                reply["result"] = realm.run(call["method"], args, options)
        except Failed as failed:
            reply["error"] = {"code": failed.code, "name": failed.name, "message": failed.message, "data": {}}
        return self._answer(200, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(reply).encode())

    def _form(self, body: bytes) -> dict[str, str] | None:
        if not self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            return None
        return {name: values[0] for name, values in parse_qs(body.decode()).items() if len(values) == 1}

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the tests' output is for the tests."""


def _one(realm: Realm, call: dict[str, Any]) -> dict[str, Any]:
    """A command inside a batch: its failure is told in its own place, and the others go on."""
    try:
        return {**realm.run(call["method"], *call["params"]), "error": None}
    except Failed as failed:
        return {"error": failed.message, "error_code": failed.code, "error_name": failed.name}

"""FreeIPA's commands over HTTPS: one session of the service account with each server, and people's own sign-ins."""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from connectors.errors import ConnectorError, Outage, Unavailable, Unconfirmed
from connectors.freeipa.refusals import IS_SO_ALREADY, error_for
from connectors.freeipa.settings import FreeIpaSettings
from connectors.wire import Answer, Lost, Wire

API_VERSION = "2.230"
"""The oldest API all of whose answers we know (FreeIPA 4.7); newer servers go on answering it."""

SILENCE_SECONDS = 1.0
"""After a server let a request time out before it was sent, nobody else waits for it that long."""

REFUSAL_SECONDS = 30.0
"""After the service account was refused: each further try would count towards locking it."""

_SIGN_IN, _CHANGE, _COMMANDS = "/ipa/session/login_password", "/ipa/session/change_password", "/ipa/session/json"
_COOKIE = "ipa_session"


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command, as `ipa` would send it. `write`: its answer must not be lost; `password`: it sets one."""

    method: str
    args: Sequence[str] = ()
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    write: bool = False
    password: bool = False

    def as_call(self) -> dict[str, Any]:
        return {"method": self.method, "params": [list(self.args), {**self.options, "version": API_VERSION}]}


class Client:
    """Safe for threads. The server that answered last time is asked first."""

    def __init__(self, settings: FreeIpaSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._wire = Wire(settings)
        self._order = tuple(url.rstrip("/") for url in settings.urls)
        self._sessions: dict[str, str] = {}
        self._paused: dict[str, tuple[float, Unavailable]] = {}
        self._signing_in = threading.Lock()

    def call(self, command: Command, *, seconds: float | None = None) -> dict[str, Any]:
        """Carry one command out and return its result; a change of what is so already is none.

        Raises AccountNotFound, Refused, Forbidden, Unavailable, or Unconfirmed for a change without an answer.
        """
        seconds = seconds or self._settings.receive_timeout
        reply = self._anywhere(lambda server: self._command(server, command, seconds), write=command.write)
        error = reply.get("error")
        if error:
            if error.get("code") in IS_SO_ALREADY:
                return {}
            raise error_for(error, write=command.write, password=command.password)
        return dict(reply.get("result") or {})

    def several(self, *commands: Command) -> list[dict[str, Any]]:
        """Carry several out in one request, in their order; the first that failed raises, after all were tried."""
        write = any(command.write for command in commands)
        batch = {"method": "batch", "params": [[command.as_call() for command in commands], {"version": API_VERSION}]}
        reply = self._anywhere(lambda server: self._json(server, batch, write, None), write=write)
        if reply.get("error"):
            raise error_for(reply["error"], write=write)
        results: list[dict[str, Any]] = list(reply["result"].get("results", ()))
        for command, result in zip(commands, results, strict=True):
            if result.get("error") and result.get("error_code") not in IS_SO_ALREADY:
                named = {"code": result.get("error_code"), "name": result.get("error_name"), "message": result["error"]}
                raise error_for(named, write=command.write, password=command.password)
        return results

    def sign_in(self, login: str, password: str) -> str:
        """Try a password as the person would; return the reason it was rejected for, or an empty text."""
        fields = _who(login, password)
        answer, server = self._anywhere(lambda s: (self._form(s, _SIGN_IN, fields), s))
        if answer.status == 200:
            self._sign_out(server, _session_in(answer))
            return ""
        if answer.status != 401:
            raise Unavailable(f"{server}: the sign-in was answered with status {answer.status}")
        return answer.headers.get("X-IPA-Rejection-Reason", "invalid-password")

    def change_password(self, login: str, old: str, new: str) -> tuple[str, str]:
        """Change a password as the person; return FreeIPA's word for the result, and its explanation."""
        given = {"user": login, "old_password": old, "new_password": new}
        answer = self._anywhere(lambda server: self._form(server, _CHANGE, given, write=True), write=True)
        result = answer.headers.get("X-IPA-Pwchange-Result", "")
        if answer.status != 200 or not result:
            raise Unconfirmed(f"the change was answered with status {answer.status}")
        return result, answer.headers.get("X-IPA-Pwchange-Policy-Error", "")

    def try_service_account(self, server: str) -> Answer:
        """Sign in to this very server and return its answer. Raises Lost."""
        return self._form(server, _SIGN_IN, _who(self._settings.user, self._settings.password))

    def close(self) -> None:
        self._wire.close()

    def _anywhere(self, ask: Callable[[str], Any], *, write: bool = False) -> Any:
        """Ask the servers in turn until one answers. What may have arrived anywhere is never sent again."""
        failures: list[Unavailable] = []
        for server in self._order:
            until, why = self._paused.get(server, (float("-inf"), Unavailable()))
            if self._clock() < until:
                failures.append(why)
                continue
            try:
                answer = ask(server)
            except Lost as lost:
                failure = lost.error(write=write)
                if lost.sent or not isinstance(failure, Unavailable):
                    raise failure from lost
                failures.append(failure)
                if lost.silent:
                    self._paused[server] = self._clock() + SILENCE_SECONDS, failure
                continue
            if self._order[0] != server:  # do not wait for a dead first server again and again
                self._order = (server, *(other for other in self._order if other != server))
            return answer
        raise Unavailable("; ".join(failure.detail for failure in failures), outage=failures[0].outage)

    def _command(self, server: str, command: Command, seconds: float) -> dict[str, Any]:
        return self._json(server, command.as_call(), command.write, seconds)

    def _json(self, server: str, call: dict[str, Any], write: bool, seconds: float | None) -> dict[str, Any]:
        """Send it in the service account's session; where that is over, in a new one: nothing was done then."""
        body = json.dumps({**call, "id": 0}).encode()
        seconds = seconds or self._settings.receive_timeout
        session = self._session(server)
        answer = self._post_json(server, session, body, seconds, write=write)
        if answer.status == 401:
            session = self._session(server, instead_of=session)
            answer = self._post_json(server, session, body, seconds, write=write)
        return _understood(server, answer, write)

    def _post_json(self, server: str, session: str, body: bytes, seconds: float, *, write: bool = False) -> Answer:
        headers = {
            "Referer": f"{server}/ipa",  # FreeIPA refuses every request without it
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Cookie": f"{_COOKIE}={session}",
        }
        return self._wire.request("POST", f"{server}{_COMMANDS}", headers, seconds, write=write, body=body)

    def _form(self, server: str, path: str, fields: Mapping[str, str], *, write: bool = False) -> Answer:
        headers = {
            "Referer": f"{server}{path}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "text/plain",
        }
        body, seconds = urlencode(fields).encode(), self._settings.receive_timeout
        return self._wire.request("POST", f"{server}{path}", headers, seconds, write=write, body=body)

    def _session(self, server: str, *, instead_of: str = "") -> str:
        """The service account's session with this server; a new one, if it has none or only the one named."""
        with self._signing_in:
            session = self._sessions.get(server, "")
            if session and session != instead_of:
                return session
            try:
                answer = self.try_service_account(server)
            except Lost as lost:  # nothing of the command itself has been sent
                raise Lost(str(lost), sent=False, silent=lost.silent, untrusted=lost.untrusted) from lost
            session = _session_in(answer)
            if answer.status != 200 or not session:
                reason = answer.headers.get("X-IPA-Rejection-Reason", f"status {answer.status}")
                why = f"{server}: the service account {self._settings.user} may not sign in: {reason}"
                refused = Unavailable(why, outage=Outage.PORTAL_REFUSED)
                self._paused[server] = self._clock() + REFUSAL_SECONDS, refused
                raise refused
            self._sessions[server] = session
            return session

    def _sign_out(self, server: str, session: str) -> None:
        """End a session that was only made to try a password; if that fails, it ends by itself within the hour."""
        body = json.dumps({**Command(method="session_logout").as_call(), "id": 0}).encode()
        try:
            self._post_json(server, session, body, self._settings.receive_timeout)
        except Lost:
            return


def _who(login: str, password: str) -> dict[str, str]:
    return {"user": login, "password": password}


def _session_in(answer: Answer) -> str:
    """The session that an answer's Set-Cookie begins (RFC 6265, 4.1.1)."""
    for cookie in answer.headers.get("Set-Cookie", "").split(","):
        name, _, value = cookie.split(";")[0].strip().partition("=")
        if name == _COOKIE:
            return value
    return ""


def _understood(server: str, answer: Answer, write: bool) -> dict[str, Any]:
    """The JSON of an answer. Raises Unavailable for an answer that came before any work, else Unconfirmed."""
    error: type[ConnectorError] = Unconfirmed if write else Unavailable
    if answer.status != 200:
        not_begun = answer.status < 500 or answer.status == 503
        raise (Unavailable if not_begun else error)(f"{server}: status {answer.status}")
    try:
        reply = json.loads(answer.body)
    except ValueError as broken:
        raise error(f"{server}: the answer is no JSON") from broken
    if not isinstance(reply, dict) or not ("result" in reply or "error" in reply):
        raise error(f"{server}: the answer is none of a command")
    return reply

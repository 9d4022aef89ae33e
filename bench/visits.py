"""Makes visits ready to be sent: people who have proved who they are, written into the database beforehand."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import insert

from connectors.account import Account
from portal.parts import Parts
from portal.tables import session, walk

Steps = list[dict[str, str]]
_DONE = 'data-result="done"'


@dataclass(frozen=True)
class Visit:
    """What one browser sends, and the password its person has afterwards."""

    login: str
    password: str
    steps: Steps


class Visits:
    """Writes sessions and walks as the portal itself would have, had these people come all the way."""

    def __init__(self, parts: Parts, logins: list[str]) -> None:
        self._parts = parts
        self.people = {login: parts.accounts.find(login) for login in logins}
        self._signer = URLSafeTimedSerializer(parts.settings.secret_key, salt="wtf-csrf-token")
        self._rows: list[dict[str, Any]] = []

    def resets(self) -> list[Visit]:
        """The last step of a walk, for everybody: the form with the new password."""
        visits, walks = [], []
        for login, account in self.people.items():
            walks.append(self._walk(login, account))
            cookie, token = self._session({"walk": walks[-1]["id"]})
            new = _password()
            form = f"csrf_token={token}&{_twice(new)}"
            visits.append(Visit(login, new, [_post("/recover/password", cookie, form, _DONE)]))
        with self._parts.database.write() as tx:
            tx.execute(insert(walk), walks)
        self._write_sessions()
        return visits

    def changes(self, passwords: dict[str, str]) -> list[Visit]:
        """The form opened and sent by somebody signed in, for everybody."""
        visits, path = [], "/ask/change-password"
        for login, old in passwords.items():
            account, new = self.people[login], _password()
            cookie, _ = self._session({"principal": self._principal(account), "_user_id": account.id}, account.id)
            form = (
                f"csrf_token={{token}}&password={quote(old)}&new_password={quote(new)}&new_password_again={quote(new)}"
            )
            steps = [_get(path, cookie, "csrf_token"), _post(path, cookie, form, _DONE)]
            visits.append(Visit(login, new, steps))
        self._write_sessions()
        return visits

    def sign_ins(self, passwords: dict[str, str]) -> list[Visit]:
        """The form opened by a stranger and sent with the right password, for everybody."""
        visits = []
        for login, password in passwords.items():
            form = f"csrf_token={{token}}&login={login}&password={quote(password)}"
            steps = [_get("/sign-in", "", "csrf_token"), _post("/sign-in", "{cookie}", form, "302 ")]
            visits.append(Visit(login, password, steps))
        return visits

    def recoveries(self) -> list[Visit]:
        """A stranger gives a name and a wrong code: the answer comes when it is known whose account that is."""
        visits, token = [], "csrf_token={token}"
        for login in self.people:
            steps = [
                _get("/recover", "", "csrf_token"),
                _post("/recover", "{cookie}", f"{token}&login={login}", "302 "),
                _get("/recover/choose", "{cookie}", "csrf_token"),
                _post("/recover/choose", "{cookie}", f"{token}&factor=totp", "302 "),
                _post("/recover/prove/totp", "{cookie}", f"{token}&code=000000", 'data-factor="totp"'),
            ]
            visits.append(Visit(login, "", steps))
        return visits

    def accounts(self) -> list[Visit]:
        """The page of one's own account."""
        visits = []
        for login, account in self.people.items():
            cookie, _ = self._session({"principal": self._principal(account), "_user_id": account.id}, account.id)
            visits.append(Visit(login, "", [_get("/account", cookie, login)]))
        self._write_sessions()
        return visits

    def auditor(self) -> str:
        """The cookie of somebody who is signed in and may read all of the record."""
        account = next(iter(self.people.values()))
        principal = self._principal(account) | {"roles": ["auditor"], "units": None}
        cookie, _ = self._session({"principal": principal, "_user_id": account.id}, account.id)
        self._write_sessions()
        return cookie

    def _walk(self, login: str, account: Account) -> dict[str, Any]:
        parts, now = self._parts, self._parts.clock()
        kinds = (("mailed_code", "mail"), ("totp", "phone"))
        proofs = [{"factor": f, "factor_id": f, "channel": c, "at": now.isoformat()} for f, c in kinds]
        return {
            "id": secrets.token_hex(16),
            "purpose": "recover",
            "claim": parts.keys.seal("claim", login),
            "claim_digest": parts.walks.claim_digest(login),
            "account_id": account.id,
            "proofs": proofs,
            "started": now,
            "ends": now + timedelta(hours=2),
        }

    def _principal(self, account: Account) -> dict[str, Any]:
        return {
            "account_id": account.id,
            "login": account.login,
            "name": account.name,
            "language": "en",
            "channels": ["memory"],
            "factors": ["password"],
            "roles": [],
            "proved_at": self._parts.clock().isoformat(),
        }

    def _session(self, content: dict[str, Any], account_id: str | None = None) -> tuple[str, str]:
        """The cookie of a new session, and a form's token in it."""
        parts, now, key = self._parts, self._parts.clock(), secrets.token_urlsafe(32)
        token = secrets.token_hex(20)
        self._rows.append(
            {
                "id": parts.sessions.fingerprint(key),
                "account_id": account_id,
                "content": parts.keys.seal("session", content | {"csrf_token": token}),
                "started": now,
                "seen": now,
                "ends": now + timedelta(hours=2),
                "agent": "bench",
                "source": "127.0.0.1",
            }
        )
        return f"{parts.sessions.cookie}={key}", str(self._signer.dumps(token))

    def _write_sessions(self) -> None:
        with self._parts.database.write() as tx:
            tx.execute(insert(session), self._rows)
        self._rows.clear()


def _password() -> str:
    return f"Lantern-{secrets.token_hex(8)}-over-the-harbour"


def _twice(new: str) -> str:
    return f"new_password={quote(new)}&new_password_again={quote(new)}"


def _get(path: str, cookie: str, expect: str) -> dict[str, str]:
    return {"request": _head("GET", path, cookie) + "\r\n", "expect": expect}


def _post(path: str, cookie: str, form: str, expect: str) -> dict[str, str]:
    kind = "Content-Type: application/x-www-form-urlencoded\r\n"
    return {"request": _head("POST", path, cookie) + kind + "\r\n" + form, "expect": expect}


def _head(method: str, path: str, cookie: str) -> str:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Accept-Language: en"]
    return "\r\n".join([*lines, f"Cookie: {cookie}"] if cookie else lines) + "\r\n"

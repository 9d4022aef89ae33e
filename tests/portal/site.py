"""The portal in this process, a browser without a window, and hands that do what the worker does."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pyotp
from bs4 import BeautifulSoup, Tag
from werkzeug.test import TestResponse

from connectors.account import Account
from portal.app import create_app
from portal.demo.mail import Mail, Mailbag
from portal.identity import Principal
from portal.letters import Letters
from portal.own_data.cooling import carry_out_due
from portal.parts import Parts
from portal.record.sealing import sealer_of
from portal.settings.installation import Settings
from portal.settings.sealer import SealerSettings
from portal.timers.running import run_timers
from portal.work import couriers_of
from tests.servers.people import PASSWORD, State

RULES: Mapping[str, Mapping[str, Any]] = {
    "reset_password": {"channels": 2},
    "unlock_account": {"channels": 1, "caller_points": 2},
    "change_password": {},
    "freeze_account": {"caller_points": 2},
    "enable_account": {"fresh_minutes": 5},
    "send_password_link": {"fresh_minutes": 5, "caller_points": 4},
    "require_new_password": {"fresh_minutes": 5, "caller_points": 3},
    "extend_account": {"approval": "sponsor", "caller_points": 3},
    "take_back_extension": {},
    "let_lapse": {},
    "bridge_account": {},
    "confirm_factor": {"fresh_minutes": 5},
    "rename_factor": {},
    "switch_factor": {"fresh_minutes": 5},
    "remove_factor": {"fresh_minutes": 5},
    "link_provider": {"fresh_minutes": 5},
    "unlink_provider": {"fresh_minutes": 5},
    "close_session": {},
    "close_sessions": {},
    "ask_address_change": {"fresh_minutes": 5},
    "cancel_address_change": {},
    "set_recovery_mail": {},
    "set_phone": {"fresh_minutes": 5},
    "add_ssh_key": {"fresh_minutes": 5},
    "remove_ssh_key": {},
    "set_auto_reply": {},
    "set_absence": {},
    "remove_auto_reply": {},
    "set_forwarding": {"fresh_minutes": 5},
    "forward_outside": {"fresh_minutes": 5, "approval": "coordinators"},
    "remove_forwarding": {},
    "ask_alias": {"approval": "coordinators"},
    "add_temporary_alias": {},
    "remove_alias": {},
    "ask_quota": {"approval": "coordinators"},
    "share_mailbox": {"fresh_minutes": 5},
    "forward_absent": {"fresh_minutes": 5},
    "share_absent": {"fresh_minutes": 5},
    "sign_out_absent": {"fresh_minutes": 5},
    "ask_shared_box": {"approval": "owner"},
    "end_share": {},
    "join_list": {"approval": "owner"},
    "leave_list": {},
    "sign_out_everywhere": {"caller_points": 3},
    "give_access_pass": {"channels": 2, "fresh_minutes": 5},
    "add_app_password": {"fresh_minutes": 5},
    "remove_app_password": {},
    "anything_else": {},
}
NEW = "Blue-harbour-lantern-9"


@dataclass
class MovableClock:
    """A clock that stands still until a test moves it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def move(self, passed: timedelta) -> None:
        self.now += passed


@dataclass
class Person:
    """Somebody in the directory with factors of their own."""

    login: str
    account: Account
    secret: str
    codes: list[str] = field(default_factory=list)

    def principal(self, *, channels: int = 2, roles: frozenset[str] = frozenset(), at: datetime) -> Principal:
        names = ("phone", "paper", "mail")[:channels]
        return Principal(
            account_id=self.account.id,
            login=self.login,
            name=self.account.name,
            channels=frozenset(names),
            roles=roles,
            proved_at=at,
            session="session",
            source="192.0.2.7",
        )


class Site:
    def __init__(self, settings: Settings, clock: MovableClock, mailbag: Mailbag, directory: Any) -> None:
        self.app = create_app(settings, clock=clock)
        self.parts: Parts = self.app.extensions["parts"]
        self.settings, self.clock, self.directory = settings, clock, directory
        self._mailbag = mailbag
        self.letters = Letters(self.app, settings)
        self._carriers = couriers_of(self.parts, self.letters).carriers()
        self._sealer = sealer_of(SealerSettings.of(settings), clock)

    def close(self) -> None:
        self.parts.database.engine.dispose()

    def browser(self) -> "Browser":
        return Browser(self)

    def work(self) -> None:
        """What the worker does: look people up, send mails, settle, seal."""
        with self.app.app_context():
            carry_out_due(self.parts)
            run_timers(self.parts)
            while self.parts.outbox.run(self._carriers):
                pass
        self.parts.auditing.index.run()
        self._sealer.seal(self.parts.database.engine)

    def person(self, *, state: State = State.ORDINARY, groups: tuple[str, ...] = (), **attributes: str) -> Person:
        """Somebody new in the directory, with an authenticator app and recovery codes."""
        login = self.directory.person(state=state, **attributes)
        for group in groups:
            self.directory._join(
                f"cn={group},{self.directory.groups_base}", f"uid={login},{self.directory.people_base}"
            )
        account = self.parts.accounts.find(login)
        own = self.parts.own_factors
        with self.parts.database.write() as tx:
            totp, secret = own.begin_totp(tx, account.id, "Phone")
            paper, codes = own.begin_codes(tx, account.id, "Paper")
            for factor_id in (totp, paper):
                own.within(tx).confirm_factor(account, factor_id)
        return Person(login, account, secret, codes)

    def totp(self, person: Person) -> str:
        """What the person's phone shows now."""
        return pyotp.TOTP(person.secret).at(self.clock())

    def mails(self, to: str = "") -> list[Mail]:
        return [mail for mail in self._mailbag.all() if to in mail.recipient]

    def code(self, person: Person) -> str:
        """The newest code mailed to somebody."""
        found = [m for m in self.mails(f"{person.login}@elsewhere.test") if re.match(r"\d{3} \d{3} ", m.subject)]
        return found[-1].subject[:7]

    def binds(self, person: Person, password: str) -> bool:
        return self.directory.binds(person.account.dn, password)

    def entries(self, person: Person) -> list[tuple[str, str, str | None, str]]:
        """What the record holds about somebody, oldest first: kind, phase, outcome, reason."""
        from audit import pseudonyms, reading

        log = self.parts.log
        with self.parts.database.read() as db:
            subject = pseudonyms.find(db, log.keyring, person.account.id)
            if subject is None:
                return []
            wanted = reading.Wanted(500, subject=subject)
            found = reading.read(db, log.keyring, reading.find(db, wanted))
        return [(e.kind, e.phase, e.outcome, e.reason) for e in reversed(found)]


OpenSite = Callable[[Settings], Site]


class Browser:
    """Fills in forms as a person without JavaScript would."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.client = site.app.test_client()
        self.answer: TestResponse
        self.page: BeautifulSoup

    def open(self, path: str, **more: Any) -> "Browser":
        return self._show(self.client.get(path, follow_redirects=True, **more))

    def send(
        self, fields: Mapping[str, Any] | None = None, *, form: int = 0, button: str = "", **more: Any
    ) -> "Browser":
        """Send the form at this place of the page's main part with these fields, hidden ones included."""
        chosen = self.forms[form]
        values: dict[str, Any] = {
            str(i["name"]): i.get("value", "")
            for i in chosen.select("input[name]")
            if i.get("type") in ("hidden",) or (i.get("type") == "radio" and i.has_attr("checked"))
        }
        values |= fields or {}
        if button:
            values["decision"] = button
        action = str(chosen.get("action") or self.answer.request.full_path.rstrip("?"))
        return self._show(self.client.post(action, data=values, follow_redirects=True, **more))

    @property
    def forms(self) -> list[Tag]:
        return [f for f in self.page.select("main form") if f.get("method") == "post"]

    @property
    def main(self) -> Tag:
        found = self.page.find("main")
        assert isinstance(found, Tag)
        return found

    @property
    def step(self) -> str | None:
        return self.main.get("data-step")  # type: ignore[return-value]

    @property
    def result(self) -> str | None:
        return self.main.get("data-result")  # type: ignore[return-value]

    @property
    def ticket(self) -> int:
        return int(str(self.main["data-ticket"]))

    @property
    def text(self) -> str:
        return self.main.get_text(" ", strip=True)

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def path(self) -> str:
        return self.answer.request.path

    def prove(self, person: Person, *factors: str) -> "Browser":
        """Give these proofs, one after another, from the page that offers the list."""
        for factor in factors:
            self.send({"factor": factor})
            self.site.work()
            answers = {
                "totp": lambda: self.site.totp(person),
                "recovery_code": lambda: person.codes.pop(),
                "mailed_code": lambda: self.site.code(person),
                "password": lambda: PASSWORD,
            }
            self.send({"code": answers[factor]()})
        return self

    def recover(self, person: Person, *factors: str) -> "Browser":
        """Walk to the page with the new password."""
        self.open("/recover").send({"login": person.login})
        self.site.work()
        return self.prove(person, *(factors or ("totp", "mailed_code")))

    def sign_in(self, person: Person, password: str = PASSWORD) -> "Browser":
        return self.open("/sign-in").send({"login": person.login, "password": password})

    def _show(self, answer: TestResponse) -> "Browser":
        self.answer = answer
        self.page = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
        return self

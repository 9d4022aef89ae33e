"""Commands of the installation's own, run before and after an action: they may say no, and they may pass it on.

A hook reads one JSON object on standard input, never a secret. Before an action its exit status decides, and the first
line it prints is the reason the person reads. After one it runs in the worker, when the action is done and recorded.
"""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from audit.event import SYSTEM, Event, Outcome
from connectors.account import Account
from connectors.errors import Unavailable
from portal.action import Action
from portal.books import Books
from portal.identity import Principal
from portal.settings.worker import Hook

TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h: "not now", in the words of every mail system
MOST_OUTPUT = 4096  # bytes; only the first line is used
MOST_CHARACTERS = 200
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}  # and nothing of ours


@dataclass(frozen=True)
class Ran:
    """How one run ended: the exit status, or None if it could not be started or took too long."""

    status: int | None
    message: str = ""


@dataclass(frozen=True)
class Stopped:
    """A hook said no. `reason` is a code the explainer knows, `message` what the hook has to say about it."""

    reason: str
    message: str = ""


class Hooks:
    """The hooks of the settings, in their order."""

    def __init__(self, hooks: tuple[Hook, ...], books: Books) -> None:
        self._hooks = hooks
        self._books = books

    def before(self, actor: Principal, action: Action, account: Account) -> Stopped | None:
        """Ask every hook that stands before this action; the first that does not agree ends it. Each is recorded."""
        for hook in self._wanted("before", action.name):
            ran = run(hook, self._told(hook, action.name, account, actor, action.details()))
            outcome: Outcome = "success" if ran.status == 0 else "failure"
            with self._books.write() as tx:
                self._record(tx, hook, actor.account_id, account.id, action.name, outcome, _code(ran))
            if ran.status is None:
                return Stopped("hook_failed")
            if ran.status != 0:
                return Stopped("refused_by_hook", ran.message)
        return None

    def after(
        self, tx: Connection, actor: Principal, name: str, details: Mapping[str, Any], account: Account, attempt: str
    ) -> None:
        """Put every hook that stands after this action into the caller's transaction, for the worker."""
        for hook in self._wanted("after", name):
            told = self._told(hook, name, account, actor, details) | {"attempt": attempt, "outcome": "success"}
            self._books.outbox.put(tx, "hook", {"hook": hook.name, "told": told})

    def carry_out(self, id_: str, content: dict[str, Any]) -> None:
        """Run one hook after its action; raise Unavailable to be called again. The same `id` may come twice."""
        hook = next((hook for hook in self._hooks if hook.name == content["hook"]), None)
        if hook is None:
            return  # taken out of the settings meanwhile
        told: dict[str, Any] = content["told"]
        ran = run(hook, told | {"id": id_})
        if ran.status is None or ran.status == TRY_AGAIN:
            raise Unavailable(f"hook {hook.name}: {_code(ran)}")
        with self._books.write() as tx:
            self._record(
                tx,
                hook,
                told["actor"]["id"],
                told["account"]["id"],
                told["action"],
                "success" if ran.status == 0 else "failure",
                _code(ran),
                attempt=told["attempt"],
            )

    def _wanted(self, when: str, action: str) -> list[Hook]:
        return [h for h in self._hooks if h.when == when and (action in h.actions or not h.actions)]

    def _told(
        self, hook: Hook, action: str, account: Account, actor: Principal, details: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {
            "hook": hook.name,
            "when": hook.when,
            "action": action,
            "at": self._books.clock().isoformat(),
            "language": actor.language or account.language or "en",
            "actor": {"id": actor.account_id, "login": actor.login, "roles": sorted(actor.roles)},
            "account": {
                "id": account.id,
                "directory": account.directory,
                "dn": account.dn,
                "login": account.login,
                "name": account.name,
                "mail": account.mail,
                "unit": account.unit,
                "kind": account.kind,
            },
            "details": dict(details),
        }

    def _record(
        self,
        tx: Connection,
        hook: Hook,
        actor: str,
        target: str,
        action: str,
        outcome: Outcome,
        code: str,
        *,
        attempt: str | None = None,
    ) -> None:
        event = Event(kind="hook_run", actor=actor or SYSTEM, target=target, object=hook.name, attribute=action)
        self._books.log.record(tx, event, outcome, code, correlation=attempt)


def run(hook: Hook, told: Mapping[str, Any]) -> Ran:
    """Run one command with JSON on standard input, never through a shell, and end it and all it started in time."""
    try:
        child = subprocess.Popen(  # noqa: S603  (the command stands in the settings; nothing of it is anybody's input)
            hook.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
            cwd="/",
            start_new_session=True,
        )
    except OSError:
        return Ran(None, "cannot be started")
    late = threading.Event()
    timer = threading.Timer(hook.seconds, _end, (child, late))
    timer.start()
    try:
        assert child.stdin and child.stdout  # noqa: S101  (both are pipes)
        with suppress(BrokenPipeError):  # it need not read what it is told
            child.stdin.write(json.dumps(told).encode() + b"\n")
            child.stdin.close()
        said = child.stdout.read(MOST_OUTPUT)
        child.stdout.close()  # one that says more than that is not listened to
        status = child.wait()
    finally:
        timer.cancel()
        _end(child, threading.Event())  # whatever it left running in the background
    return Ran(None, "took too long") if late.is_set() else Ran(status, _first_line(said))


def _end(child: "subprocess.Popen[bytes]", late: threading.Event) -> None:
    late.set()
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _first_line(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return "".join(c for c in lines[0] if c.isprintable())[:MOST_CHARACTERS] if lines else ""


def _code(ran: Ran) -> str:
    """What the record holds: the exit status, or that there was none."""
    return "hook_failed" if ran.status is None else f"exit_{ran.status}" if ran.status else ""

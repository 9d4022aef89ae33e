"""Runs the whole demo: directory, mail server, inbox, portal and worker, until it is stopped."""

import fcntl
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from rich.console import Console

from audit.keys import verifier_key
from connectors.wire import Lost, Trust, Wire
from portal.assembly import assemble
from portal.demo import facts, people, screen, secret_files, settings_file
from portal.demo.children import Child, Children
from portal.demo.desk import fill_desk
from portal.demo.directory.embedded import EmbeddedDirectory, utc_now
from portal.demo.duty import plan_shifts
from portal.demo.enrol import enrol_everybody
from portal.demo.facts import Addresses
from portal.demo.identity import Identity, identity_app
from portal.demo.inbox import Inbox, inbox_app
from portal.demo.mail import Mailbag, MailSink
from portal.demo.ports import USUAL, PortTaken, RememberedPorts, portal_port
from portal.demo.postman import Postman
from portal.demo.served import Served
from portal.demo.settings_file import Surroundings
from portal.demo.watcher import Watcher
from portal.schema import upgrade_schema
from portal.settings.file import load
from portal.web import assets

_PATIENCE = 60.0  # seconds until the portal must answer
_LOOK = 0.05  # seconds between two looks


class Stopped(Exception):
    """The demo was asked to stop before it was up."""


class ChildDied(Exception):
    """The portal or its worker has ended by itself."""

    def __init__(self, child: Child) -> None:
        super().__init__(child.name)
        self.child = child


def run_demo(port: int | None, facts_file: Path | None, state: Path) -> None:
    """Run until Ctrl-C or SIGTERM. `port` None: the usual one or the next that is free.

    Raises SystemExit with 2 if it cannot start here, with a child's own code if that died.
    """
    console, stop = Console(), threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with _alone(state.resolve()), ExitStack() as stack:
            running = _start(stack, port, state.resolve(), stop)
            if facts_file:
                facts.write(facts_file, running.addresses)
            if port is None and running.port != USUAL:
                console.print(f"Port {USUAL} is in use; this is port {running.port}.", highlight=False)
            screen.welcome(console, running.addresses, running.seconds)
            _watch(running.children, stop)
            console.print("Stopping.")
    except Stopped:
        console.print("Stopped before everything was up.")
    except PortTaken as taken:
        console.print(str(taken), style="red", highlight=False)
        raise SystemExit(2) from None
    except ChildDied as dead:
        child = dead.child
        console.print(f"The {child.name} process has ended with code {child.running.returncode}. Its last words:")
        console.print(child.last_words(), markup=False, highlight=False)
        code = child.running.returncode
        raise SystemExit(128 - code if code < 0 else code or 1) from None  # as shells tell of a signal


@dataclass(frozen=True)
class _Running:
    port: int
    addresses: Addresses
    children: Children
    seconds: float


def _start(stack: ExitStack, port: int | None, state: Path, stop: threading.Event) -> _Running:
    """Start everything; what was started is stopped by the stack. Raises PortTaken, ChildDied or Stopped."""
    began = time.monotonic()
    remembered = RememberedPorts(state / "ports.json")
    own_port = portal_port(port)
    directory = stack.enter_context(EmbeddedDirectory(state / "directory", remembered.wish("ldap")))
    bag = Mailbag(state / "mail.db", utc_now)
    stack.callback(bag.close)
    postman = Postman(bag, directory.owner_of, directory.members_of, utc_now)
    sink = stack.enter_context(MailSink(postman, remembered.wish("smtp")))
    key = verifier_key(secret_files.ensure_signing_key(settings_file.signing_key(state)), settings_file.ORIGIN)
    witness = stack.enter_context(Watcher(state / "witness", key, remembered.wish("witness"), utc_now))
    static = assets.build(state / "assets")
    identity = stack.enter_context(Served(_identity_app(state, own_port, static), remembered.wish("identity")))
    around = Surroundings(
        portal_port=own_port,
        ldap_url=directory.url,
        ldap_ca=directory.ca_file,
        smtp_port=sink.port,
        witness_url=witness.url,
        witness_key=witness.key,
        issuer=identity.url.rstrip("/"),
    )
    file = settings_file.write_settings(state, around)
    ready_settings = load(file)
    upgrade_schema(ready_settings.database)
    children = stack.enter_context(Children(state / "logs"))
    for name, command in (("web", "run"), ("worker", "worker")):
        children.start(name, "portal", command, "--settings", str(file))
    parts = assemble(ready_settings)
    enrol_everybody(parts)
    fill_desk(parts)
    plan_shifts(parts)
    app = _inbox_app(bag, postman, around.portal_url, static)
    inbox = stack.enter_context(Inbox(app, remembered.wish("inbox")))
    remembered.remember(ldap=directory.port, smtp=sink.port, inbox=inbox.port)
    remembered.remember(witness=witness.port, identity=identity.port)
    _wait_until_ready(f"http://127.0.0.1:{own_port}/readyz", children, stop)
    addresses = Addresses(
        portal=around.portal_url,
        ldap=directory.url,
        ldap_ca=directory.ca_file,
        inbox=inbox.url,
        messages=inbox.messages_url,
        smtp=f"127.0.0.1:{sink.port}",
        identity=identity.url,
        database=ready_settings.database,
        verifier_key=key,
    )
    return _Running(own_port, addresses, children, time.monotonic() - began)


def _identity_app(state: Path, portal_port: int, static: assets.Assets) -> Flask:
    secret = settings_file.provider_secret(state)
    secret_files.ensure_secret(secret)
    return identity_app(Identity(f"http://localhost:{portal_port}", secret.read_text(), people.PERSONS), static)


def _inbox_app(bag: Mailbag, postman: Postman, portal: str, static: assets.Assets) -> Flask:
    addresses = [person.mail for person in people.PERSONS]
    return inbox_app(bag, postman, portal=portal, static=static, organisation=people.ORGANISATION, people=addresses)


def _wait_until_ready(url: str, children: Children, stop: threading.Event) -> None:
    deadline, wire = time.monotonic() + _PATIENCE, Wire(Trust(None))
    while time.monotonic() < deadline:
        _check(children)
        if stop.wait(_LOOK):
            raise Stopped
        try:
            if wire.request("GET", url, {}, 2.0).status == 200:
                return
        except Lost:
            continue
    raise TimeoutError(f"the portal did not answer at {url} within {_PATIENCE:.0f} seconds")


def _watch(children: Children, stop: threading.Event) -> None:
    while not stop.wait(4 * _LOOK):
        _check(children)


def _check(children: Children) -> None:
    if child := children.dead():
        raise ChildDied(child)


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Hold the state folder; a second demo on it would write to the same files. Raises SystemExit 2."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            Console().print(f"A demo already runs on {state}. Stop it, or choose another folder with --state.")
            raise SystemExit(2) from None
        yield

"""Auto replies and forwarding by Sieve: one script of the portal's own, which runs before the person's rules."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from connectors.account import Account
from connectors.capabilities import Capability, Examined, Finding
from connectors.errors import AccountNotFound, ConnectorError, Forbidden, Obstacle, Unconfirmed
from connectors.findings import fault, fine, say, warning
from connectors.mailbox import AutoReply, Forward, Forwards, Mailbox, ReadsMailbox, SetsAutoReply
from connectors.mailboxes import sieve_script
from connectors.mailboxes.settings import MailSystem
from connectors.mailboxes.sieve_changes import (
    address_of,
    check_no_second_answer,
    seen,
    with_forward,
    without_forward,
    written,
)
from connectors.mailboxes.sieve_client import ManageSieveSettings, Session, session
from connectors.mailboxes.sieve_script import Script
from connectors.oauth import Tokens

_NOBODY = "sparekey-looks-whether-this-is-refused"
_REMEDY = """protocol sieve {
  passdb {
    driver = passwd-file
    args = /etc/dovecot/master-users
    master = yes
    result_success = continue
  }
}"""


class ManageSieve(MailSystem, ReadsMailbox, SetsAutoReply, Forwards, Examined):
    """`inside`: the organisation's domains. Nothing but a token is kept between two calls: each signs in anew."""

    settings: ManageSieveSettings

    def __init__(self, settings: ManageSieveSettings, inside: tuple[str, ...], tokens: Tokens | None = None) -> None:
        self.settings = settings
        self._inside = inside
        self._tokens = tokens

    def read_mailbox(self, account: Account) -> Mailbox:
        address = address_of(account)
        with session(self.settings, address, self._tokens) as server:
            active, ours = self._standing(server)
            own = ours.before if ours else active
            return seen(address, ours, server.script(own) if own else "", own)

    def set_auto_reply(self, account: Account, reply: AutoReply | None) -> None:
        self._change(account, lambda script: replace(script, reply=reply))

    def add_forward(self, account: Account, forward: Forward) -> None:
        self._change(account, lambda script: with_forward(script, forward))

    def remove_forward(self, account: Account, target: str) -> None:
        self._change(account, lambda script: without_forward(script, target))

    def examine(self) -> Iterator[Finding]:
        """Sign in for a mailbox that is not there: the server says so only to a master user whom it knows."""
        subject = say("sign-in to ManageSieve")
        try:
            nobody = f"{_NOBODY}@{next(iter(self.settings.domains), 'invalid')}"
            with session(self.settings, nobody, self._tokens):
                yield warning(subject, say("lets the portal into a mailbox that cannot exist"), _REMEDY)
        except AccountNotFound:
            yield fine(subject, say("the master user may act for others, over verified encryption"))
        except ConnectorError as error:
            yield fault(subject, error.detail, _REMEDY, stops=_STOPPED)

    def _change(self, account: Account, change: Callable[[Script], Script]) -> None:
        address = address_of(account)
        with session(self.settings, address, self._tokens) as server:
            active, ours = self._standing(server)
            usual = replace(ours or Script(before=active), addresses=(address,), inside=self._inside)
            wanted = change(usual)
            if wanted == ours or (wanted.empty and ours is None):
                return
            self._check(server, wanted)
            if wanted.empty:
                server.activate(wanted.before)
                server.delete(sieve_script.NAME)
            else:
                server.put(sieve_script.NAME, written(wanted))
                server.activate(sieve_script.NAME)
            if self._standing(server) != ((wanted.before, None) if wanted.empty else (sieve_script.NAME, wanted)):
                raise Unconfirmed(f"{self.settings.host}: the script of {address} is not what was written")

    def _standing(self, server: Session) -> tuple[str, Script | None]:
        """The active script, and what the portal has written there, if that is what runs."""
        active, _others = server.scripts()
        if active != sieve_script.NAME:
            return active, None
        script = sieve_script.read(server.script(active))
        if script is None:
            raise Forbidden(f"the script {active} was changed by another program", obstacle=Obstacle.UNWILLING)
        return active, script

    def _check(self, server: Session, wanted: Script) -> None:
        """What would go wrong only when mail comes in."""
        if lacking := set(sieve_script.needed(wanted)) - server.extensions():
            raise Forbidden(f"Sieve lacks {', '.join(sorted(lacking))}", obstacle=Obstacle.UNSUPPORTED)
        check_no_second_answer(wanted, server.script(wanted.before) if wanted.before else "", wanted.before)


_STOPPED: tuple[type[Capability], ...] = (SetsAutoReply, Forwards)

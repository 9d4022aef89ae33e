"""What a wish does to the portal's own script, and what script and rules together say; whoever carries them about."""

from dataclasses import replace

from connectors.account import Account
from connectors.errors import AccountNotFound, Refusal, Refused
from connectors.mailbox import Forward, Mailbox, Source
from connectors.mailboxes import sieve_rules, sieve_script
from connectors.mailboxes.sieve_rules import Rules
from connectors.mailboxes.sieve_script import Script

MOST_FORWARDS = 4  # Pigeonhole's sieve_max_redirects: one more, and none is sent


def with_forward(script: Script, forward: Forward) -> Script:
    """With one more, in place of one to the same target. Raises Refused where the server would send none."""
    others = [
        replace(one, keep_copy=forward.keep_copy) for one in script.forwards if not _same(one.target, forward.target)
    ]
    if len(others) >= MOST_FORWARDS:
        raise Refused(Refusal.TOO_MANY_FORWARDS, f"{len(others)} forwards")
    return replace(script, forwards=(*others, forward))


def without_forward(script: Script, target: str) -> Script:
    return replace(script, forwards=tuple(one for one in script.forwards if not _same(one.target, target)))


def written(script: Script) -> str:
    """The script as text. Raises Refused for what can be part of none."""
    try:
        return sieve_script.write(script)
    except sieve_script.NotWritable as error:
        raise Refused(Refusal.POLICY, str(error)) from error


def check_no_second_answer(wanted: Script, own_rules: str, name: str) -> None:
    """Raises Refused if both this script and the person's own rules would answer."""
    if wanted.reply and own_rules:
        rules = sieve_rules.scan(own_rules)
        if rules and rules.answers:
            raise Refused(Refusal.OWN_AUTO_REPLY, f"{name} answers, too")


def seen(address: str, ours: Script | None, own_rules: str, name: str) -> Mailbox:
    """The mailbox as the portal's script and the person's own rules, called `name`, make it."""
    rules = sieve_rules.scan(own_rules) if own_rules else Rules()
    ours = ours or Script()
    redirects = rules.redirects if rules else ()
    found = (Forward(target=to, keep_copy=kept, source=Source.FILTER, rule=name) for to, kept in redirects)
    return Mailbox(
        address=address,
        auto_reply=ours.reply,
        own_auto_reply=bool(rules and rules.answers),
        forwards=(*ours.forwards, *found),
        unread=name if rules is None or rules.unknown or rules.includes else "",
    )


def address_of(account: Account) -> str:
    """The mailbox's address. Raises AccountNotFound where the directory names none."""
    if not account.mail:
        raise AccountNotFound(f"{account.id} has no mail address")
    return account.mail


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()

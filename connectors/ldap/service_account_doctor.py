"""The service account, where its state is kept as anybody's: when it will stop, and what it may too much."""

import secrets
from collections.abc import Callable, Iterator, Sequence

from connectors.account import AccountState
from connectors.capabilities import Finding
from connectors.findings import say, warning
from connectors.ldap import own_data
from connectors.ldap.link import Link
from connectors.ldap.requests import Change
from connectors.ldap.results import NO_SUCH_ATTRIBUTE
from connectors.ldap.settings import LdapSettings


def examine_end(dn: str, state: AccountState, *, locks: bool) -> Iterator[Finding]:
    """`locks`: whether too many wrong passwords lock it, which anybody can bring about."""
    subject = say("service account")
    remedy = f"dn: {dn}\nchangetype: modify\nreplace: pwdPolicySubentry\npwdPolicySubentry: A-POLICY-FOR-SERVICES"
    ends = {say("its password expires"): state.password_expires_at, say("it ends"): state.ends_on}
    for what, at in ends.items():
        if at:
            message = say(
                "%(name)s: %(what)s on %(day)s, and then nobody can be helped",
                name=dn,
                what=what,
                day=f"{at:%Y-%m-%d}",
            )
            yield warning(subject, message, remedy)
    if locks:
        message = say("%(name)s: whoever guesses wrong passwords locks it, and then nobody can be helped", name=dn)
        yield warning(subject, message, remedy)


def never_written(settings: LdapSettings) -> tuple[str, ...]:
    """Who may write these can be found under another's name, or have another's codes or decisions sent elsewhere."""
    own = {name.lower() for name in own_data.attributes(settings)}
    names = (
        settings.login_attribute, *settings.mail_attributes, *settings.recovery_mail_attributes,
        settings.sponsor_attribute,
    )  # fmt: skip
    return tuple(dict.fromkeys(name for name in names if name and name.lower() not in own))


def examine_power(
    settings: LdapSettings, service: Link, dn: str, base: str, take_away: Callable[[Sequence[str]], str]
) -> Iterator[Finding]:
    """Rights it should not have, tried out by taking away values that nobody has."""
    nobody = f"nobody-{secrets.token_hex(6)}"
    values = {settings.login_attribute: nobody, settings.sponsor_attribute: f"cn={nobody}"}
    written = []
    for name in never_written(settings):
        value = values.get(name, f"{nobody}@sparekey.invalid").encode()
        if service.modify(dn, {name: [(Change.DELETE, [value])]}).code == NO_SUCH_ATTRIBUTE:
            written.append(name)
    if written:
        message = say("%(base)s: may write %(names)s, which it never needs", base=base, names=", ".join(written))
        yield warning(say("too much power"), message, take_away(written))

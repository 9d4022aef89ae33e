"""What people change about themselves: private addresses, telephone, SSH keys. The same for every kind of server."""

from collections.abc import Callable, Iterator

from connectors.account import Account
from connectors.capabilities import Capability, Finding, KeepsSshKeys, SetsPhone, SetsRecoveryMail, Severity
from connectors.errors import AccountNotFound, ConnectorError, Forbidden
from connectors.ldap.link import Link, Reply
from connectors.ldap.requests import Change
from connectors.ldap.results import NO_SUCH_ATTRIBUTE, SUCCESS, VALUE_EXISTS, error_for, missing
from connectors.ldap.settings import LdapSettings

_NOBODYS = {  # a value that fits the attribute's syntax and that nobody has
    "own_mail_attribute": "nobody@sparekey.invalid",
    "phone_attribute": "+10000000000",
    "ssh_key_attribute": "nobody's key",
}
_PURPOSE = {
    "own_mail_attribute": "change private addresses",
    "phone_attribute": "change the telephone number",
    "ssh_key_attribute": "add and remove SSH keys",
}


def attributes(settings: LdapSettings) -> tuple[str, ...]:
    """The attributes people may change, as far as the settings name any."""
    return tuple(filter(None, (settings.own_mail_attribute, settings.phone_attribute, settings.ssh_key_attribute)))


def offered(settings: LdapSettings, capability: type[Capability]) -> bool:
    """False for what lacks its attribute in the settings."""
    needed = {
        SetsRecoveryMail: settings.own_mail_attribute,
        SetsPhone: settings.phone_attribute,
        KeepsSshKeys: settings.ssh_key_attribute,
    }
    return bool(needed.get(capability, "needs none"))


def change(service: Link, account: Account, attribute: str, *, old: str, new: str) -> None:
    """Put one value in place of another in one operation. What others write at the same time stays as it is."""
    wanted = ((Change.DELETE, old), (Change.ADD, new))
    changes = [(kind, [value.encode()]) for kind, value in wanted if value]
    reply = service.modify(account.dn, {attribute: changes})
    if reply.code in (NO_SUCH_ATTRIBUTE, VALUE_EXISTS):
        _complete(service, account, attribute, old=old, new=new)
    elif reply.code != SUCCESS:
        raise _error(service, account, reply)


def put(service: Link, account: Account, attribute: str, value: str) -> None:
    """Make this the only value; an empty one leaves none."""
    reply = service.modify(account.dn, {attribute: [(Change.REPLACE, [value.encode()] if value else [])]})
    if reply.code != SUCCESS:
        raise _error(service, account, reply)


def _error(service: Link, account: Account, reply: Reply) -> ConnectorError:
    return AccountNotFound(account.dn) if missing(service, account.dn, reply) else error_for(reply)


def _complete(service: Link, account: Account, attribute: str, *, old: str, new: str) -> None:
    """One half was so already, and a server refuses the whole for it: do what is left."""
    entries = service.read(account.dn, (attribute,)).entries
    if not entries:
        raise AccountNotFound(account.dn)
    held = entries[0].texts(attribute)
    left = [(Change.DELETE, [old.encode()])] if old in held else []
    left += [(Change.ADD, [new.encode()])] if new and new not in held else []
    if left:
        reply = service.modify(account.dn, {attribute: left})
        if reply.code != SUCCESS:
            raise Forbidden(reply.detail)


def examine(
    settings: LdapSettings, service: Link, dn: str, base: str, grant: Callable[[str], str]
) -> Iterator[Finding]:
    """Whether the service account may write them, tried out by taking away a value that nobody has."""
    for name, value in _NOBODYS.items():
        attribute = getattr(settings, name)
        if not attribute:
            continue
        subject, purpose = f"right to write {attribute}", _PURPOSE[name]
        reply = service.modify(dn, {attribute: [(Change.DELETE, [value.encode()])]})
        if reply.code == NO_SUCH_ATTRIBUTE:
            yield Finding(severity=Severity.OK, subject=subject, message=f"{base}: may {purpose}")
        else:
            message = f"{base}: may not {purpose} (result {reply.code} {reply.message})"
            yield Finding(severity=Severity.FAULT, subject=subject, message=message, remedy=grant(attribute))

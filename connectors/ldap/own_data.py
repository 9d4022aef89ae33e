"""What people change about themselves: private addresses, telephone, SSH keys. The same for every kind of server."""

from collections.abc import Callable, Iterator, Mapping

from connectors.account import Account
from connectors.capabilities import Capability, Finding, KeepsSshKeys, SetsPhone, SetsRecoveryMail
from connectors.errors import AccountNotFound, ConnectorError, Forbidden
from connectors.findings import fault, fine, say
from connectors.ldap.link import Link, Reply
from connectors.ldap.requests import Change
from connectors.ldap.results import NO_SUCH_ATTRIBUTE, SUCCESS, VALUE_EXISTS, error_for, missing
from connectors.ldap.settings import LdapSettings

_NOBODYS = {  # a value that fits the attribute's syntax and that nobody has
    "own_mail_attribute": "nobody@sparekey.invalid",
    "phone_attribute": "+10000000000",
    "ssh_key_attribute": "nobody's key",
}
_CAPABILITY: Mapping[str, type[Capability]] = {
    "own_mail_attribute": SetsRecoveryMail,
    "phone_attribute": SetsPhone,
    "ssh_key_attribute": KeepsSshKeys,
}
_PURPOSE = {
    "own_mail_attribute": say("change private addresses"),
    "phone_attribute": say("change the telephone number"),
    "ssh_key_attribute": say("add and remove SSH keys"),
}


def attributes(settings: LdapSettings) -> tuple[str, ...]:
    """The attributes people may change, as far as the settings name any."""
    return tuple(filter(None, (settings.own_mail_attribute, settings.phone_attribute, settings.ssh_key_attribute)))


def capabilities(settings: LdapSettings) -> dict[str, type[Capability]]:
    """What each of those attributes is for."""
    return {attribute: _CAPABILITY[name] for name in _CAPABILITY if (attribute := getattr(settings, name))}


def offered(settings: LdapSettings, capability: type[Capability]) -> bool:
    """False for what lacks its attribute in the settings."""
    return capability not in _CAPABILITY.values() or capability in capabilities(settings).values()


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
        subject, purpose = say("right to write %(attribute)s", attribute=attribute), _PURPOSE[name]
        reply = service.modify(dn, {attribute: [(Change.DELETE, [value.encode()])]})
        if reply.code == NO_SUCH_ATTRIBUTE:
            yield fine(subject, say("%(base)s: may %(purpose)s", base=base, purpose=purpose))
        else:
            message = say(
                "%(base)s: may not %(purpose)s (result %(code)s %(message)s)",
                base=base,
                purpose=purpose,
                code=reply.code,
                message=reply.message,
            )
            yield fault(subject, message, grant(attribute), base=base, stops=(_CAPABILITY[name],))

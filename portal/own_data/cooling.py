"""Brings into force what has waited long enough: through the desk, in the name of whoever asked."""

import structlog

from connectors.account import Account
from connectors.errors import AccountNotFound, ConnectorError
from portal.actions.set_recovery_mail import SetRecoveryMail, is_so
from portal.explaining.explain import Next, explain
from portal.identity import Principal
from portal.jobs import going_on
from portal.own_data.address_changes import AddressChange, End
from portal.parts import Parts
from portal.results import Denied, Done, Failed, Pending, Unsure

logger = structlog.get_logger("cooling")


def carry_out_due(parts: Parts) -> int:
    """Carry out every change of addresses that is due; return how many came into force."""
    with parts.database.read() as db:
        due = parts.address_changes.due(db)
    applied = 0
    for change in due:
        with going_on("address change", id=change.id):
            applied += _carry_out(parts, change)
    return applied


def _carry_out(parts: Parts, change: AddressChange) -> bool:
    with parts.database.write() as tx:
        if not parts.address_changes.take(tx, change):
            return False
    try:
        account = parts.accounts.read(change.account_id)
    except AccountNotFound:
        return _close(parts, change, "refused")
    except ConnectorError as error:
        logger.warning("address_change_waits", error=type(error).__name__)
        return _give_back(parts, change)
    if change.state == "applying" and is_so(account, change.old, change.new):
        return _close(parts, change, "applied")  # a crash came between the change and this
    if not change.new and set(account.recovery_mail) <= {change.old}:
        return _close(parts, change, "refused")  # meanwhile it has become the last one
    return _submit(parts, change, account)


def _submit(parts: Parts, change: AddressChange, account: Account) -> bool:
    actor = Principal(
        account_id=account.id,
        login=account.login,
        name=account.name,
        language=account.language,
        channels=change.channels,
        proved_at=parts.clock(),  # it was fresh when it was asked for; the wait is ours
        session=change.id,
    )
    action = SetRecoveryMail(account_id=account.id, old_address=change.old, new_address=change.new)
    match parts.desk.submit(actor, action, account):
        case Done():
            return _close(parts, change, "applied")
        case Unsure():
            return False  # looked at again once the recovery has settled it
        case Failed(reason=reason) | Denied(reason=reason) if explain(reason).next is Next.LATER:
            return _give_back(parts, change)
        case Pending():  # people have it now, and have told the owner so
            return _close(parts, change, "handed_over")
        case _:
            return _close(parts, change, "refused")


def _close(parts: Parts, change: AddressChange, end: End) -> bool:
    with parts.database.write() as tx:
        parts.address_changes.close(tx, change, end)
    return end == "applied"


def _give_back(parts: Parts, change: AddressChange) -> bool:
    with parts.database.write() as tx:
        parts.address_changes.give_back(tx, change)
    return False

"""A field in which somebody names a colleague, by user name or address."""

from flask_babel import lazy_gettext as _l
from wtforms import Field

from connectors.account import Account
from connectors.errors import AccountAmbiguous, AccountNotFound
from portal.identity import AUDITS, roles_of
from portal.views import parts


def named(field: Field, but: str = "") -> Account | None:
    """Somebody who can sign in, and is not `but`; otherwise the field says what is wrong."""
    try:
        account = parts().accounts.find(field.data)
    except (AccountNotFound, AccountAmbiguous):
        field.errors = [_l("Nobody, or more than one, goes by that name. Try the other one.")]
        return None
    if account.id == but:
        field.errors = [_l("That is you. Name somebody else.")]
    elif account.state.disabled or account.state.ended:
        field.errors = [_l("That account is not in use. Name somebody else.")]
    elif roles_of(account, parts().settings.roles) >= AUDITS:
        field.errors = [_l("Whoever checks the log decides nothing for others. Name somebody else.")]
    else:
        return account
    return None

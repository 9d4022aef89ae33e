"""What a ticket tells of the account it is about."""

from typing import Any

from connectors.account import Account


def facts_of(account: Account) -> dict[str, str]:
    """What a coordinator wants to know of an account, without a secret."""
    state: dict[str, Any] = account.state.facts()
    del state["revision"]
    known = {"name": account.name, "login": account.login, "unit": account.unit, "kind": account.kind}
    return {key: value for key, value in (known | state).items() if value}

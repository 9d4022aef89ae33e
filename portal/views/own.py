"""What the pages of one's own data have in common: what is offered, and whether enough is proved for it."""

from connectors.account import Account
from portal.action import Action
from portal.policy import missing_proof
from portal.views import me, parts


def offered(action: type[Action], account: Account) -> bool:
    """Whether there is a rule for it, and something that can do it for this account."""
    able = action.needs is not None and parts().connectors.able_to(action.needs, account)
    return parts().desk.offers(action) and able is not None


def is_proved(action: type[Action]) -> bool:
    """Whether whoever is signed in has proved enough, and lately enough, to ask for it now."""
    rule = parts().settings.rules.get(action.name)
    return rule is not None and not missing_proof(rule, me(), parts().clock())

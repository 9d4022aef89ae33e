"""Why something was not done: one code per cause, from whatever raised it."""

from connectors.errors import (
    AccountAmbiguous,
    AccountNotFound,
    ConnectorError,
    Forbidden,
    Obstacle,
    Refused,
    Unavailable,
    Unconfirmed,
)


def reason_of(error: ConnectorError) -> str:
    """The reason code of an error; the explainer knows every one of them."""
    match error:
        case Refused():
            return error.refusal.value
        case AccountNotFound():
            return "account_not_found"
        case AccountAmbiguous():
            return "account_ambiguous"
        case Forbidden():
            return error.obstacle.value
        case Unavailable():
            return error.outage.value
        case Unconfirmed():
            return "no_answer"
    return Obstacle.UNWILLING.value

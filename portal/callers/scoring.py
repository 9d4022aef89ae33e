"""How much a caller has to prove: points of the proofs given, and what makes it take more. Pure arithmetic."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.account import Account
from portal.identity import Evidence, roles_of
from portal.settings.callers import CallerCheck

ALARM_KINDS = {  # of the record: what somebody does who is taking an account over
    "address_asked": "new_address",
    "address_change": "new_address",
    "phone_change": "new_phone",
    "factor_enrol": "new_factor",
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far a check has come."""

    points: int
    more: int
    alarms: tuple[str, ...]  # codes, each once
    needs_second: bool
    seconded: bool

    def evidence(self, account_id: str, ticket: int, until: datetime) -> Evidence:
        return Evidence(
            account_id=account_id,
            ticket=ticket,
            points=self.points,
            more=self.more,
            seconded=self.seconded or not self.needs_second,
            until=until,
        )


def standing(
    settings: CallerCheck,
    given: Mapping[str, datetime],
    alarms: Iterable[str],
    *,
    ranked: bool,
    seconded: bool,
) -> Standing:
    """What the proofs given are worth; a new telephone number makes calling it back worth nothing."""
    found = tuple(dict.fromkeys(alarms))
    worthless = {"call_back"} if "new_phone" in found else set()
    return Standing(
        points=sum(settings.points.get(proof, 0) for proof in given if proof not in worthless),  # type: ignore[call-overload]
        more=(settings.more_for_roles if ranked else 0) + settings.more_for_alarms * len(found),
        alarms=found,
        needs_second=ranked,
        seconded=seconded,
    )


def has_rank(account: Account, roles: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether somebody could do harm to others with this account: any role here but that of a sponsor."""
    return bool(roles_of(account, roles) - {"sponsor"})


def since(settings: CallerCheck, now: datetime) -> datetime:
    """From when on a change is recent."""
    return now - timedelta(days=settings.alarm_days)

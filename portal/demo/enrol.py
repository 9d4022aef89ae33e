"""Gives the demo people their factors, so that every walk can be tried at once."""

from portal.demo.people import EVERYBODY, DemoPerson
from portal.parts import Parts
from portal.routing import within


def enrol_everybody(parts: Parts) -> int:
    """Enrol an authenticator app and recovery codes for whoever has none yet; return for how many people.

    What somebody has changed since stays: only people without any factor are given them.
    """
    return sum(_enrol(parts, person) for person in EVERYBODY if person.totp_secret)


def _enrol(parts: Parts, person: DemoPerson) -> bool:
    account = parts.accounts.find(within(person.directory, person.login))
    with parts.database.write() as tx:
        if parts.own_factors.of(tx, account.id):
            return False
        own = parts.own_factors
        secret, codes = person.totp_secret or "", list(person.recovery_codes)
        ids = (own.begin_totp(tx, account.id, "Phone", secret)[0], own.begin_codes(tx, account.id, "Paper", codes)[0])
        for factor_id in ids:
            own.within(tx).confirm_factor(account, factor_id)
    return True

"""Two people at one ticket at the same moment: one of them wins, the other is told, and nothing is written twice."""

import os
import random
from collections import Counter as Counted
from collections.abc import Callable
from dataclasses import replace

import pytest

from portal.identity import Principal
from portal.tickets.ticket import AlreadyDecided
from tests.portal.copying import CAROL, open_ticket
from tests.portal.site import Site
from tests.portal.test_contact_races import at_once

ROUNDS = 1000 if os.environ.get("SPAREKEY_CAMPAIGN") else 15
DAVE = replace(CAROL, account_id="main:dave", login="dave", name="Dave")
EVE = Principal(account_id="main:eve", login="eve", name="Eve")  # who asked
DEEDS = {"take": "taken", "fulfil": "fulfilled", "refuse": "refused", "withdraw": "withdrawn", "merge": "merged"}


def deed(site: Site, name: str, who: Principal, number: int, other: int) -> Callable[[], str]:
    """What one of them does, as the page showed the ticket, and what came of it. `other`: of the same person."""
    counter = site.parts.counter
    with site.parts.database.read() as db:
        shown = site.parts.tickets.get(db, number)

    def withdraw() -> None:
        with site.parts.database.write() as tx:
            counter.withdraw(tx, shown, actor=EVE)

    deeds: dict[str, Callable[[], None]] = {
        "take": lambda: counter.take(who, number, shown.version),
        "fulfil": lambda: counter.fulfil(who, number, shown.version, "done"),
        "refuse": lambda: counter.refuse(who, number, shown.version, "no"),
        "withdraw": withdraw,
        "merge": lambda: site.parts.service_desk.merging.merge(who, number, shown.version, other),
    }

    def done() -> str:
        try:
            deeds[name]()
        except AlreadyDecided:
            return "too late"
        return DEEDS[name]

    return done


@pytest.mark.campaign
def test_of_two_at_once_one_wins_and_the_other_is_told(site: Site) -> None:
    chance, ends = random.Random(19), Counted[str]()
    for round_ in range(ROUNDS):
        number = open_ticket(site, round_, requester_id=EVE.account_id, claim="", reason=f"no_factor_left_{round_}")
        names = chance.choices(list(DEEDS), k=2)
        other = open_ticket(site, round_, requester_id=EVE.account_id, claim="", reason=f"no_phone_left_{round_}")
        came = at_once(*(deed(site, name, who, number, other) for name, who in zip(names, (CAROL, DAVE), strict=True)))
        assert sorted(came).count("too late") == 1, (names, came)
        (won,) = {str(each) for each in came} - {"too late"}
        with site.parts.database.read() as db:
            ticket, notes = site.parts.tickets.get(db, number), site.parts.tickets.notes(db, number, all_of_them=True)
        assert (ticket.status, ticket.version) == (won, 2)
        assert [note.kind for note in notes] == ["opened", won]
        ends[f"{names[came.index(won)]} before {names[1 - came.index(won)]}"] += 1
    print(f"{ROUNDS} races on {site.settings.database.partition(':')[0]}: {dict(ends)}")


def test_two_are_never_merged_into_one_another(site: Site) -> None:
    for round_ in range(ROUNDS // 5):
        one, other = (
            open_ticket(site, round_, requester_id=EVE.account_id, claim="", reason=f"{reason}_{round_}")
            for reason in ("no_factor_left", "no_phone_left")
        )
        came = at_once(deed(site, "merge", CAROL, one, other), deed(site, "merge", DAVE, other, one))
        assert sorted(map(str, came)) == ["merged", "too late"]

"""Two who decide about one request at the same moment: one decision counts, the other is told, one is written."""

import os
import random
from collections import Counter as Counted
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from portal.identity import Principal
from portal.tables import outbox
from portal.tickets.ticket import AlreadyDecided, Ticket, Wish
from tests.portal.copying import CAROL
from tests.portal.site import MovableClock, Person, Site
from tests.portal.test_approvals import guest
from tests.portal.test_contact_races import at_once

ROUNDS = 1000 if os.environ.get("SPAREKEY_CAMPAIGN") else 12
DAVE = replace(CAROL, account_id="main:dave", login="dave", name="Dave")
SPONSOR = Principal(account_id="main:host", login="host", name="Host", session="s", source="::1")
BY_LINK = replace(SPONSOR, session="", channels=frozenset({"mail"}), factors=("mail",))  # the link in the mail
QUEUED = {"queue": "coordinators", "ids": [], "names": []}
NAMED = {"queue": "sponsor", "ids": [SPONSOR.account_id], "names": [SPONSOR.name]}
DEEDS = ("approve", "refuse", "withdraw")


def asked(site: Site, round_: int, person: Person, stages: list[dict[str, object]]) -> Ticket:
    until = (site.clock().date()).isoformat()
    wish = Wish(
        requester_id=person.account.id,
        claim=person.login,
        action="extend_account",
        reason="needs_approval",
        details={"until": until, "reason": "plankton"},
        account_id=person.account.id,
        stages=stages,
        key=f"race/{round_}",
    )
    with site.parts.database.write() as tx:
        number = site.parts.counter.open(tx, wish, actor=person.principal(at=site.clock()))
        return site.parts.tickets.get(tx, number)


def deed(site: Site, name: str, who: Principal, shown: Ticket) -> Callable[[], str]:
    """What one of them does as the page, or the mail, showed the request, and what came of it."""
    approvals, number, version = site.parts.approvals, shown.number, shown.version

    def withdraw() -> None:
        with site.parts.database.write() as tx:
            site.parts.counter.withdraw(tx, shown, actor=replace(who, account_id=shown.requester_id or ""))

    deeds: dict[str, Callable[[], object]] = {
        "approve": lambda: approvals.approve(who, number, version, "yes"),
        "refuse": lambda: approvals.refuse(who, number, version, "no"),
        "withdraw": withdraw,
    }

    def done() -> str:
        try:
            deeds[name]()
        except AlreadyDecided:
            return "too late"
        return name

    return done


@pytest.mark.campaign
def test_of_two_decisions_at_once_one_counts_and_the_other_is_told(site: Site, clock: MovableClock) -> None:
    chance, person, ends = random.Random(23), guest(site), Counted[str]()
    for round_ in range(ROUNDS):
        named, again = chance.random() < 0.5, chance.random() < 0.3
        stages = [NAMED if named else QUEUED, *([{**QUEUED, "queue": "supervisors"}] if again else [])]
        first, second = chance.sample([SPONSOR, BY_LINK] if named else [CAROL, DAVE], k=2)
        shown, names = asked(site, round_, person, stages), chance.choices(DEEDS, k=2)
        came = at_once(deed(site, names[0], first, shown), deed(site, names[1], second, shown))
        assert sorted(came).count("too late") == 1, (names, came, stages)
        (won,) = {str(each) for each in came} - {"too late"}
        _check(site, shown, won, last=not again)
        where = "link against page" if named else "desk against desk"
        ends[f"{where}: {won} before {names[1 - came.index(won)]}"] += 1
    print(f"{ROUNDS} decisions on {site.settings.database.partition(':')[0]}: {dict(ends)}")


def _check(site: Site, shown: Ticket, won: str, *, last: bool) -> None:
    with site.parts.database.read() as db:
        ticket = site.parts.tickets.get(db, shown.number)
        notes = [note.kind for note in site.parts.tickets.notes(db, shown.number, all_of_them=True)]
    passed_on = won == "approve" and not last
    status = {"approve": "open" if passed_on else "approved", "refuse": "refused", "withdraw": "withdrawn"}[won]
    assert (ticket.status, ticket.version) == (status, shown.version + 1)
    assert notes == ["opened", {"approve": "agreed", "refuse": "refused", "withdraw": "withdrawn"}[won]]
    assert (ticket.stage, ticket.queue) == ((1, "supervisors") if passed_on else (0, shown.queue))


def test_what_two_approve_at_once_is_written_once(site: Site) -> None:
    person = guest(site)
    for round_ in range(3):
        shown = asked(site, round_, person, [QUEUED])
        before = _applications(site)
        at_once(deed(site, "approve", CAROL, shown), deed(site, "approve", DAVE, shown))
        assert _applications(site) == before + 1


def _applications(site: Site) -> int:
    query = select(func.count()).select_from(outbox).where(outbox.c.kind == "apply")
    with site.parts.database.read() as db:
        return int(db.execute(query).scalar_one())

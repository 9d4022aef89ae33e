"""Of several hands on one change of addresses one wins, and the others are told so: on each kind of database."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from connectors.account import Account
from connectors.errors import Unconfirmed
from connectors.ldap import LdapDirectory
from portal.actions.ask_address_change import AskAddressChange
from portal.actions.cancel_address_change import CancelAddressChange
from portal.own_data.cooling import carry_out_due
from portal.results import Done, Failed, Result
from portal.tables import address_change
from tests.portal.site import Person, Site

NEW = "a.berg@new.example"
ROUNDS = 5


def ask(site: Site, person: Person, number: int = 0, new: str = NEW) -> str:
    """Let a change wait, and its owner be told."""
    change_id = f"{number:032x}"
    action = AskAddressChange(
        account_id=person.account.id, change_id=change_id, old_address="", new_address=new, channels="phone"
    )
    assert isinstance(site.parts.desk.submit(person.principal(at=site.clock()), action), Done)
    site.work()
    return change_id


def cancel(site: Site, person: Person, change_id: str) -> Result:
    action = CancelAddressChange(account_id=person.account.id, change_id=change_id)
    return site.parts.desk.submit(person.principal(at=site.clock()), action, person.account)


def addresses(site: Site, person: Person) -> tuple[str, ...]:
    return site.parts.accounts.read(person.account.id).recovery_mail


def state(site: Site, change_id: str) -> str:
    with site.parts.database.read() as db:
        return str(db.scalar(select(address_change.c.state).where(address_change.c.id == change_id)))


def at_once(*jobs: Callable[[], object]) -> list[object]:
    """What each came to, begun at the same moment."""
    barrier, results = threading.Barrier(len(jobs)), [None] * len(jobs)  # type: ignore[var-annotated]

    def run(at: int, job: Callable[[], object]) -> None:
        barrier.wait(10)
        results[at] = job()  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_a_change_is_stopped_or_in_force_and_never_both(site: Site) -> None:
    alice = site.person()
    for number in range(ROUNDS):
        new = f"a{number}@new.example"
        change_id = ask(site, alice, number, new)
        site.clock.move(timedelta(hours=49))
        stopped, carried, again = at_once(
            lambda c=change_id: cancel(site, alice, c),
            lambda: carry_out_due(site.parts),
            lambda: carry_out_due(site.parts),
        )
        assert isinstance(stopped, Done | Failed)
        assert isinstance(carried, int) and isinstance(again, int)
        in_force = new in addresses(site, alice)
        assert in_force is (carried + again == 1)
        assert in_force is not isinstance(stopped, Done)
        assert state(site, change_id) == ("applied" if in_force else "cancelled")
        if in_force:
            site.directory.replace(alice.account.dn, {"mailAlternateAddress": [f"{alice.login}@elsewhere.test"]})


def test_two_asked_for_at_once_leave_one_that_waits(site: Site) -> None:
    alice = site.person()
    principal = alice.principal(at=site.clock())

    def asks(number: int) -> Result:
        action = AskAddressChange(
            account_id=alice.account.id,
            change_id=f"{number:032x}",
            old_address="",
            new_address=f"a{number}@new.example",
            channels="phone",
        )
        return site.parts.desk.submit(principal, action, alice.account)

    results = at_once(*(lambda n=n: asks(n) for n in range(4)))
    assert any(isinstance(result, Done) for result in results)
    assert all(isinstance(r, Done) or (isinstance(r, Failed) and r.reason == "address_in_progress") for r in results)
    with site.parts.database.read() as db:
        states = list(db.scalars(select(address_change.c.state)))
    assert states.count("waiting") == 1 and set(states) <= {"waiting", "replaced"}


def test_after_a_crash_behind_the_write_it_is_found_to_be_in_force(site: Site) -> None:
    alice = site.person()
    change_id = ask(site, alice)
    site.clock.move(timedelta(hours=49))
    with site.parts.database.write() as tx:  # as the worker leaves it that dies behind the write
        values = {"state": "applying", "tried": site.clock()}
        tx.execute(update(address_change).where(address_change.c.id == change_id).values(values))
    site.directory.replace(alice.account.dn, {"mailAlternateAddress": [f"{alice.login}@elsewhere.test", NEW]})
    assert carry_out_due(site.parts) == 0  # somebody may still be at it
    site.clock.move(timedelta(minutes=16))
    assert carry_out_due(site.parts) == 1
    assert state(site, change_id) == "applied"


def test_after_a_crash_before_the_write_it_is_made(site: Site) -> None:
    alice = site.person()
    change_id = ask(site, alice)
    site.clock.move(timedelta(hours=49))
    with site.parts.database.write() as tx:
        values = {"state": "applying", "tried": site.clock()}
        tx.execute(update(address_change).where(address_change.c.id == change_id).values(values))
    site.clock.move(timedelta(minutes=16))
    assert carry_out_due(site.parts) == 1
    assert NEW in addresses(site, alice) and state(site, change_id) == "applied"


@pytest.mark.parametrize("made", [True, False])
def test_without_an_answer_it_is_settled_by_looking(site: Site, monkeypatch: pytest.MonkeyPatch, made: bool) -> None:
    alice = site.person()
    change_id = ask(site, alice)
    site.clock.move(timedelta(hours=49))
    whole = LdapDirectory.change_recovery_mail

    def silent(self: LdapDirectory, account: Account, *, old: str, new: str) -> None:
        if made:
            whole(self, account, old=old, new=new)
        raise Unconfirmed("no answer")

    with monkeypatch.context() as patched:
        patched.setattr(LdapDirectory, "change_recovery_mail", silent)
        carry_out_due(site.parts)
    site.clock.move(timedelta(minutes=16))
    site.parts.recovery.settle()
    carry_out_due(site.parts)
    assert NEW in addresses(site, alice) and state(site, change_id) == "applied"


def test_what_cannot_be_made_is_told(site: Site) -> None:
    alice = site.person()
    second = ask(site, alice)
    site.clock.move(timedelta(hours=49))
    site.directory.replace(alice.account.dn, {"pwdAccountLockedTime": "000001010000Z"})
    assert carry_out_due(site.parts) == 0
    assert state(site, second) == "handed_over"
    site.work()
    assert NEW not in addresses(site, alice)
    assert any(mail.subject.startswith("Ticket") for mail in site.mails(alice.login))

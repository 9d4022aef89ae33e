"""Nothing is done for a caller before the check, whatever is sent; and whoever is checked never meets a password."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from audit.event import Event
from connectors.account import Account
from portal.action import Action
from portal.actions import ACTIONS
from portal.actions.unlock_account import UnlockAccount
from portal.identity import Evidence, Principal
from portal.policy import unfit_for_caller
from portal.results import Denied, Done, Result
from portal.settings.installation import Rule
from portal.tickets.counter import NotAllowed
from portal.tickets.ticket import Wish
from tests.portal.site import NEW, Browser, Person, Site
from tests.servers.people import State

NOW = datetime(2026, 3, 9, tzinfo=UTC)
ALICE = Account(id="main:alice", directory="main", dn="", login="alice", name="Alice")
CAROL = Principal(account_id="main:carol", login="carol", name="Carol", roles=frozenset({"coordinator"}))
GOOD = Evidence(account_id=ALICE.id, ticket=1, points=4, more=1, seconded=True, until=NOW + timedelta(minutes=1))


# What does not depend on the database.
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def staff(site: Site, role: str = "coordinator") -> Principal:
    """Somebody of the service desk who has just proved who it is."""
    return replace(
        CAROL,
        account_id=f"main:{role}",
        roles=frozenset({role}),
        channels=frozenset({"phone", "memory"}),
        proved_at=site.clock(),
    )


def checked(site: Site, actor: Principal, person: Person, number: int, *proofs: str) -> str:
    """Begin a check and vouch for these proofs; returns the check's id."""
    with site.parts.database.read() as db:
        ticket = site.parts.tickets.get(db, number)
    check = site.parts.front.checks.begin(actor, ticket, person.account)
    for proof in proofs:
        assert site.parts.front.checks.give(actor, check.id, proof)
    return check.id


def unlock(site: Site, actor: Principal, person: Person, number: int) -> Result:
    """What the page does: act on the evidence there is now."""
    evidence = site.parts.front.checks.evidence(actor, number, person.account)
    nothing = replace(GOOD, account_id=person.account.id, ticket=number, points=0, until=site.clock())
    actor = replace(actor, caller=evidence or nothing)
    return site.parts.desk.submit(actor, UnlockAccount(account_id=person.account.id))


def reason(result: Result) -> str:
    assert isinstance(result, Denied), result
    return result.reason


def call(site: Site, person: Person) -> int:
    """A ticket about somebody, as the portal opens it."""
    wish = Wish(requester_id=person.account.id, claim=person.login, action="reset_password", reason="no_factor_left")
    with site.parts.database.write() as tx:
        return site.parts.counter.open(tx, wish, actor=person.principal(at=site.clock()))


def at_the_desk(site: Site, *groups: str) -> tuple[Person, Browser]:
    who, browser = site.person(groups=groups or ("coordinators",)), site.browser()
    return who, browser.sign_in(who).prove(who, "totp")


def begin(site: Site, desk: Browser, number: int) -> Browser:
    desk.open(f"/desk/tickets/{number}")
    return posts(desk, number, "begin")


def press(desk: Browser, value: str) -> Browser:
    """Press the button of this value."""
    for place, form in enumerate(desk.forms):
        button = form.select_one("button[name=step]")
        if button and button["value"] == value:
            return desk.send({"step": value}, form=place)
    raise AssertionError(value)


def does(desk: Browser, number: int, deed: str) -> Browser:
    return posts(desk, number, f"do/{deed}")


def posts(desk: Browser, number: int, what: str) -> Browser:
    """Send a form, whether or not the page shows it."""
    token = str(desk.page.select("input[name=csrf_token]")[0]["value"])
    path = f"/desk/tickets/{number}/caller/{what}"
    return desk._show(desk.client.post(path, data={"csrf_token": token}, follow_redirects=True))


def test_nothing_is_done_before_the_check_and_the_refusal_is_on_record(site: Site) -> None:
    alice = site.person(state=State.LOCKED)
    number = call(site, alice)
    _, desk = at_the_desk(site)
    desk.open(f"/desk/tickets/{number}/caller")
    assert does(desk, number, "unlock").status == 403
    begin(site, desk, number)
    assert does(desk, number, "unlock").status == 403
    assert ("unlock", "outcome", "failure", "caller_unproved") in site.entries(alice)
    assert site.parts.accounts.read(alice.account.id).state.locked_at


def test_a_code_read_aloud_is_enough_to_unlock_and_the_ticket_says_who_did_it(site: Site) -> None:
    alice = site.person(state=State.LOCKED)
    number = call(site, alice)
    _, desk = at_the_desk(site)
    press(begin(site, desk, number), "mailed_code")
    site.work()
    mail = site.mails(f"{alice.login}@elsewhere.test")[-1]
    code = re.search(r"\d{3} \d{3}", mail.subject)
    assert code and code[0] not in desk.open(f"/desk/tickets/{number}/caller").text
    assert does_code(desk, "000 000").status == 422
    does_code(desk, code[0])
    assert "Given" in desk.text
    assert does(desk, number, "unlock").result == "done"
    assert site.parts.accounts.read(alice.account.id).state.locked_at is None
    assert "did it for the caller" in desk.open(f"/desk/tickets/{number}").text
    site.work()
    told = [m.text for m in site.mails(f"{alice.login}@example.org") if "unlocked" in m.subject]
    assert told and f"ticket {number}" in told[0]


def does_code(desk: Browser, code: str) -> Browser:
    place = next(n for n, form in enumerate(desk.forms) if form.select("input[name=code]"))
    return desk.send({"code": code}, form=place)


def test_the_person_gets_a_link_once_and_chooses_the_password_alone(site: Site) -> None:
    alice = site.person()
    number = call(site, alice)
    _, desk = at_the_desk(site)
    press(begin(site, desk, number), "id_seen")
    assert does(desk, number, "mail-link").result == "done"
    assert does(desk, number, "mail-link").result == "done"
    site.work()
    links = [re.findall(r"/recover/link/\S+", m.text)[0] for m in site.mails() if "/recover/link/" in m.text]
    assert {m.recipient for m in site.mails() if "/recover/link/" in m.text} == {f"{alice.login}@elsewhere.test"}
    assert len(links) == 1, "the first was void before it was mailed"
    browser = site.browser().open(links[0])
    assert browser.status == 200 and browser.open(links[0]).status == 200
    browser.send()
    assert browser.path == "/recover/password"
    assert site.browser().open(links[0]).status == 410
    assert browser.send({"new_password": NEW, "new_password_again": NEW}).result == "done"
    assert site.binds(alice, NEW)
    assert links[0].rpartition("/")[2] not in desk.text


@ONE
def test_at_the_counter_the_link_is_shown_once_and_dies_soon(site: Site, later: Callable[..., None]) -> None:
    alice = site.person()
    number = call(site, alice)
    _, desk = at_the_desk(site)
    begin(site, desk, number)
    assert does(desk, number, "show-link").status == 404, "only for whoever has shown a card"
    press(desk.open(f"/desk/tickets/{number}/caller"), "id_seen")
    does(desk, number, "show-link")
    assert desk.page.select("main svg.qr")
    path = re.findall(r"/recover/link/\S+", desk.text)[0]
    assert site.browser().open(path).status == 200
    later(minutes=11)
    assert site.browser().open(path).status == 410


@ONE
def test_all_links_die_with_a_change_of_the_password(site: Site) -> None:
    alice = site.person()
    number = call(site, alice)
    _, desk = at_the_desk(site)
    press(begin(site, desk, number), "id_seen")
    does(desk, number, "show-link")
    path = re.findall(r"/recover/link/\S+", desk.text)[0]
    browser = site.browser().recover(alice)
    assert browser.send({"new_password": NEW, "new_password_again": NEW}).result == "done"
    assert site.browser().open(path).status == 410


@ONE
def test_the_manager_says_it_signed_in_and_a_no_ends_the_check(site: Site) -> None:
    host = site.person()
    alice = site.person(state=State.LOCKED, manager=host.account.dn)
    number, (_, desk) = call(site, alice), at_the_desk(site)
    press(begin(site, desk, number), "manager")
    site.work()
    path = re.findall(r"/vouch/\S+", site.mails(host.login)[-1].text)[0]
    assert site.browser().open(path).path == "/sign-in"
    assert site.browser().sign_in(site.person()).open(path).status == 403
    manager = site.browser().sign_in(host)
    manager.open(path).send(button="approve")
    assert "Given" in desk.open(f"/desk/tickets/{number}/caller").text
    assert manager.open(path).status == 410
    press(begin(site, desk, number), "manager")
    site.work()
    path = re.findall(r"/vouch/\S+", site.mails(host.login)[-1].text)[0]
    site.browser().sign_in(host).open(path).send(button="refuse")
    assert "The check failed" in desk.open(f"/desk/tickets/{number}/caller").text


@ONE
def test_a_coordinator_is_not_also_the_manager_who_vouches(site: Site) -> None:
    host = site.person(groups=("coordinators",))
    alice = site.person(manager=host.account.dn)
    carol = replace(staff(site), account_id=host.account.id)
    check_id = checked(site, carol, alice, call(site, alice), "questions")
    site.parts.front.checks.ask_manager(carol, check_id, host.account)
    with site.parts.database.read() as db:
        check = site.parts.front.checks.get(db, check_id)
    assert check and check.manager_id is None


def test_a_check_is_of_one_coordinator_one_ticket_and_a_short_time(site: Site, later: Callable[..., None]) -> None:
    alice, carol = site.person(state=State.LOCKED), staff(site)
    number = call(site, alice)
    checked(site, carol, alice, number, "id_seen")
    assert reason(unlock(site, replace(carol, account_id="main:dag"), alice, number)) == "caller_check_over"
    with pytest.raises(NotAllowed):  # nobody checks himself
        checked(site, alice.principal(at=site.clock(), roles=frozenset({"coordinator"})), alice, number)
    later(minutes=20)
    assert reason(unlock(site, carol, alice, number)) == "caller_check_over"
    checked(site, carol, alice, number, "questions")
    assert reason(unlock(site, carol, alice, number)) == "caller_unproved"
    assert site.parts.accounts.read(alice.account.id).state.locked_at
    assert ("unlock", "outcome", "failure", "caller_unproved") in site.entries(alice)


def test_after_a_failed_check_nothing_is_done_and_a_second_one_raises_the_alarm(
    site: Site, later: Callable[..., None]
) -> None:
    alice, carol, checks = site.person(state=State.LOCKED), staff(site), site.parts.front.checks
    number = call(site, alice)
    checks.fail(carol, checked(site, carol, alice, number, "id_seen"))
    assert reason(unlock(site, carol, alice, number)) == "caller_check_over"
    site.work()
    assert any("said to be you" in m.subject for m in site.mails(f"{alice.login}@example.org"))
    with pytest.raises(NotAllowed):
        checked(site, carol, alice, number)
    checks.fail(staff(site, "tier2"), checked(site, staff(site, "tier2"), alice, number))
    later(minutes=61)
    checked(site, carol, alice, number, "call_back")
    assert reason(unlock(site, staff(site), alice, number)) == "caller_unproved", "an alarm takes one point more"
    with site.parts.database.read() as db:
        reasons = [t.reason for t in site.parts.tickets.of(db, alice.account.id)]
    assert reasons.count("caller_failed") == 1
    assert ("caller_check", "record", "failure", "not_convincing") in site.entries(alice)


@ONE
def test_for_somebody_with_a_role_it_takes_more_and_tier_two_must_agree(site: Site) -> None:
    boss, carol, checks = site.person(state=State.LOCKED, groups=("auditors",)), staff(site), site.parts.front.checks
    number = call(site, boss)
    checked(site, carol, boss, number, "id_seen")
    assert reason(unlock(site, carol, boss, number)) == "caller_second"
    with site.parts.database.read() as db:
        check = checks.current(db, number)
    assert check
    for nobody in (carol, staff(site, "coordinator"), boss.principal(at=site.clock(), roles=frozenset({"tier2"}))):
        with pytest.raises(NotAllowed):
            checks.second(nobody, check)
    checks.second(staff(site, "tier2"), check)
    assert isinstance(unlock(site, carol, boss, number), Done)


@ONE
def test_changes_of_how_to_reach_somebody_and_pressure_make_it_take_more(site: Site) -> None:
    alice, carol, checks = site.person(state=State.LOCKED), staff(site), site.parts.front.checks
    number = call(site, alice)
    with site.parts.database.write() as tx:
        event = Event(kind="phone_change", actor=alice.account.id, target=alice.account.id)
        site.parts.log.record(tx, event, "success")
    check_id = checked(site, carol, alice, number, "call_back", "questions")
    checks.press(carol, check_id)
    with site.parts.database.read() as db:
        check = checks.get(db, check_id)
        assert check
        come_to = checks.standing(db, check, alice.account)
    assert come_to.alarms == ("new_phone", "pressure")
    assert (come_to.points, come_to.more) == (1, 2), "a new number proves nothing"


def test_a_code_is_tried_five_times_and_then_even_the_right_one_is_wrong(site: Site) -> None:
    alice, carol, checks = site.person(), staff(site), site.parts.front.checks
    check_id = checked(site, carol, alice, call(site, alice))
    with site.parts.database.write() as tx:
        checks.arm(tx, check_id, "123456")
    assert [checks.hear_code(carol, check_id, "999 999") for _ in range(5)] == [False] * 5
    assert not checks.hear_code(carol, check_id, "123 456")
    with site.parts.database.write() as tx:
        checks.arm(tx, check_id, "123456")
    assert checks.hear_code(carol, check_id, "123 456") and not checks.hear_code(carol, check_id, "123 456")


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_one_point_too_few_an_old_check_or_another_account_is_refused(action: type[Action]) -> None:
    rule = Rule(caller_points=3)

    def answer(evidence: Evidence, rule: Rule = rule) -> str:
        return unfit_for_caller(rule, evidence, CAROL, action, ALICE, NOW)

    assert answer(GOOD, Rule()) == "not_offered"
    assert answer(GOOD) == ("not_offered" if action.has_secrets() else "")
    if not action.has_secrets():
        assert answer(replace(GOOD, points=3)) == "caller_unproved"
        assert answer(replace(GOOD, until=NOW)) == "caller_check_over"
        assert answer(replace(GOOD, seconded=False)) == "caller_second"
        assert answer(replace(GOOD, account_id="main:other")) == "not_staff"


@ONE
def test_only_the_service_desk_sees_the_page_and_nobody_his_own(site: Site) -> None:
    carol, desk = at_the_desk(site)
    own = call(site, carol)
    assert desk.open(f"/desk/tickets/{own}/caller").status == 403
    desk.open("/desk/new")
    for what in ("begin", "step", "code", "do/unlock"):
        assert posts(desk, own, what).status == 403
        assert posts(desk.open("/desk/new"), 10**30, what).status == 404
        desk.open("/desk/new")
    other = call(site, site.person())
    assert site.browser().sign_in(site.person()).open(f"/desk/tickets/{other}/caller").status == 403


def new(desk: Browser, login: str, **fields: str) -> Browser:
    return desk.open("/desk/new").send({"claim": login, "channel": "phone", "kind": "unlock_account"} | fields)


@ONE
def test_quick_entry_opens_a_ticket_that_is_not_proved_until_the_caller_is_checked(site: Site) -> None:
    alice = site.person(state=State.LOCKED)
    _, desk = at_the_desk(site)
    new(desk, alice.login, text="Rang from the lab.")
    assert desk.path.endswith("/caller")
    number = int(str(desk.main["data-ticket"]))
    assert "Not proved" in desk.open(f"/desk/tickets/{number}").text and "taken by you" in desk.text
    assert "They have an open ticket already" in new(desk, alice.login).text
    with site.parts.database.read() as db:
        assert len(site.parts.tickets.of(db, alice.account.id)) == 1
    assert desk.open("/desk/new").send({"claim": f"#{number}"}).path == f"/desk/tickets/{number}"
    press(desk.open(f"/desk/tickets/{number}/caller") and posts(desk, number, "begin"), "id_seen")
    assert "Not proved" not in desk.open(f"/desk/tickets/{number}").text
    decide = next(n for n, f in enumerate(desk.forms) if f.select("[value=approve]"))
    desk.send({"reason": "Unlocked."}, form=decide, button="approve")
    assert desk.status == 200, "whoever took the call closes the ticket"
    assert new(desk, alice.login, anyway="y").path.endswith("/caller")


@ONE
def test_somebody_whom_no_directory_knows_gets_a_ticket_all_the_same(site: Site) -> None:
    _, desk = at_the_desk(site)
    assert new(desk, "nobody-at-all").status == 422
    assert desk.send({"claim": "nobody-at-all", "kind": "anything_else", "account": "nobody"}).status == 422
    desk.send({"claim": "nobody-at-all", "kind": "anything_else", "account": "nobody", "subject": "A lost key"})
    assert re.fullmatch(r"/desk/tickets/\d+", desk.path) and "Not proved" in desk.text

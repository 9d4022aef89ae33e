"""An account that has ended: its owner proves who it is and asks, and only whoever answers for it opens it again."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from connectors.errors import Unavailable
from connectors.ldap import LdapDirectory
from portal.tickets.counter import NotAllowed
from tests.portal.site import Browser, Person, Site
from tests.portal.test_approvals import decide, ends_on, get, link
from tests.servers.people import PASSWORD, State

WHY = "The plankton samples are counted until then."
ENDED = [State.ENDED, State.STOPPED]


def sponsored(site: Site, state: State, **more: str) -> tuple[Person, Person]:
    host = site.person()
    return host, site.person(state=state, manager=host.account.dn, **more)


def ask(site: Site, person: Person, days: int = 60) -> Browser:
    """Prove it, and ask for that many days from today."""
    browser = site.browser().recover(person)
    assert browser.path == "/recover/more-time", browser.text
    until = site.clock().date() + timedelta(days=days)
    browser.send({"choice": "other", "until": until.isoformat(), "reason": WHY})
    site.work()
    return browser


def closed(site: Site, person: Person) -> bool:
    return site.parts.accounts.read(person.account.id).state.ended


@pytest.mark.parametrize("state", ENDED)
def test_the_whole_way_from_ended_to_signed_in(site: Site, state: State) -> None:
    host, person = sponsored(site, state)
    asked = ask(site, person)
    assert asked.result == "pending"
    assert closed(site, person) and get(site, asked.ticket).queue == "sponsor"
    boss = site.browser().sign_in(host).open(f"/approvals/{asked.ticket}")
    assert WHY in boss.text
    assert decide(boss).result == "done"
    assert closed(site, person)  # agreed is not yet written
    site.work()
    assert not closed(site, person) and ends_on(site, person) == site.clock().date() + timedelta(days=60)
    assert site.binds(person, PASSWORD)
    assert site.browser().sign_in(person).path == "/account"
    assert any("extended" in m.subject for m in site.mails(f"{person.login}@elsewhere.test"))


@pytest.mark.parametrize("state", ENDED)
def test_the_sponsor_is_named_only_after_the_proof(site: Site, state: State) -> None:
    host, person = sponsored(site, state)
    browser = site.browser().open("/recover").send({"login": person.login})
    site.work()
    for factor in ("totp", "mailed_code"):
        assert host.account.name not in browser.page.get_text()
        assert browser.open("/recover/more-time").step == "choose"  # the address alone leads nowhere
        browser.prove(person, factor)
    assert host.account.name in browser.page.get_text()
    assert "/recover/more-time" in browser.path


def test_before_the_proof_an_ended_account_looks_like_any_name(site: Site) -> None:
    _, ended = sponsored(site, State.ENDED)
    pages: dict[str, list[str]] = {}
    for login in (ended.login, site.person().login, "nobody-at-all"):
        browser, seen = site.browser(), pages.setdefault(login, [])
        seen.append(browser.open("/recover").send({"login": login}).text)
        site.work()
        seen.append(browser.send({"factor": "totp"}).text)
        seen.append(browser.send({"code": "000000"}).text)
        seen.append(browser.open("/recover/more-time").text)
    assert len({tuple(seen) for seen in pages.values()}) == 1


def test_the_link_in_the_mail_leads_to_the_sign_in_and_decides_nothing(site: Site) -> None:
    host, person = sponsored(site, State.ENDED)
    number = ask(site, person).ticket
    path = link(site, host)
    assert site.browser().open(path).path == "/sign-in"
    by_mail = site.parts.accounts.read(host.account.id)
    actor = host.principal(at=site.clock(), channels=1)
    unsigned = type(actor)(account_id=by_mail.id, login=by_mail.login, name=by_mail.name, factors=("mail",))
    with pytest.raises(NotAllowed):
        site.parts.approvals.approve(unsigned, number, get(site, number).version, "by mail")
    assert site.browser().sign_in(host).open(path).path == f"/approvals/{number}"
    assert get(site, number).status == "open" and closed(site, person)


def test_while_nobody_can_say_whether_it_has_ended_the_link_is_not_enough(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    _host, person = sponsored(site, State.ENDED)
    ticket = get(site, ask(site, person).ticket)

    def down(*_: object) -> None:
        raise Unavailable("away")

    with monkeypatch.context() as away:
        away.setattr(LdapDirectory, "read", down)
        assert not site.parts.approvals.by_link(ticket)


def test_nobody_opens_his_own_account_again_even_where_others_need_nobody_to_agree(site: Site) -> None:
    rules = site.parts.settings.rules
    old = rules["extend_account"]
    rules["extend_account"] = old.model_copy(update={"approval": ()})
    try:
        _host, person = sponsored(site, State.ENDED)
        asked = ask(site, person)
        assert (asked.result, get(site, asked.ticket).queue) == ("pending", "sponsor")
        assert closed(site, person)
    finally:
        rules["extend_account"] = old


def test_where_the_account_names_nobody_the_service_desk_decides(site: Site) -> None:
    person = site.person(state=State.ENDED)
    assert get(site, ask(site, person).ticket).queue == "coordinators"
    assert closed(site, person)


def test_the_sponsor_says_no_and_the_person_reads_why(site: Site) -> None:
    host, person = sponsored(site, State.ENDED)
    number = ask(site, person).ticket
    decide(site.browser().sign_in(host).open(f"/approvals/{number}"), "refuse", reason="The project is over.")
    site.work()
    assert closed(site, person)
    assert any("The project is over." in m.text for m in site.mails(f"{person.login}@elsewhere.test"))


def test_a_date_beyond_the_rule_is_not_taken(site: Site) -> None:
    _, person = sponsored(site, State.ENDED)
    browser = site.browser().recover(person)
    for until in (site.clock().date() - timedelta(days=1), date(2090, 1, 1)):
        browser.send({"choice": "other", "until": until.isoformat(), "reason": WHY})
        assert (browser.status, browser.path) == (422, "/recover/more-time")


def test_whoever_is_not_ended_goes_on_to_the_new_password(site: Site) -> None:
    alice = site.person()
    assert site.browser().recover(alice).open("/recover/more-time").path == "/recover/password"


def test_after_the_wish_the_proof_is_used_up(site: Site, later: Callable[..., None]) -> None:
    _, person = sponsored(site, State.ENDED)
    first = ask(site, person)
    number = first.ticket
    assert first.open("/recover/more-time").path == "/recover"
    later(minutes=2)
    second = site.browser().recover(person, "totp", "recovery_code")
    until = (site.clock().date() + timedelta(days=30)).isoformat()
    second.send({"choice": "other", "until": until, "reason": WHY})
    assert second.ticket == number and get(site, number).is_open

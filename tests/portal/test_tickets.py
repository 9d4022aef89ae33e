"""No dead end: what the portal cannot do becomes exactly one ticket that people work on."""

import pytest

from portal.tickets.counter import NotAllowed
from portal.tickets.ticket import Wish
from tests.portal.site import Browser, Person, Site

WISH = {"subject": "A second monitor", "text": "For the plankton pictures."}


def coordinator(site: Site) -> tuple[Person, Browser]:
    carol, browser = site.person(groups=("coordinators",)), site.browser()
    browser.sign_in(carol).prove(carol, "totp")
    return carol, browser


def ask(site: Site) -> tuple[Person, int]:
    alice, browser = site.person(), site.browser()
    browser.sign_in(alice).open("/ask/anything-else").send(WISH)
    assert browser.result == "pending"
    return alice, browser.ticket


def test_a_wish_becomes_a_ticket_and_the_same_wish_again_is_the_same_ticket(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    browser.sign_in(alice).open("/ask/anything-else").send(WISH)
    first = browser.ticket
    assert browser.open("/ask/anything-else").send(WISH).ticket == first
    another = WISH | {"text": "Another one.", "anyway": "1"}
    assert browser.open("/ask/anything-else").send(another).ticket != first


def test_who_asks_about_the_same_in_other_words_is_led_to_the_ticket_there_is(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    wish = {"subject": "The projector in room 4", "text": "Its lamp is dark since Monday."}
    first = browser.sign_in(alice).open("/ask/anything-else").send(wish).ticket
    again = {"subject": "Projector is still dark", "text": "Nobody came to look at room 4 and its lamp."}
    assert browser.open("/ask/anything-else").send(again).status == 409
    assert "You have asked about this already" in browser.text and str(first) in browser.text
    browser.send({})  # "Add it to this ticket": what was typed goes along
    assert browser.path == site.parts.links.ticket_path(first)
    assert "Nobody came to look" in browser.text
    browser.open("/ask/anything-else").send(again)
    other = browser.send(again | {"anyway": "1"}, form=1)
    assert other.ticket != first
    stranger = site.browser().sign_in(site.person()).open("/ask/anything-else").send(wish)
    assert stranger.result == "pending"  # of others' tickets nobody learns
    assert ("wish", "outcome", "pending", "wish") in site.entries(alice)


def test_coordinators_and_the_requester_get_a_mail_with_the_number(site: Site) -> None:
    alice, number = ask(site)
    site.work()
    assert str(number) in site.mails("desk@example.org")[-1].subject
    mine = [m for m in site.mails(alice.login) if str(number) in m.subject]
    assert {m.recipient for m in mine} == {f"{alice.login}@example.org", f"{alice.login}@elsewhere.test"}
    assert all(f"/tickets/{number}/" in m.text for m in mine)


def test_the_signed_link_opens_the_status_without_a_sign_in_and_nothing_else(site: Site) -> None:
    _, number = ask(site)
    path = site.parts.links.ticket_path(number)
    assert site.browser().open(path).ticket == number
    assert site.browser().open(path[:-1] + "x").status == 404
    assert site.browser().open(f"/tickets/{number + 1}/{path.rpartition('/')[2]}").status == 404
    assert site.browser().open(f"/tickets/{number}").path == "/sign-in"


def test_a_coordinator_takes_notes_and_fulfils_and_the_person_is_told(site: Site) -> None:
    alice, number = ask(site)
    _, desk = coordinator(site)
    assert str(number) in desk.open("/desk").text
    desk.open(f"/desk/tickets/{number}")
    assert WISH["text"] in desk.text
    desk.send()
    assert "taken by you" in desk.text
    desk.send({"text": "Ordered one.", "shown": "y"}, form=_note(desk))
    desk.send({"reason": "It stands on your desk."}, form=_decide(desk), button="approve")
    assert desk.status == 200
    site.work()
    texts = [m.text for m in site.mails(alice.login)]
    assert any("Ordered one." in t for t in texts)
    assert any("It stands on your desk." in t for t in texts)
    status = site.browser().open(site.parts.links.ticket_path(number))
    assert status.result == "done"
    assert "It stands on your desk." in status.text


def test_a_refusal_needs_a_reason_and_shows_it(site: Site) -> None:
    _, number = ask(site)
    _, desk = coordinator(site)
    desk.open(f"/desk/tickets/{number}")
    assert desk.send({"reason": ""}, form=_decide(desk), button="refuse").status == 422
    desk.send({"reason": "You have two already."}, form=_decide(desk), button="refuse")
    status = site.browser().open(site.parts.links.ticket_path(number))
    assert status.result == "denied"
    assert "You have two already." in status.text


def test_whoever_asked_withdraws_it_once_and_only_signed_in(site: Site) -> None:
    alice, number = ask(site)
    path = site.parts.links.ticket_path(number)
    assert "no longer need" not in site.browser().open(path).text
    bob = site.browser().sign_in(site.person())
    assert bob.client.post(f"/tickets/{number}/withdraw").status_code == 400  # without the token of a form
    browser = site.browser().sign_in(alice).open(path)
    for _time in range(2):  # twice from the same page: one effect
        browser.client.post(f"/tickets/{number}/withdraw", data=token(browser))
    assert "no longer needs it" in browser.open(path).text and browser.result == "done"
    assert browser.text.count("no longer needs it") == 1


def token(browser: Browser) -> dict[str, str]:
    """As the form of the page has it."""
    return {"csrf_token": str(browser.page.select("input[name=csrf_token]")[0]["value"])}


def test_nobody_withdraws_what_somebody_else_asked_for(site: Site) -> None:
    _, number = ask(site)
    bob = site.browser().sign_in(site.person()).open("/account")
    assert bob.client.post(f"/tickets/{number}/withdraw", data=token(bob)).status_code == 404


def test_of_two_who_decide_the_second_is_told(site: Site) -> None:
    _, number = ask(site)
    (_, first), (_, second) = coordinator(site), coordinator(site)
    for desk in (first, second):
        desk.open(f"/desk/tickets/{number}")
    first.send({"reason": "Yes."}, form=_decide(first), button="approve")
    second.send({"reason": "No."}, form=_decide(second), button="refuse")
    assert second.status == 409
    assert "Somebody was quicker" in second.text
    assert site.browser().open(site.parts.links.ticket_path(number)).result == "done"


def test_nobody_decides_their_own_ticket(site: Site) -> None:
    _, browser = coordinator(site)
    browser.open("/ask/anything-else").send(WISH)
    number = browser.ticket
    browser.open(f"/desk/tickets/{number}")
    assert "your own ticket" in browser.text
    assert not browser.forms


def test_the_desk_is_closed_to_others(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    _, number = ask(site)
    assert browser.open("/desk").path == "/sign-in"
    browser.sign_in(alice)
    assert browser.open("/desk").status == 403
    assert browser.open(f"/desk/tickets/{number}").status == 403


def test_somebody_without_any_proof_gets_a_ticket_that_names_what_the_directory_knows(site: Site) -> None:
    alice, browser = site.person(), site.browser()
    browser.open("/recover").send({"login": alice.login})
    site.work()
    browser.open("/recover/stuck").send({"text": "My phone fell into the fjord. Call 90 10 20 30."})
    assert browser.result == "pending"
    site.work()
    _, desk = coordinator(site)
    desk.open(f"/desk/tickets/{browser.ticket}")
    assert "Not proved" in desk.text
    assert alice.account.name in desk.text
    assert not [m for m in site.mails(alice.login) if "ticket" in m.subject.lower()]  # nobody proved to be alice


def test_a_stuck_stranger_gets_the_same_page(site: Site) -> None:
    pages = []
    for login in (site.person().login, "nobody-at-all"):
        browser = site.browser().open("/recover").send({"login": login})
        site.work()
        browser.open("/recover/stuck").send({"text": "Help."})
        pages.append(browser.text.replace(f"Ticket {browser.ticket}", "Ticket"))
    assert pages[0] == pages[1]


def test_it_was_not_me_locks_the_account_and_opens_one_ticket(site: Site) -> None:
    alice = site.person()
    new = {"new_password": "Somebody-elses-choice-1", "new_password_again": "Somebody-elses-choice-1"}
    site.browser().recover(alice).send(new)
    thief = site.browser().sign_in(alice, new["new_password"])
    site.work()
    link = next(m for m in site.mails(alice.login) if "/undo/" in m.text and "changed" in m.subject).text
    path = "/undo/" + link.partition("/undo/")[2].split()[0]
    owner = site.browser()
    assert owner.open(path).step == "ask"
    assert site.binds(alice, new["new_password"])  # opening the link changes nothing
    owner.send()
    assert owner.result == "done"
    assert not site.binds(alice, new["new_password"])
    assert thief.open("/account").path == "/sign-in"
    assert owner.open(path).status == 410
    assert ("disable", "outcome", "success", "") in site.entries(alice)


def test_a_forged_undo_link_does_nothing(site: Site) -> None:
    assert site.browser().open("/undo/WyJtYWluOjEiXQ.forged").status == 410


def _note(desk: Browser) -> int:
    return next(i for i, f in enumerate(desk.forms) if str(f.get("action", "")).endswith("/note"))


def _decide(desk: Browser) -> int:
    return next(i for i, f in enumerate(desk.forms) if str(f.get("action", "")).endswith("/decide"))


def test_that_a_coordinator_read_and_decided_is_on_record_for_the_person(site: Site) -> None:
    alice, number = ask(site)
    _, desk = coordinator(site)
    desk.open(f"/desk/tickets/{number}")
    desk.send({"reason": "Yes."}, form=_decide(desk), button="approve")
    kinds = [kind for kind, *_ in site.entries(alice)]
    assert "ticket_viewed" in kinds
    assert kinds.index("ticket_viewed") < kinds.index("approval_decided")


def test_whoever_opened_a_ticket_for_somebody_does_not_decide_it(site: Site) -> None:
    alice, carol = site.person(), site.person(groups=("coordinators",))
    actor = carol.principal(at=site.clock(), roles=frozenset({"coordinator"}))
    wish = Wish(requester_id=alice.account.id, claim=alice.login, action="recover", reason="no_factor_left")
    with site.parts.database.write() as tx:
        number = site.parts.counter.open(tx, wish, actor=actor)
    site.parts.counter.take(actor, number, 1)
    for decide in (site.parts.counter.fulfil, site.parts.counter.refuse):
        with pytest.raises(NotAllowed, match="own_ticket"):
            decide(actor, number, 2, "I say so")
    _, desk = coordinator(site)
    desk.open(f"/desk/tickets/{number}")
    assert desk.send({"reason": "Seen at the counter."}, form=_decide(desk), button="approve").status == 200

"""After a ticket is closed: a reply opens it again or a new one, one judgement counts, and a plan comes back."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from portal.aftercare.tables import ticket_rating
from portal.identity import Principal
from portal.tickets.counter import NotAllowed
from portal.tickets.ticket import Ticket, Wish
from tests.portal.site import Browser, Person, Site

CAROL = Principal(account_id="main:carol", login="carol", name="Carol", roles=frozenset({"coordinator"}))


def ticket(site: Site, number: int) -> Ticket:
    with site.parts.database.read() as db:
        return site.parts.tickets.get(db, number)


def closed(site: Site, alice: Person) -> int:
    """A ticket of hers that was done."""
    wish = Wish(requester_id=alice.account.id, claim=alice.login, action="anything_else", reason="wish", subject="Key")
    with site.parts.database.write() as tx:
        number = site.parts.counter.open(tx, wish, actor=alice.principal(at=site.clock()))
    site.parts.counter.fulfil(CAROL, number, ticket(site, number).version, "Here it is.")
    return number


def page(site: Site, number: int) -> Browser:
    return site.browser().open(site.parts.links.ticket_path(number))


def test_a_reply_opens_it_again_and_weeks_later_a_new_one_that_names_the_old(
    site: Site, later: Callable[..., None]
) -> None:
    number = closed(site, site.person())
    browser = page(site, number)
    assert browser.send({"text": "It does not fit."}, form=1).ticket == number
    assert browser.result == "pending" and "It does not fit." in browser.text
    assert ticket(site, number).status == "open" and ticket(site, number).taken_by is None
    site.parts.counter.fulfil(CAROL, number, ticket(site, number).version, "A new one.")
    later(days=15)
    browser = page(site, number).send({"text": "It broke."})
    assert browser.ticket != number and browser.result == "pending"
    assert ticket(site, browser.ticket).steps == [f"ticket:{number}"] and ticket(site, number).status == "fulfilled"
    assert page(site, number).send({"text": "It broke."}).ticket == browser.ticket, "sent twice: one ticket"


def test_one_press_says_whether_it_was_good_once_and_changeable_for_days(
    site: Site, later: Callable[..., None]
) -> None:
    number = closed(site, site.person())
    browser = page(site, number)
    assert browser.send({"good": "yes", "text": ""}).status == 200 and "You said: good" in browser.text
    browser.send({"good": "no", "text": "Too late."})
    assert "You said: not good" in browser.text
    with site.parts.database.read() as db:
        rows = db.execute(select(ticket_rating.c.good)).scalars().all()
        assert rows == [False]
    assert browser.client.post(f"/tickets/{number}/{'0' * 32}/rate", data={"good": "yes"}).status_code in (400, 404)
    later(days=15)
    assert "Was it good?" not in page(site, number).text


def test_no_coordinator_judges_and_nobody_an_open_ticket(site: Site) -> None:
    alice = site.person()
    number, care = closed(site, alice), site.parts.front.care
    with pytest.raises(NotAllowed):
        care.rate(ticket(site, number), good=True, why="", actor=CAROL)
    own = replace(ticket(site, number), taken_by=alice.account.id)
    with pytest.raises(NotAllowed):
        care.rate(own, good=True, why="", actor=alice.principal(at=site.clock()))
    care.reply(ticket(site, number), "Again.", actor=alice.principal(at=site.clock()))
    with pytest.raises(NotAllowed):
        care.rate(ticket(site, number), good=True, why="", actor=alice.principal(at=site.clock()))
    with site.parts.database.read() as db:
        assert db.execute(select(func.count()).select_from(ticket_rating)).scalar_one() == 0


def test_a_planned_day_brings_the_ticket_back_to_the_queue_once(site: Site, later: Callable[..., None]) -> None:
    number, care = closed(site, site.person()), site.parts.front.care
    care.plan(CAROL, number, 7, "desk", "Is the key still in use?")
    later(days=6)
    care.run()
    assert ticket(site, number).status == "fulfilled"
    later(days=1)
    care.run()
    care.run()
    assert ticket(site, number).status == "open"
    with site.parts.database.read() as db:
        kinds = [note.kind for note in site.parts.tickets.notes(db, number, all_of_them=True)]
        assert care.planned(db, number) == []
    assert kinds.count("followed_up") == 1


def test_or_the_person_is_asked_by_mail_whether_it_still_works(site: Site, later: Callable[..., None]) -> None:
    alice = site.person()
    number, care = closed(site, alice), site.parts.front.care
    care.plan(CAROL, number, 7, "mail", "Does it still open the door?")
    with pytest.raises(NotAllowed):
        care.plan(alice.principal(at=site.clock()), number, 7, "mail", "x")
    later(days=7)
    care.run()
    site.work()
    mail = next(m for m in site.mails(alice.login) if "still work" in m.subject)
    assert "Does it still open the door?" in mail.text and f"/tickets/{number}/" in mail.text
    assert ticket(site, number).status == "fulfilled"


def test_the_desk_sees_figures_and_words_and_nobody_s_name(site: Site, later: Callable[..., None]) -> None:
    alice, bob = site.person(), site.person()
    care = site.parts.front.care
    for who, good, why in ((alice, True, ""), (alice, False, "Too slow for me."), (bob, True, "Quick!")):
        number = closed(site, who)
        care.rate(ticket(site, number), good=good, why=why, actor=who.principal(at=site.clock()))
        later(days=3)
    carol = site.person(groups=("coordinators",))
    desk = site.browser().sign_in(carol).prove(carol, "totp").open("/desk/ratings")
    assert "67 percent of 3 were good" in desk.text and "Too slow for me." in desk.text and "Quick!" in desk.text
    for name in (alice.account.name, alice.login, bob.login, "Ticket "):
        assert name not in desk.text
    assert "Too slow" in desk.open("/desk/ratings?queue=coordinators").text
    assert "Nobody has said anything yet" in desk.open("/desk/ratings?queue=tier2").text
    assert desk.open("/desk/ratings?queue=nowhere").status == 404
    later(days=400)
    with site.parts.database.read() as db:
        assert site.parts.front.ratings.found(db).months == []

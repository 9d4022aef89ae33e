"""Where the portal cannot help alone, people take over: tickets from opening to answer, in two browsers."""

import re

from tests.walks.demo import Demo
from tests.walks.signing_in import sign_in
from tests.walks.visitor import Visit, Visitor

WISH = "My card no longer opens the laboratory.\nRoom 3.14, since Monday."


def stuck(visitor: Visitor, login: str, words: str) -> str:
    """Somebody without any proof asks for people; returns the ticket's number."""
    visitor.open("/recover").send("Continue", login=login).follow("I have none of these")
    visitor.send("Open a ticket", status=422)
    assert visitor.errors == ["Say in a sentence or two what happened."]
    visitor.send("Open a ticket", text=words)
    assert visitor.mark("result") == "pending"
    return str(visitor.mark("ticket"))


def test_somebody_without_a_proof_gets_a_ticket_and_an_answer_by_its_link(demo: Demo, visit: Visit) -> None:
    carol, desk, nora = demo.person("carol"), visit(), visit()
    letters = demo.mailbox("service-desk@nordvik.example")
    number = stuck(nora, "nora", "My phone fell into the fjord. I am in room 12.")
    status_page = nora.page.url
    letter = letters.next(number)
    sign_in(desk, carol, proof=carol.recovery_codes[0])
    desk.open(re.findall(r"http\S+/desk/tickets/\d+", letter["text"])[0])
    assert "Not proved" in desk.text
    assert "My phone fell into the fjord." in desk.text
    desk.send("Take this ticket")
    assert "taken by you" in desk.text
    desk.send("Save the note", text="Called back, no answer.")
    desk.send("Save the note", text="Please come by with your card.", shown=True)
    nora.open(status_page)
    assert "Please come by with your card." in nora.text
    assert "no mail comes" in nora.text
    assert "Called back" not in nora.text
    nora.send("Send", text="I come at ten.")
    desk.page.reload()
    assert "I come at ten." in desk.text
    desk.send("It is done", status=422)
    assert desk.errors == ["Say why, or what you did: the requester and the auditors read it."]
    desk.send("It is done", reason="Seen at the counter with her card.")
    nora.open(status_page)
    assert (nora.mark("result"), nora.page.locator("main form").count()) == ("done", 2)
    assert "Seen at the counter with her card." in nora.text


def test_the_same_trouble_twice_is_one_ticket_and_a_refusal_gives_its_reason(demo: Demo, visit: Visit) -> None:
    dag, desk, nils = demo.person("dag"), visit(), visit()
    number = stuck(nils, "nils", "Locked since yesterday.")
    status_page = nils.page.url
    assert stuck(visit(), "nils", "Still locked.") == number
    sign_in(desk, dag, proof=dag.recovery_codes[0]).open(f"/desk/tickets/{number}")
    desk.send("Refuse", reason="Come to the counter: the voice was not yours.")
    nils.open(status_page)
    assert nils.mark("result") == "denied"
    assert "Come to the counter: the voice was not yours." in nils.text


def test_of_two_coordinators_the_second_is_told_that_somebody_was_quicker(demo: Demo, visit: Visit) -> None:
    sigrid, first, second = demo.person("sigrid"), visit(), visit()
    number = stuck(visit(), "nobody-in-the-directory", "I start on Monday.")
    for place, desk in enumerate((first, second)):
        sign_in(desk, sigrid, proof=sigrid.recovery_codes[place]).open(f"/desk/tickets/{number}")
    first.send("It is done", reason="An account is on its way.")
    second.send("Refuse", reason="We know nobody of that name.", status=409)
    assert "Somebody was quicker" in second.text
    assert "An account is on its way." in second.text


def test_somebody_whose_account_is_switched_off_ends_in_a_ticket_that_knows_why(demo: Demo, visit: Visit) -> None:
    dina, carol, visitor = demo.person("dina"), demo.person("carol"), visit()
    box = demo.mailbox(dina.recovery_mail)
    visitor.open("/recover").send("Continue", login="dina")
    visitor.choose("recovery_code").send("Continue", code=dina.recovery_codes[0])
    visitor.choose("mailed_code").send("Continue", code=box.code())
    assert visitor.mark("result") == "pending"
    assert visitor.heading == "Your account has been switched off by an administrator"
    assert not demo.binds(dina, dina.password)
    letter = box.next(str(visitor.mark("ticket")))
    number = visitor.mark("ticket")
    visitor.open(re.findall(r"http\S+/tickets/\S+", letter["text"])[0])
    assert visitor.mark("result") == "pending"
    desk = sign_in(visit(), carol, proof=carol.recovery_codes[1]).open(f"/desk/tickets/{number}")
    for words in ("The account is switched off", "Dina Kvam", "Proved"):
        assert words in desk.text


def test_any_other_wish_becomes_a_ticket_with_a_page_of_its_own(demo: Demo, visitor: Visitor) -> None:
    xiaolong = demo.person("xiaolong")
    sign_in(visitor, xiaolong).open("/tickets")
    assert "No tickets yet" in visitor.text
    visitor.open("/").follow("Ask the service desk")
    visitor.send("Send", status=422)
    visitor.send("Send", subject="Card <b>3.14</b>", text=WISH)
    assert visitor.mark("result") == "pending"
    number = visitor.mark("ticket")
    visitor.follow("Open the ticket")
    assert visitor.heading == f"Ticket {number}: Card <b>3.14</b>"
    visitor.open("/tickets").follow(str(number))
    assert "Room 3.14, since Monday." in visitor.text
    visitor.open("/account")
    assert f"{number}: Card" in visitor.text


def test_this_was_not_me_locks_the_account_and_calls_people(demo: Demo, visit: Visit) -> None:
    bob, visitor, new = demo.person("bob"), visit(), "Velvet anchor pepper 31"
    box = demo.mailbox(bob.recovery_mail)
    sign_in(visitor, bob).open("/ask/change-password")
    visitor.send("Save the new password", password=bob.password, new_password=new, new_password_again=new)
    owner = visit()
    link = re.findall(r"http\S+/undo/\S+", box.next(".")["text"])[0]
    owner.open(link)
    assert owner.heading == "Was this not you?"
    assert demo.binds(bob, new)
    owner.send("This was not me: lock my account")
    assert (owner.mark("result"), owner.heading) == ("done", "Your account is locked")
    assert not demo.binds(bob, new)
    visitor.open("/account")
    assert visitor.path == "/sign-in"
    owner.follow(str(owner.mark("ticket")))
    assert owner.mark("result") == "pending"
    owner.open(link, status=410)
    assert owner.heading == "This link no longer works"

"""Everything about one's mailbox, on a small screen without scripts, and by keyboard alone."""

import re

import requests

from tests.servers.running import wait_until
from tests.walks.demo import MAIL_SECONDS, Demo
from tests.walks.signing_in import sign_in
from tests.walks.visitor import Visit, Visitor

SMALL = {"viewport": {"width": 320, "height": 640}, "java_script_enabled": False}
PLAIN = {"java_script_enabled": False}
NEW = "Violet harbour lantern 52"


def test_an_auto_reply_is_seen_to_work_and_a_holiday_is_arranged_at_once(demo: Demo, visit: Visit) -> None:
    person, visitor = demo.person("vidar"), visit(**SMALL)
    sign_in(visitor, person).follow("Mailbox")
    assert "Nothing is sent on" in visitor.text
    visitor.follow("Set an auto reply").send("Save", text="", status=422)
    visitor.send("See what people get", subject="Gone fishing", text="Back on Monday.")
    assert "Nothing is saved yet" in visitor.text
    visitor.send("Save")
    assert visitor.path == "/mailbox"
    answers = demo.mailbox("walker@elsewhere.example")
    letter = {"from": "walker@elsewhere.example", "to": person.mail, "subject": "Hello", "text": "Are you there?"}
    requests.post(f"{demo.facts['mail']['inbox']}send", data=letter, timeout=10).raise_for_status()
    assert "Back on Monday." in answers.next("Gone fishing")["text"]
    visitor.follow("Turn it off").send("Turn it off")
    assert "Back on Monday." not in visitor.text

    visitor.follow("Going away?").send("Do all of it", status=422)
    visitor.send("Do all of it", text="Ask Selma.", address="vidar@elsewhere.example", status=422)
    visitor.send("Do all of it", address="selma@nordvik.example")
    assert (visitor.mark("result"), visitor.heading) == ("done", "All of it is done")
    visitor.follow("Back to my mailbox")
    assert "Ask Selma." in visitor.text
    assert "selma@nordvik.example" in visitor.text


def test_mail_leaves_only_when_all_have_agreed_and_the_picture_shows_it(demo: Demo, visit: Visit) -> None:
    selma, visitor, outside = demo.person("selma"), visit(**SMALL), demo.mailbox("selma@elsewhere.example")
    sign_in(visitor, selma).follow("Mailbox").follow("Forward my mail")
    visitor.send("Continue", address="selma@elsewhere.example").send("Continue", code="000000", status=422)
    [code] = re.findall(r"\d{3} \d{3}", outside.next("wants to forward")["text"])
    visitor.send("Continue", code=code)
    assert visitor.mark("result") == "pending"
    approve(demo, visit, visitor.mark("ticket"))
    look_until(visitor, "/mailbox", r"Outside selma@elsewhere.example A copy stays here. Begins \w+")
    assert visitor.page.locator("svg[role=img] text", has_text="selma@elsewhere.example").count() == 1
    visitor.follow("Stop").send("Stop it")
    assert "Nothing is sent on" in visitor.text


def look_until(visitor: Visitor, path: str, words: str) -> None:
    """What others have agreed to is carried out in the background, and tried again where the directory was busy."""
    wait_until(lambda: bool(re.search(words, visitor.open(path).text)), seconds=2 * MAIL_SECONDS, what=words)


def approve(demo: Demo, visit: Visit, number: str | None) -> None:
    """By somebody at the desk."""
    carol = demo.person("carol")
    desk = sign_in(visit(**PLAIN), carol, proof=carol.recovery_codes[5]).open(f"/desk/tickets/{number}")
    assert desk.send("Approve", reason="It is her own address.").heading == "Approved"


def test_addresses_room_and_lists_are_had_or_asked_for(demo: Demo, visit: Visit) -> None:
    visitor = sign_in(visit(**SMALL), demo.person("odd")).follow("Mailbox").follow("Make an address for a while")
    visitor.page.locator("[name=choice]").first.check()
    visitor.send("Make the address")
    assert re.search(r"@nordvik.example Ends ", visitor.text)
    visitor.follow("Ask for one more address").send("Send the request", label="o.skaar", reason="Mine is odd.")
    assert visitor.mark("result") == "pending"
    visitor.open("/mailbox").follow("Ask for more room").send("Send the request", status=422)
    visitor.page.locator("[name=choice]").first.check()
    visitor.send("Send the request", reason="Ten years of mail.")
    assert visitor.mark("result") == "pending"
    visitor.open("/mailbox").follow("Mailing lists").send("Find", words="choir")
    visitor.follow("Join").send("Join", until="2099-01-31")
    assert re.search(r"choir@nordvik.example. Ends \w+ 31 January 2099", visitor.text)
    visitor.follow("Leave").send("Leave")
    visitor.send("Find", words="heads").follow("Ask to join").send("Send the request", reason="I lead one by now.")
    assert visitor.mark("result") == "pending"


def test_whoever_answers_for_a_shared_mailbox_lets_somebody_in_for_a_while(demo: Demo, visit: Visit) -> None:
    visitor, owner = visit(**SMALL), visit(**SMALL)
    sign_in(visitor, demo.person("frida")).follow("Mailbox").follow("Shared mailboxes")
    visitor.follow("Ask for it Library desk").send("Send the request", status=422)
    visitor.page.locator("[name=right]").first.check()
    visitor.send("Send the request", until="2099-01-31", reason="I help out over Christmas.")
    assert visitor.mark("result") == "pending"
    assert "Selma Eide" in visitor.text
    sign_in(owner, demo.person("selma")).follow("Approvals").follow("Decide").send("Approve", reason="Welcome.")
    look_until(visitor, "/mailbox/shared", r"library@nordvik.example May .* Ends \w+ 31 January 2099")
    visitor.follow("Give up").send("End it")
    assert "None beside your own" in visitor.text
    visitor.follow("Let somebody in").send("Let them in", address="selma@nordvik.example", until="2099-01-31")
    assert re.search(r"selma@nordvik.example May write in its name. Ends \w+ 31 January 2099", visitor.text)
    visitor.follow("End it").send("End it")


def test_the_desk_arranges_the_mailbox_of_somebody_who_has_left(demo: Demo, visit: Visit) -> None:
    gro, desk = demo.person("gro"), visit(**PLAIN)
    sign_in(desk, gro, proof=gro.recovery_codes[7]).follow("People").follow("Find a person").send("Find", claim="tor")
    desk.follow("Auto reply, forwarding and more").send("Do all of it", text="Tor has left.", status=422)
    desk.send("Do all of it", address="vidar@nordvik.example", reason="Left at the end of the month.")
    assert (desk.mark("result"), desk.heading) == ("done", "All of it is done")


def test_by_keyboard_one_new_password_goes_to_two_systems_and_mail_is_sent_on(demo: Demo, visit: Visit) -> None:
    runa, visitor = demo.person("runa"), visit(**PLAIN)
    visitor.open("/sign-in")
    type_into(visitor, login=runa.login, password=runa.password).key("Enter")
    visitor.tab_to(visitor.page.get_by_role("link", name="Change password")).key("Enter")
    type_into(visitor, password=runa.password, new_password="copper meadow", new_password_again="copper meadow")
    visitor.key("Enter", status=422)
    assert "Library: 16 or more" in visitor.page.locator(".rules li.no").inner_text()
    type_into(visitor, password=runa.password, new_password=NEW, new_password_again=NEW).key("Enter")
    assert "University new password Library new password" in visitor.text
    visitor.tab_to(visitor.page.get_by_role("link", name="Mailbox")).key("Enter")
    visitor.tab_to(visitor.page.get_by_role("link", name="Forward my mail")).key("Enter")
    type_into(visitor, address="odd@nordvik.example").key("Enter")
    visitor.tab_to(visitor.page.get_by_role("link", name="Stop odd@nordvik.example")).key("Enter")
    visitor.tab_to(visitor.page.get_by_role("button", name="Stop it")).key("Space")
    assert "Nothing is sent on" in visitor.text


def type_into(visitor: Visitor, **fields: str) -> Visitor:
    for name, words in fields.items():
        visitor.tab_to(visitor.page.locator(f"main [name={name}]"))
        visitor.page.keyboard.press("Control+a")
        visitor.page.keyboard.type(words)
    return visitor


def test_signing_out_everywhere_at_the_provider_ends_the_session_here(demo: Demo, visit: Visit) -> None:
    vidar, visitor = demo.person("vidar"), visit(**SMALL)
    visitor.open("/sign-in").page.get_by_role("link", name="Nordvik ID").click()
    visitor.page.locator("[name=login]").select_option(vidar.login)
    visitor.page.get_by_role("button", name="Sign in").click()
    visitor.send("Sign in", login=vidar.login, password=vidar.password).send("Yes, both are me")
    assert "Signed in with Nordvik ID" in visitor.text
    visitor.page.goto(demo.facts["identity"])
    visitor.page.get_by_role("button", name=re.compile("Sign out everywhere.*Vidar")).click()
    assert visitor.page.get_by_role("status").inner_text() == "Signed out, here and at the portal."
    assert visitor.open("/account").path == "/sign-in"
    visitor.problems = [one for one in visitor.problems if one[1] != "asks another host"]  # on purpose here

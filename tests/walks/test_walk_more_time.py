"""An account that ends: asking for more time, deciding about it, and what the service desk sees of it."""

import re

from tests.walks.demo import Demo
from tests.walks.signing_in import sign_in
from tests.walks.visitor import Visit, Visitor

PHONE = {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"}
WHY = "The measurements on the fjord go on until spring."


def ask(visitor: Visitor, why: str) -> str:
    """Ask for the first date that is offered; returns it as the page names it."""
    visitor.open("/ask/extend-account")
    first = visitor.page.locator("label.pick").first
    first.click()
    day = re.findall(r"\w+day \d+ \w+ \d{4}", first.inner_text())[0]
    visitor.send("Send the request", reason=why)
    assert visitor.mark("result") == "pending"
    assert "Ingrid Bø gets a mail about it and decides by" in visitor.text
    return str(day)


def test_more_time_is_asked_for_approved_by_the_link_in_the_mail_and_there(demo: Demo, visit: Visit) -> None:
    pavel, visitor = demo.person("pavel"), visit()
    letters, answers = demo.mailbox(demo.person("ingrid").mail), demo.mailbox(pavel.mail)
    visitor.open("/").follow("My account ends soon")
    visitor.send("Sign in", login="pavel", password=pavel.password)
    assert visitor.path == "/ask/extend-account"
    assert visitor.page.get_by_role("link", name="Approvals").count() == 0
    assert not visitor.page.locator("[name=until]").is_visible()
    visitor.page.get_by_label("Another date").check()
    assert visitor.page.locator("[name=until]").is_visible()
    visitor.send("Send the request", status=422)
    assert visitor.errors == ["Choose a date.", "Say why you need it: whoever decides reads that first."]
    day = ask(visitor, WHY)
    visitor.follow("Open the ticket")
    assert "Waiting for Ingrid Bø" in visitor.text
    link = re.findall(r"http\S+/approvals/\S+", letters.next("^Please decide: Pavel Horák")["text"])[0]
    sponsor = visit().open(link)
    assert f"Would end {day}" in sponsor.text
    assert WHY in sponsor.text
    sponsor.send("Approve", status=422)
    sponsor.send("Approve", reason="We need him.")
    assert sponsor.heading == "Approved"
    assert day in answers.next("^Your account is extended")["text"]
    sponsor.open(link, status=410)
    assert sponsor.heading == "Nothing left to decide here"
    visitor.page.reload()
    assert visitor.mark("result") == "done"
    assert f"New last day {day}" in visitor.text
    visitor.open("/account")
    assert f"until {day}" in visitor.text


def test_a_refusal_on_a_phone_without_scripts_gives_its_reason(demo: Demo, visit: Visit) -> None:
    wanda, ingrid = demo.person("wanda"), demo.person("ingrid")
    visitor = sign_in(visit(java_script_enabled=False, **PHONE), wanda)
    ask(visitor, "My book is not finished.")
    sponsor = sign_in(visit(**PHONE), ingrid).follow("Approvals")
    assert re.search(r"Ends now \w+day \d+ \w+ \d{4}", sponsor.page.evaluate(SHOWN))
    sponsor.follow("Decide").send("Refuse", reason="The room is needed from January on.")
    assert sponsor.heading == "Refused"
    sponsor.follow("What else waits for me")
    assert "Nothing waits for you" in sponsor.text
    visitor.open("/tickets").press(visitor.page.locator("main td a"))
    assert visitor.mark("result") == "denied"
    assert "The room is needed from January on." in visitor.text


def test_the_desk_sees_whose_account_ends_and_takes_the_list_along(demo: Demo, visit: Visit) -> None:
    gro = demo.person("gro")
    for place, options in enumerate(({}, PHONE)):
        desk = sign_in(visit(**options), gro, proof=gro.recovery_codes[place]).follow("People")
        desk.follow("30 days")
        assert "Carl Contrario" in desk.text
    with desk.page.expect_download() as coming:
        desk.page.get_by_role("link", name="All of them as a file").click()
    lines = coming.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "Last day,Name,User name,Mail,Unit,Kind,Directory"
    assert any("Carl Contrario,carl,carl@nordvik.example,Estates,contractor" in line for line in lines)


def test_the_desk_finds_somebody_and_asks_for_a_new_password(demo: Demo, visit: Visit) -> None:
    gro, tor, desk = demo.person("gro"), demo.person("tor"), visit()
    box = demo.mailbox(tor.mail)
    sign_in(desk, gro, proof=gro.recovery_codes[2]).follow("People").follow("Find a person")
    desk.send("Find", claim="nobody-at-all", status=422)
    desk.send("Find", claim="hedda")
    assert "hedda, Guests" in desk.text
    desk.send("Find", claim="tor")
    assert desk.heading == "Tor Vang"
    desk.send("Ask for a new password at the next sign-in")
    assert (desk.mark("result"), desk.heading) == ("done", "A new password is asked for")
    assert "Tor Vang has to choose one at the next sign-in" in desk.text
    desk.follow("Back to Tor Vang")
    assert "A new one is asked for at the next sign-in already." in desk.text
    box.next("passord")
    person = visit().open("/sign-in")
    person.send("Sign in", login="tor", password=tor.password)
    assert person.page.locator("[name=new_password]").count() == 1


SHOWN = """() => [...document.querySelectorAll('tbody [data-label]')]
    .map(cell => `${getComputedStyle(cell, ':before').content.replaceAll('"', '')}${cell.innerText}`).join(' | ')"""

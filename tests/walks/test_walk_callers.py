"""Somebody rings: taken in on one screen, checked by a code and a card, and given a link to a new password."""

import re

from tests.walks.demo import Demo
from tests.walks.signing_in import sign_in
from tests.walks.visitor import Visit, Visitor

NEW = "Quiet-otter-harbour-77"


def press(desk: Visitor, words: str) -> Visitor:
    return desk.press(desk.page.get_by_role("button", name=re.compile(f"^{words}")))


def test_whoever_rings_proves_it_and_chooses_a_password_that_nobody_at_the_desk_sees(demo: Demo, visit: Visit) -> None:
    gro, mirja = demo.person("gro"), demo.guest("mirja")
    letters, desk, caller = demo.mailbox(mirja.recovery_mail), visit(), visit(java_script_enabled=False)
    sign_in(desk, gro, proof=gro.recovery_codes[3]).open("/desk").follow("Somebody calls or comes")
    desk.send("Open the ticket", claim="mirja")
    assert desk.path.endswith("/caller"), desk.text
    press(press(desk, "Begin the check"), "Mail a code")
    code = letters.next(r"\d{3} \d{3}$")["subject"][-7:]
    desk.page.reload()
    desk.send("Check the code", code=code)
    assert "takes 4 points" in desk.text
    press(desk, "I have seen the card")
    press(desk, "Mail a link to a new password")
    assert desk.mark("result") == "done"
    found: list[str] = []
    while not found:  # one of the letters, in the language of whoever gets them
        found = re.findall(r"http\S+/recover/link/\S+", letters.next(".")["text"])
    caller.open(found[0]).send("Go on")
    caller.send("Save the new password", new_password=NEW, new_password_again=NEW)
    assert caller.mark("result") == "done"
    desk.follow("Back to the ticket")
    assert "Gro Lunde did it for the caller" in desk.text and NEW not in desk.page.content()

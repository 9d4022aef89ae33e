"""Who answers for others: the list, what would change, the result, and back; and how somebody ended gets there."""

from datetime import UTC, datetime, timedelta

from tests.walks.demo import Demo
from tests.walks.signing_in import sign_in
from tests.walks.visitor import Visit, Visitor

PHONE = {"viewport": {"width": 320, "height": 640}}


def test_several_are_extended_at_once_and_taken_back_without_script_and_on_a_phone(demo: Demo, visit: Visit) -> None:
    for options in ({"java_script_enabled": False}, PHONE):
        extend_and_take_back(visit(**options), demo)


def extend_and_take_back(visitor: Visitor, demo: Demo) -> None:
    sign_in(visitor, demo.person("gunnar"))
    visitor.open("/approvals").follow("People you answer for")
    assert visitor.text.index("Ravn Kjær") < visitor.text.index("Petra Falk")
    visitor.send("Show what would change", status=422)
    visitor.follow("Tick everybody on this page")
    assert visitor.page.locator("[name=person]:checked").count() == 2
    day = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
    visitor.send("Show what would change", until=day, reason="The roof is not finished.")
    assert visitor.heading == "Is this what you want?"
    visitor.send("Extend 2 accounts")
    assert (visitor.mark("result"), visitor.text.count("Done")) == ("done", 2)
    visitor.send("Take all of it back")
    assert visitor.mark("result") == "done"
    visitor.follow("Back to the list")
    assert "Ended" in visitor.text and "days left" in visitor.text


def test_somebody_who_has_ended_asks_and_the_sponsor_signs_in_to_agree(demo: Demo, visit: Visit) -> None:
    otto, jorunn, visitor = demo.person("otto"), demo.person("jorunn"), visit()
    box, boss = demo.mailbox(otto.recovery_mail), demo.mailbox(jorunn.mail)
    visitor.open("/recover").send("Continue", login="otto")
    visitor.choose("recovery_code").send("Continue", code=otto.recovery_codes[0])
    assert "Jorunn" not in visitor.text
    visitor.choose("mailed_code").send("Continue", code=box.code())
    assert "Jorunn Hovland" in visitor.page.locator("aside").inner_text()
    visitor.page.locator("[name=choice]").first.check()
    visitor.send("Send the request", reason="The roof is not finished.")
    assert visitor.mark("result") == "pending"
    assert not demo.binds(otto, otto.password)
    link = next(word for word in boss.next("Otto")["text"].split() if "/approvals/" in word)
    assert visit().open(link).path == "/sign-in"
    sponsor = sign_in(visit(), jorunn).open(link)
    sponsor.send("Approve", reason="He is still on the roof.")
    assert sponsor.mark("result") == "done"
    assert "Your account is extended" in box.next("extended")["subject"]
    assert demo.binds(otto, otto.password)

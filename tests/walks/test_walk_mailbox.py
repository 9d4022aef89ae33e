"""A newcomer sets an auto reply, writes to it as the inbox page does, and sees the answer."""

import requests

from tests.walks.demo import Demo
from tests.walks.signing_in import sign_in
from tests.walks.visitor import Visit


def test_an_auto_reply_is_seen_to_work(demo: Demo, visit: Visit) -> None:
    person = demo.person("bob")
    visitor = visit(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    sign_in(visitor, person).follow("Mailbox")
    assert "Nothing is sent on" in visitor.text
    visitor.follow("Set an auto reply").send("Save", text="", status=422)
    visitor.send("Save", subject="Gone fishing", text="Back on Monday.")
    assert visitor.path == "/mailbox"
    assert "Back on Monday." in visitor.text
    answers = demo.mailbox("walker@elsewhere.example")
    letter = {"from": "walker@elsewhere.example", "to": person.mail, "subject": "Hello", "text": "Are you there?"}
    requests.post(f"{demo.facts['mail']['inbox']}send", data=letter, timeout=10).raise_for_status()
    assert "Back on Monday." in answers.next("Gone fishing")["text"]
    visitor.follow("Turn it off").send("Turn it off")
    assert "Back on Monday." not in visitor.text

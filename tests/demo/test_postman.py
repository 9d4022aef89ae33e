"""What the demo's mail server does with a mail, by the attributes the portal writes."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from portal.demo.directory.entry import Entry, format_time
from portal.demo.mail import Mailbag
from portal.demo.postman import Postman, letter

ALICE, BOB, VISITOR = "alice@nordvik.example", "bob@nordvik.example", "visitor@elsewhere.example"
AWAY = {"vacationActive": ["TRUE"], "vacationMessage": ["At sea.\nBack soon."], "vacationSubject": ["Away"]}


class Post:
    """A postman, and whose mail he brings."""

    def __init__(self, bag: Mailbag, clock: Callable[[], datetime]) -> None:
        self.bag = bag
        self.owners: dict[str, Entry] = {}
        self.postman = Postman(bag, self.owners.get, self.members, clock)

    def owner(self, address: str, **attributes: list[str]) -> None:
        self.owners[address] = Entry.of(f"mail={address}", {"mail": [address], **attributes})

    def members(self, entry: Entry) -> list[str]:
        return [value.decode() for value in entry.values("member")]

    def arrives(self, *, sender: str = VISITOR, to: str = ALICE, **headers: str) -> list[tuple[str, str]]:
        before = len(self.bag.all())
        content = letter(
            VISITOR, to, "A question", "Are you there?", {k.replace("_", "-"): v for k, v in headers.items()}
        )
        self.postman.add(sender=sender, recipients=[to], content=content)
        return [(mail.recipient, mail.subject) for mail in self.bag.all()[before:]]


@pytest.fixture
def post(tmp_path: Path, clock: Callable[[], datetime]) -> Iterator[Post]:
    bag = Mailbag(tmp_path / "mail.db", clock)
    yield Post(bag, clock)
    bag.close()


def test_mail_is_kept_sent_on_and_answered_once(post: Post) -> None:
    post.owner(ALICE, **AWAY, mailForwardingAddress=[BOB], mailForwardingKeepCopy=["TRUE"])
    assert post.arrives() == [(ALICE, "A question"), (BOB, "A question"), (VISITOR, "Away")]
    assert post.arrives() == [(ALICE, "A question"), (BOB, "A question")]
    assert post.bag.all()[2].text.strip() == "At sea.\nBack soon."


def test_what_comes_to_a_list_arrives_at_each_member_and_makes_no_answers(post: Post) -> None:
    post.owner("choir@nordvik.example", businessCategory=["open"], member=[ALICE, BOB])
    post.owner(ALICE, **AWAY)
    assert post.arrives(to="choir@nordvik.example") == [(ALICE, "A question"), (BOB, "A question")]


def test_without_a_copy_nothing_stays(post: Post) -> None:
    post.owner(ALICE, mailForwardingAddress=[BOB], mailForwardingKeepCopy=["FALSE"])
    assert post.arrives() == [(BOB, "A question")]


def test_a_circle_ends(post: Post) -> None:
    post.owner(ALICE, mailForwardingAddress=[BOB], mailForwardingKeepCopy=["FALSE"])
    post.owner(BOB, mailForwardingAddress=[ALICE], mailForwardingKeepCopy=["TRUE"])
    assert post.arrives() == [(BOB, "A question")]


def test_it_answers_within_the_dates_and_no_machine(post: Post, clock: Callable[[], datetime]) -> None:
    hour = timedelta(hours=1)
    for starts, ends, answers in ((-hour, hour, True), (hour, 2 * hour, False), (-2 * hour, -hour, False)):
        dates = {"vacationStart": [format_time(clock() + starts)], "vacationEnd": [format_time(clock() + ends)]}
        post.owner(ALICE, **AWAY, **dates)
        assert ((VISITOR, "Away") in post.arrives()) is answers
    post.owner(ALICE, **AWAY | {"vacationMessage": ["Another."]})
    assert len(post.arrives(Auto_Submitted="auto-generated")) == 1
    assert len(post.arrives(List_Id="<all.nordvik.example>")) == 1
    assert len(post.arrives(sender="")) == 1

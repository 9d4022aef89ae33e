"""Mail to the service desk: each one note or one ticket, once, and no sender is believed."""

import re
from email.message import EmailMessage
from uuid import uuid4

import pytest
from hypothesis import example, given
from hypothesis import settings as how
from hypothesis import strategies as st

from portal.mail_in.message import read
from portal.mail_in.reading import look
from portal.mail_in.threads import mark, reply_to
from portal.settings.installation import Settings
from portal.settings.mail_in import MailIn
from portal.tickets.ticket import Note, Ticket, Wish
from tests.portal.site import Person, Site
from tests.servers.dovecot import PASSWORD, Dovecot

DESK = "desk@example.org"
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"mail_in": MailIn(address=DESK)})


def mail(sender: str, subject: str = "Help", text: str = "My key is lost.", **headers: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, headers.pop("to", DESK), subject
    message["Message-ID"] = headers.pop("id", f"<{uuid4()}@x.example>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def take(site: Site, raw: bytes) -> tuple[str, int | None]:
    with site.app.app_context():
        verdict = site.parts.front.intake.take(raw)
    return verdict.word, verdict.ticket


def ticket(site: Site, number: int | None) -> tuple[Ticket, list[Note]]:
    assert number
    with site.parts.database.read() as db:
        return site.parts.tickets.get(db, number), site.parts.tickets.notes(db, number, all_of_them=True)


def asked(site: Site, alice: Person) -> int:
    wish = Wish(requester_id=alice.account.id, claim=alice.login, action="anything_else", reason="wish", subject="Key")
    with site.parts.database.write() as tx:
        return site.parts.counter.open(tx, wish, actor=alice.principal(at=site.clock()))


def test_a_mail_opens_a_ticket_that_is_not_proved_and_the_same_mail_again_nothing(site: Site) -> None:
    alice = site.person()
    raw = mail(f"{alice.login}@example.org", "A lost key", id="<one@x.example>")
    word, number = take(site, raw)
    assert word == "opened" and take(site, raw) == ("seen", number)
    found, notes = ticket(site, number)
    assert (found.requester_id, found.subject, found.proved) == (alice.account.id, "A lost key", False)
    assert found.text == "My key is lost." and [note.kind for note in notes] == ["opened"]
    site.work()
    told = {m.recipient for m in site.mails(alice.login) if str(number) in m.subject}
    assert told == {f"{alice.login}@example.org", f"{alice.login}@elsewhere.test"}, "the addresses on file, no other"


def test_an_answer_finds_its_ticket_by_address_or_subject_and_is_one_note(site: Site) -> None:
    alice = site.person()
    number = asked(site, alice)
    site.work()
    keys = site.parts.keys
    sent = next(m for m in site.mails(alice.login) if str(number) in m.subject)
    assert sent.subject.endswith(mark(keys, number))
    back = reply_to(keys, number, DESK, subaddress=True)
    assert take(site, mail("alice@phone.example", "Re: Key", "By address.", to=back)) == ("noted", number)
    quoted = "By subject.\n\n> We have ticket\n> from you"
    assert take(site, mail("x@y.example", f"SV: Key {mark(keys, number)}", quoted)) == ("noted", number)
    _, notes = ticket(site, number)
    assert [(n.kind, n.author, n.text) for n in notes[1:]] == [
        ("mailed", "alice@phone.example", "By address."),
        ("mailed", "x@y.example", "By subject."),
    ]
    other = asked(site, site.person())
    forged = mark(keys, number).replace(f"#{number}-", f"#{other}-")
    word, opened = take(site, mail("x@y.example", f"Re: {forged}"))
    assert word == "opened" and opened != other, "a guessed token opens a ticket of its own"


@ONE
def test_an_answer_after_the_end_opens_it_again_and_decides_nothing(site: Site) -> None:
    alice = site.person()
    number = asked(site, alice)
    carol = site.person().principal(at=site.clock(), roles=frozenset({"coordinator"}))
    site.parts.counter.fulfil(carol, number, ticket(site, number)[0].version, "Done.")
    raw = mail("x@y.example", f"Re: {mark(site.parts.keys, number)}", "approve")
    assert take(site, raw) == ("noted", number) and take(site, raw) == ("seen", number)
    assert ticket(site, number)[0].status == "open"


@ONE
def test_an_unknown_sender_gets_one_answer_with_the_page_and_a_flood_waits(site: Site) -> None:
    word, number = take(site, mail("stranger@far.example", "Hello"))
    assert word == "opened" and ticket(site, number)[0].requester_id is None
    site.work()
    answer = site.mails("stranger@far.example")
    assert len(answer) == 1 and f"/tickets/{number}/" in answer[0].text
    words = [take(site, mail("stranger@far.example"))[0] for _ in range(20)]
    assert words.count("opened") == 19 and words[-1] == "later"
    site.work()
    assert len(site.mails("stranger@far.example")) == 5, "nobody is flooded with answers in his name"


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Auto_Submitted": "auto-replied"}, "automatic"),
        ({"Auto_Submitted": "auto-generated"}, "automatic"),
        ({"Return_Path": "<>"}, "bounce"),
        ({"Precedence": "bulk"}, "list"),
        ({"List_Id": "<news.x.example>"}, "list"),
        ({"From_": ""}, ""),
    ],
)
def test_what_no_person_wrote_is_left_alone(headers: dict[str, str], why: str) -> None:
    headers.pop("From_", None)
    assert read(mail("a@x.example", **headers), frozenset()).automatic == why


def test_our_own_mails_and_those_without_one_sender_go_in_no_circle() -> None:
    own = frozenset({"no-reply@portal.example", DESK})
    assert read(mail("Desk <DESK@example.org>"), own).automatic == "loop"
    assert read(mail("MAILER-DAEMON@x.example"), own).automatic == "automatic"
    assert read(b"Subject: x\r\n\r\ny", own).automatic == "no_sender"
    assert read(b"From: a@x.example, b@x.example\r\n\r\ny", own).automatic == "no_sender"


def test_only_text_is_kept_and_attachments_are_named() -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@x.example", "Picture"
    message.set_content("<style>p{}</style><p>Look:</p><script>x()</script> a &lt;b&gt;", subtype="html")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="shot 1.png")
    found = read(message.as_bytes(), frozenset())
    assert found.text == "Look: a <b>" or re.sub(r"\s+", " ", found.text) == "Look: a <b>"
    assert found.attachments == ("shot 1.png",)


@how(max_examples=60, deadline=None)
@given(st.binary(max_size=600))
@example(b'"":"')  # an address the standard library's parser fails on: it raises IndexError
def test_no_bytes_make_it_fail(raw: bytes) -> None:
    for head in (b"", b"From: a@x.example\r\nContent-Type: ", b"From: =?x?q?=\r\nSubject: =?utf-8?b?", b"To: +1-"):
        found = read(head + raw, frozenset())
        assert len(found.text) <= 4000 and "\n" not in found.subject


@ONE
def test_a_mailbox_is_read_over_imap_and_what_was_taken_is_marked(site: Site, dovecot_server: Dovecot) -> None:
    box = dovecot_server.mailbox()
    settings = MailIn(
        address=box, host="localhost", port=dovecot_server.imaps_port, user=box, password=PASSWORD,
        ca_file=dovecot_server.ca_file,
    )  # fmt: skip
    for text in ("First", "Second"):
        dovecot_server.deliver(box, sender="somebody@far.example", subject=text)
    with site.app.app_context():
        assert look(settings, site.parts.front.intake) == 2
        assert look(settings, site.parts.front.intake) == 0
        assert look(settings.model_copy(update={"password": "wrong"}), site.parts.front.intake) == 0
    with site.parts.database.read() as db:
        assert {site.parts.tickets.get(db, n).subject for n in (1, 2)} == {"First", "Second"}
    assert len(dovecot_server.kept(box)) == 2, "nothing is deleted"

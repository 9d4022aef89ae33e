"""The mailbox of the service desk is read from a real IMAP server, and the doctor says what keeps it from being."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from connectors.capabilities import Severity
from connectors.errors import Forbidden, Unavailable
from connectors.inbox import examine, open_inbox
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.running import free_port


@dataclass(frozen=True)
class Box:
    host: str
    port: int
    user: str
    password: str
    folder: str
    ca_file: Path | None

    @property
    def place(self) -> tuple[str, int, str, str, str, Path | None]:
        return self.host, self.port, self.user, self.password, self.folder, self.ca_file


@pytest.fixture
def box(dovecot_server: Dovecot) -> Box:
    address = dovecot_server.mailbox()
    return Box("localhost", dovecot_server.imaps_port, address, PASSWORD, "INBOX", Path(dovecot_server.ca_file))


def test_what_was_taken_in_is_not_unread_any_more(box: Box, dovecot_server: Dovecot) -> None:
    for text in ("first", "second"):
        dovecot_server.deliver(box.user, sender="eve@outside.test", text=text)
    with open_inbox(*box.place) as inbox:
        first, second = inbox.unread(5)
        assert b"first" in inbox.read(first, 4096) and len(inbox.read(first, 10)) == 10
        assert inbox.unread(1) == [first]
        inbox.done(first)
        assert inbox.unread(5) == [second]
    with open_inbox(*box.place) as inbox:
        assert inbox.unread(5) == [second]


def test_the_doctor_finds_nothing_where_all_is_well(box: Box) -> None:
    assert [found.severity for found in examine(*box.place)] == [Severity.OK]


@pytest.mark.parametrize(
    ("wrong", "error", "words", "remedy"),
    [
        ({"password": "another"}, Forbidden, "the sign-in was refused", "user, password"),
        ({"folder": "Nowhere"}, Forbidden, "no folder Nowhere", "folder: name one"),
        ({"ca_file": None}, Unavailable, "CERTIFICATE_VERIFY_FAILED", "ca_file"),
        ({"port": 0}, Unavailable, "ConnectionRefusedError", "host, port"),
    ],
)
def test_the_doctor_says_what_is_wrong_and_how_to_mend_it(
    box: Box, wrong: dict[str, object], error: type[Exception], words: str, remedy: str
) -> None:
    if "port" in wrong:
        wrong = {"port": free_port()}
    other = replace(box, **wrong)  # type: ignore[arg-type]
    with pytest.raises(error), open_inbox(*other.place):
        pass
    (found,) = examine(*other.place)
    assert found.severity is Severity.FAULT
    assert words in found.message and found.remedy.startswith(remedy)
    assert box.password not in found.message and "another" not in found.message

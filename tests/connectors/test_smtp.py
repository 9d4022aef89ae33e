"""Mail is handed over encrypted, or the right error says what to do next."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from connectors.capabilities import Severity
from connectors.errors import ConnectorError, Forbidden, Unavailable, Unconfirmed
from connectors.smtp import IDLE_SECONDS, Smtp, SmtpSettings
from tests.servers.mail import PASSWORD, USER, MailServer, mail_server
from tests.servers.proxy import Proxy
from tests.servers.running import free_port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with mail_server(tmp_path_factory.mktemp("mail")) as running:
        yield running


def settings_for(server: MailServer) -> SmtpSettings:
    return SmtpSettings(
        host="127.0.0.1", port=server.port, ca_file=server.ca_file, user=USER, password=PASSWORD,
        sender="bounces@example.org", timeout=1.0,
    )  # fmt: skip


def letter(to: str = "alice@example.org") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "portal@example.org", to, "Passordet er byttet: æøå"
    message.set_content("Hei på deg, 李小龍.")
    return message


def test_a_message_arrives_with_its_text_and_the_bounce_address(server: MailServer) -> None:
    Smtp(settings_for(server)).send(letter("bjorn@example.org"))
    envelope = server.messages[-1]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("bounces@example.org", ["bjorn@example.org"])
    assert isinstance(envelope.content, bytes) and b"Subject:" in envelope.content


def test_tls_from_the_start_works(tmp_path: Path) -> None:
    with mail_server(tmp_path, tls_from_the_start=True) as server:
        Smtp(replace(settings_for(server), security="tls")).send(letter())
        assert len(server.messages) == 1


@pytest.mark.parametrize(
    ("to", "error"),
    [
        ("alice+reject@example.org", Forbidden),
        ("alice+tempfail@example.org", Unavailable),
        ("alice+quiet@example.org", Unconfirmed),
        ("alice+drop@example.org", Unconfirmed),
        ("alice+garbage@example.org", Unconfirmed),
        ("bob@example.org, alice+reject@example.org", Forbidden),
    ],
)
def test_each_refusal_says_what_to_do_next(server: MailServer, to: str, error: type[ConnectorError]) -> None:
    with pytest.raises(error):
        Smtp(settings_for(server)).send(letter(to))


def test_a_wrong_password_is_for_people_to_settle(server: MailServer) -> None:
    with pytest.raises(Forbidden, match="535"):
        Smtp(replace(settings_for(server), password="wrong")).send(letter())


def test_a_server_that_is_down_is_worth_another_try(server: MailServer) -> None:
    with pytest.raises(Unavailable):
        Smtp(replace(settings_for(server), port=free_port())).send(letter())


def test_a_silent_server_is_given_up_in_time(server: MailServer) -> None:
    with Proxy(server.port) as proxy:
        proxy.blackhole()
        start = time.monotonic()
        with pytest.raises(Unavailable):
            Smtp(replace(settings_for(server), port=proxy.port)).send(letter())
        assert time.monotonic() - start < 3


def test_a_strange_certificate_gets_neither_password_nor_mail(server: MailServer) -> None:
    with Proxy(server.port) as proxy:
        strange = replace(settings_for(server), port=proxy.port, ca_file=server.folder / "other-ca.pem")
        with pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
            Smtp(strange).send(letter())
        assert b"AUTH" not in proxy.sent and b"MAIL FROM" not in proxy.sent.upper()


def test_a_certificate_for_another_name_is_refused(server: MailServer) -> None:
    with Proxy(server.port, host="127.0.0.2") as proxy, pytest.raises(Unavailable, match="not valid for"):
        Smtp(replace(settings_for(server), host="127.0.0.2", port=proxy.port)).send(letter())


def test_neither_password_nor_message_crosses_the_wire_in_clear(server: MailServer) -> None:
    with Proxy(server.port) as proxy:
        Smtp(replace(settings_for(server), port=proxy.port)).send(letter())
        assert PASSWORD.encode() not in proxy.sent and b"Subject" not in proxy.sent


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "mail.example.org", "security": "none"},
        {"host": "127.0.0.1", "user": "somebody"},
        {"host": "127.0.0.1", "timeout": 0.0},
    ],
)
def test_settings_that_could_never_work_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=":"):
        SmtpSettings(**{"sender": "bounces@example.org", **wrong})  # type: ignore[arg-type]


def test_the_doctor_says_what_is_wrong_and_how_to_mend_it(server: MailServer) -> None:
    settings = settings_for(server)
    good = list(Smtp(settings).examine())
    assert [finding.severity for finding in good] == [Severity.OK]
    strange = next(Smtp(replace(settings, ca_file=server.folder / "other-ca.pem")).examine())
    assert strange.severity is Severity.FAULT and "ca_file" in strange.remedy
    unknown = next(Smtp(replace(settings, password="wrong")).examine())
    assert unknown.severity is Severity.FAULT and "password" in unknown.remedy
    down = next(Smtp(replace(settings, port=free_port())).examine())
    assert down.severity is Severity.FAULT and "port" in down.remedy


def test_the_password_is_in_no_printed_settings(server: MailServer) -> None:
    assert PASSWORD not in repr(settings_for(server))


def test_messages_that_follow_one_another_share_a_connection(
    server: MailServer, proxy_to: Callable[[int], Proxy]
) -> None:
    before = len(server.messages)
    proxy = proxy_to(server.port)
    now = [0.0]
    sender = Smtp(replace(settings_for(server), port=proxy.port), clock=lambda: now[0])
    for count in (1, 2, 3):
        sender.send(letter("kari@example.org"))
        assert (proxy.connections, len(server.messages) - before) == (1, count)
    now[0] += IDLE_SECONDS
    sender.send(letter("kari@example.org"))
    assert (proxy.connections, len(server.messages) - before) == (2, 4)


def test_a_server_that_left_meanwhile_is_called_again_and_gets_the_message_once(
    server: MailServer, proxy_to: Callable[[int], Proxy]
) -> None:
    before = len(server.messages)
    proxy = proxy_to(server.port)
    sender = Smtp(replace(settings_for(server), port=proxy.port))
    sender.send(letter("kari@example.org"))
    proxy.cut()
    sender.send(letter("kari@example.org"))
    assert (proxy.connections, len(server.messages) - before) == (2, 2)


def test_after_a_refusal_the_next_message_gets_through(server: MailServer) -> None:
    before = len(server.messages)
    sender = Smtp(settings_for(server))
    with pytest.raises(Forbidden):
        sender.send(letter("kari+reject@example.org"))
    with pytest.raises(Unconfirmed):
        sender.send(letter("kari+drop@example.org"))
    sender.send(letter("kari@example.org"))
    assert len(server.messages) - before == 2  # the one that was dropped had arrived before

"""Whatever bytes arrive, the embedded directory answers or hangs up, and goes on answering others."""

import contextlib
import socket
import ssl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.demo.directory.embedded import EmbeddedDirectory
from tests.demo.directory_client import Client

START_TLS = bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037"
WHO_AM_I = bytes.fromhex("301e02010277198017") + b"1.3.6.1.4.1.4203.1.11.3"


def send(directory: EmbeddedDirectory, content: bytes) -> bytes:
    """Send bytes in clear and read until the server hangs up or stops answering."""
    with socket.create_connection(("127.0.0.1", directory.port), timeout=2) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(content)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(4096):
                answer += part
        return answer


@pytest.mark.parametrize(
    "content",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x30\x80\x00\x00",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x05\x02\x01\x01\x7f\x00",
        b"\x30\x03\x02\x01\x01",
        b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x05",
        b"\x30\x82\xff\x00" + b"\xa2" * 0xFF00,
        b"\x00" * 100,
    ],
)
def test_bytes_that_are_no_ldap_end_the_connection_with_a_notice(
    directory: EmbeddedDirectory, capfd: pytest.CaptureFixture[str], content: bytes
) -> None:
    assert b"1.3.6.1.4.1.1466.20036" in send(directory, content)
    assert capfd.readouterr() == ("", "")


def test_any_bytes_leave_the_server_alive_and_silent(
    directory: EmbeddedDirectory, capfd: pytest.CaptureFixture[str]
) -> None:
    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.binary(max_size=300), st.sampled_from([b"", WHO_AM_I, WHO_AM_I[:9], b"\x30\x0c\x02\x01\x01"]))
    def throw(noise: bytes, start: bytes) -> None:
        send(directory, start + noise)

    throw()
    assert Client(directory).bind(directory.service_dn, directory.service_password).code == 0
    assert capfd.readouterr() == ("", "")


def test_a_message_may_come_in_single_bytes(directory: EmbeddedDirectory) -> None:
    with socket.create_connection(("127.0.0.1", directory.port), timeout=2) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in WHO_AM_I:
            connection.send(bytes([number]))
        assert connection.recv(100).startswith(b"\x30")


def test_two_messages_may_come_at_once(directory: EmbeddedDirectory) -> None:
    assert send(directory, WHO_AM_I * 2).count(b"\x02\x01\x02") == 2


def test_a_command_smuggled_in_before_tls_is_not_carried_out(directory: EmbeddedDirectory) -> None:
    answer = send(directory, START_TLS + WHO_AM_I)
    assert b"\x02\x01\x02" not in answer
    assert b"1.3.6.1.4.1.1466.20036" in answer


def test_tls_starts_once(directory: EmbeddedDirectory) -> None:
    again = Client(directory).extended("1.3.6.1.4.1.1466.20037")
    assert (again.code, again.text) == (1, "TLS already started")


def test_an_unknown_operation_is_refused_by_name(directory: EmbeddedDirectory) -> None:
    answer = Client(directory).extended("1.2.3.4")
    assert (answer.code, answer.text) == (2, "unsupported extended operation")


def test_the_certificate_holds_for_both_names_and_is_checked(directory: EmbeddedDirectory) -> None:
    trusting = ssl.create_default_context(cafile=str(directory.ca_file))
    for name in ("localhost", "127.0.0.1"):
        with socket.create_connection(("127.0.0.1", directory.port), timeout=2) as connection:
            connection.sendall(START_TLS)
            assert connection.recv(100)
            with trusting.wrap_socket(connection, server_hostname=name) as encrypted:
                assert encrypted.version() in {"TLSv1.2", "TLSv1.3"}


def test_a_client_that_hangs_does_not_hold_up_the_others(directory: EmbeddedDirectory) -> None:
    with socket.create_connection(("127.0.0.1", directory.port), timeout=2) as half_open:
        half_open.sendall(WHO_AM_I[:10])
        assert Client(directory).bind(directory.service_dn, directory.service_password).code == 0


def test_two_directories_live_side_by_side(
    directory: EmbeddedDirectory, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with EmbeddedDirectory(tmp_path_factory.mktemp("other")) as other:
        assert other.port != directory.port
        assert Client(other).bind(other.service_dn, other.service_password).code == 0
    assert Client(directory).bind(directory.service_dn, directory.service_password).code == 0

"""Leaked passwords: found in a file of any size by few reads, and by a service that is told five digits."""

import random
import unicodedata
from bisect import insort
from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path

import pytest
import responses
from click.testing import CliRunner

from connectors.capabilities import Severity
from connectors.errors import Unavailable
from connectors.pwned import PAUSE_SECONDS, PwnedPasswords
from portal.cli.breaches import breaches
from portal.passwords.breach_build import build
from portal.passwords.breaches import MAGIC, RECORD, BreachFile, Leaks, NotAList, Records, key_of
from portal.settings.people import Passwords
from tests.servers.ranges import RangeServer

KNOWN, UNKNOWN = "correct horse battery staple", "Blue-harbour-lantern-9"
SERVICE = "https://leaks.test/range/"


def published(password: str, count: int) -> str:
    return f"{sha1(password.encode()).hexdigest().upper()}:{count}\n"


def built(folder: Path, text: str, **options: int) -> BreachFile:
    source, target = folder / "source.txt", folder / "leaks"
    source.write_text(text, "utf-8")
    build(source, target, **options)
    return BreachFile(target)


def test_the_published_list_is_found_again_with_its_counts_in_whatever_order(tmp_path: Path) -> None:
    lines = [published(f"number {n}", n + 1) for n in range(3000)]
    random.Random(1).shuffle(lines)
    leaks = built(tmp_path, "".join(lines))
    assert len(leaks.records) == 3000
    assert all(leaks.seen(f"number {n}") == n + 1 for n in range(3000))
    assert leaks.seen(UNKNOWN) is None
    assert [*leaks.records] == sorted(leaks.records)


def test_plain_words_are_known_without_a_number(tmp_path: Path) -> None:
    leaks = built(tmp_path, "hemmelig\r\n\nsol og sommer\n" + unicodedata.normalize("NFD", "blåbærsyltetøy") + "\n")
    assert [leaks.seen(word) for word in ("hemmelig", "sol og sommer", "blåbærsyltetøy", "")] == [0, 0, 0, None]


def test_a_hash_that_comes_twice_is_kept_once_with_the_higher_count(tmp_path: Path) -> None:
    leaks = built(tmp_path, published(KNOWN, 3) + published(KNOWN, 70000) + f"{KNOWN}\n")
    assert (len(leaks.records), leaks.seen(KNOWN)) == (1, 70000)


def test_rare_ones_can_be_left_out(tmp_path: Path) -> None:
    leaks = built(tmp_path, published(KNOWN, 9) + published("often", 10), at_least=10)
    assert (leaks.seen(KNOWN), leaks.seen("often")) == (None, 10)


@pytest.mark.parametrize("octets", [b"", b"not a list", MAGIC + b"half a record"])
def test_what_is_no_list_is_refused_and_passed_over(tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "leaks"
    path.write_bytes(octets)
    with pytest.raises(NotAList):
        BreachFile(path)
    leaks = Leaks(Passwords(breach_file=path))
    assert leaks.seen(KNOWN) is None
    assert [f.severity for f in leaks.examine()] == [Severity.WARNING]


def test_an_empty_list_knows_nothing(tmp_path: Path) -> None:
    assert built(tmp_path, "").seen(KNOWN) is None


def test_a_million_need_about_twenty_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: a list of a thousand million needs ten more."""
    keys = [(n * (2**64 // 1_000_000)).to_bytes(8, "big") for n in range(1_000_000)]
    insort(keys, key_of(KNOWN))
    path = tmp_path / "leaks"
    path.write_bytes(MAGIC + b"".join(key + b"\0\0\0\7" for key in keys))
    reads = 0
    once = Records.__getitem__

    def counted(self: Records, at: int) -> bytes:
        nonlocal reads
        reads += 1
        return once(self, at)

    monkeypatch.setattr(Records, "__getitem__", counted)
    leaks = BreachFile(path)
    assert path.stat().st_size == len(MAGIC) + len(keys) * RECORD
    assert leaks.seen(KNOWN) == 7
    assert leaks.seen(UNKNOWN) is None
    assert reads <= 2 * 22


def test_the_command_builds_and_checks_without_showing_the_password(tmp_path: Path) -> None:
    source, target = tmp_path / "words.txt", tmp_path / "leaks"
    source.write_text(published(KNOWN, 12))
    done = CliRunner().invoke(breaches, ["build", str(source), str(target)])
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, f"1 passwords in {target} (0.0 MB)")
    assert not list(tmp_path.glob("*.part"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RangeServer]:
    with RangeServer(tmp_path, {KNOWN: 37}) as running:
        yield running


def test_nothing_but_five_digits_leaves_and_padding_is_asked_for(server: RangeServer) -> None:
    leaks = Leaks(Passwords(breach_service=server.url, breach_service_ca_file=server.ca_file))
    assert [leaks.seen(KNOWN), leaks.seen(UNKNOWN)] == [37, None]
    digests = [sha1(word.encode()).hexdigest().upper() for word in (KNOWN, UNKNOWN)]
    assert [request.path for request in server.recorded] == [f"/range/{digest[:5]}" for digest in digests]
    assert all(request.headers["Add-Padding"] == "true" for request in server.recorded)
    everything = repr([(r.path, dict(r.headers), r.body) for r in server.recorded]).upper()
    for word, digest in zip((KNOWN, UNKNOWN), digests, strict=True):
        assert word.upper() not in everything
        assert not any(digest[at : at + 6] in everything for at in range(35))


def test_a_certificate_nobody_vouches_for_is_not_asked(server: RangeServer) -> None:
    with pytest.raises(Unavailable):
        PwnedPasswords(server.url).seen(KNOWN)
    assert server.recorded == []


def test_the_same_digits_are_asked_for_once(server: RangeServer) -> None:
    service = PwnedPasswords(server.url, server.ca_file)
    assert [service.seen(KNOWN) for _ in range(3)] == [37, 37, 37]
    assert len(server.recorded) == 1


def test_padding_counts_for_nothing() -> None:
    digest = sha1(KNOWN.encode()).hexdigest().upper()
    with responses.RequestsMock() as net:
        net.get(SERVICE + digest[:5], f"{digest[5:]}:0\r\n")
        assert PwnedPasswords(SERVICE).seen(KNOWN) is None


@pytest.mark.parametrize(
    ("status", "body"), [(503, ""), (302, ""), (200, "no such thing"), (200, "0" * 600_000), (200, "AB:1")]
)
def test_a_service_that_fails_keeps_nobody_out_and_is_left_alone_for_a_while(
    status: int, body: str, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 0.0
    leaks = Leaks(Passwords(breach_service=SERVICE))
    leaks._service = PwnedPasswords(SERVICE, clock=lambda: now)
    digest = sha1(KNOWN.encode()).hexdigest().upper()
    with responses.RequestsMock() as net:
        broken = net.get(SERVICE + digest[:5], body, status=status)
        assert [leaks.seen(KNOWN), leaks.seen(KNOWN)] == [None, None]
        assert broken.call_count == 1
        now = PAUSE_SECONDS + 1
        assert leaks.seen(KNOWN) is None
        assert broken.call_count == 2
    said = capsys.readouterr()
    assert "breach_service_failed" in said.out + said.err
    assert digest[:5] not in said.out + said.err


def test_the_doctor_says_when_the_service_cannot_be_asked() -> None:
    with responses.RequestsMock() as net:
        net.get(SERVICE + "00000", status=500)
        (finding,) = Leaks(Passwords(breach_service=SERVICE)).examine()
    assert (finding.severity, finding.subject) == (Severity.WARNING, "leaked passwords")


def test_nobody_is_asked_unless_the_settings_say_so() -> None:
    with responses.RequestsMock():
        leaks = Leaks(Passwords())
        assert (leaks.known, leaks.seen(KNOWN), list(leaks.examine())) == (False, None, [])


def test_only_an_encrypted_service_is_taken() -> None:
    with pytest.raises(ValueError, match="https"):
        Passwords(breach_service="http://leaks.test/range/")
